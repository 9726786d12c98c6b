using Rindoku.Ops;

namespace Rindoku.Nn;

/// <summary>Layer normalisation over the last axes: <c>y = γ (x − μ) / √(σ² + ε) + β</c>, with the mean and variance of each row.</summary>
/// <remarks>
/// <para>Shapes: x <c>(*, S)</c> → y of the same shape; S is <see cref="Normalized"/>.</para>
/// <para>Start: γ = 1, β = 0. Checkpoint keys: <c>weight</c> (γ), <c>bias</c> (β).</para>
/// <para>Source: Ba, Kiros and Hinton 2016, arXiv:1607.06450.</para>
/// </remarks>
public sealed class LayerNorm : Layer
{
    /// <summary>A layer over the last axis.</summary>
    public LayerNorm(int size, double epsilon = 1e-5, bool affine = true, bool bias = true) : this([size], epsilon, affine, bias) { }

    /// <summary>A layer over the last axes.</summary>
    /// <param name="shape">S, the sizes of the axes that are normalised together.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="affine">Whether to scale (and shift).</param>
    /// <param name="bias">Whether an affine layer shifts, too.</param>
    public LayerNorm(Shape shape, double epsilon = 1e-5, bool affine = true, bool bias = true)
    {
        ShapeException.Require(shape.Rank > 0 && shape.Length > 0, $"LayerNorm: the normalised shape must have at least one element, got {shape}");
        (Normalized, Epsilon) = (shape, epsilon);
        if (!affine) return;
        Weight = Register("weight", Tensor.Ones(shape));
        if (bias) Bias = Register("bias", Tensor.Zeros(shape));
    }

    /// <summary>The sizes of the axes that are normalised together.</summary>
    public Shape Normalized { get; }

    /// <summary>The small number added to the variance, ε.</summary>
    public double Epsilon { get; }

    /// <summary>The scale, γ, or null.</summary>
    public Parameter? Weight { get; }

    /// <summary>The shift, β, or null.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    /// <exception cref="ShapeException"><paramref name="x"/> does not end in <see cref="Normalized"/>.</exception>
    public override Tensor Forward(Tensor x) => x.LayerNorm(Normalized, Weight, Bias, (float)Epsilon);

    /// <summary>Sizes.</summary>
    public override string ToString() => $"LayerNorm{Normalized}";
}

/// <summary>Root-mean-square normalisation over the last axes: <c>y = γ x / √(mean(x²) + ε)</c>.</summary>
/// <remarks>
/// <para>Shapes: x <c>(*, S)</c> → y of the same shape; S is <see cref="Normalized"/>.</para>
/// <para>Start: γ = 1. Checkpoint key: <c>weight</c> (γ).</para>
/// <para>Source: Zhang and Sennrich 2019, arXiv:1910.07467.</para>
/// </remarks>
public sealed class RmsNorm : Layer
{
    /// <summary>A layer over the last axis.</summary>
    public RmsNorm(int size, double epsilon = 1e-6, bool affine = true) : this([size], epsilon, affine) { }

    /// <summary>A layer over the last axes.</summary>
    /// <param name="shape">S, the sizes of the axes that are normalised together.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="affine">Whether to scale.</param>
    public RmsNorm(Shape shape, double epsilon = 1e-6, bool affine = true)
    {
        ShapeException.Require(shape.Rank > 0 && shape.Length > 0, $"RmsNorm: the normalised shape must have at least one element, got {shape}");
        (Normalized, Epsilon) = (shape, epsilon);
        if (affine) Weight = Register("weight", Tensor.Ones(shape));
    }

    /// <summary>The sizes of the axes that are normalised together.</summary>
    public Shape Normalized { get; }

    /// <summary>The small number added to the mean square, ε.</summary>
    public double Epsilon { get; }

    /// <summary>The scale, γ, or null.</summary>
    public Parameter? Weight { get; }

    /// <inheritdoc/>
    /// <exception cref="ShapeException"><paramref name="x"/> does not end in <see cref="Normalized"/>.</exception>
    public override Tensor Forward(Tensor x) => x.RmsNorm(Normalized, Weight, (float)Epsilon);

    /// <summary>Sizes.</summary>
    public override string ToString() => $"RmsNorm{Normalized}";
}
