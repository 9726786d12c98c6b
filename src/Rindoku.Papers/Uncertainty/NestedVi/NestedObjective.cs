using Rindoku.Ops;

namespace Rindoku.Papers.Uncertainty.NestedVi;

/// <summary>The divergences that each level of a nested importance sampler makes small, with gradients estimated from its weighted particles.</summary>
/// <remarks>
/// <para>Level k takes particles z_{k−1} with weights w_{k−1} to z_k by a proposal q, and compares <c>π_{k−1} q</c> with <c>π_k r</c>; π = γ / Z. The
/// incremental weight is <c>v = γ_k(z_k) r(z_{k−1}|z_k) / (γ_{k−1}(z_{k−1}) q(z_k|z_{k−1}))</c>. Below, W¹ are the weights w_{k−1} and W² the
/// weights w_{k−1} v, each normalised over the particles: samples of the one and of the other side.</para>
/// <para>What is returned tells the divergence, but its gradient is that of a surrogate, for weights are never differentiated: each direction says below
/// what its number is.</para>
/// <para>Shapes: all (..., S), particles last; levels and sequences before them are added up.</para>
/// <para>Source: Zimmermann, Wu, Esmaeili and van de Meent 2021, arXiv:2106.11302, section 3.</para>
/// </remarks>
public static class NestedObjective
{
    /// <summary>The reverse divergence, <c>KL(π_{k−1} q ‖ π_k r)</c>.</summary>
    /// <param name="logBefore">ln w_{k−1}; no gradient flows to it.</param>
    /// <param name="logIncrement">ln v, with gradients to r, to z_k and through it to q. Where q's own parameters are detached inside ln q, a proposal
    /// that is right has a gradient of exactly 0 ("sticking the landing").</param>
    /// <param name="logPrevious">ln γ_{k−1}(z_{k−1}).</param>
    /// <param name="logNext">ln γ_k(z_k), without the gradient to z_k.</param>
    /// <returns><c>−Σ W¹ ln v</c>, the divergence but for ln Z_{k−1} − ln Z_k. From a normalised γ_0 on the levels' sum is −ln Z at least, on average.</returns>
    /// <remarks>
    /// By r: <c>−Σ W¹ ∂ln r</c>. By q: <c>−Σ W¹ ∂ln v/∂z_k ∂z_k</c>. By γ_k: <c>Σ (W² − W¹) ∂ln γ_k</c>. By γ_{k−1}: minus the covariance, under W¹, of
    /// ln v and ∂ln γ_{k−1}; without the mean of ln v as a baseline its variance would drown it.
    /// </remarks>
    public static Tensor ReverseKl(Tensor logBefore, Tensor logIncrement, Tensor logPrevious, Tensor logNext)
    {
        ArgumentNullException.ThrowIfNull(logIncrement);
        Tensor v = logIncrement.Detach();
        (Tensor log1, Tensor log2) = Normalised(logBefore, v);
        Tensor w1 = log1.Exp(), w2 = log2.Exp();
        Tensor centred = v - (w1 * v).Sum([-1], keep: true);
        Tensor surrogate = w2 * logNext - w1 * (logIncrement + (centred + 1) * logPrevious);
        return Tensor.StraightThrough(-(w1 * v).Sum(), surrogate.Sum());
    }

    /// <summary>The forward divergence, <c>KL(π_k r ‖ π_{k−1} q)</c>, for proposals that no gradient can flow through: states that are discrete.</summary>
    /// <param name="logBefore">ln w_{k−1}; no gradient flows to it.</param>
    /// <param name="logIncrement">ln v; no gradient flows to it.</param>
    /// <param name="logProposal">ln q(z_k|z_{k−1}).</param>
    /// <param name="logPrevious">ln γ_{k−1}(z_{k−1}).</param>
    /// <param name="logNext">ln γ_k(z_k).</param>
    /// <returns><c>KL(W² ‖ W¹) = Σ W² ln v − ln Σ W¹ v</c>, at least 0: the divergence, with Ẑ_k / Ẑ_{k−1} for the ratio of constants.</returns>
    /// <remarks>By q: <c>−Σ W² ∂ln q</c>. By γ_{k−1}: <c>Σ (W¹ − W²) ∂ln γ_{k−1}</c>. By γ_k: the covariance, under W², of ln v and ∂ln γ_k.</remarks>
    public static Tensor ForwardKl(Tensor logBefore, Tensor logIncrement, Tensor logProposal, Tensor logPrevious, Tensor logNext)
    {
        ArgumentNullException.ThrowIfNull(logIncrement);
        Tensor v = logIncrement.Detach();
        (Tensor log1, Tensor log2) = Normalised(logBefore, v);
        Tensor w1 = log1.Exp(), w2 = log2.Exp();
        Tensor centred = v - (w2 * v).Sum([-1], keep: true);
        Tensor surrogate = w1 * logPrevious - w2 * (logProposal + logPrevious) + w2 * centred * logNext;
        return Tensor.StraightThrough((w2 * (log2 - log1)).Sum(), surrogate.Sum());
    }

    private static (Tensor LogBefore, Tensor LogAfter) Normalised(Tensor logBefore, Tensor v)
    {
        ArgumentNullException.ThrowIfNull(logBefore);
        Tensor before = logBefore.Detach();
        return (before.LogSoftmax(), (before + v).LogSoftmax());
    }
}
