namespace Rindoku.Uncertainty;

/// <summary>Several networks that answer together: they differ in start values and in the order of what they saw.</summary>
/// <remarks>Source: Lakshminarayanan et al. 2017, arXiv:1612.01474, §2.4.</remarks>
public static class Ensemble
{
    /// <summary>The mean of the members' answers, <c>1/M Σ_m p_m</c>: of probabilities, not of logits.</summary>
    /// <param name="members">What each member gives, all of one shape.</param>
    /// <exception cref="ShapeException">The shapes differ, or there are no members.</exception>
    public static Tensor Mean(IReadOnlyList<Tensor> members)
    {
        Require(members);
        float[] mean = new float[members[0].Length];
        for (int i = 0; i < mean.Length; i++)
        {
            double sum = 0;
            foreach (Tensor member in members) sum += member.Span[i];
            mean[i] = (float)(sum / members.Count);
        }
        return Tensor.Own(mean, members[0].Shape);
    }

    /// <summary>
    /// The mean and the variance of a mixture of normal distributions with equal weights: <c>μ = mean μ_m</c>,
    /// <c>σ² = mean(σ²_m + μ²_m) − μ²</c>.
    /// </summary>
    /// <param name="means">Each member's mean, all of one shape.</param>
    /// <param name="variances">Each member's variance, of the same shape.</param>
    /// <exception cref="ShapeException">The shapes differ, there are no members, or not as many means as variances.</exception>
    public static (Tensor Mean, Tensor Variance) Mixture(IReadOnlyList<Tensor> means, IReadOnlyList<Tensor> variances)
    {
        Require(means);
        Require(variances);
        ShapeException.Require(means.Count == variances.Count && means[0].Shape == variances[0].Shape,
            $"Ensemble: {means.Count} means {means[0].Shape} and {variances.Count} variances {variances[0].Shape}; needed are as many of one shape");
        float[] mean = new float[means[0].Length], variance = new float[mean.Length];
        for (int i = 0; i < mean.Length; i++)
        {
            double middle = means.Average(m => (double)m.Span[i]);
            // Around the middle, not around 0: the difference of two large squares would lose the digits that matter.
            double spread = means.Average(m => (m.Span[i] - middle) * (m.Span[i] - middle));
            (mean[i], variance[i]) = ((float)middle, (float)(variances.Average(v => (double)v.Span[i]) + spread));
        }
        return (Tensor.Own(mean, means[0].Shape), Tensor.Own(variance, means[0].Shape));
    }

    private static void Require(IReadOnlyList<Tensor> members)
    {
        ArgumentNullException.ThrowIfNull(members);
        ShapeException.Require(members.Count > 0, $"Ensemble: needs at least one member");
        foreach (Tensor member in members)
            ShapeException.Require(member.Shape == members[0].Shape, $"Ensemble: members give {members[0].Shape} and {member.Shape}; they must answer in one shape");
    }
}
