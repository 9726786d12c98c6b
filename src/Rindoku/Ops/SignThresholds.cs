using Rindoku.Autograd;

namespace Rindoku.Ops;

/// <summary>For each channel the numbers that a function turns into at least 0: those from a bound on, up to a bound, all or none.</summary>
/// <remarks>
/// What stands between a sum of signs and the next sign - scale, bias, batch normalisation - is monotone in the sum, so all of it is one
/// comparison. The bound is not computed by a formula, whose rounding would differ from the layers': it is found by asking the function
/// itself, by halves, so the signs are those of the layers to the last bit.
/// </remarks>
public sealed class SignThresholds
{
    private readonly float[] directions, bounds;

    private SignThresholds(float[] directions, float[] bounds) => (this.directions, this.bounds) = (directions, bounds);

    /// <summary>How many channels there are.</summary>
    public int Channels => bounds.Length;

    /// <summary>The memory that the thresholds take.</summary>
    public long Bytes => 2L * sizeof(float) * Channels;

    internal ReadOnlySpan<float> Directions => directions;

    internal ReadOnlySpan<float> Bounds => bounds;

    /// <summary>Finds the thresholds of a function of whole numbers.</summary>
    /// <param name="function">From (1, C) to (1, C), each channel by itself and monotone, in whichever direction.</param>
    /// <param name="channels">C.</param>
    /// <param name="largest">The largest magnitude that a sum can have: the fan-in.</param>
    /// <param name="step">The distance of neighbouring sums: 1, or less where sums are multiples of a part.</param>
    public static SignThresholds Of(Func<Tensor, Tensor> function, int channels, int largest, float step = 1)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        ArgumentOutOfRangeException.ThrowIfNegative(largest);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(step);
        using NoGrad noGrad = NoGrad.Enter();
        bool[] IsPositive(IReadOnlyList<int> at)
        {
            Tensor y = function(Tensor.Generate([1, channels], c => at[c] * step));
            ShapeException.Require(y.Shape == [1, channels], $"SignThresholds: the function gave {y.Shape} for (1, {channels})");
            return [.. y.ToArray().Select(v => v >= 0)];
        }

        int[] low = [.. Enumerable.Repeat(-largest, channels)], high = [.. Enumerable.Repeat(largest, channels)];
        bool[] first = IsPositive(low), last = IsPositive(high);
        // Between low and high, whose signs differ, lies the change.
        while (Enumerable.Range(0, channels).Any(c => high[c] - low[c] > 1))
        {
            int[] middle = [.. low.Zip(high, (a, b) => a + (b - a) / 2)];
            bool[] positive = IsPositive(middle);
            for (int c = 0; c < channels; c++) (positive[c] == first[c] ? low : high)[c] = middle[c];
        }
        float[] directions = new float[channels], bounds = new float[channels];
        for (int c = 0; c < channels; c++)
            (directions[c], bounds[c]) = (first[c], last[c]) switch
            {
                (false, true) => (1, high[c] * step),
                (true, false) => (-1, -low[c] * step),
                (true, true) => (1, float.NegativeInfinity),
                _ => (1, float.PositiveInfinity),
            };
        return new SignThresholds(directions, bounds);
    }
}
