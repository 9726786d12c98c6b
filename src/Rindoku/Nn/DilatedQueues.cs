using Rindoku.Ops;

namespace Rindoku.Nn;

/// <summary>For each layer of a <see cref="DilatedStack"/> its inputs of the last d (Width − 1) times, 0 before the first.</summary>
/// <remarks>Source: Le Paine et al. 2016, arXiv:1611.09482, section 2.</remarks>
public sealed class DilatedQueues
{
    private readonly DilatedStack stack;
    private readonly float[][] rings; // of each layer: (times, batch · channels)

    internal DilatedQueues(DilatedStack stack, int batch)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batch);
        (this.stack, Batch) = (stack, batch);
        rings = [.. stack.Dilations.Select(d => new float[d * (stack.Width - 1) * batch * stack.Channels])];
    }

    /// <summary>How many sequences go side by side.</summary>
    public int Batch { get; }

    /// <summary>How many times have been seen.</summary>
    public long Time { get; private set; }

    /// <summary>The taps of a layer at the present time, (N, Channels, Width); x, (N, Channels, 1), is the last and takes the place of the oldest.</summary>
    internal Tensor Window(int layer, Tensor x)
    {
        float[] ring = rings[layer];
        int numbers = x.Length, width = stack.Width, dilation = stack.Dilations[layer], times = ring.Length / numbers, oldest = (int)(Time % times);
        float[] window = new float[numbers * width];
        for (int tap = 0; tap < width - 1; tap++)
        {
            ReadOnlySpan<float> past = ring.AsSpan((oldest + tap * dilation) % times * numbers, numbers);
            for (int i = 0; i < numbers; i++) window[i * width + tap] = past[i];
        }
        ReadOnlySpan<float> now = x.Span;
        for (int i = 0; i < numbers; i++) window[i * width + width - 1] = now[i];
        now.CopyTo(ring.AsSpan(oldest * numbers, numbers));
        return Tensor.Own(window, [Batch, stack.Channels, width]);
    }

    internal void Advance() => Time++;
}
