using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Rindoku.Kernels;

/// <summary>Whole and partial vectors from and to memory, for loops whose last step may be short; and results that pass the caches by.</summary>
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

    /// <summary>Zeros where vectors read more than there is: for everything that is computed with and then forgotten.</summary>
    /// <remarks>
    /// Any number would do for the results, but not for the time: what happens to lie in fresh memory may be denormal as a float (the upper half
    /// of an address is), and Intel's processors take some hundred cycles for a multiply-add in which a single place is.
    /// </remarks>
    public static void Clean(float* room, int count) => new Span<float>(room, count).Clear();

    /// <summary>Whether a result is so long that none of it would be left in a cache by the time that it is read: such are streamed past them.</summary>
    /// <remarks>
    /// An ordinary store first reads its line from memory, only to write over it; a streaming store does not, which saves a third of the
    /// traffic of a copy. But it also throws the line out of the caches, so it is for results (32 MiB and more) that no cache would keep.
    /// </remarks>
    public static bool IsStreamed(float* destination, long length) => length >= 8 << 20 && (nuint)destination % 64 == 0;

    /// <summary>Numbers in a page of memory: loops over long arrays call <see cref="CallPage"/> once for each so many.</summary>
    public const int Page = 1024;

    /// <summary>Calls the start of the next page but one into the cache.</summary>
    /// <remarks>
    /// A processor that sees numbers read one after the other reads ahead by itself, but only to the end of the page of 4 KiB, because the
    /// next one may lie anywhere; there it has to see some misses again. Three lines that are there already save these: sums over a large
    /// array go a fifth faster (bench/lab/rows). An address beyond the array does no harm.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void CallPage(float* place)
    {
        if (!Sse.IsSupported) return;
        const int bytes = Page * sizeof(float);
        byte* page = (byte*)((nuint)place & ~(nuint)(bytes - 1)) + 2 * bytes;
        Sse.Prefetch0(page);
        Sse.Prefetch0(page + 64);
        Sse.Prefetch0(page + 128);
    }

    /// <summary>Makes streamed numbers visible to other threads before any later store; called once at the end of a task.</summary>
    public static void EndStreaming()
    {
        if (Sse.IsSupported) Sse.StoreFence();
        else Thread.MemoryBarrier();
    }
}
