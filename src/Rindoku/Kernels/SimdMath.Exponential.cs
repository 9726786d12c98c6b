using System.Runtime.CompilerServices;

namespace Rindoku.Kernels;

internal static partial class SimdMath
{
    /// <summary>e to the power x, to 1.5 ulp over the whole range, denormal results included; +∞ above 88.73, 0 below -103.98.</summary>
    /// <remarks>x = n ln 2 + r with |r| ≤ ln 2 / 2; e^r by its Taylor polynomial of degree 7 (truncation below 2^-27).</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp<V>(V x) where V : struct, ISimd<V>
    {
        x = Between(-105, 89, x);
        V n = V.Round(x * V.All(Log2E));
        return V.Scale(ExpNearZero(LessLn2(x, n)), n);
    }

    /// <summary>Half of e to the power x, to 1.5 ulp: the building stone of sinh and cosh, which overflow later than e^x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V HalfExp<V>(V x) where V : struct, ISimd<V>
    {
        x = Between(-104, 90, x);
        V n = V.Round(x * V.All(Log2E));
        return V.Scale(ExpNearZero(LessLn2(x, n)), n - V.All(1));
    }

    /// <summary>e to the power (x + rest), where rest is what x lacks in precision.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Exp<V>(V x, V rest) where V : struct, ISimd<V>
    {
        x = Between(-105, 89, x);
        V n = V.Round(x * V.All(Log2E));
        return V.Scale(ExpNearZero(LessLn2(x, n) + rest), n);
    }

    /// <summary>e to the power x, less 1, to 2 ulp, also where x is tiny.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Expm1<V>(V x) where V : struct, ISimd<V>
    {
        V within = Between(-30, 89, x);
        V n = V.Round(within * V.All(Log2E));
        V r = LessLn2(within, n);
        V q = V.All(1f / 5040);
        q = V.Fma(q, r, V.All(1f / 720));
        q = V.Fma(q, r, V.All(1f / 120));
        q = V.Fma(q, r, V.All(1f / 24));
        q = V.Fma(q, r, V.All(1f / 6));
        q = V.Fma(q, r, V.All(0.5f));
        V p = V.Fma(r * r, q, r);
        // 2^n (p + 1) - 1, with half of 2^n because 2^128 is no float.
        V half = V.PowerOfTwo(n - V.All(1));
        V y = V.Fma(p, half, half - V.All(0.5f));
        // e^x - 1 = x here, to less than half an ulp; keeps -0 and denormal numbers as they are.
        return V.Select(V.Less(V.Abs(x), V.All(2e-8f)), x, y + y);
    }

    /// <summary>The logistic function 1 / (1 + e^-x), to 3 ulp above -87.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sigmoid<V>(V x) where V : struct, ISimd<V> => V.All(1) / (V.All(1) + Exp(-x));

    /// <summary>Hyperbolic sine, to 3 ulp.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sinh<V>(V x) where V : struct, ISimd<V>
    {
        // Near zero the Taylor polynomial of degree 11 (truncation 2^-27 at 1), elsewhere e^|x| / 2 - e^-|x| / 2.
        V s = x * x;
        V p = V.All(1f / 39916800);
        p = V.Fma(p, s, V.All(1f / 362880));
        p = V.Fma(p, s, V.All(1f / 5040));
        p = V.Fma(p, s, V.All(1f / 120));
        p = V.Fma(p, s, V.All(1f / 6));
        V half = HalfExp(V.Abs(x));
        V far = CopySign(half - V.All(0.25f) / half, x);
        return V.Select(V.Less(V.Abs(x), V.All(1)), V.Fma(p, s * x, x), far);
    }

    /// <summary>Hyperbolic cosine, to 2 ulp.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Cosh<V>(V x) where V : struct, ISimd<V>
    {
        V half = HalfExp(V.Abs(x));
        return half + V.All(0.25f) / half;
    }

    /// <summary>Hyperbolic tangent, to 3 ulp: <c>-t / (t + 2)</c> with <c>t = e^(-2|x|) - 1</c>, which loses nothing near zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Tanh<V>(V x) where V : struct, ISimd<V>
    {
        V t = Expm1(V.Abs(x) * V.All(-2));
        V y = t / (t + V.All(2));
        // 2|x| and its half again are exact, but a denormal quotient would not be.
        return V.Select(V.Less(V.Abs(x), V.All(1e-4f)), x, CopySign(y, x));
    }

    // x - n ln 2.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V LessLn2<V>(V x, V n) where V : struct, ISimd<V> =>
        V.Fma(n, V.All(-Ln2Rest), V.Fma(n, V.All(-Ln2), x));

    // e^r for |r| ≤ ln 2 / 2.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ExpNearZero<V>(V r) where V : struct, ISimd<V>
    {
        V p = V.All(1f / 5040);
        p = V.Fma(p, r, V.All(1f / 720));
        p = V.Fma(p, r, V.All(1f / 120));
        p = V.Fma(p, r, V.All(1f / 24));
        p = V.Fma(p, r, V.All(1f / 6));
        p = V.Fma(p, r, V.All(0.5f));
        p = V.Fma(p, r, V.All(1));
        return V.Fma(p, r, V.All(1));
    }

    /// <summary><c>p · 2^n</c> in two factors: n reaches -151 and 128, outside what one float exponent can hold.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ScaleInTwo<V>(V p, V n) where V : struct, ISimd<V>
    {
        V half = V.Floor(n * V.All(0.5f));
        return p * V.PowerOfTwo(half) * V.PowerOfTwo(n - half);
    }

    // NaN stays: the bounds are the first arguments.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Between<V>(float least, float most, V x) where V : struct, ISimd<V> => V.MinNative(V.All(most), V.MaxNative(V.All(least), x));
}
