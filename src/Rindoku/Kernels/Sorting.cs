namespace Rindoku.Kernels;

/// <summary>Orders of the numbers along the middle axis of (outer, size, inner).</summary>
/// <remarks>
/// Deterministic: every line is sorted alone, and equal numbers stay in their order, so the answer is unique. NaN counts as the
/// largest number; -0 and 0 are equal.
/// </remarks>
internal static class Sorting
{
    private const int Grain = 4096;

    /// <summary>The places of the first <paramref name="count"/> numbers in order, (outer, count, inner).</summary>
    public static unsafe void Places(ReadOnlySpan<float> x, Span<int> places, int outer, int size, int inner, int count, bool descending)
    {
        fixed (float* px = x)
        fixed (int* pp = places)
            Places(px, pp, outer, size, inner, count, descending);
    }

    private static unsafe void Places(float* x, int* places, int outer, int size, int inner, int count, bool descending) =>
        Threads.RunChunks(outer * inner, Math.Max(1, Grain / Math.Max(1, size)), (from, to) =>
        {
            ulong[] keys = new ulong[size];
            for (int line = from; line < to; line++)
            {
                (int o, int column) = Math.DivRem(line, inner);
                float* source = x + (long)o * size * inner + column;
                for (int i = 0; i < size; i++) keys[i] = (ulong)Rank(source[(long)i * inner], descending) << 32 | (uint)i;
                Array.Sort(keys);
                int* target = places + (long)o * count * inner + column;
                for (int i = 0; i < count; i++) target[(long)i * inner] = (int)(uint)keys[i];
            }
        });

    // Bits that are in order as unsigned integers: the place below them makes keys differ and the sort stable.
    private static uint Rank(float value, bool descending)
    {
        uint bits = float.IsNaN(value) ? uint.MaxValue : value == 0 ? 0x80000000 : BitConverter.SingleToUInt32Bits(value);
        uint rank = float.IsNaN(value) || value == 0 ? bits : bits >> 31 == 0 ? bits | 0x80000000 : ~bits;
        return descending ? ~rank : rank;
    }
}
