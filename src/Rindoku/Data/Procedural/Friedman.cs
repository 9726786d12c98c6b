namespace Rindoku.Data;

/// <summary>A regression problem of which the truth is known, as scikit-learn's <c>make_friedman1</c>.</summary>
public static class Friedman
{
    /// <summary>
    /// <c>y = 10 sin(π x₁ x₂) + 20 (x₃ − 1/2)² + 10 x₄ + 5 x₅ + noise</c>, inputs drawn evenly from 0 to 1; those after the fifth mean nothing.
    /// </summary>
    /// <param name="count">How many examples.</param>
    /// <param name="rng">The randomness.</param>
    /// <param name="features">How many inputs, at least 5.</param>
    /// <param name="noise">The standard deviation of the noise.</param>
    /// <remarks>Source: Friedman 1991, "Multivariate adaptive regression splines", The Annals of Statistics 19(1), §4.3.</remarks>
    public static RegressionSet Make(int count, Rng rng, int features = 10, double noise = 1)
    {
        ArgumentNullException.ThrowIfNull(rng);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfLessThan(features, 5);
        ArgumentOutOfRangeException.ThrowIfNegative(noise);
        float[] inputs = new float[count * features], targets = new float[count];
        rng.FillUniform(inputs);
        for (int i = 0; i < count; i++) targets[i] = (float)(Truth(inputs.AsSpan(i * features, features)) + noise * rng.NextNormal());
        return new RegressionSet(Tensor.Own(inputs, [count, features]), Tensor.Own(targets, [count]));
    }

    /// <summary>The target without noise.</summary>
    /// <param name="x">At least 5 inputs.</param>
    public static double Truth(ReadOnlySpan<float> x) =>
        10 * Math.Sin(Math.PI * x[0] * x[1]) + 20 * (x[2] - 0.5) * (x[2] - 0.5) + 10 * x[3] + 5 * x[4];
}
