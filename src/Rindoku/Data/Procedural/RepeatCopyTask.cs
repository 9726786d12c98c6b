namespace Rindoku.Data;

/// <summary>The repeat-copy task: random bit vectors come in, then a number, and then they are to be said so many times, with a mark at the end.</summary>
/// <remarks>Source: Graves et al. 2014, arXiv:1410.5401, section 4.2; in the form of google-deepmind/dnc (<c>repeat_copy.py</c>).</remarks>
public static class RepeatCopyTask
{
    // The number of repeats is told as a share of ten, as in the authors' code.
    private const float RepeatsUnit = 10;

    /// <summary>Some sequences, each of its own length L and with its own number of repeats K.</summary>
    /// <param name="count">How many, n.</param>
    /// <param name="lengths">From the least to the greatest L, both included.</param>
    /// <param name="repeats">From the least to the greatest K, both included.</param>
    /// <param name="bits">Bits of a vector, b; at least 1.</param>
    /// <param name="rng">The randomness.</param>
    /// <returns>
    /// Inputs (n, T, b + 2): a start flag in channel b, L vectors, K / 10 in channel b + 1, silence. Targets (n, T, b + 1): from the step after that on the vectors
    /// K times, then an end mark in channel b. Mask (n, T): 1 at those L K + 1 steps. A sequence takes L (K + 1) + 3 steps, and T is the longest.
    /// </returns>
    public static SequenceBatch Make(int count, (int Least, int Greatest) lengths, (int Least, int Greatest) repeats, int bits, Rng rng)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(lengths.Least, nameof(lengths));
        ArgumentOutOfRangeException.ThrowIfLessThan(lengths.Greatest, lengths.Least, nameof(lengths));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(repeats.Least, nameof(repeats));
        ArgumentOutOfRangeException.ThrowIfLessThan(repeats.Greatest, repeats.Least, nameof(repeats));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bits);
        ArgumentNullException.ThrowIfNull(rng);
        (int Length, int Repeats)[] sizes = new (int, int)[count];
        int steps = 0;
        for (int i = 0; i < count; i++)
        {
            sizes[i] = (lengths.Least + rng.NextInt(lengths.Greatest - lengths.Least + 1), repeats.Least + rng.NextInt(repeats.Greatest - repeats.Least + 1));
            steps = Math.Max(steps, sizes[i].Length * (sizes[i].Repeats + 1) + 3);
        }
        SequenceBatch batch = new(Tensor.Zeros([count, steps, bits + 2]), Tensor.Zeros([count, steps, bits + 1]), Tensor.Zeros([count, steps]));
        for (int i = 0; i < count; i++) Fill(batch, i, sizes[i].Length, sizes[i].Repeats, rng);
        return batch;
    }

    private static void Fill(SequenceBatch batch, int sequence, int length, int repeats, Rng rng)
    {
        int steps = batch.Inputs.Shape[1], bits = batch.Inputs.Shape[2] - 2, first = length + 2;
        Span<float> inputs = batch.Inputs.Writable[(sequence * steps * (bits + 2))..], targets = batch.Targets.Writable[(sequence * steps * (bits + 1))..];
        inputs[bits] = 1;
        inputs[(length + 1) * (bits + 2) + bits + 1] = repeats / RepeatsUnit;
        for (int step = 0; step < length; step++)
            for (int bit = 0; bit < bits; bit++)
            {
                float value = rng.NextInt(2);
                inputs[(step + 1) * (bits + 2) + bit] = value;
                for (int k = 0; k < repeats; k++) targets[(first + k * length + step) * (bits + 1) + bit] = value;
            }
        targets[(first + length * repeats) * (bits + 1) + bits] = 1;
        batch.Mask.Writable.Slice(sequence * steps + first, length * repeats + 1).Fill(1);
    }
}
