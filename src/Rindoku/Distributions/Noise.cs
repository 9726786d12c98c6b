using Rindoku.Autograd;
using Rindoku.Ops;

namespace Rindoku.Distributions;

/// <summary>Raw randomness of the shapes that distributions need, and the constants of their formulas.</summary>
internal static class Noise
{
    /// <summary>The logarithm of 2π.</summary>
    public const float LogTwoPi = 1.8378770664f;

    /// <summary>Euler's constant, γ.</summary>
    public const float Euler = 0.5772156649f;

    /// <summary>Numbers between 0 and 1, both excluded, in double, through a function.</summary>
    public static Tensor Through(Rng rng, Shape shape, Func<double, double> function)
    {
        // Halfway between the 2^53 numbers of NextDouble: never 0, and never 1 after rounding because 1 - 2^-54 is not reached below.
        const double half = 1.0 / (1L << 54);
        return Tensor.Generate(shape, _ => (float)function(Math.Min(rng.NextDouble() + half, 1 - half * 2)));
    }

    /// <summary><c>a · log x</c>, which is 0 where a and x are 0, and -∞ where x is negative.</summary>
    public static Tensor TimesLog(Tensor a, Tensor x)
    {
        Tensor none = a.Equal(0).LogicalAnd(x.Equal(0)), outside = x.Less(0);
        Tensor y = a * Tensor.Where(none.LogicalOr(outside), 1, x).Log();
        return Tensor.Where(outside, float.NegativeInfinity, y);
    }

    /// <summary>Draws of the logarithm of a standard gamma variable, differentiable once by its concentration.</summary>
    /// <param name="rng">The source of randomness.</param>
    /// <param name="concentration">The concentrations; stretched to <paramref name="shape"/>.</param>
    /// <param name="shape">The shape of the draws.</param>
    /// <remarks>The derivative is that of the distribution's quantile: see <see cref="GammaSampling.LogSlope"/>.</remarks>
    public static Tensor LogGamma(Rng rng, Tensor concentration, Shape shape)
    {
        Tensor alpha = concentration.Expand(shape);
        Tensor y = Tensor.Generate(shape, i => (float)GammaSampling.LogDraw(rng, alpha.Span[i]));
        return Tape.Record("gamma_sample", y, new Edge(alpha, dy =>
        {
            Tensor slope = Tensor.Generate(shape, i => (float)GammaSampling.LogSlope(alpha.Span[i], y.Span[i]));
            return dy * Tape.Record("gamma_sample slope", slope,
                Tape.NoGradient("the derivative of a gamma sample", alpha), Tape.NoGradient("the derivative of a gamma sample", y));
        }));
    }
}
