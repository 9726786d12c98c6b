using Rindoku.Kernels;

namespace Rindoku.Tests.Kernels;

[Collection(nameof(KernelSettings))]
public sealed unsafe class WinogradGradientTests
{
    private const int Zone = 40;

    private static readonly int[] Widths = [.. new[] { 512, 256, 128 }.Where(bits => bits <= Simd.Bits)];

    // (batch, channels in and out, height, width, padding).
    public static TheoryData<int, int, int, int, int, int> Cases => new()
    {
        { 2, 16, 20, 20, 21, 1 }, // odd sizes: the last tiles lie partly outside
        { 3, 24, 16, 13, 17, 0 }, // a last group of channels that is not full
        { 1, 33, 40, 18, 40, 2 }, // three groups: the last alone in a column
        { 1, 3, 5, 6, 300, 1 }, // rows of more than 32 tiles
        { 90, 16, 17, 7, 12, 1 }, // blocks of several images, several chunks, several chains
        { 67, 5, 24, 8, 8, 1 }, // a last block that is not full
        { 2, 17, 18, 3, 2, 3 }, // rows shorter than any vector, tiles wholly outside
        { 20, 96, 80, 8, 8, 1 }, // sums too large for chunks, in one block
        { 70, 96, 80, 8, 8, 1 }, // and in several
    };

    private static ConvGeometry Geometry(int batch, int inputs, int outputs, int height, int width, int padding)
    {
        Triple one = new(1, 1, 1), y = new(1, height + 2 * padding - 2, width + 2 * padding - 2);
        return new ConvGeometry(batch, 1, inputs, outputs, new(1, height, width), y, new(1, 3, 3), one, new(0, padding, padding), one);
    }

    private static float[] Random(int count, long stream)
    {
        float[] numbers = new float[count];
        new Rng(9, stream).FillUniform(numbers, -1, 1);
        return numbers;
    }

    /// <summary>The definition, in double precision, beside the largest sum of the products' sizes.</summary>
    private static (double[] Values, double Magnitude) Define(ConvGeometry g, float[] x, float[] dy)
    {
        double[] values = new double[g.OutChannels * g.InChannels * 9], sizes = new double[values.Length];
        for (int weight = 0; weight < values.Length; weight++)
        {
            (int o, int c, int tapY, int tapX) = (weight / 9 / g.InChannels, weight / 9 % g.InChannels, weight % 9 / 3, weight % 3);
            for (int n = 0; n < g.Batch; n++)
            {
                int planeX = (n * g.InChannels + c) * g.Input.Product, planeY = (n * g.OutChannels + o) * g.Output.Product;
                for (int i = Math.Max(0, g.Padding.H - tapY); i < Math.Min(g.Output.H, g.Input.H + g.Padding.H - tapY); i++)
                    for (int j = Math.Max(0, g.Padding.W - tapX); j < Math.Min(g.Output.W, g.Input.W + g.Padding.W - tapX); j++)
                    {
                        int at = planeX + (i + tapY - g.Padding.H) * g.Input.W + j + tapX - g.Padding.W;
                        double product = (double)dy[planeY + i * g.Output.W + j] * x[at];
                        values[weight] += product;
                        sizes[weight] += Math.Abs(product);
                    }
            }
        }
        return (values, sizes.Max());
    }

    [Theory, MemberData(nameof(Cases))]
    public void Weight_gradients_equal_the_definition(int batch, int inputs, int outputs, int height, int width, int padding)
    {
        ConvGeometry g = Geometry(batch, inputs, outputs, height, width, padding);
        float[] x = Random(batch * inputs * g.Input.Product, 1), dy = Random(batch * outputs * g.Output.Product, 2);
        (double[] expected, double magnitude) = Define(g, x, dy);
        float[]? first = null;
        foreach (int bits in Widths)
            foreach (int threads in new[] { 1, 3 })
            {
                using Settings _ = new(bits, threads);
                float[] room = new float[expected.Length + 2 * Zone];
                Array.Fill(room, float.NaN);
                fixed (float* px = x, pdy = dy, pdw = room) WinogradGradientKernel.Run(WinogradGradientPlan.For(g)!, px, pdy, pdw + Zone);
                for (int i = 0; i < Zone; i++) Assert.True(float.IsNaN(room[i]) && float.IsNaN(room[^(i + 1)]), "written outside");
                float[] actual = room[Zone..^Zone];
                for (int i = 0; i < actual.Length; i++)
                {
                    double error = Math.Abs(actual[i] - expected[i]), allowed = 1e-6 * magnitude;
                    Assert.True(error <= allowed, $"{actual[i]} at {i}, expected {expected[i]}: off by {error}, allowed {allowed}");
                }
                Assert.Equal(first ??= actual, actual); // the same bits for every vector width and any number of threads
            }
    }

    [Fact]
    public void It_is_not_used_where_it_does_not_apply()
    {
        ConvGeometry g = Geometry(2, 16, 16, 16, 16, 1);
        Assert.True(WinogradGradientPlan.For(g)!.Pays);
        Assert.Null(WinogradGradientPlan.For(g with { Groups = 2 }));
        Assert.Null(WinogradGradientPlan.For(g with { Stride = new(1, 2, 2) }));
        Assert.Null(WinogradGradientPlan.For(g with { Dilation = new(1, 2, 2) }));
        Assert.Null(WinogradGradientPlan.For(g with { Kernel = new(1, 5, 5) }));
        Assert.Null(WinogradGradientPlan.For(g with { Batch = 0 }));
        Assert.False(WinogradGradientPlan.For(Geometry(2, 3, 4, 16, 16, 1))!.Pays); // too few channels
        Assert.False(WinogradGradientPlan.For(Geometry(64, 2048, 2048, 8, 8, 1))!.Pays); // sums too large to be kept
    }
}
