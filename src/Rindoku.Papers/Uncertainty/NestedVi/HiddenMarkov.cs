using Rindoku.Distributions;
using Rindoku.Ops;

namespace Rindoku.Papers.Uncertainty.NestedVi;

/// <summary>Sequences of a hidden Markov model, as far as filters need them.</summary>
/// <param name="LogEmissions">ln p(x_t | z_t = j), (B, T, M).</param>
/// <param name="Observations">x, (B, T).</param>
/// <param name="Means">The mean of each state's observations, (B, M): known, and another for each sequence.</param>
/// <param name="States">The states that they were drawn from, (B, T).</param>
public sealed record Sequences(Tensor LogEmissions, Tensor Observations, Tensor Means, IntTensor States)
{
    /// <summary>B.</summary>
    public int Count => LogEmissions.Shape[0];

    /// <summary>T.</summary>
    public int Length => LogEmissions.Shape[1];
}

/// <summary>A hidden Markov model: M states that mostly stay, and normal observations whose means are drawn anew for each sequence.</summary>
/// <remarks>
/// z_1 is any state alike; z_t stays with probability p, else it moves to one of the others alike. <c>x_t ~ N(μ_{z_t}, σ²)</c> with
/// <c>μ_j ~ N(0, s²)</c>. All that filters estimate can be computed exactly here.
/// </remarks>
public sealed class HiddenMarkov
{
    private readonly double stay;
    private readonly float spread, deviation;

    /// <summary>A model.</summary>
    /// <param name="states">M, at least 2.</param>
    /// <param name="stay">p, the probability of staying; between 0 and 1, both excluded.</param>
    /// <param name="spread">s, the deviation of the means.</param>
    /// <param name="deviation">σ, the deviation of an observation.</param>
    public HiddenMarkov(int states, double stay = 0.9, double spread = 5, double deviation = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(states, 2);
        if (!(stay is > 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(stay), stay, "HiddenMarkov: the probability of staying must lie between 0 and 1");
        if (!(spread > 0)) throw new ArgumentOutOfRangeException(nameof(spread), spread, "HiddenMarkov: the deviation of the means must be above 0");
        if (!(deviation > 0)) throw new ArgumentOutOfRangeException(nameof(deviation), deviation, "HiddenMarkov: the deviation of observations must be above 0");
        (States, this.stay, this.spread, this.deviation) = (states, stay, (float)spread, (float)deviation);
        LogTransitions = Tensor.Generate([states + 1, states], i =>
            (float)Math.Log(i / states == states ? 1.0 / states : i / states == i % states ? stay : (1 - stay) / (states - 1)));
    }

    /// <summary>M.</summary>
    public int States { get; }

    /// <summary>ln p(z_t = j | z_{t−1} = i), (M + 1, M); the last row, i = M, is for z_1, which has nothing before it.</summary>
    public Tensor LogTransitions { get; }

    /// <summary>Draws sequences.</summary>
    /// <param name="count">B.</param>
    /// <param name="length">T.</param>
    /// <param name="rng">The source of randomness.</param>
    public Sequences Draw(int count, int length, Rng rng)
    {
        ArgumentNullException.ThrowIfNull(rng);
        Tensor means = rng.Normal([count, States], 0, spread), uniform = rng.Uniform([count, length, 2]), noise = rng.Normal([count, length], 0, deviation);
        ReadOnlySpan<float> u = uniform.Span, e = noise.Span, mu = means.Span;
        int[] z = new int[count * length];
        float[] x = new float[z.Length];
        for (int i = 0; i < z.Length; i++)
        {
            if (i % length == 0) z[i] = (int)(u[2 * i + 1] * States);
            else if (u[2 * i] < stay) z[i] = z[i - 1];
            else z[i] = (z[i - 1] + 1 + (int)(u[2 * i + 1] * (States - 1))) % States; // one of the others
            x[i] = mu[i / length * States + z[i]] + e[i];
        }
        Tensor observations = Tensor.Own(x, [count, length]);
        Normal emissions = new(means.Unsqueeze(1), Tensor.Scalar(deviation));
        return new Sequences(emissions.LogProb(observations.Unsqueeze(2)), observations, means, IntTensor.From(z, [count, length]));
    }

    /// <summary>ln p(x_1 ... x_T) of each sequence, by the forward algorithm in double precision.</summary>
    public double[] LogEvidence(Sequences sequences)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        ReadOnlySpan<float> log = sequences.LogEmissions.Span;
        double[] evidence = new double[sequences.Count], reached = new double[States], next = new double[States];
        for (int b = 0; b < evidence.Length; b++)
        {
            for (int t = 0; t < sequences.Length; t++)
            {
                double sum = 0;
                ReadOnlySpan<float> emissions = log.Slice((b * sequences.Length + t) * States, States);
                float largest = System.Numerics.Tensors.TensorPrimitives.Max(emissions);
                for (int j = 0; j < States; j++) sum += next[j] = Expected(reached, j, first: t == 0) * Math.Exp(emissions[j] - largest);
                evidence[b] += Math.Log(sum) + largest; // p(x_t | x_1 ... x_{t−1})
                for (int j = 0; j < States; j++) reached[j] = next[j] / sum;
            }
        }
        return evidence;
    }

    // The probability of state j at one time, from those of the states at the time before.
    private double Expected(double[] reached, int j, bool first)
    {
        if (first) return 1.0 / States;
        double move = (1 - stay) / (States - 1);
        return move + (stay - move) * reached[j]; // Σ_i p_i A_ij, where Σ_i p_i = 1
    }

    /// <summary>ln p(x_{t+1} ... x_T | z_t = j), (B, T, M): what is yet to come, which heuristics should say. By the backward algorithm; 0 at T.</summary>
    public Tensor LogFuture(Sequences sequences)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        Tensor moves = LogTransitions.Slice(0, ..States);
        Tensor[] future = new Tensor[sequences.Length];
        future[^1] = Tensor.Zeros([sequences.Count, States]);
        for (int t = future.Length - 2; t >= 0; t--)
        {
            Tensor after = sequences.LogEmissions.Select(1, t + 1) + future[t + 1];
            future[t] = (moves + after.Unsqueeze(1)).LogSumExp([-1]); // (B, M, M) → (B, M)
        }
        return Tensor.Stack(future, axis: 1);
    }

    /// <summary>The proposals that are best for some heuristics, (B, T, M + 1, M): <c>ln q_t(j|i) = ln p(j|i) + ln p(x_t|j) + ln ψ_t(j)</c>, normalised.</summary>
    /// <param name="sequences">The sequences.</param>
    /// <param name="logHeuristics">ln ψ, (B, T, M); null for none: then these are the proposals that look at the newest observation.</param>
    public Tensor BestProposals(Sequences sequences, Tensor? logHeuristics = null)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        Tensor here = logHeuristics is null ? sequences.LogEmissions : sequences.LogEmissions + logHeuristics;
        return (LogTransitions + here.Unsqueeze(2)).LogSoftmax();
    }
}
