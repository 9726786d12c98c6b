// Ways to transpose a square matrix, checked and then timed by turns on one thread, beside a plain copy of as many numbers.
//     dotnet run -c Release bench/lab/transpose/lab.cs [size]
#:property AllowUnsafeBlocks=true
#:property TieredCompilation=false
#:property PublishAot=false
#:property NoWarn=CS1591
using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

unsafe
{
    int size = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 2048;
    float* x = Lab.New(size * size), y = Lab.New(size * size);
    for (int i = 0; i < size * size; i++) x[i] = i;
    Version[] versions =
    [
        new("copy", &Lab.Copy), new("number by number, along the result", &Lab.Plain), new("16 x 16, bands of 1 tile", &Lab.Band1),
        new("16 x 16, bands of 2 tiles", &Lab.Band2), new("16 x 16, bands of 4 tiles", &Lab.Band4), new("16 x 16, bands of 8 tiles", &Lab.Band8),
        new("bands of 4, next lines of x called", &Lab.CallX), new("bands of 4, next lines of y called", &Lab.CallY),
        new("bands of 4, both called", &Lab.CallBoth), new("bands of 4, past the caches", &Lab.Streamed),
        new("bands of 4, past the caches, x called", &Lab.StreamedCallX),
    ];
    const int Rounds = 30;
    double[][] times = [.. versions.Select(_ => new double[Rounds])];
    for (int round = 0; round < Rounds; round++)
        for (int v = 0; v < versions.Length; v++)
        {
            long begin = Stopwatch.GetTimestamp();
            versions[v].Run(x, y, size);
            times[v][round] = Stopwatch.GetElapsedTime(begin).TotalSeconds;
            if (round == 0 && v > 0) Lab.Check(versions[v].Name, x, y, size);
        }
    for (int v = 0; v < versions.Length; v++)
        Console.WriteLine($"{versions[v].Name,-40}{8e-9 * size * size / times[v].Order().ElementAt(Rounds / 4):F1} GB/s");
}

internal sealed unsafe class Version(string name, delegate*<float*, float*, int, void> run)
{
    public string Name => name;

    public void Run(float* x, float* y, int size) => run(x, y, size);
}

internal static unsafe class Lab
{
    private static readonly List<float[]> Kept = [];

    public static float* New(int count)
    {
        float[] array = GC.AllocateUninitializedArray<float>(count + 16, pinned: true);
        Kept.Add(array);
        return (float*)(((nuint)Unsafe.AsPointer(ref array[0]) + 63) & ~(nuint)63);
    }

    public static void Check(string name, float* x, float* y, int size)
    {
        for (int r = 0; r < size; r++)
            for (int c = 0; c < size; c++)
                if (y[r * size + c] != x[c * size + r]) throw new InvalidOperationException($"{name}: wrong at {r}, {c}");
    }

    public static void Copy(float* x, float* y, int size) => new ReadOnlySpan<float>(x, size * size).CopyTo(new Span<float>(y, size * size));

    public static void Plain(float* x, float* y, int size)
    {
        for (int r = 0; r < size; r++)
            for (int c = 0; c < size; c++) y[r * size + c] = x[c * size + r];
    }

    public static void Band1(float* x, float* y, int size) => Bands(x, y, size, 16, false, false, false);
    public static void Band2(float* x, float* y, int size) => Bands(x, y, size, 32, false, false, false);
    public static void Band4(float* x, float* y, int size) => Bands(x, y, size, 64, false, false, false);
    public static void Band8(float* x, float* y, int size) => Bands(x, y, size, 128, false, false, false);
    public static void CallX(float* x, float* y, int size) => Bands(x, y, size, 64, true, false, false);
    public static void CallY(float* x, float* y, int size) => Bands(x, y, size, 64, false, true, false);
    public static void CallBoth(float* x, float* y, int size) => Bands(x, y, size, 64, true, true, false);
    public static void Streamed(float* x, float* y, int size) => Bands(x, y, size, 64, false, false, true);
    public static void StreamedCallX(float* x, float* y, int size) => Bands(x, y, size, 64, true, false, true);

    // A band of rows of y, tile by tile; of each line of x that it comes to, it takes a few cache lines side by side.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Bands(float* x, float* y, int size, int band, bool callX, bool callY, bool stream)
    {
        for (int first = 0; first < size; first += band)
            for (int c = 0; c < size; c += 16)
                for (int r = first; r < first + band; r += 16)
                {
                    float* from = x + c * size + r, to = y + r * size + c;
                    if (callX)
                        for (int i = 0; i < 16; i++) Sse.Prefetch0(from + (16 + i) * size);
                    if (callY)
                        for (int i = 0; i < 16; i++) Sse.Prefetch0(to + i * size + 16);
                    Tile(from, size, to, size, stream);
                }
        if (stream) Sse.StoreFence();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Tile(float* x, int strideX, float* y, int strideY, bool stream)
    {
        (Vector512<float> a0, Vector512<float> a1, Vector512<float> a2, Vector512<float> a3) = FourRows(x, strideX);
        (Vector512<float> b0, Vector512<float> b1, Vector512<float> b2, Vector512<float> b3) = FourRows(x + 4 * strideX, strideX);
        (Vector512<float> c0, Vector512<float> c1, Vector512<float> c2, Vector512<float> c3) = FourRows(x + 8 * strideX, strideX);
        (Vector512<float> d0, Vector512<float> d1, Vector512<float> d2, Vector512<float> d3) = FourRows(x + 12 * strideX, strideX);
        Blocks(a0, b0, c0, d0, y, 4 * strideY, stream);
        Blocks(a1, b1, c1, d1, y + strideY, 4 * strideY, stream);
        Blocks(a2, b2, c2, d2, y + 2 * strideY, 4 * strideY, stream);
        Blocks(a3, b3, c3, d3, y + 3 * strideY, 4 * strideY, stream);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<float>, Vector512<float>, Vector512<float>, Vector512<float>) FourRows(float* x, int stride)
    {
        Vector512<float> a = Vector512.Load(x), b = Vector512.Load(x + stride), c = Vector512.Load(x + 2 * stride), d = Vector512.Load(x + 3 * stride);
        Vector512<double> ab = Avx512F.UnpackLow(a, b).AsDouble(), cd = Avx512F.UnpackLow(c, d).AsDouble();
        Vector512<double> abHigh = Avx512F.UnpackHigh(a, b).AsDouble(), cdHigh = Avx512F.UnpackHigh(c, d).AsDouble();
        return (Avx512F.UnpackLow(ab, cd).AsSingle(), Avx512F.UnpackHigh(ab, cd).AsSingle(),
            Avx512F.UnpackLow(abHigh, cdHigh).AsSingle(), Avx512F.UnpackHigh(abHigh, cdHigh).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Blocks(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d, float* y, int step, bool stream)
    {
        const byte even = 0b10_00_10_00, odd = 0b11_01_11_01;
        Vector512<float> abEven = Avx512F.Shuffle4x128(a, b, even), abOdd = Avx512F.Shuffle4x128(a, b, odd);
        Vector512<float> cdEven = Avx512F.Shuffle4x128(c, d, even), cdOdd = Avx512F.Shuffle4x128(c, d, odd);
        Put(Avx512F.Shuffle4x128(abEven, cdEven, even), y, stream);
        Put(Avx512F.Shuffle4x128(abOdd, cdOdd, even), y + step, stream);
        Put(Avx512F.Shuffle4x128(abEven, cdEven, odd), y + 2 * step, stream);
        Put(Avx512F.Shuffle4x128(abOdd, cdOdd, odd), y + 3 * step, stream);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(Vector512<float> v, float* y, bool stream)
    {
        if (stream) v.StoreAlignedNonTemporal(y);
        else v.Store(y);
    }
}
