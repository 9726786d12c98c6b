using Rindoku.Nn;

namespace Rindoku.Papers.Uncertainty.MarginalLikelihood;

/// <summary>The architectures that the evidence chooses among: none has a layer whose output does not depend on the scale of its weights.</summary>
public enum NetworkKind
{
    /// <summary>No hidden layer.</summary>
    Linear,

    /// <summary>One.</summary>
    Shallow,

    /// <summary>Two.</summary>
    Deep,

    /// <summary>Two convolutions.</summary>
    Convolutional,
}

/// <summary>Builds them.</summary>
internal static class Networks
{
    /// <summary>A network for images with ReLU.</summary>
    /// <param name="kind">Which.</param>
    /// <param name="width">Units of each hidden layer, or channels of the first convolution; the second has twice as many.</param>
    /// <param name="image">(channels, height, width).</param>
    /// <param name="classes">C.</param>
    /// <param name="rng">Source of the start values.</param>
    public static Layer ForImages(NetworkKind kind, int width, Shape image, int classes, Rng rng)
    {
        if (kind != NetworkKind.Convolutional) return new Sequential([new Flatten(), .. Dense(kind, image.Length, width, classes, Activation.Relu, rng)]);
        int side = Math.Min(4, image[1] / 4); // 2 for digits of 8 × 8, else 4
        return new Sequential(new Conv2d(image[0], width, 3, rng, padding: 1), Activation.Relu, Pool.Max2d(2),
            new Conv2d(width, 2 * width, 3, rng, padding: 1), Activation.Relu, Pool.AdaptiveMax2d(side), new Flatten(), new Linear(2 * width * side * side, classes, rng));
    }

    /// <summary>A network from one number to another with tanh.</summary>
    public static Layer ForSine(NetworkKind kind, int width, Rng rng) => new Sequential(Dense(kind, 1, width, 1, Activation.Tanh, rng));

    private static IEnumerable<Layer> Dense(NetworkKind kind, int inputs, int width, int outputs, Layer activation, Rng rng)
    {
        for (int hidden = 0; hidden < (int)kind; hidden++)
        {
            yield return new Linear(inputs, width, rng);
            yield return activation;
            inputs = width;
        }
        yield return new Linear(inputs, outputs, rng);
    }
}
