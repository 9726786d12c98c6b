using Rindoku.Ops;

namespace Rindoku.Papers.Uncertainty.NestedVi;

/// <summary>What a filter may use beside the model: the heuristics of its targets, and its proposals.</summary>
/// <param name="LogHeuristics">ln ψ_t(z_t), (B, T, M), 0 at T; null for none.</param>
/// <param name="LogProposals">ln q_t(z_t|z_{t−1}), (B, T, M + 1, M), the row M for the first state; normalised.</param>
public sealed record Guides(Tensor? LogHeuristics, Tensor LogProposals)
{
    /// <summary>Those of the bootstrap filter: no heuristics, and the model's own transitions as proposals.</summary>
    public static Guides Bootstrap(HiddenMarkov model, Sequences sequences)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(sequences);
        return new Guides(null, model.LogTransitions.Expand([sequences.Count, sequences.Length, model.States + 1, model.States]));
    }
}

/// <summary>What particles went through in a filter; (B, T, S).</summary>
/// <param name="Previous">z_{t−1}, after resampling; M at the first time.</param>
/// <param name="Current">z_t.</param>
/// <param name="LogIncrement">ln v_t. All are resampled after every step, so these are the weights of a step as well.</param>
public sealed record FilterPass(IntTensor Previous, IntTensor Current, Tensor LogIncrement)
{
    /// <summary>ln p̂(x) of each sequence: the sum over t of the logarithm of the mean of v_t, an estimate that is unbiased before the logarithm.</summary>
    public double[] LogEvidence() => Each(static weights => ImportanceWeights.LogMean(weights), static (sum, _) => sum);

    /// <summary>The effective sample size of each sequence before resampling, the mean over t.</summary>
    public double[] EffectiveSampleSizes() => Each(static weights => ImportanceWeights.EffectiveSampleSize(weights), static (sum, length) => sum / length);

    /// <summary>The effective sample size at each time, the mean over sequences.</summary>
    public double[] EffectiveSampleSizesOverTime()
    {
        double[] sizes = new double[Length];
        for (int i = 0; i < Count * Length; i++) sizes[i % Length] += ImportanceWeights.EffectiveSampleSize(At(i)) / Count;
        return sizes;
    }

    private int Count => LogIncrement.Shape[0];

    private int Length => LogIncrement.Shape[1];

    private ReadOnlySpan<float> At(int step) => LogIncrement.Span.Slice(step * LogIncrement.Shape[2], LogIncrement.Shape[2]);

    private double[] Each(Func<ReadOnlySpan<float>, double> ofWeights, Func<double, int, double> ofSum)
    {
        double[] sums = new double[Count];
        for (int i = 0; i < Count * Length; i++) sums[i / Length] += ofWeights(At(i));
        return [.. sums.Select(sum => ofSum(sum, Length))];
    }
}

/// <summary>Sequential Monte Carlo in a hidden Markov model, with targets that look ahead.</summary>
/// <remarks>
/// <para>Targets: <c>γ_t(z_1 ... z_t) = p(x_1 ... x_t, z_1 ... z_t) ψ_t(z_t)</c>, ψ_T = 1: the last is the model's own, whatever the heuristics are. So
/// <c>v_t = p(z_t|z_{t−1}) p(x_t|z_t) ψ_t(z_t) / (ψ_{t−1}(z_{t−1}) q_t(z_t|z_{t−1}))</c>.</para>
/// <para>With <c>ψ_t = p(x_{t+1} ... x_T | z_t)</c> and the best proposals for it, v_t = 1 from the second step on and every particle's weight is p(x).</para>
/// <para>Source: the paper, section 5.2.</para>
/// </remarks>
public static class ParticleFilter
{
    /// <summary>Runs a filter on all sequences, with systematic resampling after every step.</summary>
    /// <param name="model">The model.</param>
    /// <param name="sequences">B sequences of T observations.</param>
    /// <param name="guides">Heuristics and proposals.</param>
    /// <param name="particles">S for each sequence.</param>
    /// <param name="rng">The source of randomness.</param>
    public static FilterPass Run(HiddenMarkov model, Sequences sequences, Guides guides, int particles, Rng rng)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(sequences);
        ArgumentNullException.ThrowIfNull(guides);
        ArgumentNullException.ThrowIfNull(rng);
        (int count, int length, int states) = (sequences.Count, sequences.Length, model.States);
        Shape needed = [count, length, states + 1, states];
        ShapeException.Require(guides.LogProposals.Shape == needed, $"ParticleFilter: proposals {guides.LogProposals.Shape} for {count} sequences of {length} and {states} states; they must be {needed}");
        Tensor uniform = rng.Uniform([count, length, particles + 1]); // one for each particle, one for resampling
        Tensor increments = guides.LogHeuristics is { } psi ? sequences.LogEmissions + psi : sequences.LogEmissions; // of z_t alone
        int[] previous = new int[count * length * particles], current = new int[previous.Length];
        float[] logIncrement = new float[previous.Length];
        Step step = new(states, model.LogTransitions.Span);
        for (int i = 0; i < count * length; i++)
        {
            Range these = (i * particles)..((i + 1) * particles);
            ReadOnlySpan<float> u = uniform.Span.Slice(i * (particles + 1), particles + 1);
            Span<int> before = previous.AsSpan(these), now = current.AsSpan(these);
            Span<float> weights = logIncrement.AsSpan(these);
            bool first = i % length == 0;
            if (first) before.Fill(states);
            step.Propose(guides.LogProposals.Span.Slice(i * (states + 1) * states, (states + 1) * states), before, u, now);
            step.Weigh(increments.Span.Slice(i * states, states), first || guides.LogHeuristics is null ? default : guides.LogHeuristics.Span.Slice((i - 1) * states, states),
                before, now, weights);
            if (i % length + 1 == length) continue;
            Span<int> survivors = previous.AsSpan(these.End.Value, particles);
            ImportanceWeights.Resample(weights, u[particles], survivors);
            for (int s = 0; s < particles; s++) survivors[s] = now[survivors[s]];
        }
        Shape shape = [count, length, particles];
        return new FilterPass(IntTensor.From(previous, shape), IntTensor.From(current, shape), Tensor.Own(logIncrement, shape));
    }

    /// <summary>One step of the particles of one sequence.</summary>
    private sealed class Step(int states, ReadOnlySpan<float> logTransitions)
    {
        private readonly float[] logTransitions = logTransitions.ToArray();
        private readonly float[] logProposed = new float[(states + 1) * states];

        /// <summary>Draws z_t for every particle; keeps the proposals for <see cref="Weigh"/>.</summary>
        public void Propose(ReadOnlySpan<float> logProposals, ReadOnlySpan<int> before, ReadOnlySpan<float> u, Span<int> now)
        {
            logProposals.CopyTo(logProposed);
            for (int s = 0; s < now.Length; s++)
            {
                double left = u[s];
                int state = 0, row = before[s] * states;
                while (state + 1 < states && (left -= Math.Exp(logProposed[row + state])) >= 0) state++;
                now[s] = state;
            }
        }

        /// <summary>ln v of every particle, from what belongs to z_t alone and what belonged to z_{t−1} (nothing, where there were no heuristics).</summary>
        public void Weigh(ReadOnlySpan<float> here, ReadOnlySpan<float> logHeuristicsBefore, ReadOnlySpan<int> before, ReadOnlySpan<int> now, Span<float> logIncrement)
        {
            for (int s = 0; s < now.Length; s++)
            {
                int move = before[s] * states + now[s];
                logIncrement[s] = logTransitions[move] - logProposed[move] + here[now[s]] - (logHeuristicsBefore.IsEmpty ? 0 : logHeuristicsBefore[before[s]]);
            }
        }
    }
}
