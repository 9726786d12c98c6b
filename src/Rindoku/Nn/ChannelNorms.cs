using Rindoku.Ops;

namespace Rindoku.Nn;

/// <summary>Group normalisation: <c>y = γ (x − μ) / √(σ² + ε) + β</c>, with the mean and variance of each sample's groups of channels.</summary>
/// <remarks>
/// <para>Shapes: x <c>(N, C, *)</c> → y of the same shape. The same in training and evaluation.</para>
/// <para>Start: γ = 1, β = 0. Checkpoint keys: <c>weight</c> (γ), <c>bias</c> (β), both (C).</para>
/// <para>Source: Wu and He 2018, arXiv:1803.08494.</para>
/// </remarks>
public sealed class GroupNorm : Layer
{
    /// <summary>A layer for the given number of channels.</summary>
    /// <param name="groups">How many groups the channels are cut into; divides <paramref name="channels"/>.</param>
    /// <param name="channels">C.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="affine">Whether to scale and shift.</param>
    /// <exception cref="ShapeException">The groups do not divide the channels.</exception>
    public GroupNorm(int groups, int channels, double epsilon = 1e-5, bool affine = true)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(groups);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        ShapeException.Require(channels % groups == 0, $"GroupNorm: {groups} groups do not divide {channels} channels");
        (Groups, Channels, Epsilon) = (groups, channels, epsilon);
        if (!affine) return;
        Weight = Register("weight", Tensor.Ones([channels]));
        Bias = Register("bias", Tensor.Zeros([channels]));
    }

    /// <summary>How many groups the channels are cut into.</summary>
    public int Groups { get; }

    /// <summary>How many channels, C.</summary>
    public int Channels { get; }

    /// <summary>The small number added to the variance, ε.</summary>
    public double Epsilon { get; }

    /// <summary>The scale, γ, (C), or null.</summary>
    public Parameter? Weight { get; }

    /// <summary>The shift, β, (C), or null.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    /// <exception cref="ShapeException">The second axis of <paramref name="x"/> is not <see cref="Channels"/>.</exception>
    public override Tensor Forward(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        ShapeException.Require(x.Rank >= 2 && x.Shape[1] == Channels, $"{this} got x {x.Shape}; its second axis must be {Channels}");
        return x.GroupNorm(Groups, Weight, Bias, (float)Epsilon);
    }

    /// <summary>Sizes.</summary>
    public override string ToString() => $"GroupNorm({Groups} groups, {Channels})";
}

/// <summary>Instance normalisation: every channel of every sample by its own mean and variance, <c>y = γ (x − μ) / √(σ² + ε) + β</c>.</summary>
/// <remarks>
/// <para>Shapes: x <c>(N, C, *)</c> with one to three axes after the channels → y of the same shape. One class serves all dimensions;
/// there are no running statistics, as in PyTorch's layer unless they are asked for.</para>
/// <para>Start: γ = 1, β = 0, if affine. Checkpoint keys: <c>weight</c> (γ), <c>bias</c> (β), both (C).</para>
/// <para>Source: Ulyanov, Vedaldi and Lempitsky 2016, arXiv:1607.08022.</para>
/// </remarks>
public sealed class InstanceNorm : Layer
{
    /// <summary>A layer for the given number of channels.</summary>
    /// <param name="channels">C.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="affine">Whether to scale and shift; not, unless asked for, as in PyTorch.</param>
    public InstanceNorm(int channels, double epsilon = 1e-5, bool affine = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        (Channels, Epsilon) = (channels, epsilon);
        if (!affine) return;
        Weight = Register("weight", Tensor.Ones([channels]));
        Bias = Register("bias", Tensor.Zeros([channels]));
    }

    /// <summary>How many channels, C.</summary>
    public int Channels { get; }

    /// <summary>The small number added to the variance, ε.</summary>
    public double Epsilon { get; }

    /// <summary>The scale, γ, (C), or null.</summary>
    public Parameter? Weight { get; }

    /// <summary>The shift, β, (C), or null.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    /// <exception cref="ShapeException">The second axis of <paramref name="x"/> is not <see cref="Channels"/>.</exception>
    public override Tensor Forward(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        ShapeException.Require(x.Rank >= 3 && x.Shape[1] == Channels, $"{this} got x {x.Shape}; it must be (N, {Channels}, *)");
        return x.InstanceNorm(Weight, Bias, (float)Epsilon);
    }

    /// <summary>Sizes.</summary>
    public override string ToString() => $"InstanceNorm({Channels})";
}
