using Rindoku.Nn;
using Rindoku.Ops;

namespace Rindoku.Papers.Audio.WaveNet;

/// <summary>The sizes of a <see cref="WaveNet"/>.</summary>
/// <param name="Levels">Classes of a sample, 256 in the paper.</param>
/// <param name="Channels">Residual channels, which gates have as well.</param>
/// <param name="SkipChannels">Skip channels, and channels of the layer before the last.</param>
/// <param name="Dilations">The dilation of each layer.</param>
public sealed record WaveNetPlan(int Levels, int Channels, int SkipChannels, IReadOnlyList<int> Dilations)
{
    /// <summary>Voices that a sound can be of, for global conditioning; 0 for none.</summary>
    public int Voices { get; init; }

    /// <summary>Numbers that describe a voice.</summary>
    public int VoiceWidth { get; init; } = 8;

    /// <summary>Features of a frame, for local conditioning; 0 for none.</summary>
    public int Features { get; init; }

    /// <summary>Samples of a frame.</summary>
    public int FrameLength { get; init; } = SoundTask.FrameLength;

    /// <summary>Whether the last layer has a residual output that nothing reads, as well-known code has.</summary>
    public bool LastResidual { get; init; }

    /// <summary>Dilations 1, 2, 4, ..., again in each block (section 2.1).</summary>
    /// <param name="blocks">How many times.</param>
    /// <param name="layers">Layers of a block.</param>
    public static IReadOnlyList<int> Doubling(int blocks, int layers) => [.. Enumerable.Range(0, blocks * layers).Select(i => 1 << i % layers)];
}

/// <summary>p(x) = ∏ p(x_t | x_1, ..., x_(t−1), h): the next sample's class from all before it, by dilated causal convolutions.</summary>
/// <remarks>
/// <para>The first layer is a causal convolution of width 2 over one-hot classes, kept as two tables: a row for the sample now and a row for the one
/// before it. Then a <see cref="DilatedStack"/>, whose skips go through ReLU, 1 × 1, ReLU, 1 × 1 to the logits (section 2.4, figure 4).</para>
/// <para>A voice h (section 2.5, global conditioning) is a learned vector, a condition that does not change. Features of frames (local conditioning) are
/// stretched to the rate of the samples by a learned transposed convolution. Where both are given, their channels lie side by side: one pointwise
/// convolution over both is the sum of the two terms of the paper.</para>
/// <para>Source: van den Oord et al. 2016, arXiv:1609.03499.</para>
/// </remarks>
public sealed class WaveNet : Module
{
    private readonly Embedding now, before;
    private readonly Embedding? voices;
    private readonly ConvTranspose1d? stretch;
    private readonly DilatedStack stack;
    private readonly Conv1d hidden, logits;

    /// <summary>A network with random start values.</summary>
    public WaveNet(WaveNetPlan plan, Rng rng)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(rng);
        Plan = plan;
        // One row of each is read, so with half the variance each their sum starts with that of the other layers' inputs.
        double deviation = Math.Sqrt(0.5);
        now = Register("now", new Embedding(plan.Levels, plan.Channels, rng.Split("now"), deviation: deviation));
        before = Register("before", new Embedding(plan.Levels, plan.Channels, rng.Split("before"), deviation: deviation));
        if (plan.Voices > 0) voices = Register("voices", new Embedding(plan.Voices, plan.VoiceWidth, rng.Split("voices")));
        if (plan.Features > 0) stretch = Register("stretch", new ConvTranspose1d(plan.Features, plan.Features, plan.FrameLength, rng.Split("stretch"), stride: plan.FrameLength));
        stack = Register("stack", new DilatedStack(plan.Channels, plan.SkipChannels, plan.Dilations, rng.Split("stack"),
            conditionChannels: (plan.Voices > 0 ? plan.VoiceWidth : 0) + plan.Features, lastResidual: plan.LastResidual));
        hidden = Register("hidden", new Conv1d(plan.SkipChannels, plan.SkipChannels, 1, rng.Split("hidden")));
        logits = Register("logits", new Conv1d(plan.SkipChannels, plan.Levels, 1, rng.Split("logits")));
    }

    /// <summary>The sizes.</summary>
    public WaveNetPlan Plan { get; }

    /// <summary>On how many samples a prediction depends: Σ d + 1 for the stack, and 1 more for the first layer.</summary>
    public int ReceptiveField => stack.Reach + 2;

    /// <summary>What a sound is conditioned on, at the rate of its samples.</summary>
    /// <param name="voice">The voice of each sound, (N), or null without voices.</param>
    /// <param name="frames">(N, Features, T / FrameLength), or null without features.</param>
    /// <returns>(N, channels, T), or (N, channels, 1) for a voice alone; null where the network knows no condition.</returns>
    /// <exception cref="ShapeException">The network needs what was not given.</exception>
    public Tensor? Condition(IntTensor? voice, Tensor? frames)
    {
        ShapeException.Require(voices is null || voice is not null, $"WaveNet: it knows {Plan.Voices} voices, and none was given");
        ShapeException.Require(stretch is null || frames is not null, $"WaveNet: it needs frames of {Plan.Features} features, and none were given");
        Tensor? constant = voices?.Forward(voice!) is { } row ? row.Reshape(row.Shape[0], Plan.VoiceWidth, 1) : null;
        if (stretch is null) return constant;
        Tensor changing = stretch.Forward(frames!);
        return constant is null ? changing : Tensor.Concat([constant.Expand([changing.Shape[0], Plan.VoiceWidth, changing.Shape[2]]), changing], 1);
    }

    /// <summary>The logits of the sample after each, (N, Levels, T).</summary>
    /// <param name="x">Classes of samples, (N, T); before the first is nothing, 0 in every layer.</param>
    /// <param name="condition">What <see cref="Condition"/> gave.</param>
    public Tensor Forward(IntTensor x, Tensor? condition = null) => Head(Skips(x, condition));

    /// <summary>The logits of the sample after the last, (N, Levels, 1), by computing all layers for all samples; the same bits as the last of <see cref="Forward"/>.</summary>
    public Tensor Last(IntTensor x, Tensor? condition = null) => Head(Skips(x, condition).Slice(2, ^1..));

    /// <summary>A memory for <see cref="Step"/>, empty.</summary>
    /// <param name="batch">How many sounds go side by side.</param>
    public WaveNetMemory Begin(int batch = 1) => new(stack.Begin(batch));

    /// <summary>The logits of the sample after those that the memory has seen and <paramref name="x"/>: Fast WaveNet.</summary>
    /// <param name="memory">From <see cref="Begin"/>; is moved on by one sample.</param>
    /// <param name="x">The newest sample of each sound, (N).</param>
    /// <param name="condition">(N, channels, 1), or null.</param>
    /// <returns>(N, Levels, 1): what <see cref="Forward"/> gives at this time, to the last bit.</returns>
    public Tensor Step(WaveNetMemory memory, IntTensor x, Tensor? condition = null)
    {
        ArgumentNullException.ThrowIfNull(memory);
        Tensor row = now.Forward(x);
        if (memory.Newest is { } older) row += before.Forward(older);
        memory.Newest = x;
        return Head(stack.Step(memory.Queues, row.Reshape(row.Shape[0], Plan.Channels, 1), condition));
    }

    private Tensor Skips(IntTensor x, Tensor? condition)
    {
        ArgumentNullException.ThrowIfNull(x);
        ShapeException.Require(x.Rank == 2, $"WaveNet: x must be (sounds, samples), got {x.Shape}");
        (int count, int length) = (x.Shape[0], x.Shape[1]);
        Tensor rows = now.Forward(x);
        if (length > 1)
        {
            int[] older = new int[count * (length - 1)];
            for (int n = 0; n < count; n++) x.Span.Slice(n * length, length - 1).CopyTo(older.AsSpan(n * (length - 1)));
            rows += before.Forward(IntTensor.From(older, [count, length - 1])).Pad(1, 1, 0);
        }
        return stack.Forward(rows.Transpose(1, 2), condition);
    }

    private Tensor Head(Tensor skips) => logits.Forward(hidden.Forward(skips.Relu()).Relu());
}

/// <summary>What a <see cref="WaveNet"/> remembers of the samples it has seen, one by one.</summary>
public sealed class WaveNetMemory
{
    internal WaveNetMemory(DilatedQueues queues) => Queues = queues;

    internal DilatedQueues Queues { get; }

    internal IntTensor? Newest { get; set; }

    /// <summary>How many samples it has seen.</summary>
    public long Samples => Queues.Time;
}
