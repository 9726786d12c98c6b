using System.Runtime.CompilerServices;
using Rindoku.Autograd;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>The product along some axes.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="axes">The axes to go over; -1 is the last; none named means all.</param>
    /// <param name="keep">Whether those axes stay, with size 1.</param>
    /// <remarks>1 where there are no numbers. Gradients divide by nothing, so zeros in x do them no harm.</remarks>
    /// <exception cref="ShapeException">An axis does not exist or is named twice.</exception>
    public static Tensor Prod(this Tensor x, ReadOnlySpan<int> axes = default, bool keep = false)
    {
        ArgumentNullException.ThrowIfNull(x);
        Over over = Over.Of(x.Shape, axes, nameof(Prod));
        Tensor y = Tensor.Uninitialized(over.Result(keep));
        (Tensor source, int outer, int reduced, int inner) = over.Arrange(x);
        Folds.Run(default(ProductFold), source.Span, y.Writable, outer, reduced, inner);
        return Tape.Record("prod", y, new Edge(x, dy => dy.Reshape(over.Kept) * ProductOfOthers(x, over.Axes)));
    }

    // Before each number times after it, along one axis that holds all those reduced.
    private static Tensor ProductOfOthers(Tensor x, int[] axes)
    {
        int[] order = [.. Enumerable.Range(0, x.Rank).Except(axes), .. axes];
        Tensor moved = x.Permute(order);
        int count = 1;
        foreach (int axis in axes) count *= x.Shape[axis];
        Tensor lines = moved.Reshape(count == 0 ? 0 : x.Length / count, count);
        Tensor others = ProductBefore(lines, 1) * ProductBefore(lines.Flip(1), 1).Flip(1);
        return others.Reshape(moved.Shape).Permute(Inverse(order));
    }

    private readonly struct ProductFold : IFoldKernel
    {
        public static float Start => 1;
        public float Value(float a, float b) => a * b;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Value<V>(V a, V b) where V : struct, ISimd<V> => a * b;

        public float Across<V>(V a) where V : struct, ISimd<V>
        {
            Span<float> places = stackalloc float[V.Count];
            V.Store(a, ref places[0]);
            float product = 1;
            foreach (float place in places) product *= place;
            return product;
        }
    }
}
