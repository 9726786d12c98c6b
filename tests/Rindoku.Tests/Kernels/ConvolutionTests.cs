using Rindoku.Kernels;

namespace Rindoku.Tests.Kernels;

[Collection(nameof(KernelSettings))]
public sealed class ConvolutionTests
{
    private static readonly int[] Widths = [.. new[] { 512, 256, 128 }.Where(bits => bits <= Simd.Bits)];

    private static ConvGeometry Geometry(int batch, int groups, int inputs, int outputs, Triple input, Triple kernel, Triple stride, Triple padding,
        Triple dilation)
    {
        static int Size(int i, int k, int s, int p, int d) => (i + 2 * p - (k - 1) * d - 1) / s + 1;
        return new ConvGeometry(batch, groups, inputs, outputs, input, new Triple(
            Size(input.D, kernel.D, stride.D, padding.D, dilation.D), Size(input.H, kernel.H, stride.H, padding.H, dilation.H),
            Size(input.W, kernel.W, stride.W, padding.W, dilation.W)), kernel, stride, padding, dilation);
    }

    private static Triple T(int d, int h, int w) => new(d, h, w);

    private static readonly ConvGeometry[] Cases =
    [
        Geometry(2, 1, 3, 16, T(1, 32, 32), T(1, 3, 3), T(1, 1, 1), T(0, 1, 1), T(1, 1, 1)),
        Geometry(3, 1, 5, 13, T(1, 9, 17), T(1, 3, 3), T(1, 1, 1), T(0, 1, 1), T(1, 1, 1)),
        Geometry(17, 1, 4, 7, T(1, 8, 8), T(1, 3, 3), T(1, 2, 2), T(0, 1, 1), T(1, 1, 1)),
        Geometry(2, 2, 6, 10, T(1, 11, 23), T(1, 3, 5), T(1, 2, 3), T(0, 2, 4), T(1, 2, 1)),
        Geometry(1, 1, 3, 33, T(1, 20, 41), T(1, 7, 7), T(1, 2, 2), T(0, 3, 3), T(1, 1, 1)),
        Geometry(2, 1, 24, 40, T(1, 7, 7), T(1, 1, 1), T(1, 1, 1), T(0, 0, 0), T(1, 1, 1)),
        Geometry(2, 1, 8, 9, T(1, 10, 16), T(1, 1, 1), T(1, 2, 2), T(0, 0, 0), T(1, 1, 1)),
        Geometry(3, 2, 4, 6, T(4, 5, 9), T(1, 1, 1), T(3, 1, 2), T(0, 0, 0), T(1, 1, 1)), // pointwise with a stride
        Geometry(2, 1, 3, 4, T(1, 5, 6), T(1, 1, 1), T(1, 1, 1), T(0, 2, 1), T(1, 1, 1)),
        Geometry(2, 8, 8, 8, T(1, 19, 33), T(1, 3, 3), T(1, 1, 1), T(0, 1, 1), T(1, 1, 1)),
        Geometry(3, 5, 5, 5, T(1, 12, 12), T(1, 5, 5), T(1, 2, 2), T(0, 2, 2), T(1, 1, 1)),
        Geometry(2, 3, 3, 6, T(1, 12, 12), T(1, 3, 3), T(1, 1, 1), T(0, 2, 2), T(1, 2, 2)),
        Geometry(2, 1, 3, 5, T(1, 1, 50), T(1, 1, 4), T(1, 1, 1), T(0, 0, 3), T(1, 1, 3)),
        Geometry(2, 2, 4, 6, T(5, 6, 7), T(3, 2, 3), T(2, 1, 2), T(1, 0, 1), T(1, 2, 1)),
        Geometry(1, 1, 2, 3, T(4, 4, 4), T(4, 4, 4), T(1, 1, 1), T(0, 0, 0), T(1, 1, 1)),
        Geometry(1, 1, 2, 3, T(1, 3, 40), T(1, 3, 3), T(1, 5, 6), T(0, 1, 1), T(1, 1, 1)),
        Geometry(1, 1, 1, 1, T(1, 1, 1), T(1, 1, 1), T(1, 1, 1), T(0, 0, 0), T(1, 1, 1)),
        Geometry(33, 1, 5, 9, T(1, 4, 4), T(1, 3, 3), T(1, 1, 1), T(0, 1, 1), T(1, 1, 1)), // narrow images, many of them: the batch lies last
        Geometry(64, 1, 8, 16, T(1, 8, 8), T(1, 3, 3), T(1, 2, 2), T(0, 1, 1), T(1, 1, 1)),
        Geometry(17, 2, 6, 4, T(1, 3, 2), T(1, 2, 3), T(1, 1, 1), T(0, 1, 2), T(1, 1, 1)),
        Geometry(16, 1, 3, 5, T(1, 1, 7), T(1, 1, 3), T(1, 1, 2), T(0, 0, 1), T(1, 1, 2)),
        Geometry(20, 1, 7, 3, T(1, 2, 2), T(1, 1, 1), T(1, 1, 1), T(0, 0, 0), T(1, 1, 1)),
        Geometry(3, 1, 5, 33, T(1, 4, 6), T(1, 4, 4), T(1, 2, 2), T(0, 1, 1), T(1, 1, 1)), // few places and many channels: columns
        Geometry(5, 1, 64, 130, T(1, 8, 9), T(1, 3, 2), T(1, 1, 1), T(0, 1, 0), T(1, 1, 2)),
        Geometry(1, 1, 9, 40, T(1, 1, 30), T(1, 1, 3), T(1, 1, 2), T(0, 0, 1), T(1, 1, 1)),
        Geometry(2, 1, 3, 35, T(3, 2, 4), T(2, 3, 2), T(1, 1, 2), T(0, 1, 1), T(2, 1, 1)),
        Geometry(3, 2, 4, 14, T(1, 18, 21), T(1, 3, 3), T(1, 1, 1), T(0, 1, 1), T(1, 1, 1)), // 7 channels a group
        Geometry(1, 1, 2, 3, T(1, 3, 2100), T(1, 2, 4), T(1, 1, 3), T(0, 1, 2), T(1, 1, 1)),
        Geometry(1, 2, 2, 8, T(1, 1, 2048), T(1, 1, 1), T(1, 1, 1), T(0, 0, 0), T(1, 1, 1)),
        Geometry(1, 1, 7, 17, T(1, 1, 3000), T(1, 1, 2), T(1, 1, 1), T(0, 0, 0), T(1, 1, 64)), // one long line, in strips
        Geometry(1, 2, 4, 26, T(1, 1, 2500), T(1, 1, 5), T(1, 1, 2), T(0, 0, 7), T(1, 1, 3)),
        Geometry(2, 1, 40, 24, T(1, 37, 33), T(1, 3, 3), T(1, 1, 1), T(0, 1, 1), T(1, 1, 1)), // several parts of the taps
        Geometry(1, 1, 3, 12, T(5, 23, 19), T(3, 3, 3), T(2, 2, 2), T(1, 1, 1), T(1, 1, 1)),
        Geometry(2, 1, 3, 18, T(1, 9, 150), T(1, 5, 5), T(1, 2, 4), T(0, 2, 3), T(1, 1, 1)), // rows taken apart by vectors
        Geometry(2, 1, 3, 5, T(1, 8, 131), T(1, 3, 3), T(1, 1, 2), T(0, 1, 0), T(1, 1, 2)),
        Geometry(1, 1, 2, 6, T(1, 1, 5003), T(1, 1, 7), T(1, 1, 4), T(0, 0, 9), T(1, 1, 1)),
        Geometry(2, 1, 5, 14, T(1, 17, 17), T(1, 5, 5), T(1, 1, 1), T(0, 2, 2), T(1, 1, 1)), // vectors that run on from row to row
        Geometry(1, 2, 6, 10, T(3, 34, 34), T(2, 4, 4), T(1, 2, 2), T(1, 1, 1), T(1, 1, 1)),
        Geometry(16, 1, 4, 6, T(1, 31, 31), T(1, 3, 3), T(1, 2, 2), T(0, 1, 1), T(1, 1, 1)),
        Geometry(2, 1, 3, 9, T(1, 20, 35), T(1, 2, 2), T(1, 2, 2), T(0, 0, 0), T(1, 1, 1)), // the last column is never read
        Geometry(3, 4, 4, 4, T(1, 33, 66), T(1, 3, 3), T(1, 2, 2), T(0, 1, 1), T(1, 1, 1)),
        Geometry(1, 1, 2, 5, T(3, 18, 18), T(1, 1, 3), T(2, 1, 1), T(0, 0, 1), T(1, 1, 1)),
        Geometry(17, 1, 20, 30, T(1, 8, 16), T(1, 1, 1), T(1, 1, 1), T(0, 0, 0), T(1, 1, 1)), // pointwise: rows copied together for several panels
        Geometry(2, 1, 20, 30, T(1, 40, 48), T(1, 1, 1), T(1, 1, 1), T(0, 0, 0), T(1, 1, 1)), // the same, cut into several tasks
        Geometry(3, 1, 30, 40, T(1, 16, 16), T(1, 1, 1), T(1, 1, 1), T(0, 0, 0), T(1, 1, 1)), // a few small images: products
        Geometry(1, 1, 9, 40, T(1, 5, 11), T(1, 3, 3), T(1, 1, 1), T(0, 1, 1), T(1, 1, 1)), // few outputs: panels shared out
        Geometry(2, 1, 6, 30, T(1, 1, 300), T(1, 1, 3), T(1, 1, 1), T(0, 0, 0), T(1, 1, 5)), // read in place, the last vector of a row begins early
        Geometry(2, 1, 5, 1, T(1, 6, 38), T(1, 1, 4), T(1, 1, 1), T(0, 0, 0), T(1, 1, 2)),
        Geometry(18, 1, 9, 26, T(1, 7, 7), T(1, 1, 1), T(1, 1, 1), T(0, 0, 0), T(1, 1, 1)),
        Geometry(1, 2, 40, 50, T(1, 14, 19), T(1, 3, 3), T(1, 1, 1), T(0, 1, 1), T(1, 1, 1)), // planes in parts of their rows
        Geometry(3, 1, 20, 28, T(1, 17, 17), T(1, 2, 2), T(1, 1, 1), T(0, 1, 1), T(1, 2, 2)),
        Geometry(5, 50, 50, 50, T(1, 5, 6), T(1, 3, 3), T(1, 1, 1), T(0, 1, 1), T(1, 1, 1)), // many small planes in a task
        Geometry(2, 1, 19, 3, T(1, 6, 6), T(1, 2, 2), T(1, 2, 2), T(0, 0, 0), T(1, 1, 1)), // few channels and a stride: dx by columns
        Geometry(3, 1, 5, 18, T(1, 1, 1), T(1, 3, 3), T(1, 1, 1), T(0, 1, 1), T(1, 1, 1)), // kernels of which a part reaches the image
        Geometry(4, 2, 6, 10, T(1, 1, 1), T(1, 3, 3), T(1, 2, 2), T(0, 1, 1), T(1, 1, 1)),
        Geometry(5, 19, 19, 19, T(1, 1, 1), T(1, 3, 3), T(1, 1, 1), T(0, 1, 1), T(1, 1, 1)),
        Geometry(2, 3, 3, 6, T(1, 1, 5), T(1, 1, 3), T(1, 1, 1), T(0, 0, 8), T(1, 1, 8)),
        Geometry(2, 1, 4, 5, T(2, 3, 2), T(5, 5, 5), T(1, 1, 1), T(2, 2, 2), T(1, 1, 1)),
        Geometry(2, 1, 3, 4, T(1, 3, 4), T(1, 7, 7), T(1, 2, 3), T(0, 4, 3), T(1, 1, 2)),
        Geometry(3, 1, 3, 4, T(1, 2, 9), T(1, 3, 4), T(1, 3, 4), T(0, 1, 5), T(1, 2, 3)),
        Geometry(3, 1, 2, 17, T(1, 1, 1), T(1, 1, 2), T(1, 1, 1), T(0, 0, 4), T(1, 1, 8)), // no part
        Geometry(3, 2, 4, 34, T(2, 3, 4), T(2, 3, 4), T(1, 1, 1), T(0, 0, 0), T(1, 1, 1)), // a kernel that covers the image
        Geometry(40, 1, 6, 3, T(1, 3, 3), T(1, 3, 3), T(1, 2, 1), T(0, 0, 0), T(1, 1, 1)),
        Geometry(2, 1, 4, 9, T(1, 33, 33), T(1, 3, 3), T(1, 2, 2), T(0, 1, 1), T(1, 1, 1)), // a stride: vectors run on from row to row of a sheet
        Geometry(2, 1, 5, 13, T(1, 17, 35), T(1, 2, 3), T(1, 3, 3), T(0, 1, 2), T(1, 2, 2)),
        Geometry(1, 2, 4, 6, T(4, 18, 33), T(2, 3, 3), T(1, 4, 2), T(1, 1, 1), T(1, 1, 3)),
        Geometry(3, 6, 6, 6, T(1, 15, 17), T(1, 3, 5), T(1, 2, 3), T(0, 1, 2), T(1, 1, 1)),
        Geometry(1, 1, 9, 17, T(1, 1, 3000), T(1, 1, 3), T(1, 1, 1), T(0, 0, 2), T(1, 1, 2)), // one long line, in blocks
        Geometry(1, 1, 33, 1, T(1, 1, 5001), T(1, 1, 2), T(1, 1, 1), T(0, 0, 40), T(1, 1, 64)),
        Geometry(1, 2, 6, 26, T(1, 3, 2100), T(1, 3, 2), T(1, 1, 1), T(0, 0, 1), T(1, 1, 1)),
        Geometry(4, 16, 32, 32, T(1, 1, 1), T(1, 1, 1), T(1, 1, 1), T(0, 0, 0), T(1, 1, 1)), // products of a few numbers
        Geometry(3, 5, 10, 15, T(1, 2, 2), T(1, 2, 2), T(1, 1, 1), T(0, 0, 0), T(1, 1, 1)),
        Geometry(0, 1, 2, 3, T(1, 1, 1), T(1, 3, 3), T(1, 1, 1), T(0, 1, 1), T(1, 1, 1)),
        Geometry(0, 1, 2, 3, T(1, 4, 4), T(1, 3, 3), T(1, 1, 1), T(0, 1, 1), T(1, 1, 1)),
    ];

    public static TheoryData<int> Numbers => [.. Enumerable.Range(0, Cases.Length)];

    private static float[] Random(int count, long stream)
    {
        float[] numbers = new float[count];
        new Rng(7, stream).FillUniform(numbers, -1, 1);
        return numbers;
    }

    /// <summary>Calls back for every product of the convolution's definition, with its places in y, w and x.</summary>
    private static void EveryProduct(ConvGeometry g, Action<int, int, int> visit)
    {
        int taps = g.Kernel.Product;
        for (int n = 0; n < g.Batch; n++)
            for (int o = 0; o < g.OutChannels; o++)
                for (int at = 0; at < g.Output.Product; at++)
                {
                    (int oz, int oy, int ox) = (at / (g.Output.H * g.Output.W), at / g.Output.W % g.Output.H, at % g.Output.W);
                    for (int c = 0; c < g.GroupInputs; c++)
                        for (int tap = 0; tap < taps; tap++)
                        {
                            (int kz, int ky, int kx) = (tap / (g.Kernel.H * g.Kernel.W), tap / g.Kernel.W % g.Kernel.H, tap % g.Kernel.W);
                            int z = oz * g.Stride.D + kz * g.Dilation.D - g.Padding.D, y = oy * g.Stride.H + ky * g.Dilation.H - g.Padding.H;
                            int x = ox * g.Stride.W + kx * g.Dilation.W - g.Padding.W;
                            if ((uint)z >= (uint)g.Input.D || (uint)y >= (uint)g.Input.H || (uint)x >= (uint)g.Input.W) continue;
                            int channel = n * g.InChannels + o / g.GroupOutputs * g.GroupInputs + c;
                            visit((n * g.OutChannels + o) * g.Output.Product + at, (o * g.GroupInputs + c) * taps + tap,
                                ((channel * g.Input.D + z) * g.Input.H + y) * g.Input.W + x);
                        }
                }
    }

    private sealed record Arrays(ConvGeometry G, float[] X, float[] W, float[] Dy, float[] BiasY, float[] BiasX)
    {
        public static Arrays Of(ConvGeometry g) => new(g, Random(g.Batch * g.InChannels * g.Input.Product, 1),
            Random(g.OutChannels * g.GroupInputs * g.Kernel.Product, 2), Random(g.Batch * g.OutChannels * g.Output.Product, 3), Random(g.OutChannels, 4),
            Random(g.InChannels, 5));

        public float[] Forward(float[] room, int start)
        {
            Convolution.Forward(G, X, W, BiasY, room.AsSpan(start, Dy.Length));
            return room;
        }

        public float[] InputGradient(float[] room, int start)
        {
            Convolution.InputGradient(G, Dy, W, BiasX, room.AsSpan(start, X.Length));
            return room;
        }

        public float[] WeightGradient(float[] room, int start)
        {
            Convolution.WeightGradient(G, Dy, X, room.AsSpan(start, W.Length));
            return room;
        }
    }

    [Theory, MemberData(nameof(Numbers))]
    public void Convolution_and_its_gradients_equal_the_definition(int number)
    {
        ConvGeometry g = Cases[number];
        Arrays a = Arrays.Of(g);
        double[] y = [.. a.Dy.Select((_, i) => (double)a.BiasY[i / g.Output.Product % g.OutChannels])];
        double[] dx = [.. a.X.Select((_, i) => (double)a.BiasX[i / g.Input.Product % g.InChannels])];
        double[] dw = new double[a.W.Length];
        EveryProduct(g, (atY, atW, atX) =>
        {
            y[atY] += (double)a.W[atW] * a.X[atX];
            dx[atX] += (double)a.W[atW] * a.Dy[atY];
            dw[atW] += (double)a.X[atX] * a.Dy[atY];
        });
        foreach (int bits in Widths)
        {
            using Settings _ = new(bits, 1);
            AssertClose(y, a.Forward(Poisoned(y.Length), Zone), $"y at {bits} bits");
            AssertClose(dx, a.InputGradient(Poisoned(dx.Length), Zone), $"dx at {bits} bits");
            AssertClose(dw, a.WeightGradient(Poisoned(dw.Length), Zone), $"dw at {bits} bits");
        }
    }

    [Theory, MemberData(nameof(Numbers))]
    public void Convolution_has_the_same_bits_for_any_number_of_threads(int number)
    {
        Arrays a = Arrays.Of(Cases[number]);
        float[]? y = null, dx = null, dw = null;
        foreach (int threads in new[] { 1, 2, 3, 8 })
        {
            using Settings _ = new(Simd.Bits, threads);
            float[] y2 = a.Forward(new float[a.Dy.Length], 0), dx2 = a.InputGradient(new float[a.X.Length], 0), dw2 = a.WeightGradient(new float[a.W.Length], 0);
            Assert.Equal(y ??= y2, y2);
            Assert.Equal(dx ??= dx2, dx2);
            Assert.Equal(dw ??= dw2, dw2);
        }
    }

    [Theory, MemberData(nameof(Numbers))]
    public void No_bias_is_a_bias_of_zeros(int number)
    {
        Arrays a = Arrays.Of(Cases[number]);
        Array.Clear(a.BiasY);
        Array.Clear(a.BiasX);
        float[] y = new float[a.Dy.Length], dx = new float[a.X.Length];
        Convolution.Forward(a.G, a.X, a.W, default, y);
        Convolution.InputGradient(a.G, a.Dy, a.W, default, dx);
        float[] y0 = a.Forward(new float[y.Length], 0), dx0 = a.InputGradient(new float[dx.Length], 0);
        for (int i = 0; i < y.Length; i++) Assert.Equal(y0[i], y[i], 1e-4f);
        for (int i = 0; i < dx.Length; i++) Assert.Equal(dx0[i], dx[i], 1e-4f);
    }

    [Fact]
    public void A_number_that_is_not_finite_reaches_only_the_outputs_that_read_it()
    {
        ConvGeometry g = Geometry(1, 1, 1, 2, T(1, 5, 7), T(1, 3, 3), T(1, 1, 1), T(0, 1, 1), T(1, 1, 1));
        Arrays a = Arrays.Of(g);
        a.X[2 * 7 + 3] = float.NaN;
        float[] y = a.Forward(new float[a.Dy.Length], 0);
        for (int i = 0; i < y.Length; i++)
            Assert.Equal(Math.Abs(i / 7 % 5 - 2) <= 1 && Math.Abs(i % 7 - 3) <= 1, float.IsNaN(y[i]));
    }

    private const int Zone = 40;

    private static float[] Poisoned(int count)
    {
        float[] room = new float[count + 2 * Zone];
        Array.Fill(room, float.NaN);
        return room;
    }

    private static void AssertClose(double[] expected, float[] room, string what)
    {
        for (int i = 0; i < room.Length; i++)
        {
            int at = i - Zone;
            if (at < 0 || at >= expected.Length) Assert.True(float.IsNaN(room[i]), $"{what}: written outside, at {at}");
            else Assert.True(Math.Abs(room[i] - expected[at]) <= 1e-4 + 1e-4 * Math.Abs(expected[at]), $"{what}: {room[i]} at {at}, expected {expected[at]}");
        }
    }
}
