using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Lab.Reports;

namespace Rindoku.Papers.Uncertainty.Duq;

/// <summary>Two moons in the plane, with points far from both: the picture of the paper's figure 1.</summary>
/// <param name="Train">The points to learn from.</param>
/// <param name="Test">Fresh points of the moons.</param>
/// <param name="Far">Points of the area that are far from every training point, (n, 2).</param>
internal sealed record TwoMoons(LabelledSet Train, LabelledSet Test, Tensor Far)
{
    public const string FarPoints = "far points", FarCertainty = "certainty at far points";

    private const int FarCount = 1000;
    private const double Distance = 0.5;

    private static readonly PlaneArea Area = new(-2.5, 3.5, -3, 3);

    /// <summary>Draws the points of a seed, the same for every arm.</summary>
    public static TwoMoons Make(DuqSettings s, Rng rng)
    {
        LabelledSet train = PlanarSets.TwoMoons(s.TrainingExamples, rng.Split("training points"));
        return new TwoMoons(train, PlanarSets.TwoMoons(s.TestExamples, rng.Split("test points")), DrawFar(train, rng.Split("far points")));
    }

    /// <summary>Measures an arm.</summary>
    /// <param name="predictor">The trained arm.</param>
    /// <param name="arm">Its name.</param>
    /// <param name="folder">Where the picture goes.</param>
    public ArmResult Measure(Predictor predictor, string arm, string folder)
    {
        Tensor atTest = predictor.Scores(Test.Inputs), atFar = predictor.Scores(Far);
        float[] inside = predictor.Uncertainty(atTest), outside = predictor.Uncertainty(atFar);
        ArmResult result = Measures.OfTest(predictor, atTest, Test).With(Detection.Of(inside, outside).Metrics(FarPoints));
        result[FarCertainty] = Errors.Mean(Predictor.Certainty(atFar));
        PlaneMap map = Map(predictor, arm);
        result.Figures.Add(map);
        result.Figures.Add(Detection.Histogram("Uncertainty of test points and of points far from the data", predictor.ShadeName,
            [("test points", predictor.Shade(atTest)), (FarPoints, predictor.Shade(atFar))]));
        string file = Path.Combine(folder, "two-moons.png");
        map.ToPicture().Write(file);
        result.Artefacts["uncertainty over the plane"] = file;
        return result;
    }

    private PlaneMap Map(Predictor predictor, string arm) =>
        new($"Uncertainty of {arm} over the plane", "x", "y", Area, PlaneMap.Evaluate(Area, points => predictor.Shade(predictor.Scores(points))), [Cloud(0), Cloud(1)])
        {
            Caption = "Dark is uncertain. What is far from both moons should be dark.",
            Quantity = predictor.ShadeName,
            Low = 0,
            High = predictor.MostShade,
        };

    private PointSeries Cloud(int label)
    {
        int[] own = [.. Enumerable.Range(0, Test.Count).Where(i => Test.Labels[i] == label)];
        return new PointSeries($"moon {label + 1}", [.. own.Select(i => (double)Test.Inputs[i, 0])], [.. own.Select(i => (double)Test.Inputs[i, 1])]);
    }

    // Evenly over the area, without what is within the distance of a training point.
    private static Tensor DrawFar(LabelledSet train, Rng rng)
    {
        List<float> far = [];
        while (far.Count < 2 * FarCount)
        {
            (double x, double y) = (Area.Left + rng.NextDouble() * (Area.Right - Area.Left), Area.Bottom + rng.NextDouble() * (Area.Top - Area.Bottom));
            if (IsFar(train.Inputs.Span, x, y)) far.AddRange([(float)x, (float)y]);
        }
        return Tensor.Own([.. far], [FarCount, 2]);
    }

    private static bool IsFar(ReadOnlySpan<float> points, double x, double y)
    {
        for (int i = 0; i < points.Length; i += 2)
        {
            (double dx, double dy) = (points[i] - x, points[i + 1] - y);
            if (dx * dx + dy * dy <= Distance * Distance) return false;
        }
        return true;
    }
}
