namespace Rindoku.Kernels;

/// <summary>The gamma function's logarithm and its derivatives, in double arithmetic, right to far more places than a float holds.</summary>
internal static class GammaMath
{
    // Bernoulli numbers B2, B4, ... B16 for the asymptotic series.
    private static readonly double[] Bernoulli =
        [1.0 / 6, -1.0 / 30, 1.0 / 42, -1.0 / 30, 5.0 / 66, -691.0 / 2730, 7.0 / 6, -3617.0 / 510];

    // ζ(k) - 1 by k; those of 0 and 1 are not needed.
    private static readonly double[] ZetasLessOne = [0, 0, .. Enumerable.Range(2, 32).Select(ZetaLessOne)];

    // From here on the series up to B16 is right to double precision (also for derivatives up to order 21, to float precision).
    private const double SeriesStart = 12;

    /// <summary>ln |Γ(x)|.</summary>
    public static double LogGamma(double x)
    {
        if (double.IsNaN(x)) return x;
        if (double.IsInfinity(x)) return double.PositiveInfinity;
        if (x <= 0)
        {
            if (x == Math.Floor(x)) return double.PositiveInfinity;
            // Γ(x) Γ(1 - x) = π / sin πx.
            return Math.Log(Math.PI / Math.Abs(SinPi(x))) - LogGamma(1 - x);
        }
        if (x is > 0.5 and < 2.5) return LogGammaNearRoots(x);
        double product = 1;
        for (; x < SeriesStart; x++) product *= x;
        double z = 1 / (x * x), sum = 0;
        for (int k = Bernoulli.Length; k >= 1; k--) sum = sum * z + Bernoulli[k - 1] / (2 * k * (2 * k - 1));
        return (x - 0.5) * Math.Log(x) - x + 0.91893853320467274178 + sum / x - Math.Log(product);
    }

    /// <summary>The derivative of order n + 1 of ln Γ: digamma for n = 0, trigamma for n = 1.</summary>
    public static double Polygamma(int n, double x)
    {
        if (double.IsNaN(x)) return x;
        if (double.IsPositiveInfinity(x)) return n == 0 ? x : 0;
        if (double.IsNegativeInfinity(x)) return double.NaN;
        if (x <= 0)
        {
            if (x == 0 && n == 0) return double.IsNegative(x) ? double.PositiveInfinity : double.NegativeInfinity;
            if (x == Math.Floor(x)) return n % 2 == 1 ? double.PositiveInfinity : double.NaN;
            // ψn(1 - x) + (-1)^(n+1) ψn(x) = (-1)^n dⁿ/dxⁿ π cot πx.
            double mirrored = Polygamma(n, 1 - x), cotangent = CotangentDerivative(n, x);
            return n % 2 == 0 ? mirrored - cotangent : -mirrored - cotangent;
        }

        // ψn(x) = ψn(x + 1) - (-1)^n n! x^(-n-1), up to where the asymptotic series holds.
        double factorial = 1;
        for (int k = 2; k <= n; k++) factorial *= k;
        double sign = n % 2 == 0 ? -1 : 1, shifted = 0;
        for (; x < SeriesStart + n; x++) shifted += sign * factorial * Math.Pow(x, -n - 1);
        return shifted + (n == 0 ? DigammaSeries(x) : sign * PolygammaSeries(n, x, factorial));
    }

    private static double DigammaSeries(double x)
    {
        double z = 1 / (x * x), sum = 0;
        for (int k = Bernoulli.Length; k >= 1; k--) sum = (sum + Bernoulli[k - 1] / (2 * k)) * z;
        return Math.Log(x) - 0.5 / x - sum;
    }

    // (n-1)!/xⁿ + n!/(2 x^(n+1)) + Σ B2k (2k+n-1)!/((2k)! x^(2k+n)).
    private static double PolygammaSeries(int n, double x, double factorial)
    {
        double power = Math.Pow(x, -n), sum = factorial / n * power + factorial / (2 * x) * power;
        double term = factorial * power; // (2k+n-1)!/(2k)! x^(-2k-n) for k = 0 would be (n-1)! x^-n
        term /= n;
        for (int k = 1; k <= Bernoulli.Length; k++)
        {
            term *= (2.0 * k + n - 1) * (2 * k + n - 2) / (2.0 * k * (2 * k - 1)) / (x * x);
            sum += Bernoulli[k - 1] * term;
        }
        return sum;
    }

    // With c = cot πx, d/dx P(c) = -π (1 + c²) P'(c): the derivatives are polynomials of c.
    private static double CotangentDerivative(int n, double x)
    {
        Span<double> p = stackalloc double[n + 2], next = stackalloc double[n + 2];
        p.Clear();
        p[1] = Math.PI;
        for (int step = 0; step < n; step++)
        {
            next.Clear();
            for (int k = 1; k <= step + 1; k++)
            {
                next[k - 1] -= Math.PI * k * p[k];
                next[k + 1] -= Math.PI * k * p[k];
            }
            next.CopyTo(p);
        }
        double c = CosPi(x) / SinPi(x), sum = 0;
        for (int k = n + 1; k >= 0; k--) sum = sum * c + p[k];
        return sum;
    }

    // Near the roots 1 and 2 the series less the product would cancel: ln Γ(2 + t) = (1 - γ) t + Σ (-1)^k (ζ(k) - 1) t^k / k.
    private static double LogGammaNearRoots(double x)
    {
        if (x < 1.5) return LogGammaNearRoots(x + 1) - LogOnePlus(x - 1);
        double t = x - 2, power = t, sum = (1 - 0.57721566490153286061) * t;
        for (int k = 2; k < ZetasLessOne.Length; k++)
        {
            power *= -t;
            sum -= ZetasLessOne[k] * power / k;
        }
        return sum;
    }

    // Σ j^-k over j ≥ 2, with an integral and its correction for the tail.
    private static double ZetaLessOne(int k)
    {
        double sum = 0;
        for (int j = 2; j < 20; j++) sum += Math.Pow(j, -k);
        double end = Math.Pow(20, -k);
        return sum + end * 20 / (k - 1) + end / 2 + end * k / (12 * 20) - end * k * (k + 1.0) * (k + 2) / (720 * 8000.0);
    }

    private static double LogOnePlus(double x)
    {
        double u = 1 + x;
        return u == 1 ? x : Math.Log(u) * x / (u - 1);
    }

    private static double SinPi(double x) => Math.Sin(Math.PI * (x - 2 * Math.Round(x / 2)));

    private static double CosPi(double x) => Math.Cos(Math.PI * (x - 2 * Math.Round(x / 2)));
}

internal readonly struct LogGammaInDouble : IDoubleFunction
{
    public double Value(double x) => GammaMath.LogGamma(x);
}

internal readonly struct PolygammaInDouble(int order) : IDoubleFunction
{
    public double Value(double x) => GammaMath.Polygamma(order, x);
}
