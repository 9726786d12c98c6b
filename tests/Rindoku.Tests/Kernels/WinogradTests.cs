using Rindoku.Kernels;

namespace Rindoku.Tests.Kernels;

[Collection(nameof(KernelSettings))]
public sealed unsafe class WinogradTests
{
    private const int Zone = 40;

    private static readonly int[] Widths = [.. new[] { 512, 256, 128 }.Where(bits => bits <= Simd.Bits)];

    // (batch, channels in and out, height, width, padding); from the 8 on, the batch lies last: (channels, height, width, batch).
    public static TheoryData<int, int, int, int, int, int, bool> Cases => new()
    {
        { 2, 16, 20, 20, 21, 1, false }, // odd sizes: the last tiles lie partly outside
        { 3, 24, 16, 13, 16, 0, false },
        { 1, 32, 33, 18, 40, 2, false },
        { 1, 16, 16, 5, 300, 1, false }, // rows of more than 64 tiles
        { 40, 16, 17, 6, 12, 1, false }, // blocks of several images
        { 2, 32, 32, 33, 33, 1, false }, // few blocks and few weights: smaller blocks, a task for each
        { 1, 90, 90, 17, 17, 1, false }, // few blocks and many weights: shared out
        { 16, 20, 24, 8, 8, 1, true },
        { 37, 16, 16, 7, 5, 1, true }, // a last vector of images that is not full
        { 130, 16, 18, 4, 6, 2, true },
    };

    private static ConvGeometry Geometry(int batch, int inputs, int outputs, int height, int width, int padding, bool batchLast)
    {
        (int h, int w) = (height + 2 * padding - 2, width + 2 * padding - 2);
        Triple one = new(1, 1, 1);
        return batchLast
            ? new ConvGeometry(1, 1, inputs, outputs, new(height, width, batch), new(h, w, batch), new(3, 3, 1), one, new(padding, padding, 0), one)
            : new ConvGeometry(batch, 1, inputs, outputs, new(1, height, width), new(1, h, w), new(1, 3, 3), one, new(0, padding, padding), one);
    }

    private static float[] Random(int count, long stream)
    {
        float[] numbers = new float[count];
        new Rng(9, stream).FillUniform(numbers, -1, 1);
        return numbers;
    }

    // Rounding errors grow with the sizes of all numbers in a tile, so they are bounded by the largest sum of sizes.
    private sealed record Reference(double[] Values, double Magnitude);

    /// <summary>The definition, in double precision, beside the largest sum of the products' sizes.</summary>
    private static Reference Define(ConvGeometry g, bool batchLast, bool backward, float[] source, float[] w, float[] bias)
    {
        (int depth, int rowsIn, int columnsIn) = batchLast ? (g.Input.W, g.Input.D, g.Input.H) : (1, g.Input.H, g.Input.W);
        (int rowsOut, int columnsOut) = batchLast ? (g.Output.D, g.Output.H) : (g.Output.H, g.Output.W);
        int padding = batchLast ? g.Padding.D : g.Padding.H;
        int targets = backward ? g.InChannels : g.OutChannels, plane = backward ? rowsIn * columnsIn * depth : rowsOut * columnsOut * depth;
        double[] values = new double[g.Batch * targets * plane], sizes = new double[values.Length];
        for (int i = 0; i < values.Length; i++) values[i] = bias[i / plane % targets];
        for (int n = 0; n < g.Batch; n++)
            for (int o = 0; o < g.OutChannels; o++)
                for (int c = 0; c < g.InChannels; c++)
                    for (int tap = 0; tap < 9; tap++)
                        for (int y = 0; y < rowsOut; y++)
                            for (int x = 0; x < columnsOut; x++)
                            {
                                (int iy, int ix) = (y + tap / 3 - padding, x + tap % 3 - padding);
                                if ((uint)iy >= (uint)rowsIn || (uint)ix >= (uint)columnsIn) continue;
                                for (int d = 0; d < depth; d++)
                                {
                                    int atX = (((n * g.InChannels + c) * rowsIn + iy) * columnsIn + ix) * depth + d;
                                    int atY = (((n * g.OutChannels + o) * rowsOut + y) * columnsOut + x) * depth + d;
                                    (int from, int to) = backward ? (atY, atX) : (atX, atY);
                                    double product = (double)w[(o * g.InChannels + c) * 9 + tap] * source[from];
                                    values[to] += product;
                                    sizes[to] += Math.Abs(product);
                                }
                            }
        return new Reference(values, sizes.Max());
    }

    private static float[] Run(WinogradPlan plan, float[] source, float[] w, float[] bias, int targets)
    {
        float[] room = new float[targets + 2 * Zone], padded = [.. source, .. new float[PaddedPlanes.Slack]];
        Array.Fill(room, float.NaN);
        fixed (float* from = padded, weights = w, b = bias, to = room)
            WinogradKernel.Run(plan, from, weights, b, to + Zone);
        return room;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Outputs_and_input_gradients_equal_the_definition(int batch, int inputs, int outputs, int height, int width, int padding, bool batchLast)
    {
        ConvGeometry g = Geometry(batch, inputs, outputs, height, width, padding, batchLast);
        float[] w = Random(inputs * outputs * 9, 1), bias = Random(Math.Max(inputs, outputs), 2);
        foreach (bool backward in new[] { false, true })
        {
            float[] source = Random(g.Batch * (backward ? outputs * g.Output.Product : inputs * g.Input.Product), 3);
            Reference expected = Define(g, batchLast, backward, source, w, bias);
            WinogradPlan plan = (backward ? WinogradPlan.Backward(g) : WinogradPlan.Forward(g))!;
            float[]? first = null;
            foreach (int bits in Widths)
                foreach (int threads in new[] { 1, 3 })
                {
                    using Settings _ = new(bits, threads);
                    float[] actual = Run(plan, source, w, bias, expected.Values.Length);
                    AssertClose(expected, actual);
                    Assert.Equal(first ??= actual, actual); // the same bits for every vector width and any number of threads
                }
        }
    }

    private static void AssertClose(Reference expected, float[] room)
    {
        for (int i = 0; i < room.Length; i++)
        {
            int at = i - Zone;
            if (at < 0 || at >= expected.Values.Length) Assert.True(float.IsNaN(room[i]), $"written outside, at {at}");
            else
            {
                double error = Math.Abs(room[i] - expected.Values[at]), allowed = 2e-6 * expected.Magnitude;
                Assert.True(error <= allowed, $"{room[i]} at {at}, expected {expected.Values[at]}: off by {error}, allowed {allowed}");
            }
        }
    }

    [Fact]
    public void It_is_not_used_where_it_does_not_apply()
    {
        ConvGeometry g = Geometry(2, 16, 16, 16, 16, 1, false);
        Assert.NotNull(WinogradPlan.Forward(g));
        Assert.Null(WinogradPlan.Forward(g with { Groups = 2 }));
        Assert.Null(WinogradPlan.Forward(g with { Stride = new(1, 2, 2) }));
        Assert.Null(WinogradPlan.Forward(g with { Dilation = new(1, 2, 2) }));
        Assert.Null(WinogradPlan.Forward(g with { Padding = new(0, 3, 3) }));
        Assert.Null(WinogradPlan.Forward(g with { Kernel = new(1, 5, 5) }));
        Assert.False(WinogradPlan.Forward(Geometry(2, 3, 4, 16, 16, 1, false))!.Pays); // too few channels
    }
}
