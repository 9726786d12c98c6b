using System.Runtime.CompilerServices;
using Rindoku.Autograd;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>Every number to the same power: <c>y = x ^ exponent</c>.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="exponent">The power.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <remarks>
    /// -2, -1, -½, 0, ½, 1, 2 and 3 are computed by products, quotients and roots; others to 3 ulp. Special values as IEEE 754 has
    /// them: x⁰ = 1 always; a negative x with an exponent that is not whole → NaN.
    /// </remarks>
    public static Tensor Pow(this Tensor x, float exponent)
    {
        ArgumentNullException.ThrowIfNull(x);
        return exponent switch
        {
            2 => x.Square(),
            1 => Tape.Record("pow", Map(x, 1, default(MultiplyOp)), new Edge(x, dy => dy)),
            0.5f => x.Sqrt(),
            -0.5f => x.Rsqrt(),
            -1 => x.Reciprocal(),
            0 => Tape.Record("pow", Tensor.Ones(x.Shape), new Edge(x, _ => Tensor.Zeros(x.Shape))),
            3 => Apply<CubeOp>(x),
            -2 => x.Square().Reciprocal(),
            _ => Apply(x, new PowScalarOp(exponent)),
        };
    }

    /// <summary>Powers, number by number: <c>y = a ^ b</c>; shapes broadcast.</summary>
    /// <param name="a">The bases.</param>
    /// <param name="b">The exponents.</param>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    /// <remarks>Error up to 3 ulp. Where a = 0, the gradient by a positive b is 0, as in PyTorch.</remarks>
    public static Tensor Pow(this Tensor a, Tensor b) => ApplySmooth<PowOp>(a, b);

    extension(Tensor)
    {
        /// <summary>Powers of one base: <c>y = a ^ b</c>.</summary>
        /// <param name="a">The base.</param>
        /// <param name="b">The exponents, of any shape.</param>
        public static Tensor Pow(float a, Tensor b) => Apply<PowOp>(Tensor.Scalar(a), b);
    }
}

internal readonly struct CubeOp : IUnaryOp
{
    public static string Name => "pow";
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => x * x * x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => V.All(3) * x * x;

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => dy * (3 * x.Square());
}

internal readonly struct PowScalarOp(float exponent) : IUnaryOp
{
    public static string Name => "pow";
    public static bool SlopeReadsY => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => SimdMath.Pow(x, V.All(exponent));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => V.All(exponent) * SimdMath.Pow(x, V.All(exponent - 1));

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => dy * (exponent * x.Pow(exponent - 1));
}

internal readonly struct PowOp : IBinaryOp, ISmoothBinaryKernel
{
    public static string Name => "pow";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V a, V b) where V : struct, ISimd<V> => SimdMath.Pow(a, b);

    // b = 0 makes a constant, whatever a is: not 0 · 0^-1.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V SlopeA<V>(V a, V b, V y) where V : struct, ISimd<V> =>
        V.Select(V.Equal(b, V.Zero), V.Zero, b * SimdMath.Pow(a, b - V.All(1)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V SlopeB<V>(V a, V b, V y) where V : struct, ISimd<V> =>
        V.Select(V.Equal(a, V.Zero) & V.LessOrEqual(V.Zero, b), V.Zero, y * SimdMath.Log(a));

    public Tensor GradientA(Tensor a, Tensor b, Tensor y, Tensor dy) =>
        Tensor.Where(b.Equal(0), 0, dy * b * a.Pow(b - 1));

    // The inner Where keeps the logarithm's own gradient finite where its value is not used.
    public Tensor GradientB(Tensor a, Tensor b, Tensor y, Tensor dy)
    {
        Tensor flat = a.Equal(0).LogicalAnd(b.GreaterOrEqual(0));
        return Tensor.Where(flat, 0, dy * y * Tensor.Where(flat, 1, a).Log());
    }
}
