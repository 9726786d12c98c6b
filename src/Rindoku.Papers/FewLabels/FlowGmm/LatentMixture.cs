using Rindoku.Nn;
using Rindoku.Ops;

namespace Rindoku.Papers.FewLabels.FlowGmm;

/// <summary>The density of the latent space: a Gaussian for each class, <c>p(z | y = k) = N(z; μ_k, Σ_k)</c> with diagonal Σ_k, in equal parts at first.</summary>
/// <remarks>
/// <para>Standard deviations are kept as σ = softplus(ρ), so that they stay above 0 when they are learned. As a rule nothing is learned here:
/// then all three are buffers.</para>
/// <para>Checkpoint keys: <c>means</c>, <c>raw_deviations</c>, <c>weights</c> (logits).</para>
/// <para>Source: Izmailov et al. 2020, arXiv:1912.13025, section 3.</para>
/// </remarks>
public sealed class LatentMixture : Module
{
    private static readonly float logTwoPi = MathF.Log(2 * MathF.PI);

    private readonly Tensor rawDeviations, weights;

    /// <summary>A mixture.</summary>
    /// <param name="means">μ, (C, D).</param>
    /// <param name="learned">Whether means, deviations and weights are learned.</param>
    /// <param name="deviation">The standard deviation that all numbers start with; above 0.</param>
    public LatentMixture(Tensor means, bool learned = false, double deviation = 1)
    {
        ArgumentNullException.ThrowIfNull(means);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(deviation);
        ShapeException.Require(means.Rank == 2, $"LatentMixture: got means {means.Shape}; needed (C, D), one row for each class");
        Tensor raw = Tensor.Full(means.Shape, (float)SoftplusInverse(deviation)), even = Tensor.Zeros([means.Shape[0]]);
        Means = learned ? Register("means", means) : RegisterBuffer("means", means);
        rawDeviations = learned ? Register("raw_deviations", raw) : RegisterBuffer("raw_deviations", raw);
        weights = learned ? Register("weights", even) : RegisterBuffer("weights", even);
    }

    /// <summary>μ, (C, D).</summary>
    public Tensor Means { get; }

    /// <summary>σ, (C, D).</summary>
    public Tensor Deviations => rawDeviations.Softplus();

    /// <summary>How many components there are, C.</summary>
    public int Components => Means.Shape[0];

    /// <summary>log π, (C).</summary>
    public Tensor LogWeights => weights.LogSoftmax(0);

    /// <summary>The number whose softplus is <paramref name="value"/>: <c>log(e^value − 1)</c>.</summary>
    public static double SoftplusInverse(double value) => Math.Log(Math.Exp(value) - 1);

    /// <summary><c>log N(z; μ_k, Σ_k)</c> for all k.</summary>
    /// <param name="z">(N, D).</param>
    /// <returns>(N, C).</returns>
    public Tensor LogDensities(Tensor z)
    {
        ArgumentNullException.ThrowIfNull(z);
        ShapeException.Require(z.Rank == 2 && z.Shape[1] == Means.Shape[1], $"LatentMixture: got z {z.Shape}; needed (N, {Means.Shape[1]})");
        Tensor deviations = Deviations;
        Tensor away = (z.Unsqueeze(1) - Means) / deviations;
        return away.Square().Sum([2]) * -0.5f - (deviations.Log().Sum([1]) + 0.5f * z.Shape[1] * logTwoPi);
    }

    /// <summary><c>log π_k + log N(z; μ_k, Σ_k)</c>: class scores whose softmax is <c>p(y | z)</c>; their logsumexp is <c>log p(z)</c>. (N, D) → (N, C).</summary>
    public Tensor LogJoint(Tensor z) => LogDensities(z) + LogWeights;

    /// <summary>Draws from one component, (count, D).</summary>
    public Tensor Sample(int component, int count, Rng rng)
    {
        ArgumentNullException.ThrowIfNull(rng);
        return rng.Normal([count, Means.Shape[1]]) * Deviations.Select(0, component) + Means.Select(0, component);
    }

    /// <summary>Means evenly on a circle of the plane, the first at angle <paramref name="start"/>, (count, 2).</summary>
    public static Tensor OnCircle(int count, double radius, double start = 0) => Tensor.Generate([count, 2], i =>
    {
        (double sin, double cos) = Math.SinCos(start + 2 * Math.PI * (i / 2) / count);
        return (float)(radius * (i % 2 == 0 ? cos : sin));
    });

    /// <summary>Means in random directions, at about a given distance from each other, (count, size): in many dimensions random directions are nearly at right angles.</summary>
    public static Tensor OnSphere(int count, int size, double distance, Rng rng)
    {
        ArgumentNullException.ThrowIfNull(rng);
        Tensor directions = rng.Normal([count, size]);
        return directions / directions.Norm(2, [1], keep: true) * (float)(distance / Math.Sqrt(2));
    }
}
