using Rindoku.Ops;

namespace Rindoku.Nn.Flows;

/// <summary>Pixels become channels, (N, C, H, W) to (N, 4 C, H / 2, W / 2): of each 2 × 2 block the upper left pixel first, then the lower right, the upper right, the lower left.</summary>
/// <remarks>
/// In this order each half of the channels is one colour of a checkerboard, so a multi-scale flow that puts one half aside puts aside every other pixel.
/// Nothing is scaled: the logarithm of the determinant is 0. Source: Dinh et al. 2017, arXiv:1605.08803, section 3.6.
/// </remarks>
public sealed class Squeeze : Flow
{
    private static readonly IntTensor order = IntTensor.Of(0, 3, 1, 2), back = IntTensor.Of(0, 2, 3, 1);

    /// <inheritdoc/>
    /// <exception cref="ShapeException">x is not (N, C, H, W) with H and W even.</exception>
    public override (Tensor Z, Tensor LogDeterminant) Forward(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        ShapeException.Require(x.Rank == 4 && x.Shape[2] % 2 == 0 && x.Shape[3] % 2 == 0, $"Squeeze: got {x.Shape}; needed (N, C, H, W) with H and W even");
        (int n, int c, int h, int w) = (x.Shape[0], x.Shape[1], x.Shape[2] / 2, x.Shape[3] / 2);
        Tensor z = x.PixelUnshuffle(2).Reshape(n, c, 4, h, w).Permute(0, 2, 1, 3, 4).IndexSelect(1, order).Reshape(n, 4 * c, h, w);
        return (z, Tensor.Zeros([n]));
    }

    /// <inheritdoc/>
    /// <exception cref="ShapeException">z is not (N, 4 C, H, W).</exception>
    public override Tensor Inverse(Tensor z)
    {
        ArgumentNullException.ThrowIfNull(z);
        ShapeException.Require(z.Rank == 4 && z.Shape[1] % 4 == 0, $"Squeeze: got {z.Shape} to undo; needed (N, 4 C, H, W)");
        (int n, int c, int h, int w) = (z.Shape[0], z.Shape[1] / 4, z.Shape[2], z.Shape[3]);
        return z.Reshape(n, 4, c, h, w).IndexSelect(1, back).Permute(0, 2, 1, 3, 4).Reshape(n, 4 * c, h, w).PixelShuffle(2);
    }

    /// <summary>The name.</summary>
    public override string ToString() => "Squeeze";
}

/// <summary>Factoring out: the first half of the channels goes through another flow, the second half is done; both are laid flat, (N, C·H·W).</summary>
/// <remarks>Checkpoint keys: <c>rest.*</c>. Source: Dinh et al. 2017, arXiv:1605.08803, section 3.6.</remarks>
public sealed class FactorOut : Flow
{
    private readonly Flow rest;
    private readonly Shape shape;

    /// <summary>A flow that puts half of the channels aside.</summary>
    /// <param name="rest">What the other half goes through; it gives (N, C / 2·H·W).</param>
    /// <param name="shape">The shape of one example, (C, H, W) with C even.</param>
    public FactorOut(Flow rest, Shape shape)
    {
        ShapeException.Require(shape.Rank == 3 && shape[0] % 2 == 0, $"FactorOut: got examples of {shape}; needed (C, H, W) with C even");
        (this.rest, this.shape) = (Register("rest", rest), shape);
    }

    /// <inheritdoc/>
    /// <exception cref="ShapeException">x is not (N, C, H, W).</exception>
    public override (Tensor Z, Tensor LogDeterminant) Forward(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        ShapeException.Require(x.Rank == 4 && x.Shape[1..] == shape, $"FactorOut: got {x.Shape}; needed examples of {shape}");
        int half = shape[0] / 2;
        (Tensor z, Tensor logDeterminant) = rest.Forward(x.Narrow(1, 0, half));
        return (Tensor.Concat([z, x.Narrow(1, half, half).Flatten(1)], 1), logDeterminant);
    }

    /// <inheritdoc/>
    /// <exception cref="ShapeException">z is not (N, C·H·W).</exception>
    public override Tensor Inverse(Tensor z)
    {
        ArgumentNullException.ThrowIfNull(z);
        ShapeException.Require(z.Rank == 2 && z.Shape[1] == shape.Length, $"FactorOut: got {z.Shape} to undo; needed (N, {shape.Length})");
        int half = shape.Length / 2;
        Tensor x = rest.Inverse(z.Narrow(1, 0, half));
        return Tensor.Concat([x, z.Narrow(1, half, half).Reshape(x.Shape)], 1);
    }

    /// <summary>The shape of what comes in.</summary>
    public override string ToString() => $"FactorOut{shape}";
}

/// <summary>Lays examples flat: (N, C, H, W) to (N, C·H·W).</summary>
/// <param name="shape">The shape of one example.</param>
public sealed class FlattenFlow(Shape shape) : Flow
{
    /// <inheritdoc/>
    public override (Tensor Z, Tensor LogDeterminant) Forward(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return (x.Flatten(1), Tensor.Zeros([x.Shape[0]]));
    }

    /// <inheritdoc/>
    public override Tensor Inverse(Tensor z)
    {
        ArgumentNullException.ThrowIfNull(z);
        return z.Reshape(shape.Insert(0, z.Shape[0]));
    }

    /// <summary>The name.</summary>
    public override string ToString() => "Flatten";
}

/// <summary>Takes numbers from 0 to 1 to all numbers: <c>z = logit(α + (1 − 2α) x)</c>.</summary>
/// <remarks>Source: Dinh et al. 2017, arXiv:1605.08803, section 4.1, with the α = 0.05 that their code has for α + (1 − 2α) x.</remarks>
public sealed class LogitFlow : Flow
{
    private readonly float alpha;

    /// <summary>A logit.</summary>
    /// <param name="alpha">How far 0 and 1 are moved from the edges, where the logit is infinite: above 0 and below 0.5.</param>
    public LogitFlow(double alpha = 0.05)
    {
        if (!(alpha is > 0 and < 0.5)) throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "LogitFlow: alpha must lie between 0 and 0.5");
        this.alpha = (float)alpha;
    }

    /// <inheritdoc/>
    public override (Tensor Z, Tensor LogDeterminant) Forward(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        Tensor p = x * (1 - 2 * alpha) + alpha, low = p.Log(), high = (1 - p).Log();
        int[] axes = [.. Enumerable.Range(1, x.Rank - 1)];
        return (low - high, (MathF.Log(1 - 2 * alpha) - low - high).Sum(axes));
    }

    /// <inheritdoc/>
    public override Tensor Inverse(Tensor z)
    {
        ArgumentNullException.ThrowIfNull(z);
        return (z.Sigmoid() - alpha) * (1 / (1 - 2 * alpha));
    }

    /// <summary>α.</summary>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"LogitFlow({alpha})");
}
