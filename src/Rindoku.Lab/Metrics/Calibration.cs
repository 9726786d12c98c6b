using Rindoku.Lab.Reports;

namespace Rindoku.Lab;

/// <summary>How far predicted probabilities can be believed.</summary>
public static class Calibration
{
    /// <summary>
    /// Expected calibration error: over bins of confidence, <c>Σ n_b / n · |accuracy_b - confidence_b|</c>. Bins are equally wide and
    /// open below, (0, 1/m], (1/m, 2/m], ...
    /// </summary>
    /// <param name="probabilities">(n, classes), rows adding up to 1.</param>
    /// <param name="labels">(n).</param>
    /// <param name="bins">How many bins, m.</param>
    /// <remarks>Source: Guo et al. 2017, "On calibration of modern neural networks", equation 3.</remarks>
    public static double Ece(Tensor probabilities, IntTensor labels, int bins = 15)
    {
        double error = 0;
        foreach ((int count, double confidence, double accuracy) in Bins(probabilities, labels, bins))
            if (count > 0) error += (double)count / labels.Length * Math.Abs(accuracy - confidence);
        return error;
    }

    /// <summary>Brier's score: the mean over examples of <c>Σ_c (p_c - [c = y])²</c>, from 0 to 2.</summary>
    /// <param name="probabilities">(n, classes), rows adding up to 1.</param>
    /// <param name="labels">(n).</param>
    public static double Brier(Tensor probabilities, IntTensor labels)
    {
        int classes = Classification.RequireScores(probabilities, labels);
        double sum = 0;
        for (int i = 0; i < labels.Length; i++)
            for (int c = 0; c < classes; c++)
            {
                double d = probabilities.Span[i * classes + c] - (c == labels[i] ? 1 : 0);
                sum += d * d;
            }
        return sum / labels.Length;
    }

    /// <summary>The negative log-likelihood of each right class, <c>-log p_y</c> in nats: the units of a claim on it.</summary>
    /// <param name="probabilities">(n, classes), rows adding up to 1.</param>
    /// <param name="labels">(n).</param>
    public static float[] NllUnits(Tensor probabilities, IntTensor labels)
    {
        int classes = Classification.RequireScores(probabilities, labels);
        float[] nll = new float[labels.Length];
        for (int i = 0; i < nll.Length; i++) nll[i] = -MathF.Log(probabilities.Span[i * classes + labels[i]]);
        return nll;
    }

    /// <summary>The mean negative log-likelihood of the right classes, in nats; infinite if one has probability 0.</summary>
    /// <param name="probabilities">(n, classes), rows adding up to 1.</param>
    /// <param name="labels">(n).</param>
    public static double Nll(Tensor probabilities, IntTensor labels) => Errors.Mean(NllUnits(probabilities, labels));

    /// <summary>Accuracy over confidence, bin by bin: the reliability diagram.</summary>
    public static LineChart Reliability(string title, Tensor probabilities, IntTensor labels, int bins = 15)
    {
        var filled = Bins(probabilities, labels, bins).Where(b => b.Count > 0).ToArray();
        return new LineChart(title, "confidence", "accuracy",
        [
            new LineSeries("model", [.. filled.Select(b => b.Confidence)], [.. filled.Select(b => b.Accuracy)]),
            new LineSeries("perfectly calibrated", [0, 1], [0, 1]),
        ]);
    }

    private static (int Count, double Confidence, double Accuracy)[] Bins(Tensor probabilities, IntTensor labels, int bins)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bins);
        int classes = Classification.RequireScores(probabilities, labels, nameof(Ece));
        int[] predictions = Classification.Predictions(probabilities), counts = new int[bins];
        double[] confidences = new double[bins], hits = new double[bins];
        for (int i = 0; i < predictions.Length; i++)
        {
            float confidence = probabilities.Span[i * classes + predictions[i]];
            if (!(confidence is >= 0 and <= 1.0001f))
                throw new ArgumentException($"Calibration: row {i} has the probability {confidence}; needed are probabilities, not logits", nameof(probabilities));
            int bin = Math.Clamp((int)Math.Ceiling(confidence * (double)bins) - 1, 0, bins - 1);
            counts[bin]++;
            confidences[bin] += confidence;
            if (predictions[i] == labels[i]) hits[bin]++;
        }
        return [.. Enumerable.Range(0, bins).Select(b => (counts[b], confidences[b] / Math.Max(1, counts[b]), hits[b] / Math.Max(1, counts[b])))];
    }
}
