using System.Runtime.CompilerServices;
using Rindoku.Autograd;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary><paramref name="value"/> where the mask is not 0, x elsewhere.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="mask">Zeros and ones; broadcasts to x's shape. No gradient flows to it.</param>
    /// <param name="value">Any number, also an infinity.</param>
    /// <exception cref="ShapeException">The mask does not broadcast to x's shape.</exception>
    public static Tensor MaskedFill(this Tensor x, Tensor mask, float value)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(mask);
        ShapeException.Require(Shape.Broadcast(x.Shape, mask.Shape) == x.Shape, $"MaskedFill: the mask {mask.Shape} does not broadcast to {x.Shape}");
        return Tape.Record("masked_fill", Map(x, mask, new FillKernel(value)), new Edge(x, dy => dy.MaskedFill(mask, 0)));
    }

    private readonly struct FillKernel(float value) : IBinaryKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Value<V>(V x, V mask) where V : struct, ISimd<V> => V.Select(V.Equal(mask, V.Zero), x, V.All(value));
    }
}
