using Rindoku.Kernels;

namespace Rindoku.Distributions;

/// <summary>Draws of gamma variables, as logarithms so that small concentrations do not vanish, and their derivative by the concentration.</summary>
internal static class GammaSampling
{
    // Beyond this the series needs thousands of terms, and the normal approximation's error is below a float's rounding.
    private const double LargeConcentration = 1e5;

    /// <summary>The logarithm of a draw from the gamma distribution with the given concentration and rate 1.</summary>
    /// <remarks>Marsaglia and Tsang 2000, "A simple method for generating gamma variables"; below 1 their boost by a power of a uniform number.</remarks>
    public static double LogDraw(Rng rng, double concentration)
    {
        if (concentration < 1) return LogDraw(rng, concentration + 1) + Math.Log(1 - rng.NextDouble()) / concentration;
        double d = concentration - 1.0 / 3, c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            double x = rng.NextNormal(), v = 1 + c * x;
            if (v <= 0) continue;
            v = v * v * v;
            if (Math.Log(1 - rng.NextDouble()) < 0.5 * x * x + d - d * v + d * Math.Log(v)) return Math.Log(d * v);
        }
    }

    /// <summary>The derivative of a draw's logarithm by the concentration, at a fixed place in the distribution.</summary>
    /// <remarks>
    /// Implicit differentiation of <c>P(a, z) = u</c>: <c>d log z / da = -∂P/∂a / (z p(z))</c> (Figurnov, Mohamed and Mnih 2018,
    /// arXiv:1805.08498), with <c>P(a, z) = zᵃ e⁻ᶻ / Γ(a + 1) · Σ zⁿ / ((a + 1) ... (a + n))</c>.
    /// </remarks>
    public static double LogSlope(double a, double logarithm)
    {
        double z = Math.Exp(logarithm);
        if (a > LargeConcentration) return (1 + (z - a) / (2 * a)) / z;
        double term = 1, harmonic = 0, sum = 1, weighted = 0;
        for (int n = 1; term > 1e-17 * sum; n++)
        {
            term *= z / (a + n);
            harmonic += 1 / (a + n);
            sum += term;
            weighted += term * harmonic;
        }
        return (weighted - sum * (logarithm - GammaMath.Polygamma(0, a + 1))) / a;
    }
}
