using Rindoku.Ops;

namespace Rindoku.Nn;

/// <summary>Rectified linear unit with a learned slope: <c>y = x</c> above 0, else <c>a x</c>.</summary>
/// <remarks>
/// <para>Shapes: x <c>(N, C, *)</c>, or any with a single slope → y of the same shape.</para>
/// <para>Start: a = 0.25. Checkpoint key: <c>weight</c> (1) or (C).</para>
/// <para>Source: He et al. 2015, arXiv:1502.01852.</para>
/// </remarks>
public sealed class PRelu : Layer
{
    /// <summary>A layer with one slope for everything, or one for each channel.</summary>
    /// <param name="channels">1, or the size of axis 1 of x.</param>
    /// <param name="start">The slope at the start.</param>
    public PRelu(int channels = 1, double start = 0.25)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        Weight = Register("weight", Tensor.Full([channels], (float)start));
    }

    /// <summary>The slopes, a.</summary>
    public Parameter Weight { get; }

    /// <inheritdoc/>
    /// <exception cref="ShapeException">There are several slopes, and not one for each channel of <paramref name="x"/>.</exception>
    public override Tensor Forward(Tensor x) => LayerTrace.NoteFeature(this, x, x.Prelu(Weight));

    /// <summary>Sizes.</summary>
    public override string ToString() => $"PRelu({Weight.Length})";
}
