using System.Runtime.CompilerServices;

namespace Rindoku.Kernels;

/// <summary>Elementary functions of vectors. Each states its largest error against the true value, in units in the last place.</summary>
internal static partial class SimdMath
{
    /// <summary>e to the power x, to 2 ulp over the whole range, denormal results included; +∞ above 88.73, 0 below -103.98.</summary>
    /// <remarks>x = n ln 2 + r with |r| ≤ ln 2 / 2; e^r by its Taylor polynomial of degree 7 (truncation below 2^-27).</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp<V>(V x) where V : struct, ISimd<V>
    {
        x = V.Min(V.Max(x, V.All(-105)), V.All(89));
        V n = V.Round(x * V.All(1.44269504f));
        // ln 2 in two parts: the first has few bits, so n times it is exact.
        V r = V.Fma(n, V.All(-0.693359375f), x);
        r = V.Fma(n, V.All(2.12194440e-4f), r);
        V p = V.All(1f / 5040);
        p = V.Fma(p, r, V.All(1f / 720));
        p = V.Fma(p, r, V.All(1f / 120));
        p = V.Fma(p, r, V.All(1f / 24));
        p = V.Fma(p, r, V.All(1f / 6));
        p = V.Fma(p, r, V.All(0.5f));
        p = V.Fma(p, r, V.All(1));
        p = V.Fma(p, r, V.All(1));
        // 2^n in two factors: n reaches -151 and 128, outside what one float exponent can hold.
        V half = V.Floor(n * V.All(0.5f));
        return p * V.PowerOfTwo(half) * V.PowerOfTwo(n - half);
    }

    /// <summary>The logistic function 1 / (1 + e^-x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sigmoid<V>(V x) where V : struct, ISimd<V> => V.All(1) / (V.All(1) + Exp(-x));
}
