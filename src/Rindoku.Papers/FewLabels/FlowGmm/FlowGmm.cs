using Rindoku.Autograd;
using Rindoku.Nn;
using Rindoku.Nn.Flows;
using Rindoku.Ops;

namespace Rindoku.Papers.FewLabels.FlowGmm;

/// <summary>FlowGMM: a normalizing flow f whose latent density has a Gaussian for each class, so that one exact likelihood explains points with and without labels.</summary>
/// <remarks>
/// <para><c>log p(x | y = k) = log N(f(x); μ_k, Σ_k) + log |det ∂f/∂x|</c>, <c>p(x) = Σ_k π_k p(x | k)</c>.</para>
/// <para>Checkpoint keys: <c>flow.*</c>, <c>prior.*</c>.</para>
/// <para>Source: Izmailov, Kirichenko, Finzi and Wilson 2020, arXiv:1912.13025, section 3.</para>
/// </remarks>
public sealed class FlowGmm : Layer
{
    /// <summary>A model.</summary>
    /// <param name="flow">f, from examples to (N, D).</param>
    /// <param name="prior">The latent density, of D dimensions.</param>
    public FlowGmm(Flow flow, LatentMixture prior)
    {
        Flow = Register("flow", flow);
        Prior = Register("prior", prior);
    }

    /// <summary>f.</summary>
    public Flow Flow { get; }

    /// <summary>The latent density.</summary>
    public LatentMixture Prior { get; }

    /// <summary>Class scores, whose softmax is <c>p(y | x)</c>, (N, C): by Bayes' rule, where the determinant cancels.</summary>
    public override Tensor Forward(Tensor x) => Prior.LogJoint(Flow.Forward(x).Z);

    /// <summary><c>log p(x, y = k)</c> for all k, (N, C); <c>log p(x)</c> is its logsumexp.</summary>
    public Tensor LogJoint(Tensor x)
    {
        (Tensor z, Tensor logDeterminant) = Flow.Forward(x);
        return Prior.LogJoint(z) + logDeterminant.Unsqueeze(1);
    }

    /// <summary>The loss of vectors: <c>−mean log p(x, y)</c> of what has labels, and a multiple of <c>−mean log p(x)</c> of what has none.</summary>
    /// <param name="x">Examples, (N, D), those with labels first.</param>
    /// <param name="y">The classes of the first ones.</param>
    /// <param name="labelledWeight">How much the first mean counts.</param>
    /// <param name="unlabelledWeight">How much the second mean counts.</param>
    /// <remarks>Two means, not one over all: among many unlabelled points a few labels would not decide which Gaussian takes which class.</remarks>
    public Tensor Loss(Tensor x, IntTensor y, double labelledWeight = 1, double unlabelledWeight = 1)
    {
        ArgumentNullException.ThrowIfNull(y);
        Tensor joint = LogJoint(x); // one pass for both
        int labelled = y.Length, unlabelled = joint.Shape[0] - labelled;
        Tensor loss = OwnClass(joint.Slice(0, ..labelled), y) * -(float)labelledWeight;
        return unlabelled == 0 ? loss : loss - joint.Slice(0, labelled..).LogSumExp([1]).Mean() * (float)unlabelledWeight;
    }

    /// <summary>
    /// The loss of images (FlowGMM-cons): cross-entropy of what has labels, <c>−mean log p(x')</c> of all, and <c>−mean log p(x' | y'')</c>, with
    /// y'' the class that another perturbation x'' of the same image is taken for.
    /// </summary>
    /// <param name="first">x', those with labels first.</param>
    /// <param name="second">x'', the same images perturbed once more.</param>
    /// <param name="y">The classes of the first ones.</param>
    /// <param name="labelledWeight">How much the cross-entropy counts.</param>
    /// <param name="likelihoodWeight">How much the likelihood counts; 1 in the paper.</param>
    /// <param name="consistencyWeight">How much the last term counts.</param>
    /// <remarks>
    /// Cross-entropy and not the joint likelihood, as in the authors' code: in D dimensions the likelihood of an image outweighs its label.
    /// </remarks>
    public Tensor ConsistentLoss(Tensor first, Tensor second, IntTensor y, double labelledWeight, double consistencyWeight, double likelihoodWeight = 1)
    {
        ArgumentNullException.ThrowIfNull(y);
        (Tensor z, Tensor logDeterminant) = Flow.Forward(first);
        Tensor latent = Prior.LogJoint(z), joint = latent + logDeterminant.Unsqueeze(1);
        Tensor loss = latent.Slice(0, ..y.Length).CrossEntropy(y) * (float)labelledWeight - joint.LogSumExp([1]).Mean() * (float)likelihoodWeight;
        return consistencyWeight == 0 ? loss : loss + Consistency(joint, Classes(second)) * (float)consistencyWeight;
    }

    /// <summary><c>−mean log p(x' | y'')</c>, without the constant <c>log π</c> of equal weights.</summary>
    /// <param name="joint">What <see cref="LogJoint"/> gives for x'.</param>
    /// <param name="others">y''.</param>
    public Tensor Consistency(Tensor joint, IntTensor others) => -OwnClass(joint - Prior.LogWeights, others);

    /// <summary>The classes that examples are taken for; no gradient flows through them.</summary>
    public IntTensor Classes(Tensor x)
    {
        using NoGrad noGrad = NoGrad.Enter();
        return Forward(x).ArgMax(1);
    }

    /// <summary>Examples of a class: draws from its Gaussian, taken back through the flow.</summary>
    public Tensor Sample(int component, int count, Rng rng)
    {
        using NoGrad noGrad = NoGrad.Enter();
        return Flow.Inverse(Prior.Sample(component, count, rng));
    }

    private static Tensor OwnClass(Tensor joint, IntTensor y) => joint.Gather(1, y.Reshape([y.Length, 1])).Mean();
}
