using Rindoku.Lab.Reports;

namespace Rindoku.Lab;

/// <summary>How often examples (or pixels) of each class were taken for each class.</summary>
public sealed class ConfusionMatrix
{
    private readonly long[,] counts;

    /// <summary>An empty matrix.</summary>
    /// <param name="classNames">The names of the classes.</param>
    public ConfusionMatrix(IReadOnlyList<string> classNames)
    {
        ArgumentNullException.ThrowIfNull(classNames);
        ArgumentOutOfRangeException.ThrowIfZero(classNames.Count);
        ClassNames = classNames;
        counts = new long[classNames.Count, classNames.Count];
    }

    /// <summary>The names of the classes.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>How many classes there are.</summary>
    public int Classes => ClassNames.Count;

    /// <summary>How often class <paramref name="actual"/> was taken for class <paramref name="predicted"/>.</summary>
    public long this[int actual, int predicted] => counts[actual, predicted];

    /// <summary>How many examples there are.</summary>
    public long Total { get; private set; }

    /// <summary>Counts examples.</summary>
    /// <param name="actual">The right classes.</param>
    /// <param name="predicted">The predicted classes.</param>
    /// <param name="ignore">A class number, outside the classes, whose examples are left out: pixels without a label.</param>
    public void Add(ReadOnlySpan<int> actual, ReadOnlySpan<int> predicted, int? ignore = null)
    {
        if (actual.Length != predicted.Length) throw new ArgumentException($"ConfusionMatrix: {actual.Length} right classes, {predicted.Length} predictions", nameof(predicted));
        for (int i = 0; i < actual.Length; i++)
        {
            if (actual[i] == ignore) continue;
            if ((uint)actual[i] >= (uint)Classes || (uint)predicted[i] >= (uint)Classes)
                throw new ArgumentException($"ConfusionMatrix: example {i} has classes {actual[i]} and {predicted[i]}; there are {Classes}, numbered from 0", nameof(actual));
            counts[actual[i], predicted[i]]++;
            Total++;
        }
    }

    /// <summary>The part of the examples that lie on the diagonal.</summary>
    public double Accuracy => (double)Enumerable.Range(0, Classes).Sum(c => counts[c, c]) / Total;

    /// <summary>Of the examples taken for a class, the part that are of it: <c>TP / (TP + FP)</c>; 0 if there are none.</summary>
    public double Precision(int of) => Part(counts[of, of], Column(of));

    /// <summary>Of the examples of a class, the part that were taken for it: <c>TP / (TP + FN)</c>; 0 if there are none.</summary>
    public double Recall(int of) => Part(counts[of, of], Row(of));

    /// <summary>The harmonic mean of precision and recall: <c>2 TP / (2 TP + FP + FN)</c>; 0 if there are none.</summary>
    public double F1(int of) => Part(2 * counts[of, of], Row(of) + Column(of));

    /// <summary>The mean of <see cref="F1"/> over the classes.</summary>
    public double MacroF1 => Enumerable.Range(0, Classes).Average(F1);

    /// <summary>Intersection over union: <c>TP / (TP + FP + FN)</c>; NaN for a class that neither occurs nor was predicted.</summary>
    public double Iou(int of)
    {
        long union = Row(of) + Column(of) - counts[of, of];
        return union == 0 ? double.NaN : (double)counts[of, of] / union;
    }

    /// <summary>The mean of <see cref="Iou"/> over the classes that occur or were predicted.</summary>
    public double MeanIou => Enumerable.Range(0, Classes).Select(Iou).Where(iou => !double.IsNaN(iou)).DefaultIfEmpty(double.NaN).Average();

    /// <summary>The matrix as a figure, each row coloured by its shares.</summary>
    public Heatmap Figure(string title)
    {
        double[,] values = new double[Classes, Classes];
        for (int a = 0; a < Classes; a++)
            for (int p = 0; p < Classes; p++) values[a, p] = counts[a, p];
        return new Heatmap(title, "predicted", "actual", ClassNames, ClassNames, values) { ByRow = true };
    }

    private long Row(int of) => Enumerable.Range(0, Classes).Sum(p => counts[of, p]);

    private long Column(int of) => Enumerable.Range(0, Classes).Sum(a => counts[a, of]);

    private static double Part(long part, long whole) => whole == 0 ? 0 : (double)part / whole;
}
