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
/// <param name="Operation">The operation.</param>
/// <param name="Sizes">Its sizes by name.</param>
/// <param name="Amount">Its work, in operations or bytes.</param>
/// <param name="Seconds">The fastest of some runs.</param>
/// <param name="Unit">What the rate is counted in.</param>
public sealed record SweepTiming(string Operation, string Sizes, double Amount, double Seconds, string Unit)
{
    /// <summary>Billions of operations or bytes a second.</summary>
    public double Rate => Amount / Seconds / 1e9;
}

/// <summary>A shape that is slower than half the rate of a neighbour.</summary>
/// <param name="Shape">The shape.</param>
/// <param name="Neighbour">The neighbour.</param>
public sealed record Cliff(SweepTiming Shape, SweepTiming Neighbour)
{
    // What a call costs whatever its size: no rate is expected of it.
    private const double Overhead = 1e-6;

    // Give or take the noise of two measurements.
    private const double Equal = 1.25;

    /// <summary>How many times longer the shape takes than at half the neighbour's rate, one microsecond for the call left out.</summary>
    public double Excess => (Shape.Seconds - Overhead) / (2 * Shape.Amount / Neighbour.Amount * Neighbour.Seconds);

    /// <summary>
    /// Whether it is at least no slower than a larger neighbour: vectors and tiles have a width, and a shape may cost what the one costs that
    /// it is padded to.
    /// </summary>
    public bool IsPadding => Neighbour.Amount > Shape.Amount && Shape.Seconds <= Overhead + Equal * Neighbour.Seconds;
}
