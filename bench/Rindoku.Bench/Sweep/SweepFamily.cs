namespace Rindoku.Bench.Sweep;

/// <summary>One operation over a grid of shapes.</summary>
/// <param name="Name">The operation.</param>
/// <param name="Unit">What its work is counted in: <c>GFLOP/s</c> (a multiply-add is two) or <c>GB/s</c> (of what must be read and written).</param>
/// <param name="Axes">What its sizes are called, and which values each takes, in order.</param>
/// <param name="Make">From sizes to the work and what does it; null where the sizes do not go together.</param>
internal sealed record SweepFamily(string Name, string Unit, (string Name, int[] Values)[] Axes, Func<int[], SweepWork?> Make);

/// <summary>A shape's work, in operations or bytes, and what does it once.</summary>
internal sealed record SweepWork(double Amount, Func<Tensor> Run);

/// <summary>A shape of a sweep and its time.</summary>
/// <param name="Name">Operation and sizes.</param>
/// <param name="Amount">Its work, in operations or bytes.</param>
/// <param name="Seconds">The fastest of some runs.</param>
/// <param name="Unit">What the rate is counted in.</param>
public sealed record SweepTiming(string Name, double Amount, double Seconds, string Unit)
{
    /// <summary>Billions of operations or bytes a second.</summary>
    public double Rate => Amount / Seconds / 1e9;
}

/// <summary>A shape that is slower than half the rate of a neighbour.</summary>
/// <param name="Shape">The shape.</param>
/// <param name="Neighbour">The neighbour.</param>
public sealed record Cliff(SweepTiming Shape, SweepTiming Neighbour)
{
    /// <summary>What a call costs whatever its size, handing work to a second thread included: no rate is expected of it.</summary>
    public const double Overhead = 3e-6;

    // Vectors and tiles have a width: a shape may cost as much as the larger one that it is padded to, give or take the noise.
    private const double Padding = 1.25;

    /// <summary>How many times longer the shape takes than it may; a cliff from 1 on.</summary>
    public double Excess => Shape.Seconds / Allowed(Shape, Neighbour);

    /// <summary>
    /// How long a shape may take by a neighbour: the overhead, and twice the neighbour's time for the same work; towards a larger neighbour
    /// never less than 1.25 times its time.
    /// </summary>
    public static double Allowed(SweepTiming shape, SweepTiming neighbour)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(neighbour);
        double factor = 2 * shape.Amount / neighbour.Amount;
        if (neighbour.Amount > shape.Amount) factor = Math.Max(factor, Padding);
        return Overhead + factor * neighbour.Seconds;
    }
}
