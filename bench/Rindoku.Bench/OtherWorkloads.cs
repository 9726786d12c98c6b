using Rindoku.Nn;
using Rindoku.Ops;
using Rindoku.Optim;

namespace Rindoku.Bench;

/// <summary>A radiance field, an image-to-image network, and gradients of gradients.</summary>
internal static class OtherWorkloads
{
    public static IReadOnlyList<Workload> All { get; } =
    [
        new("nerf-train", "training of NeRF's 8 x 256 perceptron on 16,384 points", divisor =>
        {
            Rng rng = Steps.Numbers();
            RadianceField model = new(rng);
            Tensor points = rng.Normal([16384 / divisor, 63]);
            return Steps.Train(model, new Adam(model.Parameters), () => model.Forward(points).Square().Mean()) with { Inputs = [("p", points)] };
        }, Flops: 47.84e9),
        new("unet-train", "training of pix2pix's U-Net (32 wide) on 64 x 64 images, batch 4", divisor =>
        {
            Rng rng = Steps.Numbers();
            UNet model = new(rng);
            Tensor x = rng.Normal([4 / divisor, 3, 64, 64]), y = rng.Uniform([4 / divisor, 3, 64, 64]);
            return Steps.Train(model, new Adam(model.Parameters, 2e-4, 0.5, 0.999), () => model.Forward(x).L1Loss(y)) with { Inputs = [("x", x), ("y", y)] };
        }, Flops: 2.114e9),
        new("gradient-penalty", "training through the gradient of a small convolutional network, batch 32", divisor =>
        {
            Rng rng = Steps.Numbers();
            Sequential model = new(new Conv2d(3, 32, 3, rng, stride: 2, padding: 1), Activation.Softplus,
                new Conv2d(32, 64, 3, rng, stride: 2, padding: 1), Activation.Softplus, new Flatten(), new Linear(64 * 64, 10, rng));
            Parameter x = new(rng.Normal([32 / divisor, 3, 32, 32])); // a leaf whose gradient is added up too, as the baseline's is
            return Steps.Train(model, Steps.Sgd(model), () => Penalty(model, x)) with { Inputs = [("x", x)] };
        }),
    ];

    private static Tensor Penalty(Layer model, Tensor x)
    {
        Tensor output = model.Forward(x), slope = Grad.Of(output.Sum(), x, createGraph: true);
        return output.Square().Mean() + (slope.Reshape(x.Shape[0], -1).Norm(2, [1]) - 1).Square().Mean();
    }

    private sealed class RadianceField : Layer
    {
        private readonly Linear[] hidden;
        private readonly Linear output;

        public RadianceField(Rng rng)
        {
            hidden = [.. Enumerable.Range(0, 8).Select(i => new Linear(i switch { 0 => 63, 5 => 319, _ => 256 }, 256, rng))];
            Register("hidden", new ModuleList(hidden));
            output = Register("output", new Linear(256, 4, rng));
        }

        public override Tensor Forward(Tensor x)
        {
            Tensor h = x;
            for (int i = 0; i < hidden.Length; i++) h = hidden[i].Forward(i == 5 ? Tensor.Concat([x, h], -1) : h).Relu();
            return output.Forward(h);
        }
    }

    private sealed class UNet : Layer
    {
        private const int Base = 32;
        private readonly Layer[] down, up;
        private readonly ConvTranspose2d output;

        public UNet(Rng rng)
        {
            down = [new Conv2d(3, Base, 4, rng, stride: 2, padding: 1), Down(1, 2), Down(2, 4), Down(4, 8), Down(8, 8)];
            up = [Up(8, 8), Up(16, 4), Up(8, 2), Up(4, 1)];
            Register("down", new ModuleList(down));
            Register("up", new ModuleList(up));
            output = Register("output", new ConvTranspose2d(2 * Base, 3, 4, rng, stride: 2, padding: 1));

            Sequential Down(int inputs, int outputs) => new(Activation.LeakyRelu(0.2f),
                new Conv2d(inputs * Base, outputs * Base, 4, rng, stride: 2, padding: 1, bias: false), new BatchNorm(outputs * Base));
            Sequential Up(int inputs, int outputs) => new(Activation.Relu,
                new ConvTranspose2d(inputs * Base, outputs * Base, 4, rng, stride: 2, padding: 1, bias: false), new BatchNorm(outputs * Base));
        }

        public override Tensor Forward(Tensor x)
        {
            List<Tensor> levels = [];
            foreach (Layer layer in down) levels.Add(x = layer.Forward(x));
            for (int i = 0; i < up.Length; i++) x = Tensor.Concat([up[i].Forward(x), levels[^(i + 2)]], 1);
            return output.Forward(x.Relu()).Tanh();
        }
    }
}
