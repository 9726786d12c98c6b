namespace Rindoku.Uncertainty;

/// <summary>How far the features of inputs lie outside the ranges of the training inputs, layer by layer, as <see cref="GramDetector.Deviations"/> gives it.</summary>
public sealed class GramDeviations
{
    private readonly double[,] byLayer;

    internal GramDeviations(double[,] byLayer, int[] predicted, double[] confidence) => (this.byLayer, Predicted, Confidence) = (byLayer, predicted, confidence);

    /// <summary>How many inputs there are.</summary>
    public int Count => byLayer.GetLength(0);

    /// <summary>How many layers were looked at.</summary>
    public int LayerCount => byLayer.GetLength(1);

    /// <summary>The class that the model predicts for each input.</summary>
    public IReadOnlyList<int> Predicted { get; }

    /// <summary>The largest softmax probability of each input: the usual baseline, larger for inputs like those in training.</summary>
    public IReadOnlyList<double> Confidence { get; }

    /// <summary>δ_l of an input in a layer: 0 within the ranges; infinite where a feature is not finite.</summary>
    public double this[int input, int layer] => byLayer[input, layer];

    /// <summary>The deviations of some of the inputs.</summary>
    /// <param name="inputs">Their places.</param>
    public GramDeviations Subset(params ReadOnlySpan<int> inputs)
    {
        double[,] part = new double[inputs.Length, LayerCount];
        for (int i = 0; i < inputs.Length; i++)
            for (int layer = 0; layer < LayerCount; layer++) part[i, layer] = byLayer[inputs[i], layer];
        int[] places = inputs.ToArray();
        return new GramDeviations(part, [.. places.Select(i => Predicted[i])], [.. places.Select(i => Confidence[i])]);
    }

    /// <summary>The mean over the inputs, of each layer.</summary>
    public double[] Mean() => [.. Enumerable.Range(0, LayerCount).Select(layer => Enumerable.Range(0, Count).Average(i => byLayer[i, layer]))];
}
