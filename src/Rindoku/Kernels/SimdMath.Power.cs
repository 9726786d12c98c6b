using System.Runtime.CompilerServices;

namespace Rindoku.Kernels;

internal static partial class SimdMath
{
    /// <summary>a to the power b, to 3 ulp; special values as IEEE 754 has them (x^0 = 1^y = 1, negative bases with whole exponents only).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Pow<V>(V a, V b) where V : struct, ISimd<V>
    {
        V one = V.All(1), infinity = V.All(float.PositiveInfinity);
        V base_ = V.Abs(a);
        V y = PowOfPositive(base_, b);
        V falls = V.Less(b, V.Zero);
        y = V.Select(V.Equal(base_, V.Zero), V.Select(falls, infinity, V.Zero), y);
        y = V.Select(V.Equal(base_, infinity), V.Select(falls, V.Zero, infinity), y);
        y = V.Select(V.Equal(base_, one), one, y);

        V whole = V.Equal(V.Floor(b), b);
        V negative = V.Less(CopySign(one, a), V.Zero);
        y ^= negative & whole & IsOdd(b) & V.All(-0f);
        // A finite negative base needs a whole exponent.
        y |= V.Less(a, V.Zero) & V.Less(base_, infinity) & Not(whole);
        y |= IsNaN(a) | IsNaN(b);
        return V.Select(V.Equal(b, V.Zero) | V.Equal(a, one), one, y);
    }

    // e^(b log a) for 0 < a < ∞, with log a to about 32 bits in two floats: an error of one ulp of 88 would be 64 ulp of the result.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V PowOfPositive<V>(V a, V b) where V : struct, ISimd<V>
    {
        Split(a, out V m, out V e);
        // log m = 2 s + s³ P(s²) with s = (m - 1) / (m + 1), s in two parts.
        V one = V.All(1);
        V f = m - one, d = m + one;
        V rounding = m - (d - one);
        V s = f / d;
        V sRest = (V.Fma(-s, d, f) - s * rounding) / d;
        V z = s * s;
        V p = V.All(0.235822842f);
        p = V.Fma(p, z, V.All(0.285373032f));
        p = V.Fma(p, z, V.All(0.400003344f));
        p = V.Fma(p, z, V.All(0.666666627f));
        V rest = V.Fma(p * z, s, sRest + sRest);

        // + e ln 2, whose first part is exact and larger than 2 s.
        V whole = e * V.All(Ln2), twice = s + s;
        V log = whole + twice;
        rest += V.Fma(e, V.All(Ln2Rest), twice - (log - whole));

        V x = b * log;
        V xRest = V.Fma(b, log, -x) + b * rest;
        // Where e^x overflows or vanishes anyway, x may be infinite and its rest NaN.
        xRest = V.Select(V.Less(V.Abs(x), V.All(200)), xRest, V.Zero);
        return Exp(x, xRest);
    }
}
