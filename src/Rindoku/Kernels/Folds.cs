using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rindoku.Kernels;

/// <summary>An associative and commutative function of two numbers to reduce with.</summary>
internal interface IFoldKernel : IBinaryKernel
{
    /// <summary>Whether numbers may be combined in any order, and twice, and give the same bits, unlike sums.</summary>
    static virtual bool IsExact => false;

    /// <summary>What changes nothing when it is combined with a number.</summary>
    static abstract float Start { get; }

    /// <summary>The same function over the places of one vector.</summary>
    float Across<V>(V a) where V : struct, ISimd<V>;

    /// <summary>The same function of two numbers.</summary>
    float Value(float a, float b);
}

/// <summary>Reductions other than sums along the middle axis of (outer, reduced, inner).</summary>
/// <remarks>
/// Aliasing: none. Deterministic: work is cut by outputs or, for one long row, into chunks of fixed size that are combined in order.
/// </remarks>
internal static class Folds
{
    private const int Grain = 65536;
    private const int RowWork = 32; // the cost of a row in numbers
    private const int Strip = 1024; // columns that stay in the first-level cache while the rows go by

    public static unsafe void Run<K>(K kernel, ReadOnlySpan<float> x, Span<float> y, int outer, int reduced, int inner) where K : struct, IFoldKernel
    {
        fixed (float* px = x, py = y)
        {
            if (outer == 1 && inner == 1) *py = LongRow(kernel, px, reduced);
            else if (inner == 1) Rows(kernel, px, py, outer, reduced);
            else Columns(kernel, px, py, outer, reduced, inner);
        }
    }

    private static unsafe float LongRow<K>(K kernel, float* x, int length) where K : struct, IFoldKernel
    {
        if (length <= Grain) return Row(kernel, new ReadOnlySpan<float>(x, length));
        float[] parts = new float[(length + Grain - 1) / Grain];
        Threads.RunChunks(length, Grain, (from, to) => parts[from / Grain] = Row(kernel, new ReadOnlySpan<float>(x + from, to - from)));
        return Row(kernel, parts);
    }

    private static unsafe void Rows<K>(K kernel, float* x, float* y, int rows, int length) where K : struct, IFoldKernel =>
        Threads.RunChunks(rows, Grains.Rows(rows, length + RowWork, Grain), (from, to) =>
        {
            if (length <= Kernels.ShortRows.Longest) ShortRows(kernel, x + (long)from * length, y + from, to - from, length);
            else for (int i = from; i < to; i++) y[i] = Row(kernel, new ReadOnlySpan<float>(x + (long)i * length, length));
        });

    /// <summary>Short rows on this thread, a vector of them at a time.</summary>
    public static unsafe void ShortRows<K>(K kernel, float* x, float* y, int rows, int length) where K : struct, IFoldKernel
    {
        if (Simd.Bits == 512) ShortRows<K, V512>(kernel, x, y, rows, length);
        else if (Simd.Bits == 256) ShortRows<K, V256>(kernel, x, y, rows, length);
        else ShortRows<K, V128>(kernel, x, y, rows, length);
    }

    [SkipLocalsInit]
    private static unsafe void ShortRows<K, V>(K kernel, float* x, float* y, int rows, int length) where K : struct, IFoldKernel where V : struct, ISimd<V>
    {
        float* turned = stackalloc float[Kernels.ShortRows.Room];
        for (int row = 0; row < rows; row += V.Count, x += V.Count * length)
        {
            int count = Math.Min(V.Count, rows - row);
            Kernels.ShortRows.Turn(x, length, count, turned, V.Count);
            V result = V.All(K.Start);
            for (int i = 0; i < length * V.Count; i += V.Count) result = kernel.Value(result, V.Load(ref turned[i]));
            SimdMemory.Store(result, y + row, count);
        }
    }

    private static unsafe void Columns<K>(K kernel, float* x, float* y, int outer, int reduced, int inner) where K : struct, IFoldKernel
    {
        int strips = (inner + Strip - 1) / Strip;
        Threads.RunChunks(outer * strips, Math.Max(1, Grain / Math.Max(1, reduced * Math.Min(inner, Strip))), (from, to) =>
        {
            for (int i = from; i < to; i++)
            {
                (int o, int s) = Math.DivRem(i, strips);
                Span<float> columns = new(y + (long)o * inner + s * Strip, Math.Min(Strip, inner - s * Strip));
                columns.Fill(K.Start);
                float* row = x + (long)o * reduced * inner + s * Strip;
                for (int r = 0; r < reduced; r++, row += inner)
                    Elementwise.Map2(kernel, columns, new ReadOnlySpan<float>(row, columns.Length), columns);
            }
        });
    }

    private static float Row<K>(K kernel, ReadOnlySpan<float> x) where K : struct, IFoldKernel =>
        Simd.Bits == 512 ? Row<K, V512>(kernel, x) : Simd.Bits == 256 ? Row<K, V256>(kernel, x) : Row<K, V128>(kernel, x);

    private static float Row<K, V>(K kernel, ReadOnlySpan<float> x) where K : struct, IFoldKernel where V : struct, ISimd<V>
    {
        float result = K.Start;
        ref float p = ref MemoryMarshal.GetReference(x);
        int i = 0;
        if (x.Length >= V.Count)
        {
            V a = V.All(K.Start), b = a, c = a, d = a;
            for (; i <= x.Length - 4 * V.Count; i += 4 * V.Count)
            {
                a = kernel.Value(a, V.Load(ref Unsafe.Add(ref p, i)));
                b = kernel.Value(b, V.Load(ref Unsafe.Add(ref p, i + V.Count)));
                c = kernel.Value(c, V.Load(ref Unsafe.Add(ref p, i + 2 * V.Count)));
                d = kernel.Value(d, V.Load(ref Unsafe.Add(ref p, i + 3 * V.Count)));
            }
            for (; i <= x.Length - V.Count; i += V.Count) a = kernel.Value(a, V.Load(ref Unsafe.Add(ref p, i)));
            if (K.IsExact && i < x.Length) // some numbers twice
            {
                b = kernel.Value(b, V.Load(ref Unsafe.Add(ref p, x.Length - V.Count)));
                i = x.Length;
            }
            result = kernel.Across(kernel.Value(kernel.Value(a, b), kernel.Value(c, d)));
        }
        for (; i < x.Length; i++) result = kernel.Value(result, Unsafe.Add(ref p, i));
        return result;
    }
}

/// <summary>The larger number; NaN if either is.</summary>
internal readonly struct MaxFold : IFoldKernel
{
    public static bool IsExact => true;
    public static float Start => float.NegativeInfinity;
    public float Across<V>(V a) where V : struct, ISimd<V> => V.MaxOf(a);
    public float Value(float a, float b) => MathF.Max(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V a, V b) where V : struct, ISimd<V> => V.Max(a, b);
}

/// <summary>The smaller number; NaN if either is.</summary>
internal readonly struct MinFold : IFoldKernel
{
    public static bool IsExact => true;
    public static float Start => float.PositiveInfinity;
    public float Across<V>(V a) where V : struct, ISimd<V> => V.MinOf(a);
    public float Value(float a, float b) => MathF.Min(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V a, V b) where V : struct, ISimd<V> => V.Min(a, b);
}

/// <summary>The sum.</summary>
internal readonly struct AddFold : IFoldKernel
{
    public static float Start => 0;
    public float Across<V>(V a) where V : struct, ISimd<V> => V.Sum(a);
    public float Value(float a, float b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V a, V b) where V : struct, ISimd<V> => a + b;
}
