using Rindoku.Nn;
using Rindoku.Ops;

namespace Rindoku.Bench;

/// <summary>Single operations.</summary>
internal static class KernelWorkloads
{
    private const int Many = 16 << 20;

    public static IReadOnlyList<Workload> All { get; } =
    [
        Gemm("gemm-256", 256, 256, 256),
        Gemm("gemm-1024", 1024, 1024, 1024),
        Gemm("gemm-2048", 2048, 2048, 2048),
        Gemm("gemm-skinny", 32, 4096, 1024),
        new("gemm-batched", "64 products of 128 x 64 by 64 x 128", _ =>
        {
            Rng rng = Steps.Numbers();
            Tensor a = rng.Normal([64, 128, 64]), b = rng.Normal([64, 64, 128]);
            return OfTwo(a, b, (a, b) => a.MatMul(b));
        }, Flops: 2.0 * 64 * 128 * 128 * 64),
        Conv("conv3x3-64", 32, 64, 32, 64, 3),
        Conv("conv3x3-64-train", 32, 64, 32, 64, 3, train: true),
        Conv("conv3x3-256", 32, 256, 14, 256, 3),
        Conv("conv1x1-256", 32, 256, 28, 64, 1),
        Conv("conv7x7-stem", 8, 3, 224, 64, 7, stride: 2),
        Conv("conv-depthwise", 32, 128, 32, 128, 3, groups: 128),
        Conv("conv-grouped-train", 16, 128, 28, 128, 3, groups: 32, train: true),
        OfOne("softmax-rows", "softmax over the last axis of 4096 x 1024", [4096, 1024], x => x.Softmax(), Bytes(2, 4096 * 1024)),
        new("layernorm-rows", "layer normalisation over the last axis of 4096 x 768",
            _ => Steps.Infer(new LayerNorm(768), Steps.Numbers().Normal([4096, 768])), Bytes: Bytes(2, 4096 * 768)),
        OfOne("gelu-16m", "GELU (erf) of 16 M numbers", [Many], x => x.Gelu(), Bytes(2, Many)),
        new("add-16m", "sum of two vectors of 16 M numbers", _ =>
        {
            Rng rng = Steps.Numbers();
            Tensor a = rng.Normal([Many]), b = rng.Normal([Many]);
            return OfTwo(a, b, (a, b) => a + b);
        }, Bytes: Bytes(3, Many)),
        OfOne("sum-rows", "sum over the last axis of 4096 x 4096", [4096, 4096], x => x.Sum([-1]), Bytes(1, 4096 * 4096)),
        OfOne("transpose-2048", "transpose of 2048 x 2048", [2048, 2048], x => x.T(), Bytes(2, 2048 * 2048)),
        new("tiny-ops", "100 chained sums of 16 numbers, with gradient: the cost of a call", _ =>
        {
            Parameter a = new(Steps.Numbers().Normal([16]));
            return new(() =>
            {
                a.Grad = null;
                Tensor y = a;
                for (int i = 0; i < 100; i++) y += a;
                Tensor sum = y.Sum();
                sum.Backward();
                return sum;
            })
            { Inputs = [("a", a)] };
        }),
    ];

    private static double Bytes(int arrays, int numbers) => (double)arrays * numbers * sizeof(float);

    private static Workload OfOne(string name, string description, Shape shape, Func<Tensor, Tensor> f, double bytes) => new(name, description, _ =>
    {
        Tensor x = Steps.Numbers().Normal(shape);
        return new(() => f(x)) { Inputs = [("x", x)] };
    }, Bytes: bytes);

    private static BenchStep OfTwo(Tensor a, Tensor b, Func<Tensor, Tensor, Tensor> f) => new(() => f(a, b)) { Inputs = [("a", a), ("b", b)] };

    private static Workload Gemm(string name, int m, int n, int k) => new(name, $"matrix product of {m} x {k} by {k} x {n}", divisor =>
    {
        Rng rng = Steps.Numbers();
        Tensor a = rng.Normal([m / divisor, k]), b = rng.Normal([k, n]);
        return OfTwo(a, b, (a, b) => a.MatMul(b));
    }, Flops: 2.0 * m * n * k);

    private static Workload Conv(string name, int batch, int inputs, int size, int outputs, int kernel, int stride = 1, int groups = 1, bool train = false)
    {
        double places = (double)(size / stride) * (size / stride);
        double flops = 2.0 * batch * outputs * places * (inputs / groups) * kernel * kernel * (train ? 3 : 1);
        string what = $"{kernel} x {kernel} convolution, {inputs} to {outputs} channels{(groups > 1 ? $" in {groups} groups" : "")}";
        return new Workload(name, $"{what}, batch {batch} of {size} x {size}{(train ? ", with both gradients" : "")}", divisor =>
        {
            Rng rng = Steps.Numbers();
            Conv2d layer = new(inputs, outputs, kernel, rng, stride, padding: kernel / 2, groups: groups, bias: false);
            Tensor x = rng.Normal([batch / divisor, inputs, size, size]);
            return train ? Both(layer, x.Tracked(), rng) : Steps.Infer(layer, x);
        }, flops);
    }

    // Forward, then the gradients by input and filters of a given gradient of the output.
    private static BenchStep Both(Conv2d layer, Tensor x, Rng rng)
    {
        Tensor dy = rng.Normal(layer.Forward(x).Shape);
        Tensor[] leaves = [x, layer.Weight], gradients = [];
        return new(() => (gradients = Grad.Vjp(layer.Forward(x), dy, leaves))[0])
        {
            Model = layer,
            Inputs = [("x", x), ("dy", dy)],
            OtherGradients = () => [("x", gradients[0]), ("p0", gradients[1])],
        };
    }
}
