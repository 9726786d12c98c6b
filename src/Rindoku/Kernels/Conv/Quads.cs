using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Rindoku.Kernels;

/// <summary>Takes lines of numbers apart by fours and puts them together again: <c>parts[j][t] = line[4 t + j]</c>.</summary>
internal static unsafe class Quads
{
    // Within 128-bit lanes a 4 x 4 transpose brings the quads' parts together; what is left is to put the lanes' tiles in order.
    private static readonly Vector512<int> Apart512 = Vector512.Create(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15); // its own inverse
    private static readonly Vector256<int> Apart256 = Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7), Together256 = Vector256.Create(0, 2, 4, 6, 1, 3, 5, 7);

    /// <summary>parts[j · stride + t] = line[4 t + j] for t below <paramref name="count"/>.</summary>
    public static void Part(float* line, float* parts, int stride, int count)
    {
        int t = 0;
        if (Avx512F.IsSupported && Simd.Bits == 512)
            for (; t <= count - 16; t += 16) Part16(line + 4 * t, parts + t, stride);
        if (Avx2.IsSupported && Simd.Bits >= 256)
            for (; t <= count - 8; t += 8) Part8(line + 4 * t, parts + t, stride);
        for (; t <= count - 4; t += 4)
        {
            float* x = line + 4 * t;
            Panels.Turn(Vector128.Load(x), Vector128.Load(x + 4), Vector128.Load(x + 8), Vector128.Load(x + 12), parts + t, stride);
        }
        for (; t < count; t++)
            for (int j = 0; j < 4; j++) parts[j * stride + t] = line[4 * t + j];
    }

    /// <summary>line[4 t + j] = parts[j · stride + t] for t below <paramref name="count"/>.</summary>
    public static void Join(float* parts, int stride, float* line, int count)
    {
        int t = 0;
        if (Avx512F.IsSupported && Simd.Bits == 512)
            for (; t <= count - 16; t += 16) Join16(parts + t, stride, line + 4 * t);
        if (Avx2.IsSupported && Simd.Bits >= 256)
            for (; t <= count - 8; t += 8) Join8(parts + t, stride, line + 4 * t);
        for (; t <= count - 4; t += 4)
        {
            float* x = parts + t;
            Panels.Turn(Vector128.Load(x), Vector128.Load(x + stride), Vector128.Load(x + 2 * stride), Vector128.Load(x + 3 * stride), line + 4 * t, 4);
        }
        for (; t < count; t++)
            for (int j = 0; j < 4; j++) line[4 * t + j] = parts[j * stride + t];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Part16(float* line, float* parts, int stride)
    {
        (Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d) =
            TurnLanes(Vector512.Load(line), Vector512.Load(line + 16), Vector512.Load(line + 32), Vector512.Load(line + 48));
        Avx512F.PermuteVar16x32(a, Apart512).Store(parts);
        Avx512F.PermuteVar16x32(b, Apart512).Store(parts + stride);
        Avx512F.PermuteVar16x32(c, Apart512).Store(parts + 2 * stride);
        Avx512F.PermuteVar16x32(d, Apart512).Store(parts + 3 * stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Join16(float* parts, int stride, float* line)
    {
        (Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d) = TurnLanes(
            Avx512F.PermuteVar16x32(Vector512.Load(parts), Apart512), Avx512F.PermuteVar16x32(Vector512.Load(parts + stride), Apart512),
            Avx512F.PermuteVar16x32(Vector512.Load(parts + 2 * stride), Apart512), Avx512F.PermuteVar16x32(Vector512.Load(parts + 3 * stride), Apart512));
        a.Store(line);
        b.Store(line + 16);
        c.Store(line + 32);
        d.Store(line + 48);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Part8(float* line, float* parts, int stride)
    {
        (Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d) =
            TurnLanes(Vector256.Load(line), Vector256.Load(line + 8), Vector256.Load(line + 16), Vector256.Load(line + 24));
        Avx2.PermuteVar8x32(a, Apart256).Store(parts);
        Avx2.PermuteVar8x32(b, Apart256).Store(parts + stride);
        Avx2.PermuteVar8x32(c, Apart256).Store(parts + 2 * stride);
        Avx2.PermuteVar8x32(d, Apart256).Store(parts + 3 * stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Join8(float* parts, int stride, float* line)
    {
        (Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d) = TurnLanes(
            Avx2.PermuteVar8x32(Vector256.Load(parts), Together256), Avx2.PermuteVar8x32(Vector256.Load(parts + stride), Together256),
            Avx2.PermuteVar8x32(Vector256.Load(parts + 2 * stride), Together256), Avx2.PermuteVar8x32(Vector256.Load(parts + 3 * stride), Together256));
        a.Store(line);
        b.Store(line + 8);
        c.Store(line + 16);
        d.Store(line + 24);
    }

    /// <summary>In every 128-bit lane the transpose of the 4 x 4 matrix with rows a, b, c, d.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<float>, Vector512<float>, Vector512<float>, Vector512<float>) TurnLanes(
        Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d)
    {
        const byte low = 0b01_00_01_00, high = 0b11_10_11_10;
        Vector512<float> abLow = Avx512F.UnpackLow(a, b), abHigh = Avx512F.UnpackHigh(a, b); // a0 b0 a1 b1, a2 b2 a3 b3
        Vector512<float> cdLow = Avx512F.UnpackLow(c, d), cdHigh = Avx512F.UnpackHigh(c, d);
        return (Avx512F.Shuffle(abLow, cdLow, low), Avx512F.Shuffle(abLow, cdLow, high), Avx512F.Shuffle(abHigh, cdHigh, low), Avx512F.Shuffle(abHigh, cdHigh, high));
    }

    /// <summary>In every 128-bit lane the transpose of the 4 x 4 matrix with rows a, b, c, d.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<float>, Vector256<float>, Vector256<float>, Vector256<float>) TurnLanes(
        Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d)
    {
        const byte low = 0b01_00_01_00, high = 0b11_10_11_10;
        Vector256<float> abLow = Avx.UnpackLow(a, b), abHigh = Avx.UnpackHigh(a, b);
        Vector256<float> cdLow = Avx.UnpackLow(c, d), cdHigh = Avx.UnpackHigh(c, d);
        return (Avx.Shuffle(abLow, cdLow, low), Avx.Shuffle(abLow, cdLow, high), Avx.Shuffle(abHigh, cdHigh, low), Avx.Shuffle(abHigh, cdHigh, high));
    }
}
