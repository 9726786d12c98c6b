using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Rindoku.Kernels;

/// <summary>What this machine can do at most, measured: arithmetic that never leaves the registers, and a copy that never stays in a cache.</summary>
/// <remarks>Each figure is the best of many short rounds: other work on the machine makes a round slower, nothing makes it faster.</remarks>
internal static unsafe class Ceilings
{
    private const int Steps = 100_000;          // some 0.7 ms a round on a machine of today
    private const int Chains = 12;
    private const int CopyFloats = 24 << 20;    // 96 MB an array: no cache of today keeps a share of it
    private const int CopyChunk = 1 << 20;

    /// <summary>Floating-point operations a second by fused multiply-adds (each counts two) on <see cref="Threads.Count"/> threads.</summary>
    public static double MultiplyAdds(double seconds)
    {
        int threads = Threads.Count;
        double operations = 2.0 * threads * Chains * Lanes * Steps;
        float[] sums = new float[threads]; // read by nobody, but the compiler cannot know
        return operations / Best(seconds, () => Threads.Run(threads, i => sums[i] = Simd.Bits switch
        {
            512 => Chain<V512>(Steps),
            256 => Chain<V256>(Steps),
            _ => Chain<V128>(Steps),
        }));
    }

    /// <summary>Bytes a second, those read and those written, of a copy between two arrays too large for any cache.</summary>
    /// <remarks>The better of plain stores and of stores that pass the caches by, which save reading what will be overwritten.</remarks>
    public static double CopyBandwidth(double seconds)
    {
        using Workspace from = new(CopyFloats), to = new(CopyFloats);
        float* source = from.Start, destination = to.Start;
        Threads.RunChunks(CopyFloats, CopyChunk, (start, end) => // pages are given by the system when they are first written
        {
            new Span<float>(source + start, end - start).Fill(1);
            new Span<float>(destination + start, end - start).Clear();
        });
        double plain = Best(seconds / 2, () => Copy(source, destination, streaming: false));
        double streaming = Best(seconds / 2, () => Copy(source, destination, streaming: true));
        return 2.0 * sizeof(float) * CopyFloats / Math.Min(plain, streaming);
    }

    private static int Lanes => Simd.Bits / 32;

    private static double Best(double seconds, Action round)
    {
        round();
        double best = double.PositiveInfinity;
        long start = Stopwatch.GetTimestamp();
        do
        {
            long begin = Stopwatch.GetTimestamp();
            round();
            best = Math.Min(best, Stopwatch.GetElapsedTime(begin).TotalSeconds);
        }
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds);
        return best;
    }

    // Twelve chains hide the latency of two multiply-adds a cycle (4 cycles on today's cores: 8 chains), and with the two factors they
    // fit into 16 registers. Separate locals, one by one: the compiler spilled an array of them, which read a tenth of the truth.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static float Chain<V>(int steps) where V : struct, ISimd<V>
    {
        V x = V.All(0.5f), y = V.All(1e-3f);
        V s0 = x, s1 = x, s2 = x, s3 = x, s4 = x, s5 = x, s6 = x, s7 = x, s8 = x, s9 = x, s10 = x, s11 = x;
        for (int i = 0; i < steps; i++)
        {
            s0 = V.Fma(s0, x, y); s1 = V.Fma(s1, x, y); s2 = V.Fma(s2, x, y); s3 = V.Fma(s3, x, y);
            s4 = V.Fma(s4, x, y); s5 = V.Fma(s5, x, y); s6 = V.Fma(s6, x, y); s7 = V.Fma(s7, x, y);
            s8 = V.Fma(s8, x, y); s9 = V.Fma(s9, x, y); s10 = V.Fma(s10, x, y); s11 = V.Fma(s11, x, y);
        }
        return V.Sum(s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7 + s8 + s9 + s10 + s11);
    }

    private static void Copy(float* source, float* destination, bool streaming) => Threads.RunChunks(CopyFloats, CopyChunk, (start, end) =>
    {
        if (streaming) Stream(source + start, destination + start, end - start);
        else new ReadOnlySpan<float>(source + start, end - start).CopyTo(new Span<float>(destination + start, end - start));
    });

    // The arrays are aligned and the chunks are whole vectors.
    private static void Stream(float* source, float* destination, int count)
    {
        if (Simd.Bits == 512)
            for (int i = 0; i < count; i += Vector512<float>.Count) Vector512.LoadAligned(source + i).StoreAlignedNonTemporal(destination + i);
        else if (Simd.Bits == 256)
            for (int i = 0; i < count; i += Vector256<float>.Count) Vector256.LoadAligned(source + i).StoreAlignedNonTemporal(destination + i);
        else
            for (int i = 0; i < count; i += Vector128<float>.Count) Vector128.LoadAligned(source + i).StoreAlignedNonTemporal(destination + i);
    }
}
