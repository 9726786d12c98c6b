using System.Runtime.CompilerServices;

namespace Rindoku.Kernels;

/// <summary>Whole and partial vectors from and to memory, for loops whose last step may be short.</summary>
internal static unsafe class SimdMemory
{
    /// <summary>The first <paramref name="count"/> places from memory, the others <paramref name="filler"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load<V>(float* source, int count, float filler = 0) where V : struct, ISimd<V> =>
        count >= V.Count ? V.Load(ref *source) : V.LoadPart(source, count, filler);

    /// <summary>Writes the first <paramref name="count"/> places to memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<V>(V v, float* destination, int count) where V : struct, ISimd<V>
    {
        if (count >= V.Count) V.Store(v, ref *destination);
        else V.StorePart(v, destination, count);
    }
}
