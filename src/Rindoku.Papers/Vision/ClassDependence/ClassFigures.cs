using Rindoku.Lab;
using Rindoku.Lab.Reports;

namespace Rindoku.Papers.Vision.ClassDependence;

/// <summary>The figures of a sweep.</summary>
internal static class ClassFigures
{
    private const int Losers = 3, Winners = 2;

    public static IEnumerable<Figure> Of(ClassDependenceSettings s, IReadOnlyList<string> names, ClassSweep sweep, IReadOnlyList<ConfusionMatrix> confusions)
    {
        int[] places = [.. Enumerable.Range(0, sweep.Classes)];
        // The strength with the best mean, other than none: that is where the paper looks.
        int strongest = sweep.Best(sweep.All) is var best && best > 0 ? best : 1;
        string at = ClassDependenceExperiment.Text(s.Strengths[strongest]);
        int[] byChange = [.. places.OrderBy(c => sweep.Change(strongest, c, sweep.All))];
        string axis = s.Regulariser switch
        {
            Regulariser.Crop => "least area of a crop",
            Regulariser.Rotation => "greatest angle (degrees)",
            Regulariser.ColourJitter => "strength of the jitter",
            _ => "weight decay",
        };

        yield return new LineChart("Accuracy of classes against strength", axis, new Axis("test accuracy", "%"),
            [Line("mean", t => sweep.Mean(t, sweep.All), _ => 0), .. byChange.Take(Losers).Concat(byChange.TakeLast(Winners)).Distinct().Select(OfClass)])
        { Caption = $"The paper's figure: the mean, the {Losers} classes that lose most at {at} and the {Winners} that win most, with one standard error over networks." };
        yield return new Heatmap("Accuracy of every class for every strength, %", "class", axis, names, [.. s.Strengths.Select(ClassDependenceExperiment.Text)],
            Table(s.Strengths.Count, places.Length, (t, c) => Math.Round(sweep.Accuracy(t, c, sweep.All), 1)));
        yield return new BarChart($"What the strength {at} changes for each class", new Axis("change of accuracy", "points"), [.. places.Select(c =>
        {
            double change = sweep.Change(strongest, c, sweep.All), error = sweep.Error(strongest, c, paired: true);
            return new Bar(names[c], change, change - error, change + error);
        })])
        { Reference = sweep.Mean(strongest, sweep.All) - sweep.Mean(0, sweep.All), Caption = "With one standard error over networks, each paired with its twin of no strength. Dashed: the mean over classes." };
        int worst = byChange[0];
        yield return new BarChart($"Where the test images of '{names[worst]}' went at {at}", new Axis("change of share", "points"),
            [.. places.Select(c => new Bar(names[c], Share(confusions[strongest], worst, c) - Share(confusions[0], worst, c)))])
        { Caption = "For each class, how much more often they were taken for it than without." };

        LineSeries OfClass(int c) => Line(names[c], t => sweep.Accuracy(t, c, sweep.All), t => sweep.Error(t, c, paired: false));

        // Lines grow to the right.
        LineSeries Line(string name, Func<int, double> value, Func<int, double> error)
        {
            int[] order = [.. Enumerable.Range(0, s.Strengths.Count).OrderBy(t => s.Strengths[t])];
            return new LineSeries(name, [.. order.Select(t => s.Strengths[t])], [.. order.Select(value)])
            {
                Low = [.. order.Select(t => value(t) - error(t))],
                High = [.. order.Select(t => value(t) + error(t))],
            };
        }
    }

    private static double Share(ConfusionMatrix counts, int actual, int predicted) =>
        100.0 * counts[actual, predicted] / Enumerable.Range(0, counts.Classes).Sum(c => counts[actual, c]);

    private static double[,] Table(int rows, int columns, Func<int, int, double> value)
    {
        double[,] table = new double[rows, columns];
        for (int r = 0; r < rows; r++)
            for (int c = 0; c < columns; c++) table[r, c] = value(r, c);
        return table;
    }
}
