using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Rindoku.Kernels;

/// <summary>A vector of floats of some width, so that each kernel is written once and compiled for 512, 256 and 128 bits.</summary>
/// <remarks>Comparisons give masks for <see cref="Select"/>: all bits set where true.</remarks>
internal interface ISimd<V> where V : struct, ISimd<V>
{
    /// <summary>How many floats a vector holds.</summary>
    static abstract int Count { get; }

    static abstract V Zero { get; }
    static abstract V operator +(V a, V b);
    static abstract V operator -(V a, V b);
    static abstract V operator *(V a, V b);
    static abstract V operator /(V a, V b);
    static abstract V operator -(V a);
    static abstract V operator &(V a, V b);
    static abstract V operator |(V a, V b);
    static abstract V operator ^(V a, V b);

    /// <summary>The same number in every place.</summary>
    static abstract V All(float value);

    static abstract V Load(ref float source);

    /// <summary>The same, of 512 bits in two halves; for what comes from beyond the first-level cache.</summary>
    /// <remarks>
    /// On Zen 4 the two looks at a cache line make the processor read ahead sooner: sums over a large array go up to a third faster, and
    /// an addition of two arrays a tenth to a fifth (bench/lab/rows). A loop that does next to nothing else loses by it within the
    /// first-level cache.
    /// </remarks>
    static abstract V LoadFar(ref float source);

    static abstract void Store(V v, ref float destination);

    /// <summary>The first <paramref name="count"/> places from memory, the others <paramref name="filler"/>; no memory beyond is touched.</summary>
    static abstract unsafe V LoadPart(float* source, int count, float filler);

    /// <summary>Writes the first <paramref name="count"/> places to memory.</summary>
    static abstract unsafe void StorePart(V v, float* destination, int count);

    /// <summary>A mask that is set in the first <paramref name="count"/> places.</summary>
    static abstract V First(int count);

    /// <summary>Writes past the caches to an address that is a multiple of the vector's size; see <see cref="SimdMemory.EndStreaming"/>.</summary>
    static abstract unsafe void Stream(V v, float* destination);

    /// <summary><c>a · b + c</c>, rounded once where the processor can.</summary>
    static abstract V Fma(V a, V b, V c);

    static abstract V Sqrt(V a);
    static abstract V Abs(V a);

    /// <summary>IEEE 754 maximum: NaN if either is NaN.</summary>
    static abstract V Max(V a, V b);

    /// <summary>IEEE 754 minimum: NaN if either is NaN.</summary>
    static abstract V Min(V a, V b);

    /// <summary>The larger, in one instruction: NaN where <paramref name="b"/> is; where <paramref name="a"/> alone is NaN, or of zeros, either.</summary>
    static abstract V MaxNative(V a, V b);

    /// <summary>The smaller, in one instruction: NaN where <paramref name="b"/> is; where <paramref name="a"/> alone is NaN, or of zeros, either.</summary>
    static abstract V MinNative(V a, V b);

    static abstract V Floor(V a);
    static abstract V Ceiling(V a);

    /// <summary>To the integer next to it in the direction of zero.</summary>
    static abstract V Truncate(V a);

    /// <summary>To the nearest integer, ties to even.</summary>
    static abstract V Round(V a);

    static abstract V Less(V a, V b);
    static abstract V LessOrEqual(V a, V b);
    static abstract V Equal(V a, V b);

    /// <summary>Whether a mask is set in any place.</summary>
    static abstract bool Any(V mask);

    /// <summary><paramref name="a"/> where the mask is set, else <paramref name="b"/>.</summary>
    static abstract V Select(V mask, V a, V b);

    /// <summary>2 to the power of an integer from -126 to 127.</summary>
    static abstract V PowerOfTwo(V exponent);

    /// <summary><c>a · 2^n</c>, rounded once, for an integer n from -252 to 254.</summary>
    static abstract V Scale(V a, V n);

    /// <summary>The floats whose bits are those of <paramref name="a"/> shifted right (unsigned), as integers turned into floats.</summary>
    static abstract V ExponentBits(V a);

    /// <summary>In each part of four places: a0 b0 a1 b1.</summary>
    static abstract V ZipLow(V a, V b);

    /// <summary>In each part of four places: a2 b2 a3 b3.</summary>
    static abstract V ZipHigh(V a, V b);

    /// <summary>In each part of four places: a0 a1 b0 b1.</summary>
    static abstract V JoinLow(V a, V b);

    /// <summary>In each part of four places: a2 a3 b2 b3.</summary>
    static abstract V JoinHigh(V a, V b);

    /// <summary>The places as a matrix with four columns, transposed: with 16 places 0 4 8 12 1 5 9 13 ..., with 8 places 0 4 1 5 2 6 3 7.</summary>
    static abstract V Turn(V a);

    /// <summary>Undoes <see cref="Turn"/>.</summary>
    static abstract V TurnBack(V a);

    /// <summary>Every second place: a0 a2 a4 ... and then b0 b2 b4 ...</summary>
    static abstract V Evens(V a, V b);

    /// <summary>Every second place: a1 a3 a5 ... and then b1 b3 b5 ...</summary>
    static abstract V Odds(V a, V b);

    /// <summary>The lower halves by turns: a0 b0 a1 b1 ...; the first half of what undoes <see cref="Evens"/> and <see cref="Odds"/>.</summary>
    static abstract V AlternateLow(V a, V b);

    /// <summary>The upper halves by turns.</summary>
    static abstract V AlternateHigh(V a, V b);

    /// <summary>The sum of all places, always added in the same tree.</summary>
    static abstract float Sum(V a);

    static abstract float MaxOf(V a);
    static abstract float MinOf(V a);
}

internal readonly struct V512(Vector512<float> v) : ISimd<V512>
{
    private readonly Vector512<float> v = v;

    public static int Count => 16;
    public static V512 Zero => new(Vector512<float>.Zero);
    public static V512 operator +(V512 a, V512 b) => new(a.v + b.v);
    public static V512 operator -(V512 a, V512 b) => new(a.v - b.v);
    public static V512 operator *(V512 a, V512 b) => new(a.v * b.v);
    public static V512 operator /(V512 a, V512 b) => new(a.v / b.v);
    public static V512 operator -(V512 a) => new(-a.v);
    public static V512 operator &(V512 a, V512 b) => new(a.v & b.v);
    public static V512 operator |(V512 a, V512 b) => new(a.v | b.v);
    public static V512 operator ^(V512 a, V512 b) => new(a.v ^ b.v);
    public static V512 All(float value) => new(Vector512.Create(value));
    public static V512 Load(ref float source) => new(Vector512.LoadUnsafe(ref source));
    public static V512 LoadFar(ref float source) => new(Vector512.Create(Vector256.LoadUnsafe(ref source), Vector256.LoadUnsafe(ref source, 8)));
    public static void Store(V512 a, ref float destination) => a.v.StoreUnsafe(ref destination);

    public static unsafe V512 LoadPart(float* source, int count, float filler) => Avx512F.IsSupported
        ? new(Avx512F.MaskLoad(source, First(count).v, Vector512.Create(filler))) : Simd.LoadPart<V512>(ref *source, count, filler);

    public static unsafe void StorePart(V512 a, float* destination, int count)
    {
        if (Avx512F.IsSupported) Avx512F.MaskStore(destination, First(count).v, a.v);
        else Simd.StorePart(a, ref *destination, count);
    }

    public static unsafe void Stream(V512 a, float* destination) => a.v.StoreAlignedNonTemporal(destination);
    public static V512 Fma(V512 a, V512 b, V512 c) => new(Vector512.FusedMultiplyAdd(a.v, b.v, c.v));
    public static V512 Sqrt(V512 a) => new(Vector512.Sqrt(a.v));
    public static V512 Abs(V512 a) => new(Vector512.Abs(a.v));
    public static V512 Max(V512 a, V512 b) => new(Vector512.Max(a.v, b.v));
    public static V512 Min(V512 a, V512 b) => new(Vector512.Min(a.v, b.v));
    public static V512 MaxNative(V512 a, V512 b) => new(Vector512.MaxNative(a.v, b.v));
    public static V512 MinNative(V512 a, V512 b) => new(Vector512.MinNative(a.v, b.v));
    public static V512 Floor(V512 a) => new(Vector512.Floor(a.v));
    public static V512 Ceiling(V512 a) => new(Vector512.Ceiling(a.v));
    public static V512 Truncate(V512 a) => new(Vector512.Truncate(a.v));
    public static V512 Round(V512 a) => new(Vector512.Round(a.v));
    public static V512 Less(V512 a, V512 b) => new(Vector512.LessThan(a.v, b.v));
    public static V512 LessOrEqual(V512 a, V512 b) => new(Vector512.LessThanOrEqual(a.v, b.v));
    public static V512 Equal(V512 a, V512 b) => new(Vector512.Equals(a.v, b.v));
    public static bool Any(V512 mask) => mask.v.AsInt32() != Vector512<int>.Zero;
    public static V512 Select(V512 mask, V512 a, V512 b) => new(Vector512.ConditionalSelect(mask.v, a.v, b.v));
    public static V512 PowerOfTwo(V512 n) => new(((Vector512.ConvertToInt32Native(n.v) + Vector512.Create(127)) << 23).AsSingle());
    public static V512 Scale(V512 a, V512 n) => Avx512F.IsSupported ? new(Avx512F.Scale(a.v, n.v)) : SimdMath.ScaleInTwo(a, n);
    public static V512 ExponentBits(V512 a) => new(Vector512.ConvertToSingle((a.v.AsInt32() >>> 23) & Vector512.Create(0xFF)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 ZipLow(V512 a, V512 b) => new(Avx512F.UnpackLow(a.v, b.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 ZipHigh(V512 a, V512 b) => new(Avx512F.UnpackHigh(a.v, b.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 JoinLow(V512 a, V512 b) => new(Avx512F.Shuffle(a.v, b.v, 0b01_00_01_00));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 JoinHigh(V512 a, V512 b) => new(Avx512F.Shuffle(a.v, b.v, 0b11_10_11_10));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 Turn(V512 a) => new(Avx512F.PermuteVar16x32(a.v, Vector512.Create(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 TurnBack(V512 a) => Turn(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 Evens(V512 a, V512 b) => new(Avx512F.PermuteVar16x32x2(a.v, Vector512.Create(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30), b.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 Odds(V512 a, V512 b) => new(Avx512F.PermuteVar16x32x2(a.v, Vector512.Create(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31), b.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 AlternateLow(V512 a, V512 b) => new(Avx512F.PermuteVar16x32x2(a.v, Vector512.Create(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23), b.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 AlternateHigh(V512 a, V512 b) => new(Avx512F.PermuteVar16x32x2(a.v, Vector512.Create(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31), b.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(V512 a) => V256.Sum(new(a.v.GetLower() + a.v.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxOf(V512 a) => V256.MaxOf(new(Vector256.Max(a.v.GetLower(), a.v.GetUpper())));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MinOf(V512 a) => V256.MinOf(new(Vector256.Min(a.v.GetLower(), a.v.GetUpper())));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 First(int count) => new(Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(count)).AsSingle());
}

internal readonly struct V256(Vector256<float> v) : ISimd<V256>
{
    private readonly Vector256<float> v = v;

    public static int Count => 8;
    public static V256 Zero => new(Vector256<float>.Zero);
    public static V256 operator +(V256 a, V256 b) => new(a.v + b.v);
    public static V256 operator -(V256 a, V256 b) => new(a.v - b.v);
    public static V256 operator *(V256 a, V256 b) => new(a.v * b.v);
    public static V256 operator /(V256 a, V256 b) => new(a.v / b.v);
    public static V256 operator -(V256 a) => new(-a.v);
    public static V256 operator &(V256 a, V256 b) => new(a.v & b.v);
    public static V256 operator |(V256 a, V256 b) => new(a.v | b.v);
    public static V256 operator ^(V256 a, V256 b) => new(a.v ^ b.v);
    public static V256 All(float value) => new(Vector256.Create(value));
    public static V256 Load(ref float source) => new(Vector256.LoadUnsafe(ref source));
    public static V256 LoadFar(ref float source) => Load(ref source);
    public static void Store(V256 a, ref float destination) => a.v.StoreUnsafe(ref destination);

    public static unsafe V256 LoadPart(float* source, int count, float filler) => Avx512F.VL.IsSupported
        ? new(Avx512F.VL.MaskLoad(source, First(count).v, Vector256.Create(filler))) : Simd.LoadPart<V256>(ref *source, count, filler);

    public static unsafe void StorePart(V256 a, float* destination, int count)
    {
        if (Avx512F.VL.IsSupported) Avx512F.VL.MaskStore(destination, First(count).v, a.v);
        else Simd.StorePart(a, ref *destination, count);
    }

    public static unsafe void Stream(V256 a, float* destination) => a.v.StoreAlignedNonTemporal(destination);
    public static V256 Fma(V256 a, V256 b, V256 c) => new(Vector256.FusedMultiplyAdd(a.v, b.v, c.v));
    public static V256 Sqrt(V256 a) => new(Vector256.Sqrt(a.v));
    public static V256 Abs(V256 a) => new(Vector256.Abs(a.v));
    public static V256 Max(V256 a, V256 b) => new(Vector256.Max(a.v, b.v));
    public static V256 Min(V256 a, V256 b) => new(Vector256.Min(a.v, b.v));
    public static V256 MaxNative(V256 a, V256 b) => new(Vector256.MaxNative(a.v, b.v));
    public static V256 MinNative(V256 a, V256 b) => new(Vector256.MinNative(a.v, b.v));
    public static V256 Floor(V256 a) => new(Vector256.Floor(a.v));
    public static V256 Ceiling(V256 a) => new(Vector256.Ceiling(a.v));
    public static V256 Truncate(V256 a) => new(Vector256.Truncate(a.v));
    public static V256 Round(V256 a) => new(Vector256.Round(a.v));
    public static V256 Less(V256 a, V256 b) => new(Vector256.LessThan(a.v, b.v));
    public static V256 LessOrEqual(V256 a, V256 b) => new(Vector256.LessThanOrEqual(a.v, b.v));
    public static V256 Equal(V256 a, V256 b) => new(Vector256.Equals(a.v, b.v));
    public static bool Any(V256 mask) => mask.v.AsInt32() != Vector256<int>.Zero;
    public static V256 Select(V256 mask, V256 a, V256 b) => new(Vector256.ConditionalSelect(mask.v, a.v, b.v));
    public static V256 PowerOfTwo(V256 n) => new(((Vector256.ConvertToInt32Native(n.v) + Vector256.Create(127)) << 23).AsSingle());
    public static V256 Scale(V256 a, V256 n) => Avx512F.VL.IsSupported ? new(Avx512F.VL.Scale(a.v, n.v)) : SimdMath.ScaleInTwo(a, n);
    public static V256 ExponentBits(V256 a) => new(Vector256.ConvertToSingle((a.v.AsInt32() >>> 23) & Vector256.Create(0xFF)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 ZipLow(V256 a, V256 b) => new(Avx.UnpackLow(a.v, b.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 ZipHigh(V256 a, V256 b) => new(Avx.UnpackHigh(a.v, b.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 JoinLow(V256 a, V256 b) => new(Avx.Shuffle(a.v, b.v, 0b01_00_01_00));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 JoinHigh(V256 a, V256 b) => new(Avx.Shuffle(a.v, b.v, 0b11_10_11_10));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 Turn(V256 a) => new(Avx2.PermuteVar8x32(a.v, Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 TurnBack(V256 a) => new(Avx2.PermuteVar8x32(a.v, Vector256.Create(0, 2, 4, 6, 1, 3, 5, 7)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 Evens(V256 a, V256 b) => new(Avx2.Permute4x64(Avx.Shuffle(a.v, b.v, 0b10_00_10_00).AsDouble(), 0b11_01_10_00).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 Odds(V256 a, V256 b) => new(Avx2.Permute4x64(Avx.Shuffle(a.v, b.v, 0b11_01_11_01).AsDouble(), 0b11_01_10_00).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 AlternateLow(V256 a, V256 b) => new(Avx.Permute2x128(Avx.UnpackLow(a.v, b.v), Avx.UnpackHigh(a.v, b.v), 0x20));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 AlternateHigh(V256 a, V256 b) => new(Avx.Permute2x128(Avx.UnpackLow(a.v, b.v), Avx.UnpackHigh(a.v, b.v), 0x31));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(V256 a) => V128.Sum(new(a.v.GetLower() + a.v.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxOf(V256 a) => V128.MaxOf(new(Vector128.Max(a.v.GetLower(), a.v.GetUpper())));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MinOf(V256 a) => V128.MinOf(new(Vector128.Min(a.v.GetLower(), a.v.GetUpper())));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 First(int count) => new(Vector256.LessThan(Vector256<int>.Indices, Vector256.Create(count)).AsSingle());
}

internal readonly struct V128(Vector128<float> v) : ISimd<V128>
{
    private readonly Vector128<float> v = v;

    public static int Count => 4;
    public static V128 Zero => new(Vector128<float>.Zero);
    public static V128 operator +(V128 a, V128 b) => new(a.v + b.v);
    public static V128 operator -(V128 a, V128 b) => new(a.v - b.v);
    public static V128 operator *(V128 a, V128 b) => new(a.v * b.v);
    public static V128 operator /(V128 a, V128 b) => new(a.v / b.v);
    public static V128 operator -(V128 a) => new(-a.v);
    public static V128 operator &(V128 a, V128 b) => new(a.v & b.v);
    public static V128 operator |(V128 a, V128 b) => new(a.v | b.v);
    public static V128 operator ^(V128 a, V128 b) => new(a.v ^ b.v);
    public static V128 All(float value) => new(Vector128.Create(value));
    public static V128 Load(ref float source) => new(Vector128.LoadUnsafe(ref source));
    public static V128 LoadFar(ref float source) => Load(ref source);
    public static void Store(V128 a, ref float destination) => a.v.StoreUnsafe(ref destination);

    public static unsafe V128 LoadPart(float* source, int count, float filler) => Avx512F.VL.IsSupported
        ? new(Avx512F.VL.MaskLoad(source, First(count).v, Vector128.Create(filler))) : Simd.LoadPart<V128>(ref *source, count, filler);

    public static unsafe void StorePart(V128 a, float* destination, int count)
    {
        if (Avx512F.VL.IsSupported) Avx512F.VL.MaskStore(destination, First(count).v, a.v);
        else Simd.StorePart(a, ref *destination, count);
    }

    public static unsafe void Stream(V128 a, float* destination) => a.v.StoreAlignedNonTemporal(destination);
    public static V128 Fma(V128 a, V128 b, V128 c) => new(Vector128.FusedMultiplyAdd(a.v, b.v, c.v));
    public static V128 Sqrt(V128 a) => new(Vector128.Sqrt(a.v));
    public static V128 Abs(V128 a) => new(Vector128.Abs(a.v));
    public static V128 Max(V128 a, V128 b) => new(Vector128.Max(a.v, b.v));
    public static V128 Min(V128 a, V128 b) => new(Vector128.Min(a.v, b.v));
    public static V128 MaxNative(V128 a, V128 b) => new(Vector128.MaxNative(a.v, b.v));
    public static V128 MinNative(V128 a, V128 b) => new(Vector128.MinNative(a.v, b.v));
    public static V128 Floor(V128 a) => new(Vector128.Floor(a.v));
    public static V128 Ceiling(V128 a) => new(Vector128.Ceiling(a.v));
    public static V128 Truncate(V128 a) => new(Vector128.Truncate(a.v));
    public static V128 Round(V128 a) => new(Vector128.Round(a.v));
    public static V128 Less(V128 a, V128 b) => new(Vector128.LessThan(a.v, b.v));
    public static V128 LessOrEqual(V128 a, V128 b) => new(Vector128.LessThanOrEqual(a.v, b.v));
    public static V128 Equal(V128 a, V128 b) => new(Vector128.Equals(a.v, b.v));
    public static bool Any(V128 mask) => mask.v.AsInt32() != Vector128<int>.Zero;
    public static V128 Select(V128 mask, V128 a, V128 b) => new(Vector128.ConditionalSelect(mask.v, a.v, b.v));
    public static V128 PowerOfTwo(V128 n) => new(((Vector128.ConvertToInt32Native(n.v) + Vector128.Create(127)) << 23).AsSingle());
    public static V128 Scale(V128 a, V128 n) => Avx512F.VL.IsSupported ? new(Avx512F.VL.Scale(a.v, n.v)) : SimdMath.ScaleInTwo(a, n);
    public static V128 ExponentBits(V128 a) => new(Vector128.ConvertToSingle((a.v.AsInt32() >>> 23) & Vector128.Create(0xFF)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 ZipLow(V128 a, V128 b) => new(Panels.ZipLow(a.v, b.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 ZipHigh(V128 a, V128 b) => new(Panels.ZipHigh(a.v, b.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 JoinLow(V128 a, V128 b) => new(Vector128.Create(a.v.GetLower(), b.v.GetLower()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 JoinHigh(V128 a, V128 b) => new(Vector128.Create(a.v.GetUpper(), b.v.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 Turn(V128 a) => a;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 TurnBack(V128 a) => a;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 Evens(V128 a, V128 b) => ZipLow(ZipLow(a, b), ZipHigh(a, b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 Odds(V128 a, V128 b) => ZipHigh(ZipLow(a, b), ZipHigh(a, b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 AlternateLow(V128 a, V128 b) => ZipLow(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 AlternateHigh(V128 a, V128 b) => ZipHigh(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(V128 a) => (a.v[0] + a.v[2]) + (a.v[1] + a.v[3]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxOf(V128 a) => MathF.Max(MathF.Max(a.v[0], a.v[2]), MathF.Max(a.v[1], a.v[3]));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MinOf(V128 a) => MathF.Min(MathF.Min(a.v[0], a.v[2]), MathF.Min(a.v[1], a.v[3]));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 First(int count) => new(Vector128.LessThan(Vector128<int>.Indices, Vector128.Create(count)).AsSingle());
}
