using System.Runtime.CompilerServices;
using Rindoku.Autograd;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    extension(Tensor)
    {
        /// <summary>Takes each number from a where the condition is not 0, from b elsewhere; all three shapes broadcast.</summary>
        /// <param name="condition">0 for false, anything else for true; no gradient flows to it.</param>
        /// <param name="a">What stands where it is true.</param>
        /// <param name="b">What stands where it is false.</param>
        /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
        public static Tensor Where(Tensor condition, Tensor a, Tensor b)
        {
            Tensor y = Choose(condition, a, b);
            return Tape.Record("where", y,
                new Edge(a, dy => Where(condition, dy, 0).SumTo(a.Shape)),
                new Edge(b, dy => Where(condition, 0, dy).SumTo(b.Shape)));
        }

        /// <summary>Takes a where the condition is not 0, from b elsewhere.</summary>
        /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
        public static Tensor Where(Tensor condition, float a, Tensor b) => Where(condition, Tensor.Scalar(a), b);

        /// <summary>Takes from a where the condition is not 0, b elsewhere.</summary>
        /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
        public static Tensor Where(Tensor condition, Tensor a, float b) => Where(condition, a, Tensor.Scalar(b));
    }

    // A single number on one side becomes a constant of the loop instead of a stretched copy.
    private static Tensor Choose(Tensor condition, Tensor a, Tensor b)
    {
        ArgumentNullException.ThrowIfNull(condition);
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        if (b.Length == 1 && b.Rank <= Math.Max(a.Rank, condition.Rank)) return Map(condition, a, new ChooseOrKernel(b.Span[0]), "where");
        if (a.Length == 1 && a.Rank <= Math.Max(b.Rank, condition.Rank)) return Map(condition, b, new ChooseElseKernel(a.Span[0]), "where");
        return Map(condition, a, b, default(ChooseKernel), "where");
    }
}

internal readonly struct ChooseKernel : ITernaryKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V a, V b, V c) where V : struct, ISimd<V> => V.Select(V.Equal(a, V.Zero), c, b);
}

/// <summary>From b where the condition holds, else a constant.</summary>
internal readonly struct ChooseOrKernel(float otherwise) : IBinaryKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V a, V b) where V : struct, ISimd<V> => V.Select(V.Equal(a, V.Zero), V.All(otherwise), b);
}

/// <summary>A constant where the condition holds, else from b.</summary>
internal readonly struct ChooseElseKernel(float chosen) : IBinaryKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V a, V b) where V : struct, ISimd<V> => V.Select(V.Equal(a, V.Zero), b, V.All(chosen));
}
