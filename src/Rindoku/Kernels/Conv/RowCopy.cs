using System.Runtime.CompilerServices;

namespace Rindoku.Kernels;

/// <summary>Copies of rows that are a few vectors long, of which planes have many: a call for each would take longer than the copy.</summary>
internal static unsafe class RowCopy
{
    /// <summary>Copies <paramref name="count"/> numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<V>(float* from, float* to, int count) where V : struct, ISimd<V>
    {
        for (; count >= V.Count; count -= V.Count, from += V.Count, to += V.Count) V.Store(V.Load(ref *from), ref *to);
        if (count > 0) V.StorePart(V.LoadPart(from, count, 0), to, count);
    }

    /// <summary>Writes <paramref name="count"/> numbers: so many zeros, then so many numbers of the source as are there, and zeros again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Padded<V>(float* from, int zeros, int there, float* to, int count) where V : struct, ISimd<V>
    {
        for (int i = 0; i < zeros; i += V.Count) SimdMemory.Store(V.Zero, to + i, Math.Min(zeros, count) - i);
        to += zeros;
        count -= zeros;
        for (; there >= V.Count; there -= V.Count, count -= V.Count, from += V.Count, to += V.Count) V.Store(V.Load(ref *from), ref *to);
        for (; count > 0; there = 0, count -= V.Count, to += V.Count)
            SimdMemory.Store(there > 0 ? V.LoadPart(from, there, 0) : V.Zero, to, count);
    }
}
