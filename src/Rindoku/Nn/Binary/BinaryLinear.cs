using Rindoku.Ops;

namespace Rindoku.Nn.Binary;

/// <summary>Affine map whose weights are signs: <c>y = x · sign(W)ᵀ + b</c>, or <c>α x · sign(W)ᵀ + b</c> where it is scaled.</summary>
/// <remarks>
/// Shapes: x <c>(N, In)</c>, W <c>(Out, In)</c>, b <c>(Out)</c> → y <c>(N, Out)</c>. Start: W from U(−1, 1), b = 0. If x is of signs, the sums before α and b
/// are exact whole numbers, those of <see cref="SignTensor.Linear"/>. See <see cref="BinaryLayer"/> for the gradient.
/// </remarks>
public sealed class BinaryLinear : BinaryLayer
{
    /// <summary>A layer with random start values.</summary>
    /// <param name="inputs">Size of the last axis of x.</param>
    /// <param name="outputs">Size of the last axis of y.</param>
    /// <param name="rng">Source of the start values.</param>
    /// <param name="scaled">Whether the signs are scaled by α.</param>
    /// <param name="bias">Whether to add b.</param>
    /// <param name="start">Start values of W; null for U(−1, 1).</param>
    public BinaryLinear(int inputs, int outputs, Rng rng, bool scaled = false, bool bias = true, Func<Rng, Shape, Tensor>? start = null)
        : base([outputs, inputs], rng, scaled, bias, start) { }

    /// <inheritdoc/>
    /// <exception cref="ShapeException">x is not (N, In).</exception>
    public override Tensor Forward(Tensor x, Tensor weight)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(weight);
        (Tensor signs, Tensor? scales) = Binarise(weight);
        Tensor y = Finish(x.Linear(signs), scales, places: 0);
        return LayerTrace.Note(this, x, y, multiplyAdds: (long)y.Length * FanIn);
    }

    /// <summary>Sizes.</summary>
    public override string ToString() => $"BinaryLinear({FanIn} → {Weight.Shape[0]}{(IsScaled ? ", scaled" : "")}{(Bias is null ? ", no bias" : "")})";
}
