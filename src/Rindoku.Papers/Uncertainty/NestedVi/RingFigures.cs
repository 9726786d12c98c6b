using System.Globalization;
using Rindoku.Autograd;
using Rindoku.Lab.Reports;

namespace Rindoku.Papers.Uncertainty.NestedVi;

/// <summary>Pictures of the first task.</summary>
internal static class RingFigures
{
    private const int Drawn = 500, Cells = 100;

    // How far below its peak a density, in its logarithm, is told from nothing.
    private const double Depth = 8;

    private static readonly PlaneArea Area = new(-15, 15, -15, 15);

    /// <summary>Every density after the first, with the samples that have been proposed for it.</summary>
    /// <param name="arm">Whose samples they are.</param>
    /// <param name="sampler">The sampler.</param>
    /// <param name="rng">The source of randomness.</param>
    public static IReadOnlyList<PlaneMap> Passage(string arm, NestedSampler sampler, Rng rng)
    {
        using NoGrad recording = NoGrad.Enter();
        Passage passage = sampler.Sample(Drawn, rng);
        Tensor betas = sampler.Path.Betas();
        return [.. Enumerable.Range(1, sampler.Path.Densities - 1).Select(k => Level(arm, sampler.Path, k, betas, passage.Levels[k - 1].Points.ToArray()))];
    }

    private static PlaneMap Level(string arm, AnnealingPath path, int k, Tensor betas, float[] points)
    {
        double[,] density = PlaneMap.Evaluate(Area, grid => path.LogDensity(k, AnnealingPath.Ends(grid), betas).ToArray(), Cells);
        double peak = density.Cast<double>().Max();
        double[] x = [.. points.Where((_, i) => i % 2 == 0)], y = [.. points.Where((_, i) => i % 2 == 1)];
        return new PlaneMap(string.Create(CultureInfo.InvariantCulture, $"{arm}: density {k} of {path.Densities - 1}, β = {betas[k - 1]:F2}"), "x", "y", Area, density,
            [new PointSeries("samples", x, y)])
        { Quantity = "ln γ", Low = peak - Depth, High = peak, Caption = $"{Drawn} samples as they come, weights left aside, over the density that they are meant for." };
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
