using Rindoku.Ops;

namespace Rindoku.Nn.Flows;

/// <summary>A part of the numbers is kept and tells a network how the others are shifted and scaled: <c>z = (x + t) · exp(s)</c>.</summary>
/// <remarks>
/// <para><c>s = r · tanh(s')</c>, with s' and t from the network and a learned r for each channel, which starts at 1; the logarithm of the
/// determinant is the sum of s over what changes, and the inverse is <c>x = z · exp(−s) − t</c>. The network itself is never inverted.</para>
/// <para>The shift comes before the scale, as in the code of FlowGMM; Dinh et al. have it after. Some codes learn r as the length of a
/// weight-normalised number: its direction gets no gradient, so only the length is here.</para>
/// <para>Source: Dinh, Sohl-Dickstein and Bengio 2017, arXiv:1605.08803, equations 4 to 8.</para>
/// <para>Checkpoint keys: <c>network.*</c>, <c>rescale</c>.</para>
/// </remarks>
public abstract class AffineCoupling : Flow
{
    private readonly Layer network;
    private readonly Parameter rescale;

    /// <summary>A coupling.</summary>
    /// <param name="network">From what is kept to s' and t, one after the other along the second axis.</param>
    /// <param name="channels">How many channels s' has, and t as well.</param>
    /// <param name="axesAfter">How many axes follow that of the channels: 0 for vectors, 2 for images.</param>
    private protected AffineCoupling(Layer network, int channels, int axesAfter)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        this.network = Register("network", network);
        rescale = Register("rescale", Tensor.Ones(Shape.Create([channels, .. Enumerable.Repeat(1, axesAfter).ToArray()])));
    }

    /// <summary>How many channels the network gives for s', and as many for t.</summary>
    public int Channels => rescale.Length;

    /// <summary>s and t.</summary>
    /// <param name="kept">What the network sees.</param>
    /// <param name="changes">1 where numbers change, else 0; null where all of s' and t are of numbers that change.</param>
    private protected (Tensor Scale, Tensor Shift) Affine(Tensor kept, Tensor? changes)
    {
        Tensor both = network.Forward(kept);
        ShapeException.Require(both.Shape[1] == 2 * Channels, $"{GetType().Name}: the network made {both.Shape} of {kept.Shape}; its second axis must be {2 * Channels}");
        if (changes is not null) both *= changes; // what is kept gets s = 0 and t = 0, and stays as it is to the last bit
        return (both.Narrow(1, 0, Channels).Tanh() * rescale, both.Narrow(1, Channels, Channels));
    }

    private protected static (Tensor Z, Tensor LogDeterminant) Apply(Tensor x, Tensor scale, Tensor shift) =>
        ((x + shift) * scale.Exp(), scale.Sum([.. Enumerable.Range(1, scale.Rank - 1).ToArray()]));

    private protected static Tensor Undo(Tensor z, Tensor scale, Tensor shift) => z * (-scale).Exp() - shift;
}

/// <summary>An <see cref="AffineCoupling"/> of vectors (N, D): the first ⌊D/2⌋ numbers are kept and the others change, or the other way round.</summary>
/// <remarks>The network gets all D numbers, with 0 in place of those that change, and gives 2 D.</remarks>
public sealed class VectorCoupling : AffineCoupling
{
    private readonly Tensor keeps, changes; // (1, D) and (1, 2 D)
    private readonly int keptFrom, keptTo;

    /// <summary>A coupling.</summary>
    /// <param name="network">From (N, D) to (N, 2 D).</param>
    /// <param name="size">D, at least 2.</param>
    /// <param name="keepsFirst">Whether the first half is kept; else the rest.</param>
    public VectorCoupling(Layer network, int size, bool keepsFirst) : base(network, size, axesAfter: 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 2);
        (keptFrom, keptTo) = keepsFirst ? (0, size / 2) : (size / 2, size);
        keeps = Tensor.Generate([1, size], i => Keeps(i) ? 1 : 0).Keep();
        changes = Tensor.Generate([1, 2 * size], i => Keeps(i % size) ? 0 : 1).Keep();
    }

    private bool Keeps(int place) => place >= keptFrom && place < keptTo;

    /// <inheritdoc/>
    /// <exception cref="ShapeException">x is not (N, D).</exception>
    public override (Tensor Z, Tensor LogDeterminant) Forward(Tensor x)
    {
        (Tensor scale, Tensor shift) = Affine(Kept(x), changes);
        return Apply(x, scale, shift);
    }

    /// <inheritdoc/>
    /// <exception cref="ShapeException">z is not (N, D).</exception>
    public override Tensor Inverse(Tensor z)
    {
        (Tensor scale, Tensor shift) = Affine(Kept(z), changes);
        return Undo(z, scale, shift);
    }

    private Tensor Kept(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        ShapeException.Require(x.Rank == 2 && x.Shape[1] == Channels, $"{this}: got {x.Shape}; needed (N, {Channels})");
        return x * keeps;
    }

    /// <summary>Which numbers are kept.</summary>
    public override string ToString() => $"VectorCoupling({Channels}, keeps {keptFrom}..{keptTo})";
}

/// <summary>An <see cref="AffineCoupling"/> of images (N, C, H, W): the pixels of one colour of a checkerboard are kept, those of the other change.</summary>
/// <remarks>The network gets all pixels, with 0 in place of those that change, and gives 2 C channels.</remarks>
public sealed class CheckerboardCoupling : AffineCoupling
{
    private readonly int keptColour;

    /// <summary>A coupling.</summary>
    /// <param name="network">From (N, C, H, W) to (N, 2 C, H, W).</param>
    /// <param name="channels">C.</param>
    /// <param name="keepsCorner">Whether the colour of the upper left corner is kept.</param>
    public CheckerboardCoupling(Layer network, int channels, bool keepsCorner) : base(network, channels, axesAfter: 2) => keptColour = keepsCorner ? 0 : 1;

    /// <inheritdoc/>
    /// <exception cref="ShapeException">x is not (N, C, H, W).</exception>
    public override (Tensor Z, Tensor LogDeterminant) Forward(Tensor x)
    {
        (Tensor scale, Tensor shift) = AffineOf(x);
        return Apply(x, scale, shift);
    }

    /// <inheritdoc/>
    /// <exception cref="ShapeException">z is not (N, C, H, W).</exception>
    public override Tensor Inverse(Tensor z)
    {
        (Tensor scale, Tensor shift) = AffineOf(z);
        return Undo(z, scale, shift);
    }

    private (Tensor Scale, Tensor Shift) AffineOf(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        ShapeException.Require(x.Rank == 4 && x.Shape[1] == Channels, $"{this}: got {x.Shape}; needed (N, {Channels}, H, W)");
        return Affine(x * Board(x, keptColour), Board(x, 1 - keptColour));
    }

    private static Tensor Board(Tensor x, int colour)
    {
        int width = x.Shape[3];
        return Tensor.Generate([1, 1, x.Shape[2], width], i => (i / width + i % width) % 2 == colour ? 1 : 0);
    }

    /// <summary>Which pixels are kept.</summary>
    public override string ToString() => $"CheckerboardCoupling({Channels}, {(keptColour == 0 ? "keeps the corner" : "changes the corner")})";
}

/// <summary>An <see cref="AffineCoupling"/> of images (N, C, H, W) with C even: one half of the channels is kept, the other changes.</summary>
/// <remarks>The network gets only the half that is kept, C / 2 channels, and gives C.</remarks>
public sealed class ChannelCoupling : AffineCoupling
{
    private readonly bool keepsFirst;

    /// <summary>A coupling.</summary>
    /// <param name="network">From (N, C / 2, H, W) to (N, C, H, W).</param>
    /// <param name="channels">C, even.</param>
    /// <param name="keepsFirst">Whether the first half is kept; else the second.</param>
    public ChannelCoupling(Layer network, int channels, bool keepsFirst) : base(network, Half(channels), axesAfter: 2) => this.keepsFirst = keepsFirst;

    /// <inheritdoc/>
    /// <exception cref="ShapeException">x is not (N, C, H, W).</exception>
    public override (Tensor Z, Tensor LogDeterminant) Forward(Tensor x)
    {
        (Tensor kept, Tensor other) = Split(x);
        (Tensor scale, Tensor shift) = Affine(kept, changes: null);
        (Tensor changed, Tensor logDeterminant) = Apply(other, scale, shift);
        return (Join(kept, changed), logDeterminant);
    }

    /// <inheritdoc/>
    /// <exception cref="ShapeException">z is not (N, C, H, W).</exception>
    public override Tensor Inverse(Tensor z)
    {
        (Tensor kept, Tensor other) = Split(z);
        (Tensor scale, Tensor shift) = Affine(kept, changes: null);
        return Join(kept, Undo(other, scale, shift));
    }

    private (Tensor Kept, Tensor Other) Split(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        ShapeException.Require(x.Rank == 4 && x.Shape[1] == 2 * Channels, $"{this}: got {x.Shape}; needed (N, {2 * Channels}, H, W)");
        Tensor first = x.Narrow(1, 0, Channels), second = x.Narrow(1, Channels, Channels);
        return keepsFirst ? (first, second) : (second, first);
    }

    private Tensor Join(Tensor kept, Tensor changed) => Tensor.Concat(keepsFirst ? [kept, changed] : [changed, kept], 1);

    private static int Half(int channels) => channels % 2 == 0 ? channels / 2
        : throw new ArgumentException($"ChannelCoupling: got {channels} channels; needed an even number", nameof(channels));

    /// <summary>Which channels are kept.</summary>
    public override string ToString() => $"ChannelCoupling({2 * Channels}, keeps the {(keepsFirst ? "first" : "second")} half)";
}
