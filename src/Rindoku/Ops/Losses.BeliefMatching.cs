using Rindoku.Autograd;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>
    /// Belief matching: the logits give a Dirichlet distribution over the class probabilities, <c>α = exp(x)</c>, which is matched to what is
    /// believed after a label y was seen: <c>loss = λ KL'(Dir(α) ‖ Dir(β)) - (ψ(α_y) - ψ(α₀))</c>, with <c>α₀ = Σ_k α_k</c>.
    /// </summary>
    /// <param name="logits">(N, C, *), before any softmax; or (C) for a single item.</param>
    /// <param name="labels">(N, *), each from 0 to C - 1.</param>
    /// <param name="coefficient">λ, 0 or more. The loss is least at <c>α = β + [k = y] / λ</c>: the smaller, the surer the network may become.</param>
    /// <param name="prior">β, the prior's concentration for every class, above 0.</param>
    /// <param name="reduction">How the losses of the items become one.</param>
    /// <returns>A scalar, or (N, *) without reduction.</returns>
    /// <exception cref="ShapeException">The shapes do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label is not a class, λ is below 0, or β is not above 0.</exception>
    /// <remarks>
    /// <para>KL' is the divergence without its two terms in β alone, as in the authors' code; so the loss may be below 0. The prediction is
    /// <c>softmax(x) = α / α₀</c>, as after cross-entropy, but the loss changes when a number is added to all logits.</para>
    /// <para>Gradient: <c>α_k {λ [(α_k - β) ψ'(α_k) - (α₀ - Cβ) ψ'(α₀)] - [k = y] ψ'(α_y) + ψ'(α₀)}</c>. For very low logits it grows like
    /// <c>λ β / α_k</c>: clip gradients in training (<c>GradientClipping.EachByNorm</c>). Double arithmetic inside.</para>
    /// <para>Source: Joo, Chung and Seo 2020, arXiv:2002.07965, §3, and the authors' code.</para>
    /// </remarks>
    public static Tensor BeliefMatching(this Tensor logits, IntTensor labels, double coefficient, double prior = 1, Reduction reduction = Reduction.Mean)
    {
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(labels);
        if (!(coefficient >= 0 && double.IsFinite(coefficient)))
            throw new ArgumentOutOfRangeException(nameof(coefficient), coefficient, "BeliefMatching: the coefficient must be 0 or more");
        if (!(prior > 0 && double.IsFinite(prior))) throw new ArgumentOutOfRangeException(nameof(prior), prior, "BeliefMatching: the prior must be above 0");
        RequireLabels("BeliefMatching", logits, labels, weights: null, ignoreIndex: 0); // 0 is a class: no label is let through that is none
        BeliefMatchingKernel.Settings settings = new(ClassesOf(logits), InnerOf(logits), coefficient, prior);
        return Reduce(BeliefMatchingOfItems(logits, labels, settings), reduction);
    }

    private static Tensor BeliefMatchingOfItems(Tensor x, IntTensor labels, BeliefMatchingKernel.Settings s)
    {
        Tensor losses = Tensor.Uninitialized(labels.Shape);
        BeliefMatchingKernel.Forward(x.Span, labels.Span, losses.Writable, s);
        Edge byLogits = new(x, dy =>
        {
            int outer = labels.Length / s.Inner;
            (float lambda, float beta) = ((float)s.Coefficient, (float)s.Prior);
            Tensor alpha = x.Reshape(outer, s.Classes, s.Inner).Exp(), sum = alpha.Sum([1], keep: true);
            Tensor trigamma = alpha.Polygamma(1), ofSum = sum.Polygamma(1);
            Tensor own = labels.Reshape([outer, s.Inner]).OneHot(s.Classes).Permute(0, 2, 1);
            Tensor divergence = (alpha - beta) * trigamma - (sum - s.Classes * beta) * ofSum;
            return (dy.Reshape(outer, 1, s.Inner) * alpha * (lambda * divergence - own * trigamma + ofSum)).Reshape(x.Shape);
        });
        return Tape.RecordFused("belief_matching", losses, (dy, _) =>
        {
            Tensor dx = Tensor.Uninitialized(x.Shape);
            BeliefMatchingKernel.Backward(x.Span, labels.Span, dy.Span, dx.Writable, s);
            return [dx];
        }, byLogits);
    }
}
