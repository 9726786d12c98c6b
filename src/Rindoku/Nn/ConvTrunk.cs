using Rindoku.Ops;

namespace Rindoku.Nn;

/// <summary>Small convolutional networks without a head, for small images.</summary>
public static class ConvTrunk
{
    /// <summary>
    /// Three convolutions of 3 × 3 with batch normalisation and ReLU, a pooling of 2 × 2 after the second, and what is left averaged to 2 × 2:
    /// (N, channels, H, W) → (N, <see cref="SmallFeatures"/>). Made for the 8 × 8 digits.
    /// </summary>
    /// <param name="channels">Channels of an image.</param>
    /// <param name="width">Channels after the first convolution; after the others twice as many.</param>
    /// <param name="rng">Source of the start values.</param>
    public static Sequential Small(int channels, int width, Rng rng)
    {
        return new Sequential([.. Convolution(channels, width), .. Convolution(width, 2 * width), new Lambda("MaxPool", x => x.MaxPool2d(2)),
            .. Convolution(2 * width, 2 * width), new Lambda("AdaptiveAveragePool", x => x.AdaptiveAveragePool2d(2)), new Flatten()]);

        Layer[] Convolution(int inputs, int outputs) => [new Conv2d(inputs, outputs, 3, rng, padding: 1, bias: false), new BatchNorm(outputs), Activation.Relu];
    }

    /// <summary>How many features <see cref="Small"/> gives: <c>8 · width</c>.</summary>
    public static int SmallFeatures(int width) => 8 * width;
}
