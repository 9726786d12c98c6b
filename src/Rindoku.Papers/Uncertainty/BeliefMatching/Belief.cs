using Rindoku.Distributions;
using Rindoku.Ops;

namespace Rindoku.Papers.Uncertainty.BeliefMatching;

/// <summary>What a network believes of the class probabilities z of an example: not one z, but a Dirichlet distribution over all of them.</summary>
/// <remarks>
/// <para>This is the paper as it is written. Training uses the library's <see cref="TensorOps.BeliefMatching"/>, the same loss with its gradient in
/// closed form; tests compare the two.</para>
/// <para>Source: Joo, Chung and Seo 2020, arXiv:2002.07965, §2 and §3. K is the number of classes, β the prior of each, λ the coefficient.</para>
/// </remarks>
public static class Belief
{
    /// <summary>The belief of a network with logits f: <c>Dir(α), α = exp(f)</c>. Its mean α / α₀ is <c>softmax(f)</c>, the prediction.</summary>
    /// <param name="logits">f, (n, K).</param>
    public static Dirichlet Of(Tensor logits)
    {
        ArgumentNullException.ThrowIfNull(logits);
        return new Dirichlet(logits.Exp());
    }

    /// <summary>What the prior Dir(β) becomes when the label y is seen as if 1 / λ times: <c>Dir(β + [k = y] / λ)</c>.</summary>
    /// <param name="labels">y, (n).</param>
    /// <param name="classes">K.</param>
    /// <param name="coefficient">λ; 1 is Bayes' rule for a single look.</param>
    /// <param name="prior">β.</param>
    public static Dirichlet Posterior(IntTensor labels, int classes, double coefficient = 1, double prior = 1)
    {
        ArgumentNullException.ThrowIfNull(labels);
        return new Dirichlet(labels.OneHot(classes) * (float)(1 / coefficient) + (float)prior);
    }

    /// <summary>The bound of the log-evidence that is raised, <c>E[ln z_y] - λ KL(Dir(α) ‖ Dir(β))</c>, for each example, (n).</summary>
    /// <param name="logits">f, (n, K).</param>
    /// <param name="labels">y, (n).</param>
    /// <param name="coefficient">λ.</param>
    /// <param name="prior">β.</param>
    public static Tensor Elbo(Tensor logits, IntTensor labels, double coefficient = 1, double prior = 1)
    {
        Dirichlet belief = Of(logits), before = new(Tensor.Full([logits.Shape[1]], (float)prior));
        Tensor alpha = logits.Exp();
        Tensor expectedLog = alpha.Digamma() - alpha.Sum([1], keep: true).Digamma(); // E[ln z_k]
        Tensor ofLabel = (expectedLog * labels.OneHot(logits.Shape[1])).Sum([1]);
        return ofLabel - (float)coefficient * Kl.Divergence(belief, before);
    }

    /// <summary>The largest probability that a network gives which has matched its beliefs exactly: <c>(β + 1/λ) / (Kβ + 1/λ)</c>.</summary>
    /// <param name="classes">K.</param>
    /// <param name="coefficient">λ.</param>
    /// <param name="prior">β.</param>
    public static double Ceiling(int classes, double coefficient, double prior = 1) => (prior + 1 / coefficient) / (classes * prior + 1 / coefficient);

    /// <summary>The least that <see cref="TensorOps.BeliefMatching"/> can be: its value where α is the posterior's.</summary>
    /// <param name="classes">K.</param>
    /// <param name="coefficient">λ.</param>
    /// <param name="prior">β.</param>
    public static double LeastLoss(int classes, double coefficient, double prior = 1)
    {
        double[] alpha = [prior + 1 / coefficient, .. Enumerable.Repeat(prior, classes - 1)];
        Tensor logits = Tensor.From([.. alpha.Select(a => (float)Math.Log(a))], [1, classes]);
        return logits.BeliefMatching(IntTensor.Of(0), coefficient, prior).Item();
    }

    /// <summary>The label smoothing ε whose targets have the same ceiling, for β = 1: <c>K λ / (1 + K λ)</c>.</summary>
    /// <param name="classes">K.</param>
    /// <param name="coefficient">λ.</param>
    public static double MatchingSmoothing(int classes, double coefficient) => classes * coefficient / (1 + classes * coefficient);
}
