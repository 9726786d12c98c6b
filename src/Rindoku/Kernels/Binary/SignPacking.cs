using System.Runtime.Intrinsics;

namespace Rindoku.Kernels;

/// <summary>From numbers to signs of one bit each, and back. A bit is set for +1; a row of signs begins with a word of its own.</summary>
/// <remarks>Aliasing: none. Deterministic: every row is packed alone. The bits that fill up the last word of a row are 0.</remarks>
internal static unsafe class SignPacking
{
    private const int Grain = 16384;
    private const int WordBits = 64;

    /// <summary>Words that so many signs take.</summary>
    public static int Words(int signs) => (signs + WordBits - 1) / WordBits;

    /// <summary>Sets the bits of the numbers that are at least 0 (a NaN is not).</summary>
    /// <param name="x">(rows, columns).</param>
    /// <param name="columns">Numbers of a row.</param>
    /// <param name="bits">(rows, words), written.</param>
    public static void Pack(ReadOnlySpan<float> x, int columns, Span<ulong> bits) => Pack(x, columns, [], [], bits);

    /// <summary>Sets the bits of the numbers with <c>direction · x ≥ bound</c>, where each column has a direction, 1 or −1, and a bound.</summary>
    /// <param name="x">(rows, columns).</param>
    /// <param name="columns">Numbers of a row.</param>
    /// <param name="directions">(columns), or empty for 1.</param>
    /// <param name="bounds">(columns), or empty for 0.</param>
    /// <param name="bits">(rows, words), written.</param>
    public static void Pack(ReadOnlySpan<float> x, int columns, ReadOnlySpan<float> directions, ReadOnlySpan<float> bounds, Span<ulong> bits)
    {
        int words = Words(columns);
        if (columns == 0 || bits.Length == 0) return;
        int rows = x.Length / columns;
        if (rows * words != bits.Length || directions.Length != bounds.Length || (bounds.Length != 0 && bounds.Length != columns))
            throw new ArgumentException($"SignPacking: {x.Length} numbers in rows of {columns}, {directions.Length} directions and {bounds.Length} bounds for {bits.Length} words");
        fixed (float* px = x, pd = directions, pb = bounds)
        fixed (ulong* pw = bits) Pack(px, rows, columns, pd, pb, pw);
    }

    private static void Pack(float* x, int rows, int columns, float* directions, float* bounds, ulong* bits)
    {
        int words = Words(columns);
        Threads.RunChunks(rows, Math.Max(1, Grain / columns), (from, to) =>
        {
            for (int row = from; row < to; row++)
                for (int word = 0, at = 0; word < words; word++, at += WordBits)
                    bits[(long)row * words + word] = directions == null
                        ? Word(x + (long)row * columns + at, null, null, Math.Min(WordBits, columns - at))
                        : Word(x + (long)row * columns + at, directions + at, bounds + at, Math.Min(WordBits, columns - at));
        });
    }

    // 256 bits are the widest vectors whose comparisons every processor turns into bits quickly; the others make two of one.
    private static ulong Word(float* x, float* directions, float* bounds, int count)
    {
        ulong word = 0;
        int i = 0;
        for (; i <= count - 8; i += 8)
        {
            Vector256<float> v = Vector256.Load(x + i), bound = Vector256<float>.Zero;
            if (directions != null) (v, bound) = (v * Vector256.Load(directions + i), Vector256.Load(bounds + i));
            word |= (ulong)Vector256.GreaterThanOrEqual(v, bound).ExtractMostSignificantBits() << i;
        }
        for (; i < count; i++)
            if (directions == null ? x[i] >= 0 : x[i] * directions[i] >= bounds[i]) word |= 1ul << i;
        return word;
    }

    /// <summary>As <see cref="Pack(ReadOnlySpan{float}, int, Span{ulong})"/> where channels lie in planes: each place becomes a row.</summary>
    /// <param name="x">(samples, channels, length).</param>
    /// <param name="channels">Size of the second axis.</param>
    /// <param name="length">Size of the last axis.</param>
    /// <param name="bits">(samples, length, words), written.</param>
    public static void PackPlanes(ReadOnlySpan<float> x, int channels, int length, Span<ulong> bits)
    {
        if (x.Length == 0 || length == 1)
        {
            Pack(x, channels, bits);
            return;
        }
        using Workspace room = new(x.Length);
        Span<float> turned = new(room.Start, x.Length);
        StridedCopy.Transpose(x, turned, x.Length / channels / length, channels, length);
        Pack(turned, channels, bits);
    }

    /// <summary>Undoes <see cref="PackPlanes"/>: −1 and +1.</summary>
    /// <param name="bits">(samples, length, words).</param>
    /// <param name="channels">Size of the second axis.</param>
    /// <param name="length">Size of the last axis.</param>
    /// <param name="x">(samples, channels, length), written.</param>
    public static void UnpackPlanes(ReadOnlySpan<ulong> bits, int channels, int length, Span<float> x)
    {
        if (x.Length == 0) return;
        using Workspace room = new(x.Length);
        Span<float> turned = new(room.Start, x.Length);
        Unpack(bits, channels, turned);
        StridedCopy.Transpose(turned, x, x.Length / channels / length, length, channels);
    }

    private static void Unpack(ReadOnlySpan<ulong> bits, int columns, Span<float> x)
    {
        int words = Words(columns);
        for (int row = 0; row * words < bits.Length; row++)
            for (int i = 0; i < columns; i++)
                x[row * columns + i] = (bits[row * words + i / WordBits] >> (i % WordBits) & 1) != 0 ? 1 : -1;
    }

    /// <summary>The eight bits of bytes as eight rows of signs: with them <c>2 x − 255 = Σₙ 2ⁿ signₙ(x)</c>.</summary>
    /// <param name="x">(rows, columns): <c>(2 b − 255) / 256</c> for bytes b.</param>
    /// <param name="columns">Numbers of a row.</param>
    /// <param name="bits">(8 rows, words), written: first the lowest bits of a row, then the next.</param>
    public static void PackBytes(ReadOnlySpan<float> x, int columns, Span<ulong> bits)
    {
        int words = Words(columns);
        bits.Clear();
        for (int i = 0; i < x.Length; i++)
        {
            (int row, int column) = Math.DivRem(i, columns);
            int value = ((int)(x[i] * 256) + 255) / 2, at = row * 8 * words + column / WordBits;
            for (int plane = 0; plane < 8; plane++, at += words) bits[at] |= (ulong)(value >> plane & 1) << (column % WordBits);
        }
    }
}
