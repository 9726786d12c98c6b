// The weight gradient of 3 x 3 convolutions: ways that were tried, each checked against a sum in double, then timed by turns on one thread (the best of 25 rounds).
//     dotnet run -c Release bench/lab/conv-dw/lab.cs [channels] [side] [images]
// x is (images, side + 2, side + 2, channels) with zeros around each image, dy (images, side, side, channels): channels lie side by side already.
#:property AllowUnsafeBlocks=true
#:property TieredCompilation=false
#:property PublishAot=false
#:property NoWarn=CS1591
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512;
using Vector = System.Runtime.Intrinsics.Vector512<float>;

int channels = args.Length > 0 ? int.Parse(args[0]) : 32, side = args.Length > 1 ? int.Parse(args[1]) : 16, images = args.Length > 2 ? int.Parse(args[2]) : 64;
unsafe
{
    (string Name, Action<Shape> Run)[] ways =
    [
        ("direct, a tap at a time", Lab.Direct),
        ("Winograd, ±2, one chain", s => Lab.Winograd<PlusMinusTwo>(s, Lab.OneChain)),
        ("Winograd, ±2, chains of 64", s => Lab.Winograd<PlusMinusTwo>(s, 64)),
        ("Winograd, 2 and -1/2, one chain", s => Lab.Winograd<TwoAndHalf>(s, Lab.OneChain)),
        ("Winograd, 2 and -1/2, chains of 64", s => Lab.Winograd<TwoAndHalf>(s, 64)),
        ("Winograd, 2 and -1/2, chains of 16", s => Lab.Winograd<TwoAndHalf>(s, 16)),
    ];
    Shape shape = new(images, side, channels);
    double[] errors = [.. ways.Select(way => Lab.Error(shape, way.Run))];
    List<double>[] times = [.. ways.Select(_ => new List<double>())];
    for (int round = 0; round < 25; round++)
        for (int i = 0; i < ways.Length; i++)
        {
            long start = Stopwatch.GetTimestamp();
            ways[i].Run(shape);
            times[i].Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
    for (int i = 0; i < ways.Length; i++)
        Console.WriteLine($"{ways[i].Name,-36} {18e-9 * shape.Places * channels * channels / times[i].Min(),7:F0} GFLOP/s   error {errors[i]:E1}");
}

/// <summary>The data. Channels are a multiple of 32, the side is one of 4.</summary>
internal sealed unsafe class Shape(int images, int side, int channels)
{
    public readonly int Images = images, Side = side, Channels = channels, Tiles = side * side / 16;
    public readonly float* X = Random(images * (side + 2) * (side + 2) * channels, 1), Dy = Random(images * side * side * channels, 2);
    public readonly float* Dw = Room(9 * channels * channels); // (tap, output, input)

    public long Places => (long)Images * Side * Side;

    public float* Row(int image, int y) => X + ((image * (Side + 2) + y) * (Side + 2)) * Channels;

    public float* RowDy(int image, int y) => Dy + (image * Side + y) * Side * Channels;

    public static float* Room(int count) => (float*)NativeMemory.AlignedAlloc((nuint)count * 4, 64);

    private static float* Random(int count, int seed)
    {
        float* room = Room(count);
        Random random = new(seed);
        for (int i = 0; i < count; i++) room[i] = 2 * random.NextSingle() - 1; // around the images too: no way needs zeros there
        return room;
    }
}

/// <summary>Six points: their three transforms, as in WinogradMath.</summary>
internal unsafe interface IPoints
{
    static abstract void Input(float* x, int step, float* to, int stepTo);

    static abstract void Expand(float* y, int step, float* to, int stepTo);

    static abstract void Taps(float* u, int step, float* to, int stepTo);
}

internal readonly unsafe struct PlusMinusTwo : IPoints
{
    public static void Input(float* x, int s, float* to, int t)
    {
        Vector x0 = V.Load(x), x1 = V.Load(x + s), x2 = V.Load(x + 2 * s), x3 = V.Load(x + 3 * s), x4 = V.Load(x + 4 * s), x5 = V.Load(x + 5 * s);
        Vector even = x4 - 4 * x2, odd = x3 - 4 * x1, even2 = x4 - x2, odd2 = 2 * (x3 - x1);
        (4 * x0 - 5 * x2 + x4).Store(to);
        (even + odd).Store(to + t);
        (even - odd).Store(to + 2 * t);
        (even2 + odd2).Store(to + 3 * t);
        (even2 - odd2).Store(to + 4 * t);
        (4 * x1 - 5 * x3 + x5).Store(to + 5 * t);
    }

    public static void Expand(float* y, int s, float* to, int t)
    {
        Vector y0 = V.Load(y), y1 = V.Load(y + s), y2 = V.Load(y + 2 * s), y3 = V.Load(y + 3 * s);
        Vector even = y0 + y2, odd = y1 + y3, even2 = y0 + 4 * y2, odd2 = 2 * y1 + 8 * y3;
        y0.Store(to);
        (even + odd).Store(to + t);
        (even - odd).Store(to + 2 * t);
        (even2 + odd2).Store(to + 3 * t);
        (even2 - odd2).Store(to + 4 * t);
        y3.Store(to + 5 * t);
    }

    public static void Taps(float* u, int s, float* to, int t)
    {
        Vector u1 = V.Load(u + s), u2 = V.Load(u + 2 * s), u3 = V.Load(u + 3 * s), u4 = V.Load(u + 4 * s);
        (0.25f * V.Load(u) - (u1 + u2) * (1f / 6) + (u3 + u4) * (1f / 24)).Store(to);
        ((u2 - u1) * (1f / 6) + (u3 - u4) * (1f / 12)).Store(to + t);
        ((u3 + u4 - u1 - u2) * (1f / 6) + V.Load(u + 5 * s)).Store(to + 2 * t);
    }
}

internal readonly unsafe struct TwoAndHalf : IPoints
{
    public static void Input(float* x, int s, float* to, int t)
    {
        Vector x0 = V.Load(x), x1 = V.Load(x + s), x2 = V.Load(x + 2 * s), x3 = V.Load(x + 3 * s), x4 = V.Load(x + 4 * s), x5 = V.Load(x + 5 * s);
        Vector even = x4 - x2, odd = x3 - x1;
        (x0 - x2 - 1.5f * odd + even).Store(to);
        (x4 - x1 - 2.5f * x2 - 0.5f * x3).Store(to + t);
        (x4 + x1 - 2.5f * x3 + 0.5f * x2).Store(to + 2 * t);
        (even + 0.5f * odd).Store(to + 3 * t);
        (even - 2 * odd).Store(to + 4 * t);
        (x5 - x3 - 1.5f * even - odd).Store(to + 5 * t);
    }

    public static void Expand(float* y, int s, float* to, int t)
    {
        Vector y0 = V.Load(y), y1 = V.Load(y + s), y2 = V.Load(y + 2 * s), y3 = V.Load(y + 3 * s), even = y0 + y2, odd = y1 + y3;
        y0.Store(to);
        (even + odd).Store(to + t);
        (even - odd).Store(to + 2 * t);
        (y0 + 2 * y1 + 4 * y2 + 8 * y3).Store(to + 3 * t);
        (y0 - 0.5f * y1 + 0.25f * y2 - 0.125f * y3).Store(to + 4 * t);
        y3.Store(to + 5 * t);
    }

    public static void Taps(float* u, int s, float* to, int t)
    {
        Vector u1 = V.Load(u + s), u2 = V.Load(u + 2 * s), u3 = V.Load(u + 3 * s), u4 = V.Load(u + 4 * s), difference = (u2 - u1) * (1f / 3);
        (V.Load(u) + difference + u3 * (1f / 15) - u4 * (16f / 15)).Store(to);
        (u3 * (2f / 15) + u4 * (8f / 15) - (u1 + u2) * (1f / 3)).Store(to + t);
        (V.Load(u + 5 * s) + difference + (u3 - u4) * (4f / 15)).Store(to + 2 * t);
    }
}

internal static unsafe class Lab
{
    public const int OneChain = int.MaxValue;

    /// <summary>The root mean square of the errors of some weights, set against that of the weights.</summary>
    public static double Error(Shape s, Action<Shape> run)
    {
        run(s);
        double errors = 0, sizes = 0;
        for (int i = 0; i < 9 * s.Channels * s.Channels; i += 31)
        {
            (int tap, int o, int c) = (i / s.Channels / s.Channels, i / s.Channels % s.Channels, i % s.Channels);
            double sum = 0;
            for (int n = 0; n < s.Images; n++)
                for (int y = 0; y < s.Side; y++)
                    for (int x = 0; x < s.Side; x++)
                        sum += (double)s.RowDy(n, y)[x * s.Channels + o] * s.Row(n, y + tap / 3)[(x + tap % 3) * s.Channels + c];
            errors += Math.Pow(s.Dw[i] - sum, 2);
            sizes += sum * sum;
        }
        double error = Math.Sqrt(errors / sizes);
        return error < 1e-4 ? error : throw new InvalidOperationException($"off by {error}");
    }

    public static void Direct(Shape s)
    {
        int n = s.Channels;
        for (int image = 0; image < s.Images; image++)
            for (int tap = 0; tap < 9; tap++)
                for (int j = 0; j < n; j += 32)
                    for (int i = 0; i < n; i += 8)
                        Tile(s.Side, s.Side, s.RowDy(image, 0) + i, n, s.Row(image, tap / 3) + tap % 3 * n + j, n, 2 * n, s.Dw + (tap * n + i) * n + j, n, image > 0);
    }

    public static void Winograd<P>(Shape s, int chain) where P : IPoints
    {
        int n = s.Channels, atOnce = Math.Min(s.Images, Math.Max(1, 64 / s.Tiles)), tiles = atOnce * s.Tiles, stride = tiles * n + 16;
        float* x = Shape.Room(36 * stride), dy = Shape.Room(36 * stride), sums = Shape.Room(36 * n * n), part = Shape.Room(8 * 32);
        for (int image = 0; image < s.Images; image += atOnce)
        {
            int some = Math.Min(atOnce, s.Images - image);
            for (int i = 0; i < some; i++) Transform<P>(s, image + i, x + i * s.Tiles * n, dy + i * s.Tiles * n, stride);
            for (int p = 0; p < 36; p++)
                for (int j = 0; j < n; j += 32)
                    for (int i = 0; i < n; i += 8)
                        Product(some * s.Tiles, dy + p * stride + i, x + p * stride + j, n, sums + (p * n + i) * n + j, part, chain, image > 0);
        }
        Finish<P>(n, sums, s.Dw);
        foreach (nint room in (ReadOnlySpan<nint>)[(nint)x, (nint)dy, (nint)sums, (nint)part]) NativeMemory.AlignedFree((void*)room);
    }

    // One chain goes on from the sums; shorter ones begin at zero and are added to them.
    private static void Product(int depth, float* a, float* b, int n, float* sums, float* part, int chain, bool add)
    {
        if (chain == OneChain)
        {
            Tile(1, depth, a, n, b, n, 0, sums, n, add);
            return;
        }
        for (int first = 0; first < depth; first += chain)
        {
            bool fresh = !add && first == 0;
            Tile(1, Math.Min(chain, depth - first), a + first * n, n, b + first * n, n, 0, fresh ? sums : part, fresh ? n : 32, false);
            for (int i = 0; i < 8 && !fresh; i++)
                for (int j = 0; j < 32; j += 16) (V.Load(sums + i * n + j) + V.Load(part + 32 * i + j)).Store(sums + i * n + j);
        }
    }

    [SkipLocalsInit]
    private static void Transform<P>(Shape s, int image, float* x, float* dy, int stride) where P : IPoints
    {
        float* half = stackalloc float[36 * 16];
        int n = s.Channels, row = (s.Side + 2) * n;
        for (int y = 0; y < s.Side; y += 4)
            for (int left = 0; left < s.Side; left += 4, x += n, dy += n)
                for (int c = 0; c < n; c += 16)
                {
                    for (int j = 0; j < 6; j++) P.Input(s.Row(image, y) + (left + j) * n + c, row, half + 16 * j, 96);
                    for (int i = 0; i < 6; i++) P.Input(half + 96 * i, 16, x + 6 * i * stride + c, stride);
                    for (int j = 0; j < 4; j++) P.Expand(s.RowDy(image, y) + (left + j) * n + c, s.Side * n, half + 16 * j, 96);
                    for (int i = 0; i < 6; i++) P.Expand(half + 96 * i, 16, dy + 6 * i * stride + c, stride);
                }
    }

    private static void Finish<P>(int n, float* sums, float* dw) where P : IPoints
    {
        float* half = stackalloc float[18 * 16];
        for (int i = 0; i < n * n; i += 16)
        {
            for (int j = 0; j < 6; j++) P.Taps(sums + j * n * n + i, 6 * n * n, half + 16 * j, 96);
            for (int j = 0; j < 3; j++) P.Taps(half + 96 * j, 16, dw + 3 * j * n * n + i, n * n);
        }
    }

    /// <summary>8 rows and 32 columns: <c>c[i, j] = (c[i, j] or 0) + Σ a[p, i] · b[p, j]</c>, with a gap after each line of b.</summary>
    private static void Tile(int lines, int depth, float* a, int rowA, float* b, int rowB, int gap, float* c, int row, bool add)
    {
        Vector s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
        Vector t0 = default, t1 = default, t2 = default, t3 = default, t4 = default, t5 = default, t6 = default, t7 = default;
        if (add)
        {
            (s0, t0, s1, t1) = (V.Load(c), V.Load(c + 16), V.Load(c + row), V.Load(c + row + 16));
            (s2, t2, s3, t3) = (V.Load(c + 2 * row), V.Load(c + 2 * row + 16), V.Load(c + 3 * row), V.Load(c + 3 * row + 16));
            (s4, t4, s5, t5) = (V.Load(c + 4 * row), V.Load(c + 4 * row + 16), V.Load(c + 5 * row), V.Load(c + 5 * row + 16));
            (s6, t6, s7, t7) = (V.Load(c + 6 * row), V.Load(c + 6 * row + 16), V.Load(c + 7 * row), V.Load(c + 7 * row + 16));
        }
        for (int line = 0; line < lines; line++, b += gap)
            for (int p = 0; p < depth; p++, a += rowA, b += rowB)
            {
                Vector x = V.Load(b), y = V.Load(b + 16), w;
                w = V.Create(a[0]); s0 = V.FusedMultiplyAdd(w, x, s0); t0 = V.FusedMultiplyAdd(w, y, t0);
                w = V.Create(a[1]); s1 = V.FusedMultiplyAdd(w, x, s1); t1 = V.FusedMultiplyAdd(w, y, t1);
                w = V.Create(a[2]); s2 = V.FusedMultiplyAdd(w, x, s2); t2 = V.FusedMultiplyAdd(w, y, t2);
                w = V.Create(a[3]); s3 = V.FusedMultiplyAdd(w, x, s3); t3 = V.FusedMultiplyAdd(w, y, t3);
                w = V.Create(a[4]); s4 = V.FusedMultiplyAdd(w, x, s4); t4 = V.FusedMultiplyAdd(w, y, t4);
                w = V.Create(a[5]); s5 = V.FusedMultiplyAdd(w, x, s5); t5 = V.FusedMultiplyAdd(w, y, t5);
                w = V.Create(a[6]); s6 = V.FusedMultiplyAdd(w, x, s6); t6 = V.FusedMultiplyAdd(w, y, t6);
                w = V.Create(a[7]); s7 = V.FusedMultiplyAdd(w, x, s7); t7 = V.FusedMultiplyAdd(w, y, t7);
            }
        s0.Store(c); t0.Store(c + 16);
        s1.Store(c + row); t1.Store(c + row + 16);
        s2.Store(c + 2 * row); t2.Store(c + 2 * row + 16);
        s3.Store(c + 3 * row); t3.Store(c + 3 * row + 16);
        s4.Store(c + 4 * row); t4.Store(c + 4 * row + 16);
        s5.Store(c + 5 * row); t5.Store(c + 5 * row + 16);
        s6.Store(c + 6 * row); t6.Store(c + 6 * row + 16);
        s7.Store(c + 7 * row); t7.Store(c + 7 * row + 16);
    }
}
