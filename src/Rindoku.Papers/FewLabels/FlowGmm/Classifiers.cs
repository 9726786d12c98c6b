using Rindoku.Nn;
using Rindoku.Ops;

namespace Rindoku.Papers.FewLabels.FlowGmm;

/// <summary>The classifiers that FlowGMM is compared with.</summary>
public static class Classifiers
{
    /// <summary>The three-layer network of the paper's text and tabular baselines: Linear, ReLU, Dropout, twice, and Linear.</summary>
    /// <param name="inputs">Numbers in an example.</param>
    /// <param name="width">Units of the two hidden layers.</param>
    /// <param name="classes">How many classes.</param>
    /// <param name="dropout">How likely a hidden unit is dropped in training.</param>
    /// <param name="rng">Source of the start values and of dropout.</param>
    public static Sequential Mlp(int inputs, int width, int classes, double dropout, Rng rng)
    {
        ArgumentNullException.ThrowIfNull(rng);
        Rng weights = rng.Split("mlp"), drops = rng.Split("dropout");
        return new Sequential(
            new Linear(inputs, width, weights), Activation.Relu, new Dropout(dropout, drops),
            new Linear(width, width, weights), Activation.Relu, new Dropout(dropout, drops),
            new Linear(width, classes, weights));
    }

    /// <summary>The loss of the Pi-model: cross-entropy of what has labels, and the squared difference of the class probabilities of two passes of all, with other units dropped.</summary>
    /// <param name="network">From (N, D) to logits (N, C).</param>
    /// <param name="x">Examples, those with labels first.</param>
    /// <param name="y">The classes of the first ones.</param>
    /// <param name="consistencyWeight">How much the difference counts.</param>
    /// <remarks>Source: Laine and Aila 2017, arXiv:1610.02242, section 2.1.</remarks>
    public static Tensor PiLoss(Layer network, Tensor x, IntTensor y, double consistencyWeight)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(y);
        Tensor first = network.Forward(x), second = network.Forward(x);
        return first.Slice(0, ..y.Length).CrossEntropy(y) + first.Softmax(1).MseLoss(second.Softmax(1)) * (float)consistencyWeight;
    }

    /// <summary>The class of the nearest labelled example, as scores (N, C): 1 for that class, else 0.</summary>
    /// <param name="x">Examples, (N, D).</param>
    /// <param name="labelled">Labelled examples, (M, D).</param>
    /// <param name="y">Their classes.</param>
    /// <param name="classes">How many classes.</param>
    public static Tensor Nearest(Tensor x, Tensor labelled, IntTensor y, int classes)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(labelled);
        ArgumentNullException.ThrowIfNull(y);
        // |a - b|² = |a|² - 2 a.b + |b|², where |a|² is the same for all b
        Tensor distance = labelled.Square().Sum([1]) - x.MatMul(labelled, transposeB: true) * 2;
        int[] nearest = distance.ArgMin(1).ToArray();
        return IntTensor.Of([.. nearest.Select(i => y[i])]).OneHot(classes);
    }
}
