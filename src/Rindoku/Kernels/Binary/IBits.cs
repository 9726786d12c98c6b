using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Rindoku.Kernels;

/// <summary>A vector of 64-bit words of some width, so that the product of signs is written once for all processors.</summary>
internal interface IBits<B> where B : struct, IBits<B>
{
    /// <summary>How many words a vector holds.</summary>
    static abstract int Words { get; }

    /// <summary>Whether <see cref="PopCount"/> is an instruction or two, so that adding vectors up before counting saves nothing.</summary>
    static abstract bool CountsCheaply { get; }

    static abstract B Zero { get; }
    static abstract B operator ^(B a, B b);
    static abstract B operator +(B a, B b);
    static abstract B operator <<(B a, int places);

    /// <summary>The same word in every place.</summary>
    static abstract B All(ulong word);

    static abstract unsafe B Load(ulong* source);

    /// <summary>The low bit of <c>a + b + c</c>, bit by bit.</summary>
    static abstract B Sum(B a, B b, B c);

    /// <summary>The high bit of <c>a + b + c</c>, bit by bit: the majority.</summary>
    static abstract B Carry(B a, B b, B c);

    /// <summary>How many bits are set in each word.</summary>
    static abstract B PopCount(B a);

    /// <summary>Writes the words, which must be small, as 32-bit integers.</summary>
    static abstract unsafe void Store(B a, int* destination);
}

/// <summary>Eight words in the 512-bit registers of AVX-512 (F and BW).</summary>
/// <remarks>
/// Processors with VPOPCNTDQ count the bits of words in one instruction, but .NET 10 has no name for it (Avx512Vpopcntdq is to come), so bytes are
/// looked up by halves in a table of 16. The carry-save tree of <see cref="BitProduct"/>, whose sums and carries are one instruction each
/// here, leaves one count to eight vectors.
/// </remarks>
internal readonly struct B512(Vector512<ulong> v) : IBits<B512>
{
    private readonly Vector512<ulong> v = v;

    public static bool IsSupported => Avx512BW.IsSupported;

    public static int Words => 8;
    public static bool CountsCheaply => false;
    public static B512 Zero => new(Vector512<ulong>.Zero);
    public static B512 operator ^(B512 a, B512 b) => new(a.v ^ b.v);
    public static B512 operator +(B512 a, B512 b) => new(a.v + b.v);
    public static B512 operator <<(B512 a, int places) => new(a.v << places);
    public static B512 All(ulong word) => new(Vector512.Create(word));
    public static unsafe B512 Load(ulong* source) => new(Vector512.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static B512 Sum(B512 a, B512 b, B512 c) => new(Avx512F.TernaryLogic(a.v, b.v, c.v, 0x96));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static B512 Carry(B512 a, B512 b, B512 c) => new(Avx512F.TernaryLogic(a.v, b.v, c.v, 0xE8));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static B512 PopCount(B512 a)
    {
        const ulong low8 = B256.CountsOfLow, high8 = B256.CountsOfHigh;
        Vector512<byte> counts = Vector512.Create(low8, high8, low8, high8, low8, high8, low8, high8).AsByte(), low = Vector512.Create((byte)0x0F);
        Vector512<byte> bytes = Avx512BW.Shuffle(counts, a.v.AsByte() & low) + Avx512BW.Shuffle(counts, (a.v >>> 4).AsByte() & low);
        return new(Avx512BW.SumAbsoluteDifferences(bytes, Vector512<byte>.Zero).AsUInt64());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Store(B512 a, int* destination) => Avx512F.ConvertToVector256Int32(a.v).Store(destination);
}

/// <summary>Four words in the 256-bit registers of AVX2.</summary>
internal readonly struct B256(Vector256<ulong> v) : IBits<B256>
{
    private readonly Vector256<ulong> v = v;

    public static bool IsSupported => Avx2.IsSupported;

    /// <summary>How many bits the numbers 0 to 7 have, and 8 to 15, a byte each: what a shuffle looks them up in.</summary>
    public const ulong CountsOfLow = 0x0302020102010100, CountsOfHigh = 0x0403030203020201;

    public static int Words => 4;
    public static bool CountsCheaply => false;
    public static B256 Zero => new(Vector256<ulong>.Zero);
    public static B256 operator ^(B256 a, B256 b) => new(a.v ^ b.v);
    public static B256 operator +(B256 a, B256 b) => new(a.v + b.v);
    public static B256 operator <<(B256 a, int places) => new(a.v << places);
    public static B256 All(ulong word) => new(Vector256.Create(word));
    public static unsafe B256 Load(ulong* source) => new(Vector256.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static B256 Sum(B256 a, B256 b, B256 c) => new(a.v ^ b.v ^ c.v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static B256 Carry(B256 a, B256 b, B256 c) => new((a.v & b.v) | ((a.v ^ b.v) & c.v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static B256 PopCount(B256 a)
    {
        Vector256<byte> counts = Vector256.Create(CountsOfLow, CountsOfHigh, CountsOfLow, CountsOfHigh).AsByte(), low = Vector256.Create((byte)0x0F);
        Vector256<byte> bytes = Avx2.Shuffle(counts, a.v.AsByte() & low) + Avx2.Shuffle(counts, (a.v >>> 4).AsByte() & low);
        return new(Avx2.SumAbsoluteDifferences(bytes, Vector256<byte>.Zero).AsUInt64());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Store(B256 a, int* destination) =>
        Vector256.Narrow(a.v, a.v).AsInt32().GetLower().Store(destination);
}

/// <summary>One word in an ordinary register, for every processor; most have an instruction for the count.</summary>
internal readonly struct B64(ulong v) : IBits<B64>
{
    private readonly ulong v = v;

    public static int Words => 1;
    public static bool CountsCheaply => true;
    public static B64 Zero => new(0);
    public static B64 operator ^(B64 a, B64 b) => new(a.v ^ b.v);
    public static B64 operator +(B64 a, B64 b) => new(a.v + b.v);
    public static B64 operator <<(B64 a, int places) => new(a.v << places);
    public static B64 All(ulong word) => new(word);
    public static unsafe B64 Load(ulong* source) => new(*source);
    public static B64 Sum(B64 a, B64 b, B64 c) => new(a.v ^ b.v ^ c.v);
    public static B64 Carry(B64 a, B64 b, B64 c) => new((a.v & b.v) | ((a.v ^ b.v) & c.v));
    public static B64 PopCount(B64 a) => new((ulong)BitOperations.PopCount(a.v));
    public static unsafe void Store(B64 a, int* destination) => *destination = (int)a.v;
}
