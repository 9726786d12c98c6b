namespace Rindoku.Uncertainty;

/// <summary>
/// The curvature H of the negative log-likelihood of all examples for σ = T = 1, in one of the structures; what noise and temperature
/// make of it is a factor, called scale.
/// </summary>
internal abstract class LaplaceCurvature
{
    /// <summary>Adds a batch.</summary>
    /// <param name="batch">The examples.</param>
    /// <param name="directions">v (n, C) of which the outer products of <c>Jᵀ v</c> add up to H.</param>
    public abstract void Add(TracedBatch batch, IEnumerable<Tensor> directions);

    /// <summary>Ends the sum; called once, before what follows.</summary>
    public virtual void Complete() { }

    /// <summary><c>ln det(s H + D) − ln det D</c> and, for each group of the prior, <c>γ = tr((s H + D)⁻¹ s H)</c> over its parameters.</summary>
    /// <param name="scale">s, above 0.</param>
    /// <param name="precisions">The diagonal of D, one number for each group.</param>
    /// <remarks>The first grows with ln s by the sum of γ, and falls with ln δ of a group by its γ.</remarks>
    public abstract (double LogRatio, double[] Effective) Evaluate(double scale, double[] precisions);

    /// <summary><c>J (s H + D)⁻¹ Jᵀ</c>: the covariance of outputs that are linear in the parameters.</summary>
    /// <param name="jacobians">J, (n, C, P).</param>
    /// <param name="scale">s.</param>
    /// <param name="precisions">One number for each group.</param>
    /// <returns>(n, C, C).</returns>
    public abstract Tensor Covariance(Tensor jacobians, double scale, double[] precisions);
}
