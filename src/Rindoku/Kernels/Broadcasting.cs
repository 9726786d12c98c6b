using System.Runtime.CompilerServices;

namespace Rindoku.Kernels;

/// <summary>Functions of two numbers over arrays whose axes stretch to fit each other.</summary>
/// <remarks>Aliasing: the destination may be a source of its own size. Deterministic: every output is computed alone.</remarks>
internal static class Broadcasting
{
    private const int Grain = 16384;
    private const int Short = 256; // below this a row is not worth a loop of its own
    private const int RowWork = 32; // the cost of a row in numbers

    /// <summary>Axes of two sources merged as far as both run on evenly; strides are 0 where a source stretches.</summary>
    private readonly record struct Plan(int[] Sizes, int[] StridesA, int[] StridesB);

    public static unsafe void Map2<K>(K kernel, ReadOnlySpan<float> a, ReadOnlySpan<int> shapeA, ReadOnlySpan<float> b, ReadOnlySpan<int> shapeB,
        Span<float> y, ReadOnlySpan<int> shape) where K : struct, IBinaryKernel
    {
        if (y.Length == 0) return;
        if (b.Length == 1)
        {
            Elementwise.Map(new RightConstant<K>(kernel, b[0]), a, y);
            return;
        }
        if (a.Length == 1)
        {
            Elementwise.Map(new LeftConstant<K>(kernel, a[0]), b, y);
            return;
        }

        Plan plan = Merge(shapeA, shapeB, shape);
        int inner = plan.Sizes[^1];
        fixed (float* pa = a, pb = b, py = y)
        {
            if (inner >= Short) Rows(kernel, plan, pa, pb, py, y.Length / inner, inner);
            else ShortRows(kernel, plan.Sizes, new(pa, plan.StridesA, a.Length == y.Length), new(pb, plan.StridesB, b.Length == y.Length), py, y.Length / inner);
        }
    }

    /// <summary>Repeats the numbers of x along the axes where it has size 1.</summary>
    public static void Expand(ReadOnlySpan<float> x, ReadOnlySpan<int> shapeX, Span<float> y, ReadOnlySpan<int> shape) =>
        Map2(default(FirstKernel), x, shapeX, y, shape, y, shape);

    private static unsafe void Rows<K>(K kernel, Plan plan, float* a, float* b, float* y, int rows, int inner) where K : struct, IBinaryKernel =>
        Threads.RunChunks(rows, Grains.Rows(rows, inner + RowWork, Grain), (from, to) =>
        {
            for (int row = from; row < to; row++)
            {
                (int offsetA, int offsetB) = Offsets(plan, row);
                Row(kernel, a + offsetA, plan.StridesA[^1], b + offsetB, plan.StridesB[^1], new Span<float>(y + (long)row * inner, inner));
            }
        });

    private static unsafe void Row<K>(K kernel, float* a, int strideA, float* b, int strideB, Span<float> y) where K : struct, IBinaryKernel
    {
        if (strideA == 1 && strideB == 1) Elementwise.Map2(kernel, new(a, y.Length), new(b, y.Length), y);
        else if (strideA == 1) Elementwise.Map(new RightConstant<K>(kernel, *b), new(a, y.Length), y);
        else Elementwise.Map(new LeftConstant<K>(kernel, *a), new(b, y.Length), y);
    }

    // Some rows at a time: those of a stretched source are written out one after the other, and the function sees but long rows.
    private static unsafe void ShortRows<K>(K kernel, int[] sizes, StretchedRows a, StretchedRows b, float* y, int rows) where K : struct, IBinaryKernel
    {
        int inner = sizes[^1];
        Threads.RunChunks(rows, Grains.Rows(rows, inner + RowWork, Grain), (from, to) =>
        {
            float* roomA = stackalloc float[StretchedRows.Room], roomB = stackalloc float[StretchedRows.Room];
            int step = StretchedRows.Fitting(inner);
            for (int row = from; row < to; row += step)
            {
                int count = Math.Min(step, to - row), length = count * inner;
                float* rowsA = a.Take(sizes, row, count, roomA), rowsB = b.Take(sizes, row, count, roomB);
                Elementwise.Map2(kernel, new(rowsA, length), new(rowsB, length), new Span<float>(y + (long)row * inner, length));
            }
        });
    }

    private static (int A, int B) Offsets(Plan plan, int row)
    {
        int a = 0, b = 0;
        for (int axis = plan.Sizes.Length - 2; axis >= 0; axis--)
        {
            (row, int place) = Math.DivRem(row, plan.Sizes[axis]);
            a += place * plan.StridesA[axis];
            b += place * plan.StridesB[axis];
        }
        return (a, b);
    }

    private static Plan Merge(ReadOnlySpan<int> shapeA, ReadOnlySpan<int> shapeB, ReadOnlySpan<int> shape)
    {
        List<int> sizes = [], stridesA = [], stridesB = [];
        int stepA = 1, stepB = 1;
        for (int i = 1; i <= shape.Length; i++)
        {
            int size = shape[^i];
            int sizeA = i <= shapeA.Length ? shapeA[^i] : 1, sizeB = i <= shapeB.Length ? shapeB[^i] : 1;
            if (size != 1)
            {
                int strideA = sizeA == 1 ? 0 : stepA, strideB = sizeB == 1 ? 0 : stepB;
                if (sizes.Count > 0 && Continues(strideA, stridesA[^1], sizes[^1]) && Continues(strideB, stridesB[^1], sizes[^1]))
                {
                    sizes[^1] *= size;
                }
                else
                {
                    sizes.Add(size);
                    stridesA.Add(strideA);
                    stridesB.Add(strideB);
                }
            }
            stepA *= sizeA;
            stepB *= sizeB;
        }
        sizes.Reverse();
        stridesA.Reverse();
        stridesB.Reverse();
        return new Plan([.. sizes], [.. stridesA], [.. stridesB]);
    }

    private static bool Continues(int outer, int inner, int size) => outer == inner * size;

    private readonly struct FirstKernel : IBinaryKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Value<V>(V a, V b) where V : struct, ISimd<V> => a;
    }
}

/// <summary>A function of two numbers whose second is a constant.</summary>
internal readonly struct RightConstant<K>(K kernel, float b) : IUnaryKernel where K : struct, IBinaryKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => kernel.Value(x, V.All(b));
}

/// <summary>A function of two numbers whose first is a constant.</summary>
internal readonly struct LeftConstant<K>(K kernel, float a) : IUnaryKernel where K : struct, IBinaryKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => kernel.Value(V.All(a), x);
}
