using Rindoku.Lab;
using Rindoku.Lab.Reports;
using Rindoku.Ops;

namespace Rindoku.Papers.Vision.BinaryNet;

/// <summary>How fast packed products and a packed network are, each by turns with the same in floats and with the same threads.</summary>
internal static class BinarySpeed
{
    private const int Batch = 100, Pixels = 784;

    // A packed product is over in a millisecond or two: so many at once are timed, or a busy machine would decide the mean.
    private const int AtOnce = 8;

    public static void Measure(ArmRun<BinaryNetSettings> run, ArmResult result)
    {
        Products(run, result);
        Networks(run, result);
        result.Figures.Add(new BarChart("How many times as fast as in floats", new Axis("speed-up"),
        [
            new Bar("product", result["real product seconds"] / result["packed product seconds"]),
            new Bar("small product, against plain loops", result["plain loops seconds"] / result["packed small product seconds"]),
            new Bar("network", result["real network seconds"] / result["packed network seconds"]),
        ])
        { Caption = "The paper's figure 3: its kernel on a GPU against a plain one (23 times), cuBLAS (3.4 times), and for the whole network (7 times)." });
    }

    private static void Products(ArmRun<BinaryNetSettings> run, ArmResult result)
    {
        int size = run.Settings.ProductSize, small = (size + 1) / 2;
        Rng rng = run.Rng.Split("products");
        (result["real product seconds"], result["packed product seconds"]) = ByTurns(size, rounds: 10, (a, b, _) => a.MatMul(b, transposeB: true));
        (result["plain loops seconds"], result["packed small product seconds"]) = ByTurns(small, rounds: 4, PlainProduct);

        // One operand is the weights, which are packed beforehand; packing the other is part of the work.
        (double Real, double Packed) ByTurns(int n, int rounds, Func<Tensor, Tensor, int, Tensor> product)
        {
            Tensor a = rng.Normal([n, n]).BinarySign().Keep(), b = rng.Normal([n, n]).BinarySign().Keep();
            SignWeights weights = new(b);
            (double real, double packed) = PairedTiming.MeanSeconds(() => product(a, b, n), () =>
            {
                for (int i = 0; i < AtOnce; i++) MemoryScope.Run(() => SignTensor.Pack(a).Linear(weights)); // each in the memory of the last
            }, rounds, run.Time, run.Stop);
            return (real, packed / AtOnce);
        }
    }

    /// <summary>The product as one writes it first: three loops, one number after the other.</summary>
    private static Tensor PlainProduct(Tensor a, Tensor b, int n)
    {
        float[] c = new float[n * n];
        ReadOnlySpan<float> x = a.Span, w = b.Span;
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++)
            {
                float sum = 0;
                for (int k = 0; k < n; k++) sum += x[i * n + k] * w[j * n + k];
                c[i * n + j] = sum;
            }
        return Tensor.Own(c, [n, n]);
    }

    // The network for MNIST with random weights: what it has learned makes no difference to its speed.
    private static void Networks(ArmRun<BinaryNetSettings> run, ArmResult result)
    {
        Rng rng = run.Rng.Split("networks");
        BinaryNet real = BinaryNet.Mlp(new() { Binary = false }, Pixels, run.Settings.TimedWidth, 3, 10, rng.Split("real"));
        BinaryNet binary = BinaryNet.Mlp(new(), Pixels, run.Settings.TimedWidth, 3, 10, rng.Split("binary"));
        PackedBinaryNet packed = new(binary, [Pixels]);
        real.Eval();
        Tensor images = BinaryNet.FromPixels(rng.Uniform([Batch, Pixels])).Keep();
        (result["real network seconds"], result["packed network seconds"]) =
            PairedTiming.MeanSeconds(() => real.Infer(images), () => packed.Forward(images), rounds: 5, run.Time, run.Stop);
        result["memory ratio"] = 4.0 * real.ParameterCount / packed.Bytes;
    }
}
