using Rindoku.Nn.Initialisers;
using Rindoku.Ops;

namespace Rindoku.Nn;

/// <summary>Adds waves of many lengths, fixed, to each place: <c>sin(t / b^(2i/D))</c> at channel 2i and the cosine at 2i + 1, b = 10,000.</summary>
/// <remarks>
/// x <c>(*, T, D)</c> → y of the same shape, for sequences of any length. Nothing is learned or saved.
/// Source: Vaswani et al. 2017, arXiv:1706.03762, section 3.5.
/// </remarks>
public sealed class SinusoidalEncoding : Layer
{
    private readonly double longest;
    private Tensor table;

    /// <summary>An encoding of the given width.</summary>
    /// <param name="width">D.</param>
    /// <param name="longest">b: the longest wave is 2π times this.</param>
    public SinusoidalEncoding(int width, double longest = 10_000)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(longest);
        (Width, this.longest) = (width, longest);
        table = Table(width, 1, longest).Keep();
    }

    /// <summary>D.</summary>
    public int Width { get; }

    /// <summary>The waves of the first places, (T, D).</summary>
    public static Tensor Table(int width, int places, double longest = 10_000) => Tensor.Generate([places, width], i =>
    {
        (int place, int channel) = Math.DivRem(i, width);
        double angle = place / Math.Pow(longest, (channel - channel % 2) / (double)width);
        return (float)(channel % 2 == 0 ? Math.Sin(angle) : Math.Cos(angle));
    });

    /// <inheritdoc/>
    /// <exception cref="ShapeException">The last axis of <paramref name="x"/> is not <see cref="Width"/>.</exception>
    public override Tensor Forward(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        ShapeException.Require(x.Rank >= 2 && x.Shape[^1] == Width, $"SinusoidalEncoding: x must be (*, T, {Width}), got {x.Shape}");
        int places = x.Shape[^2];
        if (table.Shape[0] < places) table = Table(Width, places, longest).Keep();
        return x + table.Narrow(0, 0, places);
    }

    /// <summary>Sizes.</summary>
    public override string ToString() => $"SinusoidalEncoding({Width})";
}

/// <summary>Adds a learned vector to each place: <c>y[*, t, :] = x[*, t, :] + weight[t, :]</c>.</summary>
/// <remarks>
/// x <c>(*, T, D)</c> with T up to the places there are. Start: N(0, 0.02²), as BERT and GPT-2. Checkpoint key: <c>weight</c> (Places, D).
/// </remarks>
public sealed class LearnedEncoding : Layer
{
    /// <summary>A table with random start values.</summary>
    public LearnedEncoding(int places, int width, Rng rng, double deviation = 0.02)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(places);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentNullException.ThrowIfNull(rng);
        Weight = Register("weight", rng.Normal([places, width], 0, (float)deviation));
    }

    /// <summary>The vectors, (Places, D).</summary>
    public Parameter Weight { get; }

    /// <inheritdoc/>
    /// <exception cref="ShapeException"><paramref name="x"/> has another width, or more places than there are vectors.</exception>
    public override Tensor Forward(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        ShapeException.Require(x.Rank >= 2 && x.Shape[^1] == Weight.Shape[1] && x.Shape[^2] <= Weight.Shape[0],
            $"{this} got x {x.Shape}; it must be (*, T, {Weight.Shape[1]}) with T up to {Weight.Shape[0]}");
        return x + Weight.Narrow(0, 0, x.Shape[^2]);
    }

    /// <summary>Sizes.</summary>
    public override string ToString() => $"LearnedEncoding({Weight.Shape[0]} × {Weight.Shape[1]})";
}

/// <summary>Turns pairs of channels by angles that grow with the place, so that products of queries and keys depend on their distance.</summary>
/// <remarks>
/// <para>x <c>(*, T, D)</c> → y of the same shape: the pair i at place t is turned by <c>t / b^(2i/D)</c>. Nothing is learned or saved.</para>
/// <para>A pair is (2i, 2i + 1) as in the paper, or (i, i + D/2) as in LLaMA and GPT-NeoX, whose weights need it so.</para>
/// <para>Source: Su et al. 2021, arXiv:2104.09864, section 3.2.</para>
/// </remarks>
public sealed class RotaryEncoding : Layer
{
    private readonly double longest;
    private Tensor cosines, sines;

    /// <summary>An encoding for heads of the given width.</summary>
    /// <param name="width">D, even.</param>
    /// <param name="halves">Whether a pair is (i, i + D/2); otherwise it is (2i, 2i + 1).</param>
    /// <param name="longest">b.</param>
    public RotaryEncoding(int width, bool halves = false, double longest = 10_000)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(longest);
        ShapeException.Require(width % 2 == 0, $"RotaryEncoding: the width must be even, got {width}");
        (Width, Halves, this.longest) = (width, halves, longest);
        (cosines, sines) = (Angles(1, Math.Cos).Keep(), Angles(1, Math.Sin).Keep());
    }

    /// <summary>D.</summary>
    public int Width { get; }

    /// <summary>Whether a pair is (i, i + D/2); otherwise it is (2i, 2i + 1).</summary>
    public bool Halves { get; }

    /// <inheritdoc/>
    /// <exception cref="ShapeException">The last axis of <paramref name="x"/> is not <see cref="Width"/>.</exception>
    public override Tensor Forward(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        ShapeException.Require(x.Rank >= 2 && x.Shape[^1] == Width, $"RotaryEncoding: x must be (*, T, {Width}), got {x.Shape}");
        int places = x.Shape[^2];
        if (cosines.Shape[0] < places) (cosines, sines) = (Angles(places, Math.Cos).Keep(), Angles(places, Math.Sin).Keep());
        return x * cosines.Narrow(0, 0, places) + Quarter(x) * sines.Narrow(0, 0, places);
    }

    /// <summary>Sizes.</summary>
    public override string ToString() => $"RotaryEncoding({Width})";

    /// <summary>Every pair (a, b) as (−b, a): turned by a right angle.</summary>
    private Tensor Quarter(Tensor x)
    {
        Shape pairs = Halves ? [.. x.Shape[..^1], 2, Width / 2] : [.. x.Shape[..^1], Width / 2, 2];
        int axis = Halves ? -2 : -1;
        Tensor view = x.Reshape(pairs);
        return Tensor.Concat([-view.Narrow(axis, 1, 1), view.Narrow(axis, 0, 1)], axis).Reshape(x.Shape);
    }

    private Tensor Angles(int places, Func<double, double> wave) => Tensor.Generate([places, Width], i =>
    {
        (int place, int channel) = Math.DivRem(i, Width);
        int pair = Halves ? channel % (Width / 2) : channel / 2;
        return (float)wave(place / Math.Pow(longest, 2.0 * pair / Width));
    });
}

/// <summary>A learned number for each head and distance, added to attention scores; far distances share numbers.</summary>
/// <remarks>
/// <para>Gives (H, T, S), to stand in <see cref="AttentionOptions.Bias"/>. Half of the buckets are for single distances, the others grow
/// logarithmically up to the furthest distance; with two directions each direction has half of them.</para>
/// <para>Start: N(0, 0.02²), cut off at two deviations. Checkpoint key: <c>weight</c> (Buckets, H), T5's <c>relative_attention_bias</c>.</para>
/// <para>Source: Raffel et al. 2020, arXiv:1910.10683, section 2.1, and the authors' code for the buckets.</para>
/// </remarks>
public sealed class RelativePositionBias : Module
{
    private readonly int buckets, furthest;
    private readonly bool twoDirections;

    /// <summary>A table with random start values.</summary>
    /// <param name="heads">H.</param>
    /// <param name="rng">Source of the start values.</param>
    /// <param name="buckets">How many distances are told apart, a multiple of 4.</param>
    /// <param name="furthest">Beyond this all distances share the last bucket.</param>
    /// <param name="twoDirections">Whether keys after a query count, too; a causal attention needs them not.</param>
    public RelativePositionBias(int heads, Rng rng, int buckets = 32, int furthest = 128, bool twoDirections = true)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(heads);
        ArgumentOutOfRangeException.ThrowIfLessThan(buckets, 4);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(furthest, buckets / 2);
        ShapeException.Require(buckets % 4 == 0, $"RelativePositionBias: the buckets must be a multiple of 4, got {buckets}");
        (this.buckets, this.furthest, this.twoDirections) = (buckets, furthest, twoDirections);
        Weight = Register("weight", Initialise.TruncatedNormal(rng, [buckets, heads]));
    }

    /// <summary>The numbers, (Buckets, H).</summary>
    public Parameter Weight { get; }

    /// <summary>The bias of T queries and S keys, both from place 0: (H, T, S).</summary>
    public Tensor Forward(int queries, int keys)
    {
        int[] places = [.. Enumerable.Range(0, queries * keys).Select(i => Bucket(i % keys - i / keys))];
        return Weight.IndexSelect(0, IntTensor.From(places, [queries * keys])).Reshape(queries, keys, Weight.Shape[1]).Permute(2, 0, 1);
    }

    /// <summary>The bucket of a key that stands <paramref name="distance"/> places after its query (before it, if negative).</summary>
    internal int Bucket(int distance)
    {
        int size = twoDirections ? buckets / 2 : buckets, first = twoDirections && distance > 0 ? size : 0;
        int away = twoDirections ? Math.Abs(distance) : Math.Max(0, -distance), single = size / 2;
        if (away < single) return first + away;
        int far = single + (int)(Math.Log((double)away / single) / Math.Log((double)furthest / single) * (size - single));
        return first + Math.Min(far, size - 1);
    }
}
