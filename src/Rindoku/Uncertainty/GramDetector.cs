namespace Rindoku.Uncertainty;

/// <summary>Tells inputs from outside the training distribution by the Gram matrices of a classifier's features. <see cref="OutOfDistribution"/> makes it.</summary>
/// <remarks>
/// <para>Of the features F of a layer, C channels at S positions, the statistics of order p are <c>S^p = root_p(Σ_c' G^p_cc')</c>,
/// <c>G^p = F^(p) F^(p)ᵀ</c>, for p = 1 ... 10: how strongly a channel goes together with all others. Over the training inputs predicted as class k
/// each has a least and a greatest value. An input of that predicted class deviates in layer l by
/// <c>δ_l = 1/conf · Σ relu(min − S)/(|min| + ε) + relu(S − max)/(|max| + ε)</c>, where conf is its largest softmax probability, and its score is
/// <c>Δ = Σ_l δ_l / n_l</c> with n_l the mean of δ_l over validation inputs. Large means outside.</para>
/// <para>It finds inputs of another kind, such as other data sets and noise; new classes of the same kind it finds less well than the softmax probability.
/// All inputs must come through the same preparation as the training inputs: it sees the traces of another one.</para>
/// <para>Source: Sastry and Oore 2020, arXiv:1912.12510, §3, and the authors' code.</para>
/// </remarks>
public sealed class GramDetector
{
    private const double SmallestScale = 1e-7; // the authors' code adds it to n_l: a layer may not deviate at all

    private readonly GramRanges ranges;
    private readonly double[] scale;
    private readonly double largest;

    internal GramDetector(GramRanges ranges, GramDeviations validation)
    {
        this.ranges = ranges;
        for (int layer = 0; layer < validation.LayerCount; layer++)
            for (int i = 0; i < validation.Count; i++)
                if (!double.IsFinite(validation[i, layer])) throw ranges.NotFinite("validation", i, layer);
        scale = [.. validation.Mean().Select(mean => mean + SmallestScale)];
        double[] scores = [.. Enumerable.Range(0, validation.Count).Select(i => Total(validation, i)).Order()];
        largest = scores[^1];
        Threshold = scores[Math.Max(0, (int)Math.Ceiling(ranges.Options.KeptInside * scores.Length) - 1)];
    }

    /// <summary>The layers that are looked at, by name.</summary>
    public IReadOnlyList<string> Layers => ranges.Layers;

    /// <summary>The classes that some training input was taken for; inputs of any other predicted class are compared with all training inputs together.</summary>
    public IReadOnlyList<int> PredictedClasses => ranges.PredictedClasses;

    /// <summary>How many numbers are stored for each of these classes: with row sums, two for each order and channel.</summary>
    public long NumbersPerClass => ranges.NumbersPerClass;

    /// <summary>n_l: the mean deviation of the validation inputs in each layer.</summary>
    public IReadOnlyList<double> Scale => scale;

    /// <summary>The score that 95 % of the validation inputs do not exceed (<see cref="GramOptions.KeptInside"/>).</summary>
    public double Threshold { get; }

    /// <summary>δ_l: how far inputs lie outside the ranges, layer by layer, before layers are brought to one scale.</summary>
    /// <param name="inputs">(n, ...), prepared as the training inputs were.</param>
    /// <exception cref="ShapeException">There are no inputs, or they are not of the model's shape.</exception>
    public GramDeviations Deviations(Tensor inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return ranges.Deviations(inputs);
    }

    /// <summary>Δ of inputs: the larger, the further outside. 0 for each of the training inputs.</summary>
    /// <param name="inputs">(n, ...), prepared as the training inputs were.</param>
    /// <returns>One number for each input.</returns>
    /// <exception cref="ShapeException">There are no inputs, or they are not of the model's shape.</exception>
    public float[] Score(Tensor inputs) => Score(Deviations(inputs));

    /// <summary>Δ of inputs whose deviations are known.</summary>
    /// <param name="deviations">What <see cref="Deviations"/> gave.</param>
    public float[] Score(GramDeviations deviations) => Each(deviations, i => Total(deviations, i));

    /// <summary>The score together with the softmax probability: <c>Δ / (largest Δ of the validation inputs) − conf</c>, which helps where the inputs are near.</summary>
    /// <param name="deviations">What <see cref="Deviations"/> gave.</param>
    /// <remarks>The paper's combination with networks that were trained to be unsure outside (outlier exposure).</remarks>
    public float[] ScoreWithConfidence(GramDeviations deviations) => Each(deviations, i => Total(deviations, i) / (largest + SmallestScale) - deviations.Confidence[i]);

    /// <summary>Whether each input's score is above the <see cref="Threshold"/>.</summary>
    /// <param name="inputs">(n, ...), prepared as the training inputs were.</param>
    /// <exception cref="ShapeException">There are no inputs, or they are not of the model's shape.</exception>
    public bool[] IsOutside(Tensor inputs)
    {
        GramDeviations deviations = Deviations(inputs);
        return [.. Enumerable.Range(0, deviations.Count).Select(i => Total(deviations, i) > Threshold)];
    }

    /// <summary>The same detector with other validation inputs: the ranges stay, scale and threshold are theirs.</summary>
    /// <param name="validation">Their deviations.</param>
    /// <exception cref="ArgumentException">There are none, or they are of other layers, or not finite.</exception>
    public GramDetector Calibrated(GramDeviations validation)
    {
        Require(validation);
        if (validation.Count == 0) throw new ArgumentException("GramDetector: got no validation inputs; needed is one or more", nameof(validation));
        return new GramDetector(ranges, validation);
    }

    private float[] Each(GramDeviations deviations, Func<int, double> score)
    {
        Require(deviations);
        return [.. Enumerable.Range(0, deviations.Count).Select(i => (float)score(i))];
    }

    private double Total(GramDeviations deviations, int input)
    {
        double sum = 0;
        for (int layer = 0; layer < scale.Length; layer++) sum += deviations[input, layer] / scale[layer];
        return sum;
    }

    private void Require(GramDeviations deviations)
    {
        ArgumentNullException.ThrowIfNull(deviations);
        if (deviations.LayerCount != Layers.Count)
            throw new ArgumentException($"GramDetector: got deviations of {deviations.LayerCount} layers; needed are those of this detector, {Layers.Count} layers", nameof(deviations));
    }
}
