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
    /// <remarks>e^-x² F(x), with our own rational fit of F.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Erfc<V>(V x) where V : struct, ISimd<V>
    {
        // erfc(10.1) is below the least float.
        V a = V.MinNative(V.All(10.5f), V.Abs(x));
        V power = PowerOfProduct(-a, a);
        V y = Tail(power + power, a * V.All(1.41421354f));
        return V.Select(V.Less(x, V.Zero), V.All(2) - y, y);
    }

    /// <summary>Normal distribution function <c>Φ(x) = erfc(-x / √2) / 2</c>, to 6 ulp also in the far left tail.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V NormalDistribution<V>(V x) where V : struct, ISimd<V>
    {
        V tail = NormalTail(NormalDistance(x), out _);
        return V.Select(V.Less(V.Zero, x), V.All(1) - tail, tail);
    }

    /// <summary>|x|, bounded where Φ(-|x|) is below the least float anyway.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V NormalDistance<V>(V x) where V : struct, ISimd<V> => V.MinNative(V.All(14.8f), V.Abs(x));

    /// <summary><c>Φ(-distance)</c>, and the <c>e^(-distance² / 2)</c> that is both in it and in its derivative.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V NormalTail<V>(V distance, out V power) where V : struct, ISimd<V>
    {
        // The exponent is taken from the distance itself: divided by √2 it is rounded.
        power = PowerOfProduct(distance * V.All(-0.5f), distance);
        return Tail(power, distance);
    }

    // e^(a b) for a b from -115 to 0. What rounding takes from the product comes back: an error of one ulp of 100 in the exponent
    // would be 8e-6 of the result.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V PowerOfProduct<V>(V a, V b) where V : struct, ISimd<V>
    {
        V product = a * b, n = V.Round(product * V.All(Log2E));
        return V.Scale(ShorterExpNearZero(LessLn2(product, n) + V.Fma(a, b, -product)), n);
    }

    // e^r for |r| ≤ ln 2 / 2 by a polynomial of degree 6, our own minimax fit (relative error 2^-27). One degree shorter than the one of
    // e^x, whose smaller error next to zero powers of large numbers need.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ShorterExpNearZero<V>(V r) where V : struct, ISimd<V>
    {
        V p = V.All(1.3863716e-3f);
        p = V.Fma(p, r, V.All(8.367558e-3f));
        p = V.Fma(p, r, V.All(4.1667242e-2f));
        p = V.Fma(p, r, V.All(0.16666533f));
        p = V.Fma(p, r, V.All(0.5f));
        p = V.Fma(p, r, V.All(1));
        return V.Fma(p, r, V.All(1));
    }

    // power · e^(d² / 2) Φ(-d) for 0 ≤ d ≤ 14.9: a quotient of polynomials, our own minimax fit (relative error 2^-27). All terms are
    // positive, so rounding costs next to nothing; and the two polynomials do not wait for each other.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Tail<V>(V power, V d) where V : struct, ISimd<V>
    {
        V above = V.All(4.13867998e-3f);
        above = V.Fma(above, d, V.All(4.07835189e-2f));
        above = V.Fma(above, d, V.All(0.183680283f));
        above = V.Fma(above, d, V.All(0.438894694f));
        above = V.Fma(above, d, V.All(0.5f));
        V below = V.All(1.03740175e-2f);
        below = V.Fma(below, d, V.All(0.102235367f));
        below = V.Fma(below, d, V.All(0.470645966f));
        below = V.Fma(below, d, V.All(1.20435033f));
        below = V.Fma(below, d, V.All(1.67567438f));
        below = V.Fma(below, d, V.All(1));
        return power * above / below;
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
