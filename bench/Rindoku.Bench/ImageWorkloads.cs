using Rindoku.Nn;
using Rindoku.Ops;

namespace Rindoku.Bench;

/// <summary>A perceptron and convolutional classifiers.</summary>
internal static class ImageWorkloads
{
    public static IReadOnlyList<Workload> All { get; } =
    [
        new("mlp-train", "training of a 64-256-256-10 perceptron, batch 128", divisor =>
        {
            Rng rng = Steps.Numbers();
            Sequential model = new(new Linear(64, 256, rng), Activation.Relu, new Linear(256, 256, rng), Activation.Relu, new Linear(256, 10, rng));
            return Steps.Classify(model, rng.Normal([128 / divisor, 64]), 10, rng);
        }, Flops: 60.69e6),
        new("resnet20-train", "training of a 20-layer residual network on 32 x 32 images, batch 128", divisor =>
        {
            Rng rng = Steps.Numbers();
            return Steps.Classify(ResNet20(rng), rng.Normal([128 / divisor, 3, 32, 32]), 10, rng);
        }, Flops: 31.23e9),
        new("resnet20-infer", "the same network without gradients", divisor =>
        {
            Rng rng = Steps.Numbers();
            return Steps.Infer(ResNet20(rng), rng.Normal([128 / divisor, 3, 32, 32]));
        }, Flops: 10.45e9),
        new("densenet-bc40-train", "training of DenseNet-BC (40 layers, growth 12) on 32 x 32 images, batch 64", divisor =>
        {
            Rng rng = Steps.Numbers();
            return Steps.Classify(DenseNet(rng), rng.Normal([64 / divisor, 3, 32, 32]), 10, rng);
        }, Flops: 27.70e9),
        SqueezeNet("squeezenet11-infer-b1", 1),
        SqueezeNet("squeezenet11-infer-b16", 16),
    ];

    private static Workload SqueezeNet(string name, int batch) => new(name, $"SqueezeNet 1.1 on 224 x 224 images, batch {batch}", divisor =>
    {
        Rng rng = Steps.Numbers();
        return Steps.Infer(SqueezeNet(rng), rng.Normal([batch / divisor, 3, 224, 224]));
    }, Flops: 698.3e6 * batch);

    private static Conv2d Conv3(int inputs, int outputs, Rng rng, int stride = 1) => new(inputs, outputs, 3, rng, stride, padding: 1, bias: false);

    private static Conv2d Conv1(int inputs, int outputs, Rng rng, int stride = 1) => new(inputs, outputs, 1, rng, stride, bias: false);

    private static Sequential ResNet20(Rng rng)
    {
        List<Layer> layers = [Conv3(3, 16, rng), new BatchNorm(16), Activation.Relu];
        int channels = 16;
        foreach (int width in (int[])[16, 32, 64])
            for (int block = 0; block < 3; block++)
            {
                int stride = block == 0 && width > 16 ? 2 : 1;
                Sequential body = new(Conv3(channels, width, rng, stride), new BatchNorm(width), Activation.Relu, Conv3(width, width, rng), new BatchNorm(width));
                layers.Add(new Residual(body, stride == 1 && channels == width ? null : new Sequential(Conv1(channels, width, rng, stride), new BatchNorm(width))));
                layers.Add(Activation.Relu);
                channels = width;
            }
        return new Sequential([.. layers, Pool.GlobalAverage, new Linear(64, 10, rng)]);
    }

    private static Sequential DenseNet(Rng rng)
    {
        const int growth = 12;
        int channels = 24;
        List<Layer> layers = [Conv3(3, channels, rng)];
        for (int block = 0; block < 3; block++)
        {
            for (int i = 0; i < 6; i++, channels += growth) layers.Add(new DenseLayer(channels, growth, rng));
            if (block == 2) break;
            layers.AddRange([new BatchNorm(channels), Activation.Relu, Conv1(channels, channels / 2, rng), Pool.Average2d(2)]);
            channels /= 2;
        }
        return new Sequential([.. layers, new BatchNorm(channels), Activation.Relu, Pool.GlobalAverage, new Linear(channels, 10, rng)]);
    }

    private static Sequential SqueezeNet(Rng rng) => new(
        new Conv2d(3, 64, 3, rng, stride: 2), Activation.Relu, HalvingPool(), new Fire(64, 16, 64, rng), new Fire(128, 16, 64, rng),
        HalvingPool(), new Fire(128, 32, 128, rng), new Fire(256, 32, 128, rng),
        HalvingPool(), new Fire(256, 48, 192, rng), new Fire(384, 48, 192, rng), new Fire(384, 64, 256, rng), new Fire(512, 64, 256, rng),
        new Conv2d(512, 1000, 1, rng), Activation.Relu, Pool.GlobalAverage);

    private static Layer HalvingPool() => Pool.Max2d(3, 2, ceilMode: true);

    /// <summary>Adds its new channels to those it was given.</summary>
    private sealed class DenseLayer : Layer
    {
        private readonly Layer body;

        public DenseLayer(int inputs, int growth, Rng rng) => body = Register("body", new Sequential(new BatchNorm(inputs), Activation.Relu,
            Conv1(inputs, 4 * growth, rng), new BatchNorm(4 * growth), Activation.Relu, Conv3(4 * growth, growth, rng)));

        public override Tensor Forward(Tensor x) => Tensor.Concat([x, body.Forward(x)], 1);
    }

    /// <summary>A few channels squeezed out of many, and expanded by two kinds of filters.</summary>
    private sealed class Fire : Layer
    {
        private readonly Conv2d squeeze, expand1, expand3;

        public Fire(int inputs, int squeezed, int expanded, Rng rng)
        {
            squeeze = Register("squeeze", new Conv2d(inputs, squeezed, 1, rng));
            expand1 = Register("expand1", new Conv2d(squeezed, expanded, 1, rng));
            expand3 = Register("expand3", new Conv2d(squeezed, expanded, 3, rng, padding: 1));
        }

        public override Tensor Forward(Tensor x)
        {
            x = squeeze.Forward(x).Relu();
            return Tensor.Concat([expand1.Forward(x).Relu(), expand3.Forward(x).Relu()], 1);
        }
    }
}
