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

    /// <summary>A function applied place by place in double arithmetic, for what vectors do not do (well).</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static V InDouble<V, F>(V x, F function) where V : struct, ISimd<V> where F : struct, IDoubleFunction
    {
        Unsafe.SkipInit(out Lanes lanes);
        Span<float> room = lanes;
        V.Store(x, ref room[0]);
        for (int i = 0; i < V.Count; i++) room[i] = (float)function.Value(room[i]);
        return V.Load(ref room[0]);
    }

    /// <summary>A function of two numbers applied place by place in double arithmetic.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static V InDouble2<V, F>(V a, V b, F function) where V : struct, ISimd<V> where F : struct, IDoubleFunction2
    {
        Unsafe.SkipInit(out Lanes lanes);
        Unsafe.SkipInit(out Lanes others);
        Span<float> room = lanes, other = others;
        V.Store(a, ref room[0]);
        V.Store(b, ref other[0]);
        for (int i = 0; i < V.Count; i++) room[i] = (float)function.Value(room[i], other[i]);
        return V.Load(ref room[0]);
    }

    [InlineArray(16)]
    private struct Lanes
    {
        private float first;
    }
}

/// <summary>A function of one number in double arithmetic.</summary>
internal interface IDoubleFunction
{
    double Value(double x);
}

/// <summary>A function of two numbers in double arithmetic.</summary>
internal interface IDoubleFunction2
{
    double Value(double a, double b);
}
