using System.Runtime.CompilerServices;

namespace Rindoku.Kernels;

internal static partial class SimdMath
{
    /// <summary>Natural logarithm, to 1.5 ulp, of denormal numbers too; -∞ at 0, NaN below.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Log<V>(V x) where V : struct, ISimd<V>
    {
        Split(x, out V m, out V e);
        V f = m - V.All(1);
        return AtEndsOfRange(x, V.Fma(e, V.All(Ln2), f + V.Fma(e, V.All(Ln2Rest), LogRest(f))));
    }

    /// <summary>Logarithm to base 2, to 2.5 ulp; exact for powers of 2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Log2<V>(V x) where V : struct, ISimd<V>
    {
        Split(x, out V m, out V e);
        V f = m - V.All(1);
        return AtEndsOfRange(x, V.Fma(f + LogRest(f), V.All(Log2E), e));
    }

    /// <summary>Logarithm to base 10, to 2.5 ulp.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Log10<V>(V x) where V : struct, ISimd<V>
    {
        Split(x, out V m, out V e);
        V f = m - V.All(1);
        // log10 2 in two parts, the first with 11 bits.
        V y = V.Fma(f + LogRest(f), V.All(0.434294492f), e * V.All(4.60503907e-6f));
        return AtEndsOfRange(x, V.Fma(e, V.All(0.301025390625f), y));
    }

    /// <summary>Logarithm of 1 + x, to 2 ulp, also where x is tiny; -∞ at -1, NaN below.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Log1p<V>(V x) where V : struct, ISimd<V>
    {
        V one = V.All(1);
        V u = one + x;
        // What rounding took from the sum (exactly), brought to the scale of the mantissa.
        V lost = V.Select(V.Less(V.Abs(x), one), x - (u - one), one - (u - x));
        Split(u, out V m, out V e);
        V f = V.Fma(lost, V.PowerOfTwo(V.Max(-e, V.All(-126))), m - one);
        V y = AtEndsOfRange(u, V.Fma(e, V.All(Ln2), f + V.Fma(e, V.All(Ln2Rest), LogRest(f))));
        return V.Select(V.Less(V.Abs(x), V.All(2e-8f)), x, y);
    }

    /// <summary>Inverse hyperbolic tangent, to 4 ulp; ±∞ at ±1, NaN outside.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Atanh<V>(V x) where V : struct, ISimd<V>
    {
        V a = V.Abs(x);
        V y = V.All(0.5f) * Log1p((a + a) / (V.All(1) - a));
        return V.Select(V.Less(a, V.All(1e-4f)), x, CopySign(y, x) | IsNaN(y));
    }

    // x = m 2^e with m between sqrt(1/2) and sqrt(2). Meaningless for 0, negative numbers, ∞ and NaN.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Split<V>(V x, out V m, out V e) where V : struct, ISimd<V>
    {
        V denormal = V.Less(x, V.All(1.17549435e-38f));
        x = V.Select(denormal, x * V.All(8388608), x);
        e = V.ExponentBits(x) - V.Select(denormal, V.All(127 + 23), V.All(127));
        m = (x & V.All(BitConverter.Int32BitsToSingle(0x007FFFFF))) | V.All(1);
        V upper = V.Less(V.All(1.41421354f), m);
        m = V.Select(upper, m * V.All(0.5f), m);
        e += upper & V.All(1);
    }

    // log(1 + f) - f for sqrt(1/2) - 1 ≤ f ≤ sqrt(2) - 1: minimax polynomial of Cephes' logf.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V LogRest<V>(V f) where V : struct, ISimd<V>
    {
        V s = f * f;
        V p = V.All(7.0376836292e-2f);
        p = V.Fma(p, f, V.All(-1.1514610310e-1f));
        p = V.Fma(p, f, V.All(1.1676998740e-1f));
        p = V.Fma(p, f, V.All(-1.2420140846e-1f));
        p = V.Fma(p, f, V.All(1.4249322787e-1f));
        p = V.Fma(p, f, V.All(-1.6668057665e-1f));
        p = V.Fma(p, f, V.All(2.0000714765e-1f));
        p = V.Fma(p, f, V.All(-2.4999993993e-1f));
        p = V.Fma(p, f, V.All(3.3333331174e-1f));
        return V.Fma(p * f, s, s * V.All(-0.5f));
    }

    // y, but the true logarithm where x is 0, negative, ∞ or NaN.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V AtEndsOfRange<V>(V x, V y) where V : struct, ISimd<V>
    {
        y = V.Select(V.Less(x, V.All(float.PositiveInfinity)), y, x);
        y = V.Select(V.Equal(x, V.Zero), V.All(float.NegativeInfinity), y);
        return y | V.Less(x, V.Zero);
    }
}
