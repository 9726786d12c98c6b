// Ways to read 64 MB and add the numbers up, timed by turns on one thread.
//     dotnet run -c Release bench/lab/rows/lab.cs
#:property AllowUnsafeBlocks=true
#:property TieredCompilation=false
#:property PublishAot=false
#:property NoWarn=CS1591
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

unsafe
{
    const int Numbers = 16 << 20, Row = 4096;
    float[] array = GC.AllocateUninitializedArray<float>(Numbers + 16, pinned: true);
    array.AsSpan().Fill(1);
    float* x = (float*)(((nuint)Unsafe.AsPointer(ref array[0]) + 63) & ~(nuint)63);
    Version[] versions = [new("512 bits", &Lab.Wide), new("512 bits in halves", &Lab.Halves), new("256 bits", &Lab.Narrow), new("256 bits, pages called", &Lab.Called)];
    double[][] times = [.. versions.Select(_ => new double[50])];
    for (int round = 0; round < 50; round++)
        for (int v = 0; v < versions.Length; v++)
        {
            long begin = Stopwatch.GetTimestamp();
            float sum = 0;
            for (int i = 0; i < Numbers; i += Row) sum += versions[v].Sum(x + i, Row);
            times[v][round] = Stopwatch.GetElapsedTime(begin).TotalSeconds;
            if (Math.Abs(sum - Numbers) > 1) throw new InvalidOperationException($"{versions[v].Name}: {sum}");
        }
    for (int v = 0; v < versions.Length; v++) Console.WriteLine($"{versions[v].Name,-24}{Numbers * 4e-9 / times[v].Order().ElementAt(25):F1} GB/s");
}

internal sealed unsafe class Version(string name, delegate*<float*, int, float> sum)
{
    public string Name => name;

    public float Sum(float* x, int count) => sum(x, count);
}

internal static unsafe class Lab
{
    public static float Wide(float* x, int count)
    {
        Vector512<float> a = default, b = default;
        for (int i = 0; i < count; i += 32)
        {
            a += Vector512.Load(x + i);
            b += Vector512.Load(x + i + 16);
        }
        return Vector512.Sum(a + b);
    }

    public static float Halves(float* x, int count)
    {
        Vector512<float> a = default, b = default;
        for (int i = 0; i < count; i += 32)
        {
            a += Vector512.Create(Vector256.Load(x + i), Vector256.Load(x + i + 8));
            b += Vector512.Create(Vector256.Load(x + i + 16), Vector256.Load(x + i + 24));
        }
        return Vector512.Sum(a + b);
    }

    public static float Narrow(float* x, int count)
    {
        Vector256<float> a = default, b = default, c = default, d = default;
        for (int i = 0; i < count; i += 32)
        {
            a += Vector256.Load(x + i);
            b += Vector256.Load(x + i + 8);
            c += Vector256.Load(x + i + 16);
            d += Vector256.Load(x + i + 24);
        }
        return Vector256.Sum(a + b + (c + d));
    }

    public static float Called(float* x, int count)
    {
        float sum = 0;
        for (int i = 0; i < count; i += 1024)
        {
            byte* page = (byte*)((nuint)(x + i) & ~(nuint)4095) + 8192;
            Sse.Prefetch0(page);
            Sse.Prefetch0(page + 64);
            Sse.Prefetch0(page + 128);
            sum += Narrow(x + i, 1024);
        }
        return sum;
    }
}
