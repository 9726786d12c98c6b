using Rindoku.Nn;
using Rindoku.Ops;

namespace Rindoku.Papers.Uncertainty.Duq;

/// <summary>The networks of the arms: the same trunk below kernels and below softmax.</summary>
internal static class Networks
{
    /// <summary>A network with kernels.</summary>
    public static RbfNetwork WithKernels(DuqSettings s, Rng rng)
    {
        (Layer trunk, int features) = Trunk(s, rng.Split("trunk"));
        return new RbfNetwork(trunk, features, Classes(s.Task), new RbfOptions(s.EmbeddingSize, s.LengthScale, s.Memory, s.ProjectionDeviation, s.StartCount), rng);
    }

    /// <summary>A network that ends in logits.</summary>
    public static Sequential WithLogits(DuqSettings s, Rng rng)
    {
        (Layer trunk, int features) = Trunk(s, rng.Split("trunk"));
        Linear head = new(features, Classes(s.Task), rng.Split("head"));
        // The points' trunk ends in a linear layer; below another one it needs its ReLU.
        return s.Task == DuqTask.TwoMoons ? new Sequential(trunk, Activation.Relu, head) : new Sequential(trunk, head);
    }

    private static int Classes(DuqTask task) => task == DuqTask.TwoMoons ? 2 : 10;

    private static (Layer Trunk, int Features) Trunk(DuqSettings s, Rng rng) => s.Task switch
    {
        DuqTask.TwoMoons => (ForPoints(s.Width, rng), s.Width),
        DuqTask.Digits => (ForDigits(s.Width, rng), 2 * s.Width),
        _ => (ForClothes(s.Width, rng), 4 * s.Width),
    };

    private static Sequential ForPoints(int width, Rng rng) =>
        new(new Linear(2, width, rng), Activation.Relu, new Linear(width, width, rng), Activation.Relu, new Linear(width, width, rng));

    private static Sequential ForDigits(int width, Rng rng) =>
        new(ConvTrunk.Small(1, width, rng), new Linear(ConvTrunk.SmallFeatures(width), 2 * width, rng), Activation.Relu);

    /// <summary>Three convolutions with pooling and a dense layer, (n, 1, 28, 28) → (n, 4 · width); with width 64 that of the authors' code.</summary>
    private static Sequential ForClothes(int width, Rng rng)
    {
        const int left = 2 * 2; // 28 → 14 → 7 → 5 without padding → 2
        return new Sequential([.. Convolution(1, width, 1), .. Convolution(width, 2 * width, 1), .. Convolution(2 * width, 2 * width, 0),
            new Flatten(), new Linear(2 * width * left, 4 * width, rng), Activation.Relu]);

        Layer[] Convolution(int inputs, int outputs, int padding) =>
            [new Conv2d(inputs, outputs, 3, rng, padding: padding), new BatchNorm(outputs), Activation.Relu, new Lambda("MaxPool", x => x.MaxPool2d(2))];
    }
}
