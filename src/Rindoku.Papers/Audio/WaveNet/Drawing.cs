using Rindoku.Autograd;
using Rindoku.Distributions;
using Rindoku.Ops;

namespace Rindoku.Papers.Audio.WaveNet;

/// <summary>Draws sound from a <see cref="WaveNet"/>, a sample at a time (section 2, "ancestral sampling"), in two ways that give the same sound.</summary>
/// <remarks>
/// Both ways add the same products in the same order, so their logits have the same bits, and from the same random numbers they draw the same classes.
/// </remarks>
internal static class Drawing
{
    // Often enough to be stopped at once, seldom enough to cost nothing.
    private const int ReportEvery = 500;

    /// <summary>With queues: each layer computes one output a sample, however far back it reaches (Fast WaveNet).</summary>
    /// <param name="model">The network.</param>
    /// <param name="start">The samples that it goes on from; at least one.</param>
    /// <param name="count">How many to draw.</param>
    /// <param name="condition">Null, (1, channels, 1), or (1, channels, start + count).</param>
    /// <param name="rng">The randomness.</param>
    /// <param name="progress">Told which part is done, now and then.</param>
    /// <returns>The classes drawn, without those of <paramref name="start"/>.</returns>
    public static int[] Cached(WaveNet model, ReadOnlySpan<int> start, int count, Tensor? condition, Rng rng, Action<double>? progress = null)
    {
        using NoGrad noGrad = NoGrad.Enter();
        WaveNetMemory memory = model.Begin();
        int[] drawn = new int[count];
        for (int t = 0; t < start.Length + count - 1; t++)
        {
            using MemoryScope scope = MemoryScope.Open();
            int newest = t < start.Length ? start[t] : drawn[t - start.Length];
            Tensor logits = model.Step(memory, IntTensor.Of(newest), At(condition, t));
            if (t >= start.Length - 1) drawn[t - start.Length + 1] = Draw(logits, rng);
            if (t % ReportEvery == 0) progress?.Invoke((double)t / (start.Length + count));
        }
        return drawn;
    }

    /// <summary>Without: all layers anew for the whole receptive field, for every sample.</summary>
    public static int[] Naive(WaveNet model, ReadOnlySpan<int> start, int count, Tensor? condition, Rng rng)
    {
        using NoGrad noGrad = NoGrad.Enter();
        int[] all = [.. start, .. new int[count]];
        for (int t = start.Length; t < all.Length; t++)
        {
            using MemoryScope scope = MemoryScope.Open();
            int from = Math.Max(0, t - model.ReceptiveField);
            Tensor? seen = condition is null || condition.Shape[2] == 1 ? condition : condition.Slice(2, from..t);
            all[t] = Draw(model.Last(IntTensor.From(all.AsSpan(from..t), [1, t - from]), seen), rng);
        }
        return all[start.Length..];
    }

    private static Tensor? At(Tensor? condition, int t) => condition is null || condition.Shape[2] == 1 ? condition : condition.Slice(2, t..(t + 1));

    /// <summary>A class with the probabilities of logits, (1, Levels, 1).</summary>
    public static int Draw(Tensor logits, Rng rng) => new Categorical(logits.Reshape(logits.Length)).Sample(rng)[0];
}
