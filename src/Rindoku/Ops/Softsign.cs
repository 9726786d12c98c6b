using System.Runtime.CompilerServices;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary><c>y = x / (1 + |x|)</c>, number by number.</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>±∞ → NaN, as in PyTorch.</remarks>
    public static Tensor Softsign(this Tensor x) => Apply<SoftsignOp>(x);
}

/// <summary>Forward kernel and gradient of <c>Softsign</c>.</summary>
internal readonly struct SoftsignOp : IUnaryOp
{
    public static string Name => "softsign";
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => x / (V.All(1) + V.Abs(x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V>
    {
        V r = V.All(1) / (V.All(1) + V.Abs(x));
        return r * r;
    }

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy)
    {
        Tensor r = (1 + x.Abs()).Reciprocal();
        return dy * r * r;
    }
}
