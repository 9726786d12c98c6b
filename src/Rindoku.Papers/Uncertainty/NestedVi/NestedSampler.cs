using Rindoku.Distributions;
using Rindoku.Nn;
using Rindoku.Ops;

namespace Rindoku.Papers.Uncertainty.NestedVi;

/// <summary>How a <see cref="NestedSampler"/> is built and trained.</summary>
/// <param name="Densities">K, the ends of the path included.</param>
/// <param name="Nested">Whether samples count by their weights (NVI) or all the same (AVO).</param>
/// <param name="Resample">Whether particles are resampled between levels of training (NVIR).</param>
/// <param name="LearnPath">Whether β is learned (NVI*).</param>
/// <param name="Units">Hidden units of a kernel.</param>
public sealed record SamplerOptions(int Densities, bool Nested, bool Resample, bool LearnPath, int Units = 50);

/// <summary>What particles went through: from level to level, and the weights in the end.</summary>
/// <param name="Levels">Each level from k = 1 on.</param>
/// <param name="LogWeights">ln w_{K−1}, (S).</param>
public sealed record Passage(IReadOnlyList<PassageLevel> Levels, Tensor LogWeights);

/// <summary>One level of a passage; all (S), without gradients where <see cref="NestedObjective.ReverseKl"/> wants none.</summary>
/// <param name="Points">z_k, (S, 2).</param>
/// <param name="LogBefore">ln w_{k−1}.</param>
/// <param name="LogIncrement">ln v_k.</param>
/// <param name="LogPrevious">ln γ_{k−1}(z_{k−1}).</param>
/// <param name="LogNext">ln γ_k(z_k), without the gradient to z_k.</param>
public sealed record PassageLevel(Tensor Points, Tensor LogBefore, Tensor LogIncrement, Tensor LogPrevious, Tensor LogNext);

/// <summary>A nested importance sampler along an annealing path: to each density a learned proposal leads, and from each a learned kernel back.</summary>
/// <remarks>
/// <para>Kernels: q_k(z_k|z_{k−1}) forward and r_{k−1}(z_{k−1}|z_k) reverse, k = 1 ... K − 1. With their weights the particles are properly weighted for every
/// γ_k, whatever the kernels are: <c>E[w] = Z_k</c>.</para>
/// <para>Every level is trained alone: no gradient flows from a level into those before it. <b>NVI</b> makes the reverse divergences of <see cref="NestedObjective"/>
/// small. <b>AVO</b>, the baseline, takes the samples of the proposals as they come, without weights, and the plain gradient of ln v, that by q's
/// parameters inside ln q included.</para>
/// <para>Source: the paper, sections 3 and 5.1; the baseline: Huang et al. 2018.</para>
/// </remarks>
public sealed class NestedSampler : Module
{
    private readonly SamplerOptions options;
    private readonly NormalKernel[] forward, reverse;

    /// <summary>A sampler.</summary>
    /// <param name="options">How it is built.</param>
    /// <param name="rng">Source of the start values.</param>
    public NestedSampler(SamplerOptions options, Rng rng)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(rng);
        this.options = options;
        Path = Register("path", new AnnealingPath(options.Densities, options.LearnPath));
        forward = [.. Kernels("forward")];
        reverse = [.. Kernels("reverse")];

        IEnumerable<NormalKernel> Kernels(string direction) => Enumerable.Range(0, options.Densities - 1)
            .Select(k => Register($"{direction}{k}", new NormalKernel(options.Units, rng.Split($"{direction}{k}"))));
    }

    /// <summary>The densities.</summary>
    public AnnealingPath Path { get; }

    /// <summary>Takes particles along the path.</summary>
    /// <param name="particles">S, how many.</param>
    /// <param name="rng">The source of randomness; one in the same state gives the same particles.</param>
    /// <param name="resample">Whether to resample after every level but the last: each weight is then the mean weight.</param>
    public Passage Sample(int particles, Rng rng, bool resample = false)
    {
        ArgumentNullException.ThrowIfNull(rng);
        Rng choices = rng.Split("resampling"); // a stream of its own: with and without it, the other draws are the same
        Tensor z = rng.Normal([particles, 2], 0, AnnealingPath.BroadDeviation), logWeights = Tensor.Zeros([particles]), betas = Path.Betas();
        PathEnds ends = AnnealingPath.Ends(z);
        List<PassageLevel> levels = [];
        for (int k = 1; k < Path.Densities; k++)
        {
            if (resample && k > 1)
            {
                IntTensor chosen = Choose(logWeights, choices.NextDouble());
                logWeights = Tensor.Full([particles], (float)ImportanceWeights.LogMean(logWeights.Span));
                (z, ends) = (z.IndexSelect(0, chosen), ends.Of(chosen));
            }
            Normal proposal = forward[k - 1].Given(z);
            Tensor next = proposal.RSample(rng);
            PathEnds nextEnds = AnnealingPath.Ends(next), detached = nextEnds.Detach();
            Tensor logPrevious = Path.LogDensity(k - 1, ends, betas);
            Tensor logIncrement = Path.LogDensity(k, nextEnds, betas) + NormalKernel.LogDensity(reverse[k - 1].Given(next), z)
                - logPrevious - NormalKernel.LogDensity(options.Nested ? Landed(proposal) : proposal, next);
            levels.Add(new PassageLevel(next.Detach(), logWeights, logIncrement, logPrevious, Path.LogDensity(k, detached, betas)));
            (z, ends, logWeights) = (next.Detach(), detached, logWeights + logIncrement.Detach());
        }
        return new Passage(levels, logWeights);
    }

    /// <summary>The training loss of new particles: the sum of <see cref="NestedObjective.ReverseKl"/> over the levels, on average −ln Z of the ring at least.</summary>
    /// <param name="particles">S, how many.</param>
    /// <param name="rng">The source of randomness.</param>
    public Tensor Loss(int particles, Rng rng)
    {
        IReadOnlyList<PassageLevel> levels = Sample(particles, rng, options.Resample).Levels;
        Tensor increments = Stack(level => level.LogIncrement);
        Tensor before = options.Nested ? Stack(level => level.LogBefore) : Tensor.Zeros(increments.Shape);
        return NestedObjective.ReverseKl(before, increments, Stack(level => level.LogPrevious), Stack(level => level.LogNext));

        Tensor Stack(Func<PassageLevel, Tensor> part) => Tensor.Stack([.. levels.Select(part)]); // (K − 1, S)
    }

    // The proposal with parameters that no gradient flows to: what is left is the gradient through the sample.
    private static Normal Landed(Normal proposal) => new(proposal.Mean.Detach(), proposal.Deviation.Detach());

    private static IntTensor Choose(Tensor logWeights, double u)
    {
        int[] chosen = new int[logWeights.Length];
        ImportanceWeights.Resample(logWeights.Span, u, chosen);
        return IntTensor.Of(chosen);
    }
}
