using System.Runtime.CompilerServices;

namespace Rindoku.Kernels;

internal static partial class SimdMath
{
    // Up to here x less a whole number of π/2 is right to the last place with π/2 in three parts; beyond, double arithmetic.
    private const float TrigonometricBound = 131072;

    /// <summary>Sine, to 2 ulp for every float; NaN at ±∞.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sin<V>(V x) where V : struct, ISimd<V>
    {
        V y = V.Select(V.Less(V.Abs(x), V.All(2.4e-4f)), x, SinOf(x, V.Zero));
        return OrInDouble(x, y, default(SinInDouble));
    }

    /// <summary>Cosine, to 2 ulp for every float; NaN at ±∞.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Cos<V>(V x) where V : struct, ISimd<V> => OrInDouble(x, SinOf(x, V.All(1)), default(CosInDouble));

    /// <summary>Tangent, to 3 ulp for every float; NaN at ±∞.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Tan<V>(V x) where V : struct, ISimd<V>
    {
        V n = V.Round(x * V.All(0.636619747f));
        V r = LessPiHalves(x, n);
        V s = r * r;
        V p = V.All(4.66483133e-3f);
        p = V.Fma(p, s, V.All(-4.94268956e-4f));
        p = V.Fma(p, s, V.All(1.12947207e-2f));
        p = V.Fma(p, s, V.All(2.11060736e-2f));
        p = V.Fma(p, s, V.All(5.40937781e-2f));
        p = V.Fma(p, s, V.All(0.133323669f));
        p = V.Fma(p, s, V.All(0.333333582f));
        V t = V.Fma(p * s, r, r);
        t = V.Select(IsOdd(n), V.All(-1) / t, t);
        t = V.Select(V.Less(V.Abs(x), V.All(2.4e-4f)), x, t);
        return OrInDouble(x, t, default(TanInDouble));
    }

    /// <summary>Inverse sine, to 3 ulp; NaN outside -1 to 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Asin<V>(V x) where V : struct, ISimd<V>
    {
        // Above 1/2: asin a = π/2 - 2 asin sqrt((1 - a) / 2).
        V a = V.Abs(x);
        V outer = V.Less(V.All(0.5f), a);
        V y = AsinBelowHalf(V.Select(outer, V.Sqrt(V.Fma(a, V.All(-0.5f), V.All(0.5f))), a));
        y = V.Select(outer, V.Fma(y, V.All(-2), V.All(PiHalf)) + V.All(PiHalfRest), y);
        return V.Select(V.Less(a, V.All(2.4e-4f)), x, CopySign(y, x) | IsNaN(y));
    }

    /// <summary>Inverse cosine, to 3 ulp; NaN outside -1 to 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Acos<V>(V x) where V : struct, ISimd<V>
    {
        V a = V.Abs(x);
        V outer = V.Less(V.All(0.5f), a), negative = V.Less(x, V.Zero);
        V y = AsinBelowHalf(V.Select(outer, V.Sqrt(V.Fma(a, V.All(-0.5f), V.All(0.5f))), x));
        V inner = V.All(PiHalf) - (y - V.All(PiHalfRest));
        V far = V.Select(negative, V.Fma(y, V.All(-2), V.All(2 * PiHalf)) + V.All(2 * PiHalfRest), y + y);
        return V.Select(outer, far, inner);
    }

    /// <summary>Inverse tangent, to 2 ulp.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Atan<V>(V x) where V : struct, ISimd<V>
    {
        V a = V.Abs(x);
        V outer = V.Less(V.All(1), a);
        V y = AtanBelowOne(V.Select(outer, V.All(1) / a, a));
        y = V.Select(outer, V.All(PiHalf) - (y - V.All(PiHalfRest)), y);
        return V.Select(V.Less(a, V.All(2.4e-4f)), x, CopySign(y, x) | IsNaN(x));
    }

    /// <summary>The angle of the point (x, y) from the x axis, -π to π, to 3 ulp; signs of zeros and infinities as in IEEE 754.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Atan2<V>(V y, V x) where V : struct, ISimd<V>
    {
        V ax = V.Abs(x), ay = V.Abs(y);
        V steep = V.Less(ax, ay);
        V ratio = V.Select(steep, ax, ay) / V.Select(steep, ay, ax);
        // 0 / 0 is the angle 0 (or π), ∞ / ∞ the diagonal.
        ratio = V.Select(V.Equal(ax, ay), OneWhere(V.Less(V.Zero, ax)), ratio);
        V angle = AtanBelowOne(ratio);
        angle = V.Select(steep, V.All(PiHalf) - (angle - V.All(PiHalfRest)), angle);
        // The sign bit of x, so that -0 counts as negative.
        V left = V.Less(CopySign(V.All(1), x), V.Zero);
        angle = V.Select(left, V.All(2 * PiHalf) - (angle - V.All(2 * PiHalfRest)), angle);
        return CopySign(angle, y) | IsNaN(x) | IsNaN(y);
    }

    // sin(x + shift π/2) for |x| below the bound; Cephes' polynomials.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V SinOf<V>(V x, V shift) where V : struct, ISimd<V>
    {
        V n = V.Round(x * V.All(0.636619747f));
        V r = LessPiHalves(x, n);
        n += shift;
        V s = r * r;
        V sin = V.All(-1.9515295891e-4f);
        sin = V.Fma(sin, s, V.All(8.3321608736e-3f));
        sin = V.Fma(sin, s, V.All(-1.6666654611e-1f));
        sin = V.Fma(sin * s, r, r);
        V cos = V.All(2.443315711809948e-5f);
        cos = V.Fma(cos, s, V.All(-1.388731625493765e-3f));
        cos = V.Fma(cos, s, V.All(4.166664568298827e-2f));
        cos = V.Fma(cos, s * s, V.Fma(s, V.All(-0.5f), V.All(1)));
        V y = V.Select(IsOdd(n), cos, sin);
        // Quadrants 2 and 3 turn the sign.
        V half = V.Floor(n * V.All(0.5f));
        return y ^ (IsOdd(half) & V.All(-0f));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V LessPiHalves<V>(V x, V n) where V : struct, ISimd<V> =>
        V.Fma(n, V.All(-PiHalfRest2), V.Fma(n, V.All(-PiHalfRest), V.Fma(n, V.All(-PiHalf), x)));

    // Whether a whole number is odd: its half is then no whole number.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V IsOdd<V>(V n) where V : struct, ISimd<V>
    {
        V half = n * V.All(0.5f);
        return Not(V.Equal(V.Floor(half), half));
    }

    // Cephes' asinf polynomial, for 0 ≤ |x| ≤ 1/2.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V AsinBelowHalf<V>(V x) where V : struct, ISimd<V>
    {
        V s = x * x;
        V p = V.All(4.2163199048e-2f);
        p = V.Fma(p, s, V.All(2.4181311049e-2f));
        p = V.Fma(p, s, V.All(4.5470025998e-2f));
        p = V.Fma(p, s, V.All(7.4953002686e-2f));
        p = V.Fma(p, s, V.All(1.6666752422e-1f));
        return V.Fma(p * s, x, x);
    }

    // Our own minimax fit for 0 ≤ x ≤ 1 (largest relative error 2^-25): one division fewer than Cephes' second reduction.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V AtanBelowOne<V>(V x) where V : struct, ISimd<V>
    {
        V s = x * x;
        V p = V.All(2.92068115e-3f);
        p = V.Fma(p, s, V.All(-1.63678844e-2f));
        p = V.Fma(p, s, V.All(4.32117879e-2f));
        p = V.Fma(p, s, V.All(-7.55220801e-2f));
        p = V.Fma(p, s, V.All(0.106660016f));
        p = V.Fma(p, s, V.All(-0.142110541f));
        p = V.Fma(p, s, V.All(0.199937731f));
        p = V.Fma(p, s, V.All(-0.333331525f));
        return V.Fma(p * s, x, x);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V OrInDouble<V, F>(V x, V y, F function) where V : struct, ISimd<V> where F : struct, IDoubleFunction
    {
        V huge = V.Less(V.All(TrigonometricBound), V.Abs(x));
        return V.Any(huge) ? V.Select(huge, Simd.InDouble(x, function), y) : y;
    }

    private readonly struct SinInDouble : IDoubleFunction
    {
        public double Value(double x) => Math.Sin(x);
    }

    private readonly struct CosInDouble : IDoubleFunction
    {
        public double Value(double x) => Math.Cos(x);
    }

    private readonly struct TanInDouble : IDoubleFunction
    {
        public double Value(double x) => Math.Tan(x);
    }
}
