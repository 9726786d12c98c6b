using Rindoku.Autograd;
using Rindoku.Lab.Reports;

namespace Rindoku.Papers.Uncertainty.NestedVi;

/// <summary>Pictures of the first task.</summary>
internal static class RingFigures
{
    private const int Drawn = 500;

    /// <summary>The samples of every level.</summary>
    public static IEnumerable<Figure> Passage(NestedSampler sampler, Rng rng)
    {
        using NoGrad recording = NoGrad.Enter();
        Passage passage = sampler.Sample(Drawn, rng);
        for (int k = 1; k < sampler.Path.Densities; k++)
        {
            ReadOnlySpan<float> points = passage.Levels[k - 1].Points.Span;
            double[] x = new double[Drawn], y = new double[Drawn];
            for (int i = 0; i < Drawn; i++) (x[i], y[i]) = (points[2 * i], points[2 * i + 1]);
            yield return new Scatter($"Density {k} of {sampler.Path.Densities - 1}: samples", "x", "y", [new PointSeries("samples", x, y)]);
        }
    }

    /// <summary>The learned β beside the equal steps that it started from.</summary>
    public static LineChart Path(AnnealingPath path)
    {
        double[] levels = [.. Enumerable.Range(0, path.Densities).Select(k => (double)k)];
        double[] betas = [0, .. path.Betas().ToArray().Select(beta => (double)beta)];
        return new LineChart("The learned path", "density", "β", [new LineSeries("learned", levels, betas), new LineSeries("start", levels, [.. levels.Select(k => k / (path.Densities - 1))])])
        { Caption = "How much of the ring each density has; below the straight line the path stays longer near the broad density." };
    }
}
