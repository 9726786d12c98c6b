namespace Rindoku.Data;

/// <summary>Sequences for a model to answer, step by step.</summary>
/// <param name="Inputs">(n, time, channels).</param>
/// <param name="Targets">(n, time, outputs).</param>
/// <param name="Mask">(n, time): 1 at the steps whose output counts, else 0.</param>
public sealed record SequenceBatch(Tensor Inputs, Tensor Targets, Tensor Mask);

/// <summary>The copy task: random bit vectors come in, then a mark, and then they are to be said again in the same order.</summary>
/// <remarks>Source: Graves et al. 2014, arXiv:1410.5401, section 4.1.</remarks>
public static class CopyTask
{
    /// <summary>Some sequences of the same length L.</summary>
    /// <param name="count">How many, n.</param>
    /// <param name="length">How many vectors to copy, L; at least 1.</param>
    /// <param name="bits">Bits of a vector, b; at least 1.</param>
    /// <param name="rng">The randomness.</param>
    /// <returns>
    /// Inputs (n, 2L + 1, b + 1): L vectors, the mark (a one in the last channel), L silent steps. Targets (n, 2L + 1, b) and mask
    /// (n, 2L + 1): the vectors again in the last L steps.
    /// </returns>
    public static SequenceBatch Make(int count, int length, int bits, Rng rng)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bits);
        ArgumentNullException.ThrowIfNull(rng);
        float[] vectors = new float[count * length * bits];
        for (int i = 0; i < vectors.Length; i++) vectors[i] = rng.NextInt(2);
        return Of(Tensor.Own(vectors, [count, length, bits]));
    }

    /// <summary>Given vectors to copy.</summary>
    /// <param name="vectors">(n, L, b), zeros and ones.</param>
    /// <returns>As <see cref="Make"/>.</returns>
    /// <exception cref="ShapeException"><paramref name="vectors"/> has not three axes, or the last two are empty.</exception>
    public static SequenceBatch Of(Tensor vectors)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        ShapeException.Require(vectors.Rank == 3 && vectors.Shape[1] > 0 && vectors.Shape[2] > 0, $"CopyTask.Of: needs vectors (n, L, b), got {vectors.Shape}");
        (int count, int length, int bits) = (vectors.Shape[0], vectors.Shape[1], vectors.Shape[2]);
        int steps = 2 * length + 1;
        Tensor inputs = Tensor.Zeros([count, steps, bits + 1]), targets = Tensor.Zeros([count, steps, bits]), mask = Tensor.Zeros([count, steps]);
        for (int i = 0; i < count; i++)
        {
            for (int step = 0; step < length; step++)
            {
                ReadOnlySpan<float> vector = vectors.Span.Slice((i * length + step) * bits, bits);
                int later = i * steps + length + 1 + step;
                vector.CopyTo(inputs.Writable[((i * steps + step) * (bits + 1))..]);
                vector.CopyTo(targets.Writable[(later * bits)..]);
                mask.Writable[later] = 1;
            }
            inputs.Writable[(i * steps + length) * (bits + 1) + bits] = 1;
        }
        return new SequenceBatch(inputs, targets, mask);
    }
}
