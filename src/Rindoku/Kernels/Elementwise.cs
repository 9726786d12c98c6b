using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rindoku.Kernels;

/// <summary>A function of one number; an empty struct, or one that holds constants.</summary>
internal interface IUnaryKernel
{
    V Value<V>(V x) where V : struct, ISimd<V>;
}

/// <summary>A function of one number with its derivative.</summary>
internal interface ISmoothKernel : IUnaryKernel
{
    /// <summary>The derivative at x, where the value is y.</summary>
    V Slope<V>(V x, V y) where V : struct, ISimd<V>;
}

/// <summary>A function of two numbers.</summary>
internal interface IBinaryKernel
{
    V Value<V>(V a, V b) where V : struct, ISimd<V>;
}

/// <summary>A function of three numbers.</summary>
internal interface ITernaryKernel
{
    V Value<V>(V a, V b, V c) where V : struct, ISimd<V>;
}

/// <summary>Applies functions to spans, number by number.</summary>
/// <remarks>
/// Aliasing: the destination may be one of the sources, exactly; other overlaps are not allowed. The last, partial vector goes
/// through the same arithmetic as all others, so a number's result does not depend on its place or on the number of threads.
/// </remarks>
internal static class Elementwise
{
    // 64 KiB a task: two cores share 128 KiB and more, and a task lasts long enough to pay for handing it over.
    private const int Grain = 16384;

    public static void Map<K>(K kernel, ReadOnlySpan<float> x, Span<float> y) where K : struct, IUnaryKernel =>
        Map3(new Unary<K>(kernel), x, x, x, y, 1);

    /// <summary><c>dx = dy · slope(x, y)</c>.</summary>
    public static void MapGradient<K>(K kernel, ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> dy, Span<float> dx)
        where K : struct, ISmoothKernel => Map3(new UnaryGradient<K>(kernel), x, y, dy, dx, 3);

    public static void Map2<K>(K kernel, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> y) where K : struct, IBinaryKernel =>
        Map3(new Binary<K>(kernel), a, b, a, y, 2);

    public static void Map3<K>(K kernel, ReadOnlySpan<float> a, ReadOnlySpan<float> b, ReadOnlySpan<float> c, Span<float> y)
        where K : struct, ITernaryKernel => Map3(kernel, a, b, c, y, 3);

    // Unary and binary kernels ride on the ternary loop: loads of unused sources are dropped by the compiler because
    // the wrapper structs below ignore them, and 'sources' says how many spans are really there.
    private static unsafe void Map3<K>(K kernel, ReadOnlySpan<float> a, ReadOnlySpan<float> b, ReadOnlySpan<float> c, Span<float> y, int sources)
        where K : struct, ITernaryKernel
    {
        int length = y.Length;
        if (a.Length != length || (sources > 1 && b.Length != length) || (sources > 2 && c.Length != length))
            throw new ArgumentException($"Elementwise: spans of {a.Length}, {b.Length}, {c.Length} and {length} numbers");
        if (length <= Grain)
        {
            Dispatch(kernel, ref MemoryMarshal.GetReference(a), ref MemoryMarshal.GetReference(b), ref MemoryMarshal.GetReference(c),
                ref MemoryMarshal.GetReference(y), length);
            return;
        }
        fixed (float* pa = a, pb = b, pc = c, py = y) InParallel(kernel, pa, pb, pc, py, length);
    }

    private static unsafe void InParallel<K>(K kernel, float* a, float* b, float* c, float* y, int length) where K : struct, ITernaryKernel =>
        Threads.RunChunks(length, Grain, (from, to) => Dispatch(kernel, ref a[from], ref b[from], ref c[from], ref y[from], to - from));

    private static void Dispatch<K>(K kernel, ref float a, ref float b, ref float c, ref float y, int length) where K : struct, ITernaryKernel
    {
        if (Simd.Bits == 512) Loop<K, V512>(kernel, ref a, ref b, ref c, ref y, length);
        else if (Simd.Bits == 256) Loop<K, V256>(kernel, ref a, ref b, ref c, ref y, length);
        else Loop<K, V128>(kernel, ref a, ref b, ref c, ref y, length);
    }

    private static void Loop<K, V>(K kernel, ref float a, ref float b, ref float c, ref float y, int length)
        where K : struct, ITernaryKernel where V : struct, ISimd<V>
    {
        int i = 0;
        for (; i <= length - V.Count; i += V.Count)
            V.Store(kernel.Value(V.Load(ref Unsafe.Add(ref a, i)), V.Load(ref Unsafe.Add(ref b, i)), V.Load(ref Unsafe.Add(ref c, i))),
                ref Unsafe.Add(ref y, i));
        int left = length - i;
        if (left == 0) return;
        V last = kernel.Value(Simd.LoadPart<V>(ref Unsafe.Add(ref a, i), left), Simd.LoadPart<V>(ref Unsafe.Add(ref b, i), left),
            Simd.LoadPart<V>(ref Unsafe.Add(ref c, i), left));
        Simd.StorePart(last, ref Unsafe.Add(ref y, i), left);
    }

    private readonly struct Unary<K>(K kernel) : ITernaryKernel where K : struct, IUnaryKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Value<V>(V a, V b, V c) where V : struct, ISimd<V> => kernel.Value(a);
    }

    private readonly struct UnaryGradient<K>(K kernel) : ITernaryKernel where K : struct, ISmoothKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Value<V>(V a, V b, V c) where V : struct, ISimd<V> => c * kernel.Slope(a, b);
    }

    private readonly struct Binary<K>(K kernel) : ITernaryKernel where K : struct, IBinaryKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Value<V>(V a, V b, V c) where V : struct, ISimd<V> => kernel.Value(a, b);
    }
}
