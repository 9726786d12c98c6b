using System.Runtime.CompilerServices;

namespace Rindoku.Kernels;

/// <summary>A function of one number; an empty struct, or one that holds constants.</summary>
internal interface IUnaryKernel
{
    V Value<V>(V x) where V : struct, ISimd<V>;
}

/// <summary>A function of one number with its derivative.</summary>
internal interface ISmoothKernel : IUnaryKernel
{
    /// <summary>Whether <see cref="Slope"/> looks at x; if not, the gradient's loop does not read it from memory.</summary>
    static virtual bool SlopeReadsX => true;

    /// <summary>Whether <see cref="Slope"/> looks at y.</summary>
    static virtual bool SlopeReadsY => true;

    /// <summary>The derivative at x, where the value is y.</summary>
    V Slope<V>(V x, V y) where V : struct, ISimd<V>;
}

/// <summary>A function of two numbers.</summary>
internal interface IBinaryKernel
{
    V Value<V>(V a, V b) where V : struct, ISimd<V>;
}

/// <summary>A function of two numbers with its partial derivatives.</summary>
internal interface ISmoothBinaryKernel : IBinaryKernel
{
    /// <summary>The derivative by the first at (a, b), where the value is y.</summary>
    V SlopeA<V>(V a, V b, V y) where V : struct, ISimd<V>;

    /// <summary>The derivative by the second at (a, b), where the value is y.</summary>
    V SlopeB<V>(V a, V b, V y) where V : struct, ISimd<V>;
}

/// <summary>A function of three numbers.</summary>
internal interface ITernaryKernel
{
    V Value<V>(V a, V b, V c) where V : struct, ISimd<V>;
}

/// <summary>A function of four numbers.</summary>
internal interface IQuaternaryKernel
{
    V Value<V>(V a, V b, V c, V d) where V : struct, ISimd<V>;
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

    // All functions ride on the loop for four sources. A function of fewer names one of its sources again: the compiler
    // drops the load, and at most a touch of a line that is in the cache anyway remains.

    public static void Map<K>(K kernel, ReadOnlySpan<float> x, Span<float> y) where K : struct, IUnaryKernel =>
        Run(new Unary<K>(kernel), x, x, x, x, y);

    public static void Map2<K>(K kernel, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> y) where K : struct, IBinaryKernel =>
        Run(new Binary<K>(kernel), a, b, b, b, y);

    public static void Map3<K>(K kernel, ReadOnlySpan<float> a, ReadOnlySpan<float> b, ReadOnlySpan<float> c, Span<float> y)
        where K : struct, ITernaryKernel => Run(new Ternary<K>(kernel), a, b, c, c, y);

    /// <summary><c>dx = dy · slope(x, y)</c>.</summary>
    public static void MapGradient<K>(K kernel, ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> dy, Span<float> dx)
        where K : struct, ISmoothKernel =>
        Run(new UnaryGradient<K>(kernel), K.SlopeReadsX ? x : dy, K.SlopeReadsY ? y : dy, dy, dy, dx);

    /// <summary>The slopes themselves.</summary>
    public static void MapSlope<K>(K kernel, ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<float> slope) where K : struct, ISmoothKernel =>
        Run(new UnarySlope<K>(kernel), x, y, y, y, slope);

    /// <summary><c>da = dy · ∂y/∂a</c>.</summary>
    public static void MapGradientA<K>(K kernel, ReadOnlySpan<float> a, ReadOnlySpan<float> b, ReadOnlySpan<float> y, ReadOnlySpan<float> dy,
        Span<float> da) where K : struct, ISmoothBinaryKernel => Run(new BinaryGradientA<K>(kernel), a, b, y, dy, da);

    /// <summary><c>db = dy · ∂y/∂b</c>.</summary>
    public static void MapGradientB<K>(K kernel, ReadOnlySpan<float> a, ReadOnlySpan<float> b, ReadOnlySpan<float> y, ReadOnlySpan<float> dy,
        Span<float> db) where K : struct, ISmoothBinaryKernel => Run(new BinaryGradientB<K>(kernel), a, b, y, dy, db);

    private static unsafe void Run<K>(K kernel, ReadOnlySpan<float> a, ReadOnlySpan<float> b, ReadOnlySpan<float> c, ReadOnlySpan<float> d,
        Span<float> y) where K : struct, IQuaternaryKernel
    {
        int length = y.Length;
        if (a.Length != length || b.Length != length || c.Length != length || d.Length != length)
            throw new ArgumentException($"Elementwise: sources of {a.Length}, {b.Length}, {c.Length} and {d.Length} numbers for {length}");
        fixed (float* pa = a, pb = b, pc = c, pd = d, py = y)
        {
            if (length <= Grain) Dispatch<K, Stored>(kernel, ref *pa, ref *pb, ref *pc, ref *pd, ref *py, length);
            else InParallel(kernel, pa, pb, pc, pd, py, length);
        }
    }

    private static unsafe void InParallel<K>(K kernel, float* a, float* b, float* c, float* d, float* y, int length) where K : struct, IQuaternaryKernel
    {
        // In place the line is in the cache already: nothing to save.
        bool streamed = SimdMemory.IsStreamed(y, length) && y != a && y != b && y != c && y != d;
        Threads.RunChunks(length, Grain, (from, to) =>
        {
            if (streamed) Dispatch<K, Streamed>(kernel, ref a[from], ref b[from], ref c[from], ref d[from], ref y[from], to - from);
            else Dispatch<K, Stored>(kernel, ref a[from], ref b[from], ref c[from], ref d[from], ref y[from], to - from);
        });
    }

    private static void Dispatch<K, W>(K kernel, ref float a, ref float b, ref float c, ref float d, ref float y, int length)
        where K : struct, IQuaternaryKernel where W : struct, IWriter
    {
        if (Simd.Bits == 512) Loop<K, W, V512>(kernel, ref a, ref b, ref c, ref d, ref y, length);
        else if (Simd.Bits == 256) Loop<K, W, V256>(kernel, ref a, ref b, ref c, ref d, ref y, length);
        else Loop<K, W, V128>(kernel, ref a, ref b, ref c, ref d, ref y, length);
    }

    private static unsafe void Loop<K, W, V>(K kernel, ref float a, ref float b, ref float c, ref float d, ref float y, int length)
        where K : struct, IQuaternaryKernel where W : struct, IWriter where V : struct, ISimd<V>
    {
        int i = 0;
        for (; i <= length - V.Count; i += V.Count)
        {
            V result = kernel.Value(V.LoadFar(ref Unsafe.Add(ref a, i)), V.LoadFar(ref Unsafe.Add(ref b, i)), V.LoadFar(ref Unsafe.Add(ref c, i)),
                V.LoadFar(ref Unsafe.Add(ref d, i)));
            W.Write(result, ref Unsafe.Add(ref y, i));
        }
        if (i < length) Last<K, V>(kernel, At(ref a, i), At(ref b, i), At(ref c, i), At(ref d, i), At(ref y, i), length - i);
        W.End();
    }

    // All memory is pinned.
    private static unsafe float* At(ref float start, int i) => (float*)Unsafe.AsPointer(ref Unsafe.Add(ref start, i));

    // Apart from the loop, so that a long function stands only once in each method: the compiler gives up inlining otherwise.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static unsafe void Last<K, V>(K kernel, float* a, float* b, float* c, float* d, float* y, int count)
        where K : struct, IQuaternaryKernel where V : struct, ISimd<V> =>
        V.StorePart(kernel.Value(V.LoadPart(a, count, 0), V.LoadPart(b, count, 0), V.LoadPart(c, count, 0), V.LoadPart(d, count, 0)), y, count);

    /// <summary>How results go to memory.</summary>
    private interface IWriter
    {
        static abstract void Write<V>(V v, ref float destination) where V : struct, ISimd<V>;

        static abstract void End();
    }

    private readonly struct Stored : IWriter
    {
        public static void Write<V>(V v, ref float destination) where V : struct, ISimd<V> => V.Store(v, ref destination);

        public static void End() { }
    }

    private readonly struct Streamed : IWriter
    {
        public static unsafe void Write<V>(V v, ref float destination) where V : struct, ISimd<V> => V.Stream(v, (float*)Unsafe.AsPointer(ref destination));

        public static void End() => SimdMemory.EndStreaming();
    }

    private readonly struct Unary<K>(K kernel) : IQuaternaryKernel where K : struct, IUnaryKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Value<V>(V a, V b, V c, V d) where V : struct, ISimd<V> => kernel.Value(a);
    }

    private readonly struct Binary<K>(K kernel) : IQuaternaryKernel where K : struct, IBinaryKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Value<V>(V a, V b, V c, V d) where V : struct, ISimd<V> => kernel.Value(a, b);
    }

    private readonly struct Ternary<K>(K kernel) : IQuaternaryKernel where K : struct, ITernaryKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Value<V>(V a, V b, V c, V d) where V : struct, ISimd<V> => kernel.Value(a, b, c);
    }

    private readonly struct UnaryGradient<K>(K kernel) : IQuaternaryKernel where K : struct, ISmoothKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Value<V>(V a, V b, V c, V d) where V : struct, ISimd<V> => c * kernel.Slope(a, b);
    }

    private readonly struct UnarySlope<K>(K kernel) : IQuaternaryKernel where K : struct, ISmoothKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Value<V>(V a, V b, V c, V d) where V : struct, ISimd<V> => kernel.Slope(a, b);
    }

    private readonly struct BinaryGradientA<K>(K kernel) : IQuaternaryKernel where K : struct, ISmoothBinaryKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Value<V>(V a, V b, V c, V d) where V : struct, ISimd<V> => d * kernel.SlopeA(a, b, c);
    }

    private readonly struct BinaryGradientB<K>(K kernel) : IQuaternaryKernel where K : struct, ISmoothBinaryKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Value<V>(V a, V b, V c, V d) where V : struct, ISimd<V> => d * kernel.SlopeB(a, b, c);
    }
}
