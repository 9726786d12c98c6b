using System.Runtime.CompilerServices;

namespace Rindoku.Kernels;

internal static partial class SimdMath
{
    /// <summary>Error function, to 2 ulp.</summary>
    /// <remarks>Polynomials of Norbert Juffa (2016): x + x P(x²) near zero, 1 - e^Q(|x|) elsewhere.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Erf<V>(V x) where V : struct, ISimd<V>
    {
        V a = V.Abs(x), s = x * x;
        V near = V.All(-5.96761703e-4f);
        near = V.Fma(near, s, V.All(4.99119423e-3f));
        near = V.Fma(near, s, V.All(-2.67681349e-2f));
        near = V.Fma(near, s, V.All(1.12819925e-1f));
        near = V.Fma(near, s, V.All(-3.76125336e-1f));
        near = V.Fma(near, s, V.All(1.28379166e-1f));
        near = V.Fma(near, x, x);

        // Beyond 4 the value is ±1; without the bound the polynomial would make ∞ - ∞.
        V t = V.Min(a, V.All(4)), tt = t * t;
        V far = V.Fma(V.All(-1.72853470e-5f), t, V.All(3.83197126e-4f));
        far = V.Fma(far, tt, V.Fma(V.All(-3.88396438e-3f), t, V.All(2.42546219e-2f)));
        far = V.Fma(far, t, V.All(-1.06777877e-1f));
        far = V.Fma(far, t, V.All(-6.34846687e-1f));
        far = V.Fma(far, t, V.All(-1.28717512e-1f));
        far = V.Fma(far, t, -t);
        far = CopySign(V.All(1) - Exp(far), x);
        return V.Select(V.Less(V.All(0.927734375f), a), far, near);
    }

    /// <summary>1 less the error function, to 5 ulp also in the far right tail, down to the denormal numbers (absolutely 1.4e-45 there).</summary>
    /// <remarks>
    /// e^-x² F(q) / (1 + 2x) with q = (x - 2) / (x + 2), after Shepherd and Laframboise 1981; F is our own minimax fit on -1 ... 1.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Erfc<V>(V x) where V : struct, ISimd<V>
    {
        // erfc(10.1) is below the least float.
        V a = V.Min(V.Abs(x), V.All(10.5f));
        // x² with what its rounding lost: an error of one ulp of 100 in the exponent would be 8e-6 of the result.
        V s = a * a;
        V y = Exp(-s, -V.Fma(a, a, -s)) * ErfcFactor(a);
        return V.Select(V.Less(x, V.Zero), V.All(2) - y, y);
    }

    /// <summary>Normal distribution function <c>Φ(x) = erfc(-x / √2) / 2</c>, to 6 ulp also in the far left tail.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V NormalDistribution<V>(V x) where V : struct, ISimd<V>
    {
        // Φ(-14.3) is below the least float. The exponent x² / 2 is taken from x itself: |x| / √2 is rounded.
        V a = V.Min(V.Abs(x), V.All(14.8f)), half = a * V.All(0.5f);
        V s = half * a;
        V y = V.All(0.5f) * Exp(-s, -V.Fma(half, a, -s)) * ErfcFactor(a * V.All(0.707106781f));
        return V.Select(V.Less(V.Zero, x), V.All(1) - y, y);
    }

    // e^x² erfc(x) for x ≥ 0.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ErfcFactor<V>(V x) where V : struct, ISimd<V>
    {
        V q = (x - V.All(2)) / (x + V.All(2));
        V f = V.All(1.55460497e-4f);
        f = V.Fma(f, q, V.All(-1.83626529e-4f));
        f = V.Fma(f, q, V.All(-1.38272694e-3f));
        f = V.Fma(f, q, V.All(1.04307698e-3f));
        f = V.Fma(f, q, V.All(8.67822673e-3f));
        f = V.Fma(f, q, V.All(-7.94266723e-3f));
        f = V.Fma(f, q, V.All(-5.42082563e-2f));
        f = V.Fma(f, q, V.All(0.164035827f));
        f = V.Fma(f, q, V.All(-0.166031525f));
        f = V.Fma(f, q, V.All(-9.27630812e-2f));
        f = V.Fma(f, q, V.All(1.27697837f));
        return f / V.Fma(x, V.All(2), V.All(1));
    }

    /// <summary>Inverse of the error function, to 5 ulp; ±∞ at ±1, NaN outside.</summary>
    /// <remarks>Giles, "Approximating the erfinv function" (GPU Computing Gems, 2011), single precision.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ErfInv<V>(V x) where V : struct, ISimd<V>
    {
        V one = V.All(1);
        V w = -Log(V.Fma(-x, x, one));
        V c = w - V.All(2.5f);
        V p = V.All(2.81022636e-8f);
        p = V.Fma(p, c, V.All(3.43273939e-7f));
        p = V.Fma(p, c, V.All(-3.5233877e-6f));
        p = V.Fma(p, c, V.All(-4.39150654e-6f));
        p = V.Fma(p, c, V.All(2.1858087e-4f));
        p = V.Fma(p, c, V.All(-1.25372503e-3f));
        p = V.Fma(p, c, V.All(-4.17768164e-3f));
        p = V.Fma(p, c, V.All(0.246640727f));
        p = V.Fma(p, c, V.All(1.50140941f));

        V t = V.Sqrt(w) - V.All(3);
        V tail = V.All(-2.00214257e-4f);
        tail = V.Fma(tail, t, V.All(1.00950558e-4f));
        tail = V.Fma(tail, t, V.All(1.34934322e-3f));
        tail = V.Fma(tail, t, V.All(-3.67342844e-3f));
        tail = V.Fma(tail, t, V.All(5.73950773e-3f));
        tail = V.Fma(tail, t, V.All(-7.6224613e-3f));
        tail = V.Fma(tail, t, V.All(9.43887047e-3f));
        tail = V.Fma(tail, t, V.All(1.00167406f));
        tail = V.Fma(tail, t, V.All(2.83297682f));

        p = V.Select(V.Less(w, V.All(5)), p, tail);
        p = V.Select(V.Equal(V.Abs(x), one), V.All(float.PositiveInfinity), p);
        return p * x | V.Less(one, V.Abs(x));
    }
}
