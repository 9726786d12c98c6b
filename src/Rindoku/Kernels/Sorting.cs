namespace Rindoku.Kernels;

/// <summary>Orders of the numbers along the middle axis of (outer, size, inner).</summary>
/// <remarks>
/// Deterministic: every line is sorted alone, and equal numbers stay in their order, so the answer is unique. NaN counts as the
/// largest number; -0 and 0 are equal.
/// </remarks>
internal static class Sorting
{
    private const int Grain = 4096;
    private const int Few = 16; // so many first numbers are picked without sorting the others

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
            ulong[] keys = new ulong[count <= Few ? count : size];
            for (int line = from; line < to; line++)
            {
                (int o, int column) = Math.DivRem(line, inner);
                float* source = x + (long)o * size * inner + column;
                if (count <= Few) KeepFirst(source, size, inner, keys, descending);
                else SortAll(source, size, inner, keys, descending);
                int* target = places + (long)o * count * inner + column;
                for (int i = 0; i < count; i++) target[(long)i * inner] = (int)(uint)keys[i];
            }
        });

    private static unsafe void SortAll(float* x, int size, int stride, ulong[] keys, bool descending)
    {
        for (int i = 0; i < size; i++) keys[i] = Key(x[(long)i * stride], i, descending);
        Array.Sort(keys);
    }

    // The few that are wanted are kept in order; most numbers lose against the last of them and cost one comparison.
    private static unsafe void KeepFirst(float* x, int size, int stride, Span<ulong> keys, bool descending)
    {
        if (keys.Length == 0) return;
        keys.Fill(ulong.MaxValue);
        for (int i = 0; i < size; i++)
        {
            ulong key = Key(x[(long)i * stride], i, descending);
            if (key >= keys[^1]) continue;
            int at = keys.Length - 1;
            for (; at > 0 && keys[at - 1] > key; at--) keys[at] = keys[at - 1];
            keys[at] = key;
        }
    }

    private static ulong Key(float value, int place, bool descending) => (ulong)Rank(value, descending) << 32 | (uint)place;

    // Bits that are in order as unsigned integers: the place below them makes keys differ and the sort stable.
    private static uint Rank(float value, bool descending)
    {
        uint bits = float.IsNaN(value) ? uint.MaxValue : value == 0 ? 0x80000000 : BitConverter.SingleToUInt32Bits(value);
        uint rank = float.IsNaN(value) || value == 0 ? bits : bits >> 31 == 0 ? bits | 0x80000000 : ~bits;
        return descending ? ~rank : rank;
    }
}
