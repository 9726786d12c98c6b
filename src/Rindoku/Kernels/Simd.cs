using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Rindoku.Kernels;

/// <summary>A kernel over a span, written once for every vector width.</summary>
internal static class Simd
{
    /// <summary>The widest vectors of this machine: 512, 256 or 128 bits. Tests lower it to run the other forms.</summary>
    public static int Bits { get; set; } =
        Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128;

    /// <summary>The first <paramref name="count"/> places from memory, the others <paramref name="filler"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoadPart<V>(ref float source, int count, float filler = 0) where V : struct, ISimd<V>
    {
        Unsafe.SkipInit(out Lanes lanes);
        Span<float> room = lanes;
        room = room[..V.Count];
        room.Fill(filler);
        MemoryMarshal.CreateReadOnlySpan(ref source, count).CopyTo(room);
        return V.Load(ref room[0]);
    }

    /// <summary>Writes the first <paramref name="count"/> places to memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePart<V>(V v, ref float destination, int count) where V : struct, ISimd<V>
    {
        Unsafe.SkipInit(out Lanes lanes);
        Span<float> room = lanes;
        V.Store(v, ref room[0]);
        room[..count].CopyTo(MemoryMarshal.CreateSpan(ref destination, count));
    }

    [InlineArray(16)]
    private struct Lanes
    {
        private float first;
    }
}
