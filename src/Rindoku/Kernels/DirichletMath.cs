namespace Rindoku.Kernels;

/// <summary>What divergences and entropies of Dirichlet distributions are made of, in double arithmetic, for numbers above 0.</summary>
/// <remarks>
/// <para>lgamma(x) and x ψ(x) grow like x ln x, and in these formulas they cancel: at x = e⁴⁰ nothing would be left of a double. Here their
/// difference is formed within the series, where it grows like ½ ln x only.</para>
/// <para>Each function shifts x up to where the asymptotic series holds. The product of all the numbers passed on the way, with its
/// derivatives, gives what the shift adds: one logarithm and one division in place of one for each number.</para>
/// </remarks>
internal static class DirichletMath
{
    // With terms up to B16 the series are right to 1e-16 from here on.
    private const double SeriesStart = 8;

    private const double HalfLogOfTwoPi = 0.91893853320467274178;

    /// <summary><c>r(x) = ln Γ(x) - x ψ(x) + x</c>, and <c>ψ(x)</c>.</summary>
    public static (double Remainder, double Digamma) Value(double x)
    {
        double y = x, product = 1, slope = 0;
        for (; y < SeriesStart; y++)
        {
            slope = slope * y + product;
            product *= y;
        }
        (double logGamma, double digamma) = Series(y);
        double rest = 0.5 - 0.5 * Math.Log(y) + HalfLogOfTwoPi + logGamma + y * digamma;
        digamma = Math.Log(y) - 0.5 / y - digamma;
        if (y == x) return (rest, digamma);

        // ln Γ(x) = ln Γ(y) - ln P and ψ(x) = ψ(y) - P'/P, with P = x (x + 1) ... (y - 1).
        double shift = slope / product;
        return (rest + (y - x) * (digamma - 1) - Math.Log(product) + x * shift, digamma - shift);
    }

    /// <summary><c>x ψ'(x) - 1</c>, which is <c>-r'(x)</c>, and <c>ψ'(x)</c>, trigamma.</summary>
    public static (double Excess, double Trigamma) Slope(double x)
    {
        double y = x, product = 1, slope = 0, bend = 0;
        for (; y < SeriesStart; y++)
        {
            bend = bend * y + 2 * slope;
            slope = slope * y + product;
            product *= y;
        }
        double z = 1 / (y * y);
        double sum = ((((((-3617.0 / 510 * z + 7.0 / 6) * z - 691.0 / 2730) * z + 5.0 / 66) * z - 1.0 / 30) * z + 1.0 / 42) * z - 1.0 / 30) * z + 1.0 / 6;
        double excess = 0.5 / y + sum * z, trigamma = (1 + excess) / y;
        if (y == x) return (excess, trigamma);

        double shift = slope / product;
        trigamma += shift * shift - bend / product; // -(ln P)''
        return (x * trigamma - 1, trigamma);
    }

    // What Stirling's formulas leave: ln Γ(x) - ((x - ½) ln x - x + ½ ln 2π), and -(ψ(x) - ln x + 1 / 2x).
    private static (double LogGamma, double Digamma) Series(double x)
    {
        double z = 1 / (x * x);
        double logGamma = ((((((-3617.0 / 122400 * z + 1.0 / 156) * z - 691.0 / 360360) * z + 1.0 / 1188) * z - 1.0 / 1680) * z + 1.0 / 1260) * z - 1.0 / 360) * z + 1.0 / 12;
        double digamma = ((((((-3617.0 / 8160 * z + 1.0 / 12) * z - 691.0 / 32760) * z + 1.0 / 132) * z - 1.0 / 240) * z + 1.0 / 252) * z - 1.0 / 120) * z + 1.0 / 12;
        return (logGamma / x, digamma * z);
    }
}
