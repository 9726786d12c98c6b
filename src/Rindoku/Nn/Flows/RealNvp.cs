namespace Rindoku.Nn.Flows;

/// <summary>Real NVP: flows made of affine couplings that keep, by turns, one part of the numbers and the other.</summary>
/// <remarks>Source: Dinh, Sohl-Dickstein and Bengio 2017, arXiv:1605.08803, in the forms of the code of Izmailov et al. 2020, arXiv:1912.13025.</remarks>
public static class RealNvp
{
    /// <summary>A flow of vectors, (N, D) to (N, D).</summary>
    /// <param name="size">D, at least 2.</param>
    /// <param name="couplings">How many couplings; the even ones keep the first half.</param>
    /// <param name="width">Units of the hidden layers of each coupling's network.</param>
    /// <param name="rng">Source of the start values and of dropout.</param>
    /// <param name="hidden">How many layers of width × width stand between the first and the last.</param>
    /// <param name="dropout">How likely a unit after the first layer is dropped in training; 0 for no dropout.</param>
    /// <remarks>Each network: Linear(D → width), ReLU, dropout, then as often as <paramref name="hidden"/> says Linear(width → width) and ReLU, Linear(width → 2 D).</remarks>
    public static FlowSequence OfVectors(int size, int couplings, int width, Rng rng, int hidden = 1, double dropout = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(couplings);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegative(hidden);
        ArgumentNullException.ThrowIfNull(rng);
        Rng drops = rng.Split("dropout");
        return new FlowSequence(Enumerable.Range(0, couplings).Select(i => new VectorCoupling(Network(rng.Split(i)), size, keepsFirst: i % 2 == 0)));

        Sequential Network(Rng weights) => new([
            new Linear(size, width, weights), Activation.Relu, .. (Layer[])(dropout > 0 ? [new Dropout(dropout, drops)] : []),
            .. Enumerable.Range(0, hidden).SelectMany(_ => (Layer[])[new Linear(width, width, weights), Activation.Relu]),
            new Linear(width, 2 * size, weights)]);
    }

    /// <summary>A flow of images with pixels from 0 to 1, (N, C, H, W) to (N, C·H·W).</summary>
    /// <param name="image">(C, H, W); H and W can be halved at every scale but the last.</param>
    /// <param name="scales">How many scales.</param>
    /// <param name="width">Channels of the networks of the first checkerboard couplings; doubled after each squeeze.</param>
    /// <param name="blocks">Residual blocks of each coupling's network.</param>
    /// <param name="rng">Source of the start values.</param>
    /// <remarks>
    /// A logit, then at each scale three checkerboard couplings, a squeeze, three couplings of channels, and half of the channels put aside; at the
    /// last scale four checkerboard couplings.
    /// </remarks>
    /// <exception cref="ShapeException">The image cannot be halved that often.</exception>
    public static FlowSequence OfImages(Shape image, int scales, int width, int blocks, Rng rng)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(scales);
        ArgumentNullException.ThrowIfNull(rng);
        int factor = 1 << (scales - 1);
        ShapeException.Require(image.Rank == 3 && image[1] % factor == 0 && image[2] % factor == 0 && image[1] * image[2] > factor * factor,
            $"RealNvp.OfImages: got images of {image} at {scales} scales; needed (C, H, W) with H and W multiples of {factor}, and at least two pixels at the last scale");
        return new FlowSequence(new LogitFlow(), Scale(image, scales, width, blocks, rng));
    }

    private static FlowSequence Scale(Shape shape, int scales, int width, int blocks, Rng rng)
    {
        int channels = shape[0];
        Flow[] first = [.. Enumerable.Range(0, scales == 1 ? 4 : 3).Select(i =>
            new CheckerboardCoupling(new CouplingResNet(channels, width, 2 * channels, blocks, doubled: true, rng), channels, keepsCorner: i % 2 == 0))];
        if (scales == 1) return new FlowSequence([.. first, new FlattenFlow(shape)]);
        Shape squeezed = [4 * channels, shape[1] / 2, shape[2] / 2];
        Flow[] second = [.. Enumerable.Range(0, 3).Select(i =>
            new ChannelCoupling(new CouplingResNet(2 * channels, 2 * width, 4 * channels, blocks, doubled: false, rng), 4 * channels, keepsFirst: i % 2 == 1))];
        Flow rest = Scale(squeezed.With(0, 2 * channels), scales - 1, 2 * width, blocks, rng);
        return new FlowSequence([.. first, new Squeeze(), .. second, new FactorOut(rest, squeezed)]);
    }
}
