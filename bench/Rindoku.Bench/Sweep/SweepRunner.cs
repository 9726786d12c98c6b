using System.Diagnostics;

namespace Rindoku.Bench.Sweep;

/// <summary>Times operations over grids of odd and small shapes, and finds those that are much slower than their neighbours.</summary>
/// <remarks>
/// Neighbours are next to each other in one size and equal in all others. A shape that looks like a cliff is measured again, and so is its
/// neighbour, for longer: what remains is reported.
/// </remarks>
public static class SweepRunner
{
    private const double BlockSeconds = 1e-4;
    private const double ShortestCall = 1e-7; // what the clock cannot tell from nothing
    private const int Blocks = 7, BlocksAgain = 40;

    private static readonly SweepFamily[] Families = [.. MatrixSweeps.All, .. ConvolutionSweeps.All, .. RowSweeps.All];

    /// <summary>The operations.</summary>
    public static IEnumerable<string> Names => Families.Select(family => family.Name);

    /// <summary>Times some operations on the threads in use.</summary>
    /// <param name="names">Their names; none means all.</param>
    /// <param name="done">Called with each shape's time.</param>
    /// <param name="stop">Ends the sweep between two shapes.</param>
    /// <returns>The cliffs, those of each operation in the order of its shapes.</returns>
    /// <exception cref="ArgumentException">There is no operation of that name.</exception>
    public static IReadOnlyList<Cliff> Run(IEnumerable<string> names, Action<SweepTiming>? done = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(names);
        SweepFamily[] chosen = [.. names.Select(name => Families.FirstOrDefault(family => family.Name == name)
            ?? throw new ArgumentException($"There is no sweep '{name}'.", nameof(names)))];
        return [.. (chosen.Length == 0 ? Families : chosen).SelectMany(family => Run(family, done, stop))];
    }

    private static List<Cliff> Run(SweepFamily family, Action<SweepTiming>? done, CancellationToken stop)
    {
        int[] counts = [.. family.Axes.Select(axis => axis.Values.Length)];
        SweepTiming?[] grid = new SweepTiming?[counts.Aggregate(1, (a, b) => a * b)];
        for (int i = 0; i < grid.Length; i++)
        {
            stop.ThrowIfCancellationRequested();
            if ((grid[i] = Time(family, i, Blocks)) is { } timing) done?.Invoke(timing);
        }
        MemoryScope.Trim();

        List<Cliff> cliffs = [];
        for (int i = 0; i < grid.Length; i++)
            if (Worst(family, grid, i) is { } suspect && TimeAgain(family, suspect) is { Excess: > 1 } cliff) cliffs.Add(cliff);
        return cliffs;
    }

    private static (int Shape, int Neighbour)? Worst(SweepFamily family, SweepTiming?[] grid, int shape)
    {
        if (grid[shape] is not { } timing) return null;
        (int Shape, int Neighbour)? worst = null;
        double excess = 1;
        for (int axis = family.Axes.Length - 1, stride = 1; axis >= 0; stride *= family.Axes[axis--].Values.Length)
            foreach (int step in (ReadOnlySpan<int>)[-1, 1])
            {
                int at = shape / stride % family.Axes[axis].Values.Length + step;
                if (at < 0 || at >= family.Axes[axis].Values.Length || grid[shape + step * stride] is not { } neighbour) continue;
                Cliff cliff = new(timing, neighbour);
                double rank = cliff.IsPadding ? Math.Min(cliff.Excess, 1 + 1e-3 * cliff.Excess) : cliff.Excess; // a true cliff comes first
                if (rank > excess) (worst, excess) = ((shape, shape + step * stride), rank);
            }
        return worst;
    }

    private static Cliff TimeAgain(SweepFamily family, (int Shape, int Neighbour) pair) =>
        new(Time(family, pair.Shape, BlocksAgain)!, Time(family, pair.Neighbour, BlocksAgain)!);

    private static SweepTiming? Time(SweepFamily family, int place, int blocks)
    {
        int[] sizes = new int[family.Axes.Length];
        for (int axis = sizes.Length - 1; axis >= 0; axis--)
        {
            int[] values = family.Axes[axis].Values;
            sizes[axis] = values[place % values.Length];
            place /= values.Length;
        }
        if (family.Make(sizes) is not { } work) return null;
        string text = string.Join(' ', family.Axes.Zip(sizes, (axis, size) => $"{axis.Name}={size}"));
        return new SweepTiming(family.Name, text, work.Amount, Fastest(() => work.Run(), blocks), family.Unit);
    }

    private static double Fastest(Action run, int blocks)
    {
        for (int i = 0; i < 2; i++) MemoryScope.Run(run);
        int repeats = Math.Max(1, (int)(BlockSeconds / Math.Max(ShortestCall, Block(run, 1))));
        double best = double.PositiveInfinity;
        for (int i = 0; i < blocks; i++) best = Math.Min(best, Block(run, repeats) / repeats);
        return best;
    }

    private static double Block(Action run, int repeats)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < repeats; i++) MemoryScope.Run(run);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
