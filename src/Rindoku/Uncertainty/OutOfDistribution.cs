using Rindoku.Nn;

namespace Rindoku.Uncertainty;

/// <summary>Detectors of inputs from outside the training distribution, for classifiers that are trained already.</summary>
public static class OutOfDistribution
{
    /// <summary>
    /// A detector that watches how strongly the features of a classifier go together, in all its layers, and says how far they leave
    /// the range that they had over the training inputs of the predicted class.
    /// </summary>
    /// <param name="model">
    /// A trained classifier, from inputs (n, ...) to logits (n, classes). It is not changed, except that it is in evaluation mode afterwards.
    /// What its convolutions, inner linear maps, batch normalisations, activations (<see cref="Activation"/>) and residual units give is looked at.
    /// </param>
    /// <param name="trainingInputs">What the classifier learned from, (n, ...), without random changes. Labels are not needed: the predicted classes count.</param>
    /// <param name="validationInputs">Other inputs of the same kind, (m, ...): they say how much each layer usually deviates, and set the threshold.</param>
    /// <param name="options">Orders, statistic, layers; null for those of the authors' code.</param>
    /// <returns>The detector. Scores are comparable within one detector only.</returns>
    /// <exception cref="ArgumentException">
    /// The model has no layer that can be looked at, or an option makes no sense, or features of training or validation inputs are not finite.
    /// </exception>
    /// <exception cref="ShapeException">There are no inputs, or the model does not give logits of two classes or more.</exception>
    /// <example><code>
    /// GramDetector detector = OutOfDistribution.FromGramMatrices(model, train.Inputs, validation.Inputs);
    /// bool[] unknown = detector.IsOutside(images);
    /// </code></example>
    /// <remarks>Source: Sastry and Oore 2020, arXiv:1912.12510. What is computed is said at <see cref="GramDetector"/>.</remarks>
    public static GramDetector FromGramMatrices(Layer model, Tensor trainingInputs, Tensor validationInputs, GramOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(trainingInputs);
        ArgumentNullException.ThrowIfNull(validationInputs);
        options ??= new GramOptions();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Orders);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.BatchSize);
        if (!(options.KeptInside is > 0 and <= 1))
            throw new ArgumentException($"OutOfDistribution: KeptInside is {options.KeptInside}; needed is a part above 0, up to 1", nameof(options));
        GramRanges ranges = GramRanges.Of(model, trainingInputs, options);
        return new GramDetector(ranges, ranges.Deviations(validationInputs));
    }
}
