namespace Rindoku.Uncertainty;

/// <summary>What the evidence is a function of: the precisions of the prior and, in regression, the deviation of the noise.</summary>
public sealed record Hyperparameters
{
    /// <summary>Hyper-parameters.</summary>
    /// <param name="precisions">δ: one number above 0 for each group of parameters, see <see cref="PriorStructure"/>; one alone stands for all.</param>
    /// <param name="noise">σ, above 0; without meaning where classes are learned.</param>
    /// <exception cref="ArgumentException">A number is not above 0 and finite.</exception>
    public Hyperparameters(IReadOnlyList<double> precisions, double noise = 1)
    {
        ArgumentNullException.ThrowIfNull(precisions);
        if (precisions.Count == 0 || precisions.Any(precision => !(precision > 0 && double.IsFinite(precision))))
            throw new ArgumentException($"Hyperparameters: precisions must be one or more numbers above 0, got {string.Join(", ", precisions.Take(10))}", nameof(precisions));
        if (!(noise > 0 && double.IsFinite(noise)))
            throw new ArgumentException($"Hyperparameters: the deviation of the noise must be above 0, got {noise}", nameof(noise));
        (Precisions, Noise) = (precisions, noise);
    }

    /// <summary>One precision for all parameters.</summary>
    /// <param name="precision">δ, above 0.</param>
    /// <param name="noise">σ, above 0.</param>
    public Hyperparameters(double precision, double noise = 1) : this([precision], noise) { }

    /// <summary>δ, for each group of parameters.</summary>
    public IReadOnlyList<double> Precisions { get; }

    /// <summary>σ.</summary>
    public double Noise { get; }

    internal double[] Expanded(int groups)
    {
        if (Precisions.Count == 1) return [.. Enumerable.Repeat(Precisions[0], groups)];
        return Precisions.Count == groups ? [.. Precisions]
            : throw new ArgumentException($"Hyperparameters: {Precisions.Count} precisions for a prior of {groups} groups; give {groups}, or one for all");
    }
}

/// <summary>The evidence for a model by Laplace's method, with what it is made of and its slopes.</summary>
/// <param name="LogMarginalLikelihood">ln p(data | δ, σ), in nats, summed over the examples.</param>
/// <param name="LogLikelihood">ln p(data | θ, σ) at the weights of the fit.</param>
/// <param name="EffectiveParameters">
/// γ, for each group of the prior: how many of its parameters the data determine, from 0 to all; <c>Σ λ/(λ + δ)</c> over eigenvalues λ of
/// the curvature where there is one group.
/// </param>
/// <param name="SlopesByLogPrecision">The derivatives of the evidence by ln δ: <c>(γ − δ‖θ‖²) / 2</c>; zero at MacKay's <c>δ = γ/‖θ‖²</c>.</param>
/// <param name="SlopeByLogNoise">The derivative by ln σ; 0 where there is no noise.</param>
public sealed record Evidence(double LogMarginalLikelihood, double LogLikelihood, IReadOnlyList<double> EffectiveParameters,
    IReadOnlyList<double> SlopesByLogPrecision, double SlopeByLogNoise);
