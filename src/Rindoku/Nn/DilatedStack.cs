using Rindoku.Ops;

namespace Rindoku.Nn;

/// <summary>The body of WaveNet: gated causal convolutions of many dilations, each with a residual and a skip output.</summary>
/// <remarks>
/// <para>Layer i with dilation d: <c>z = tanh(W_f ∗ x + V_f c) ⊙ σ(W_g ∗ x + V_g c)</c>, where ∗ is a causal convolution whose taps lie d apart
/// and c the condition, if there is one; <c>skip += S z</c> and <c>x += R z</c>, pointwise.</para>
/// <para>Shapes: x (N, Channels, T), condition (N, ConditionChannels, T), or (N, ConditionChannels, 1) for one that does not change → the sum of
/// all skip outputs, (N, SkipChannels, T). Output t depends on the inputs t − <see cref="Reach"/> to t.</para>
/// <para>Start: that of <see cref="Conv1d"/>; all gates are drawn before all residuals, then skips, then conditions. Checkpoint keys:
/// <c>gates.i</c> (filter, then gate), <c>residuals.i</c>, <c>skips.i</c>, <c>conditions.i</c> (without bias).</para>
/// <para>Source: van den Oord et al. 2016, arXiv:1609.03499, sections 2.1 and 2.3 to 2.5.</para>
/// </remarks>
public sealed class DilatedStack : Module
{
    private readonly Conv1d[] gates, residuals, skips, conditions;

    /// <summary>A stack with random start values.</summary>
    /// <param name="channels">Channels of the input and between layers.</param>
    /// <param name="skipChannels">Channels of the result.</param>
    /// <param name="dilations">The dilation of each layer, each at least 1.</param>
    /// <param name="rng">Source of the start values.</param>
    /// <param name="width">Taps of each convolution, at least 2.</param>
    /// <param name="conditionChannels">Channels of a condition; 0 for none.</param>
    /// <param name="lastResidual">Whether the last layer has a residual output, which nothing reads: well-known code has it, and counts it.</param>
    public DilatedStack(int channels, int skipChannels, IReadOnlyList<int> dilations, Rng rng, int width = 2, int conditionChannels = 0, bool lastResidual = true)
    {
        ArgumentNullException.ThrowIfNull(dilations);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 2);
        ArgumentOutOfRangeException.ThrowIfNegative(conditionChannels);
        ArgumentOutOfRangeException.ThrowIfZero(dilations.Count);
        foreach (int dilation in dilations) ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dilation, nameof(dilations));
        (Channels, SkipChannels, Dilations, Width, ConditionChannels) = (channels, skipChannels, [.. dilations], width, conditionChannels);
        gates = [.. dilations.Select(d => new Conv1d(channels, 2 * channels, width, rng, dilation: d))];
        residuals = [.. dilations.Skip(lastResidual ? 0 : 1).Select(_ => new Conv1d(channels, channels, 1, rng))];
        skips = [.. dilations.Select(_ => new Conv1d(channels, skipChannels, 1, rng))];
        conditions = conditionChannels == 0 ? [] : [.. dilations.Select(_ => new Conv1d(conditionChannels, 2 * channels, 1, rng, bias: false))];
        Register("gates", new ModuleList(gates));
        Register("residuals", new ModuleList(residuals));
        Register("skips", new ModuleList(skips));
        Register("conditions", new ModuleList(conditions));
    }

    /// <summary>Channels of the input and between layers.</summary>
    public int Channels { get; }

    /// <summary>Channels of the result.</summary>
    public int SkipChannels { get; }

    /// <summary>The dilation of each layer.</summary>
    public IReadOnlyList<int> Dilations { get; }

    /// <summary>Taps of each convolution.</summary>
    public int Width { get; }

    /// <summary>Channels of a condition; 0 for none.</summary>
    public int ConditionChannels { get; }

    /// <summary>How many inputs before its own an output depends on: (Width − 1) · Σ d.</summary>
    public int Reach => (Width - 1) * Dilations.Sum();

    /// <summary>The sum of all skip outputs; before its start x is 0 in every layer.</summary>
    /// <exception cref="ShapeException">A shape does not fit, or there is a condition where none is known, or none where one is.</exception>
    public Tensor Forward(Tensor x, Tensor? condition = null)
    {
        RequireFit(x, condition);
        Tensor? skip = null;
        for (int i = 0; i < gates.Length; i++)
        {
            Tensor z = Gated(i, gates[i].Forward(x.Pad(2, (Width - 1) * Dilations[i], 0)), condition);
            (x, skip) = PassOn(i, x, z, skip);
        }
        return skip!;
    }

    /// <summary>The memory that <see cref="Step"/> needs, empty: as if x had been 0 for ever.</summary>
    /// <param name="batch">How many sequences go side by side.</param>
    public DilatedQueues Begin(int batch = 1) => new(this, batch);

    /// <summary>One time step: what <see cref="Forward"/> gives for the time after those that <paramref name="queues"/> has seen, to the last bit.</summary>
    /// <param name="queues">Remembers each layer's input as far back as it reaches.</param>
    /// <param name="x">(N, Channels, 1).</param>
    /// <param name="condition">(N, ConditionChannels, 1), or null.</param>
    /// <returns>(N, SkipChannels, 1).</returns>
    /// <remarks>The work is that of one output of each layer. Source: Le Paine et al. 2016, arXiv:1611.09482, section 2.</remarks>
    /// <exception cref="ShapeException">A shape does not fit, or there is a condition where none is known, or none where one is.</exception>
    public Tensor Step(DilatedQueues queues, Tensor x, Tensor? condition = null)
    {
        ArgumentNullException.ThrowIfNull(queues);
        RequireFit(x, condition);
        ShapeException.Require(x.Shape[0] == queues.Batch && x.Shape[2] == 1, $"DilatedStack.Step: x must be ({queues.Batch}, {Channels}, 1), got {x.Shape}");
        Tensor? skip = null;
        for (int i = 0; i < gates.Length; i++)
        {
            Tensor z = Gated(i, queues.Window(i, x).Conv1d(gates[i].Weight, gates[i].Bias), condition);
            (x, skip) = PassOn(i, x, z, skip);
        }
        queues.Advance();
        return skip!;
    }

    private Tensor Gated(int layer, Tensor sums, Tensor? condition)
    {
        if (condition is not null) sums += conditions[layer].Forward(condition);
        Tensor[] halves = sums.Chunk(2, 1);
        return halves[0].Tanh() * halves[1].Sigmoid();
    }

    private (Tensor X, Tensor Skip) PassOn(int layer, Tensor x, Tensor z, Tensor? skip)
    {
        Tensor seen = skips[layer].Forward(z);
        return (layer < residuals.Length ? x + residuals[layer].Forward(z) : x, skip is null ? seen : skip + seen);
    }

    private void RequireFit(Tensor x, Tensor? condition)
    {
        ArgumentNullException.ThrowIfNull(x);
        ShapeException.Require(x.Rank == 3 && x.Shape[1] == Channels, $"{this}: x must be (batch, {Channels}, time), got {x.Shape}");
        ShapeException.Require(condition is not null || ConditionChannels == 0, $"{this}: needs a condition of {ConditionChannels} channels, got none");
        ShapeException.Require(condition is null || ConditionChannels > 0, $"{this}: knows no condition, got one of {condition?.Shape}");
        ShapeException.Require(condition is null || (condition.Rank == 3 && condition.Shape[0] == x.Shape[0] && condition.Shape[1] == ConditionChannels
            && (condition.Shape[2] == 1 || condition.Shape[2] == x.Shape[2])),
            $"{this}: x {x.Shape} needs a condition of ({x.Shape[0]}, {ConditionChannels}, {x.Shape[^1]}), or of one time, got {condition?.Shape}");
    }

    /// <summary>Sizes.</summary>
    public override string ToString() => $"DilatedStack({Channels} → {SkipChannels}, width {Width}, dilations {string.Join(" ", Dilations)})";
}
