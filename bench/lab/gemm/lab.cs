// The versions of the matrix product that were tried, each checked against a plain triple loop, then timed by turns on one thread.
//     dotnet run -c Release bench/lab/gemm/lab.cs [size]
#:property AllowUnsafeBlocks=true
#:property TieredCompilation=false
#:property PublishAot=false
#:property NoWarn=CS1591
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512;

int size = args.Length > 0 ? int.Parse(args[0]) : 1024;
unsafe
{
    Version[] versions =
    [
        new("rows of c, one at a time", &Lab.Rows),
        new("register tile, b where it lies", &Lab.TileInPlace),
        new("packed, depth 256, down the columns", &Lab.Down256),
        new("packed, depth 256, along the rows", &Lab.Along256),
        new("packed, depth 512, along the rows", &Lab.Along512),
    ];
    foreach (Version version in versions) Check(version, 96, 64, 520);
    List<double>[] times = [.. versions.Select(_ => new List<double>())];
    float* a = Lab.Room(size * size), b = Lab.Room(size * size), c = Lab.Room(size * size);
    int m = size / 12 * 12, n = size / 32 * 32;
    for (int round = 0; round < 7; round++)
        for (int v = 0; v < versions.Length; v++)
        {
            long start = Stopwatch.GetTimestamp();
            versions[v].Run(m, n, size, a, b, c);
            times[v].Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
    for (int v = 0; v < versions.Length; v++)
        Console.WriteLine($"{versions[v].Name,-40} {2e-9 * m * n * size / times[v].Order().ElementAt(3),8:F1} GFLOP/s");
}

static unsafe void Check(Version version, int m, int n, int k)
{
    float* a = Lab.Room(m * k), b = Lab.Room(k * n), c = Lab.Room(m * n);
    version.Run(m, n, k, a, b, c);
    for (int i = 0; i < m; i++)
        for (int j = 0; j < n; j++)
        {
            float sum = 0;
            for (int p = 0; p < k; p++) sum = MathF.FusedMultiplyAdd(a[i * k + p], b[p * n + j], sum);
            if (sum != c[i * n + j]) throw new InvalidOperationException($"{version.Name}: c[{i}, {j}] is {c[i * n + j]}, not {sum}");
        }
}

internal sealed unsafe class Version(string name, delegate*<int, int, int, float*, float*, float*, void> run)
{
    public string Name => name;

    public void Run(int m, int n, int k, float* a, float* b, float* c) => run(m, n, k, a, b, c);
}

/// <summary>c (m, n) = a (m, k) b (k, n), row-major; m is a multiple of 12 and n of 32, edges being no part of the comparison.</summary>
internal static unsafe class Lab
{
    public static float* Room(int count)
    {
        float* room = Scratch(count);
        for (int i = 0; i < count; i++) room[i] = (i * 37 % 101 - 50) / 64f;
        return room;
    }

    private static float* Scratch(int count) => (float*)NativeMemory.AlignedAlloc((nuint)count * 4, 64);

    public static void Rows(int m, int n, int k, float* a, float* b, float* c)
    {
        for (int i = 0; i < m; i++)
        {
            new Span<float>(c + (long)i * n, n).Clear();
            for (int p = 0; p < k; p++)
                for (int j = 0; j < n; j += 16)
                    V.FusedMultiplyAdd(V.Create(a[(long)i * k + p]), V.Load(b + (long)p * n + j), V.Load(c + (long)i * n + j)).Store(c + (long)i * n + j);
        }
    }

    public static void TileInPlace(int m, int n, int k, float* a, float* b, float* c)
    {
        float* packed = Scratch(12 * k);
        for (int i = 0; i < m; i += 12)
        {
            PackRows(a + (long)i * k, k, k, packed);
            for (int j = 0; j < n; j += 32) Tile(k, packed, b + j, n, c + (long)i * n + j, n, false);
        }
        NativeMemory.AlignedFree(packed);
    }

    public static void Down256(int m, int n, int k, float* a, float* b, float* c) => Packed(m, n, k, a, b, c, 256, false);

    public static void Along256(int m, int n, int k, float* a, float* b, float* c) => Packed(m, n, k, a, b, c, 256, true);

    public static void Along512(int m, int n, int k, float* a, float* b, float* c) => Packed(m, n, k, a, b, c, 512, true);

    private static void Packed(int m, int n, int k, float* a, float* b, float* c, int depthBlock, bool along)
    {
        float* packedA = Scratch(m * depthBlock), packedB = Scratch(n * depthBlock);
        for (int p = 0; p < k; p += depthBlock)
        {
            int depth = Math.Min(depthBlock, k - p);
            for (int i = 0; i < m; i += 12) PackRows(a + (long)i * k + p, k, depth, packedA + (long)i * depth);
            for (int q = 0; q < depth; q++)
                for (int j = 0; j < n; j += 32)
                    for (int h = 0; h < 32; h += 16) V.Load(b + (long)(p + q) * n + j + h).Store(packedB + (long)j * depth + 32 * q + h);
            // Blocks of 8 x 8 tiles; within one, the next tile lies below, or to the right: the same rows, so the same pages of c.
            for (int j0 = 0; j0 < n; j0 += 256)
                for (int i0 = 0; i0 < m; i0 += 96)
                {
                    int right = Math.Min(8, (n - j0) / 32), down = Math.Min(8, (m - i0) / 12);
                    for (int t = 0; t < right * down; t++)
                    {
                        int i = i0 + 12 * (along ? t / right : t % down), j = j0 + 32 * (along ? t % right : t / down);
                        Tile(depth, packedA + (long)i * depth, packedB + (long)j * depth, 32, c + (long)i * n + j, n, p > 0);
                    }
                }
        }
        NativeMemory.AlignedFree(packedA);
        NativeMemory.AlignedFree(packedB);
    }

    private static void PackRows(float* a, int stride, int depth, float* to)
    {
        for (int p = 0; p < depth; p++)
            for (int i = 0; i < 12; i++) to[12 * p + i] = a[(long)i * stride + p];
    }

    /// <summary>12 rows and 32 columns: 24 accumulators, written out because the compiler keeps only separate locals in registers.</summary>
    private static void Tile(int depth, float* a, float* b, nint rowB, float* c, nint row, bool add)
    {
        Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default,
            s8 = default, s9 = default, s10 = default, s11 = default, t0 = default, t1 = default, t2 = default, t3 = default, t4 = default,
            t5 = default, t6 = default, t7 = default, t8 = default, t9 = default, t10 = default, t11 = default;
        if (add)
        {
            Get(c, ref s0, ref t0); Get(c + row, ref s1, ref t1); Get(c + 2 * row, ref s2, ref t2); Get(c + 3 * row, ref s3, ref t3);
            Get(c + 4 * row, ref s4, ref t4); Get(c + 5 * row, ref s5, ref t5); Get(c + 6 * row, ref s6, ref t6); Get(c + 7 * row, ref s7, ref t7);
            Get(c + 8 * row, ref s8, ref t8); Get(c + 9 * row, ref s9, ref t9); Get(c + 10 * row, ref s10, ref t10); Get(c + 11 * row, ref s11, ref t11);
        }
        for (int p = 0; p < depth; p++, a += 12, b += rowB)
        {
            Vector512<float> x = V.Load(b), y = V.Load(b + 16), w;
            w = V.Create(a[0]); s0 = V.FusedMultiplyAdd(w, x, s0); t0 = V.FusedMultiplyAdd(w, y, t0);
            w = V.Create(a[1]); s1 = V.FusedMultiplyAdd(w, x, s1); t1 = V.FusedMultiplyAdd(w, y, t1);
            w = V.Create(a[2]); s2 = V.FusedMultiplyAdd(w, x, s2); t2 = V.FusedMultiplyAdd(w, y, t2);
            w = V.Create(a[3]); s3 = V.FusedMultiplyAdd(w, x, s3); t3 = V.FusedMultiplyAdd(w, y, t3);
            w = V.Create(a[4]); s4 = V.FusedMultiplyAdd(w, x, s4); t4 = V.FusedMultiplyAdd(w, y, t4);
            w = V.Create(a[5]); s5 = V.FusedMultiplyAdd(w, x, s5); t5 = V.FusedMultiplyAdd(w, y, t5);
            w = V.Create(a[6]); s6 = V.FusedMultiplyAdd(w, x, s6); t6 = V.FusedMultiplyAdd(w, y, t6);
            w = V.Create(a[7]); s7 = V.FusedMultiplyAdd(w, x, s7); t7 = V.FusedMultiplyAdd(w, y, t7);
            w = V.Create(a[8]); s8 = V.FusedMultiplyAdd(w, x, s8); t8 = V.FusedMultiplyAdd(w, y, t8);
            w = V.Create(a[9]); s9 = V.FusedMultiplyAdd(w, x, s9); t9 = V.FusedMultiplyAdd(w, y, t9);
            w = V.Create(a[10]); s10 = V.FusedMultiplyAdd(w, x, s10); t10 = V.FusedMultiplyAdd(w, y, t10);
            w = V.Create(a[11]); s11 = V.FusedMultiplyAdd(w, x, s11); t11 = V.FusedMultiplyAdd(w, y, t11);
        }
        Put(c, s0, t0); Put(c + row, s1, t1); Put(c + 2 * row, s2, t2); Put(c + 3 * row, s3, t3); Put(c + 4 * row, s4, t4); Put(c + 5 * row, s5, t5);
        Put(c + 6 * row, s6, t6); Put(c + 7 * row, s7, t7); Put(c + 8 * row, s8, t8); Put(c + 9 * row, s9, t9); Put(c + 10 * row, s10, t10); Put(c + 11 * row, s11, t11);

        static void Put(float* to, Vector512<float> x, Vector512<float> y)
        {
            x.Store(to);
            y.Store(to + 16);
        }

        // Addresses of locals are given away only here: inlined, they stay in registers.
        static void Get(float* from, ref Vector512<float> x, ref Vector512<float> y) => (x, y) = (V.Load(from), V.Load(from + 16));
    }
}
