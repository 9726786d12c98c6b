using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Rindoku.Kernels;

/// <summary>A matrix in memory: row-major with a stride, or the transpose of one that is.</summary>
internal readonly unsafe struct MatrixView(float* start, int stride, bool transposed)
{
    public readonly float* Start = start;
    public readonly int Stride = stride;
    public readonly bool Transposed = transposed;

    public MatrixView Transpose() => new(Start, Stride, !Transposed);

    /// <summary>The part that begins at a row and a column.</summary>
    public MatrixView From(int row, int column) =>
        new(Start + (Transposed ? (long)column * Stride + row : (long)row * Stride + column), Stride, Transposed);
}

/// <summary>How the rows of a product are cut into register tiles: high ones, and at the end one or two that are a third lower.</summary>
/// <remarks>So 16, 32 and 64 rows need no padding rows, where tiles of one height would waste up to a third of the work.</remarks>
internal readonly struct RowPanels
{
    private readonly int high, unit;

    public RowPanels(int rows, int unit)
    {
        this.unit = unit;
        int units = (rows + unit - 1) / unit;
        if (units <= 1)
        {
            (high, Count, PaddedRows) = (0, units, units * unit);
            return;
        }
        int low = (3 - units % 3) % 3; // tiles of 2 units, the others of 3
        high = (units - 2 * low) / 3;
        Count = high + low;
        PaddedRows = units * unit;
    }

    public int Count { get; }

    /// <summary>The rows of all panels: as many as asked for, rounded up to the unit.</summary>
    public int PaddedRows { get; }

    public int Start(int panel) => panel <= high ? 3 * unit * panel : 3 * unit * high + 2 * unit * (panel - high);

    public int Height(int panel) => Math.Min(PaddedRows, Start(panel + 1)) - Start(panel);

    /// <summary>The unit for vectors V: 24 accumulators where there are 32 vector registers, 12 where there are 16.</summary>
    public static int UnitFor<V>() where V : struct, ISimd<V> =>
        V.Count == 16 || (V.Count == 4 && AdvSimd.IsSupported) ? 4 : 2;
}

/// <summary>Copies parts of matrices into panels, in the order in which register tiles read them. Widths and heights are even.</summary>
internal static unsafe class Panels
{
    // Rows are called into the second-level cache so long before they are copied: the processor itself does not foresee the next row.
    private const int RowsAhead = 16;

    /// <summary>How wide a panel is for so many columns: two vectors V, or two narrower ones that hold them as well.</summary>
    public static int WidthFor<V>(int columns) where V : struct, ISimd<V> =>
        V.Count > 4 && columns <= 8 ? 8 : V.Count > 8 && columns <= 16 ? 16 : 2 * V.Count;

    /// <summary><c>to[p · height + i] = a[i, p]</c> for p &lt; depth; rows from <paramref name="rows"/> up to height are fillers.</summary>
    public static void PackRows(MatrixView a, int rows, int height, int depth, float* to) => PackColumns(a.Transpose(), rows, height, depth, to);

    /// <summary>
    /// <c>to[q · width · depth + p · width + j] = b[p, q · width + j]</c> for p &lt; depth and every panel q; the last panel is filled up with
    /// zeros or copies of its last column.
    /// </summary>
    public static void PackColumns(MatrixView b, int columns, int width, int depth, float* to)
    {
        int full = b.Transposed ? 0 : columns / width;
        if (full > 0 && width % 16 == 0) PackAlong16(b.Start, b.Stride, full, width, depth, to);
        else if (full > 0) PackAlong(b.Start, b.Stride, full, width, depth, to);
        for (int j = full * width; j < columns; j += width)
        {
            int some = Math.Min(width, columns - j);
            float* panel = to + (long)j * depth;
            if (b.Transposed) PackAcross(b.Start + (long)j * b.Stride, b.Stride, some, width, depth, panel);
            else PackAlongPart(b.Start + j, b.Stride, some, width, depth, panel);
        }
    }

    // Rows outside, panels inside: memory is read along whole rows, which costs far fewer pages than panel after panel.
    private static void PackAlong16(float* from, int stride, int panels, int width, int depth, float* to)
    {
        long ahead = (long)RowsAhead * stride;
        for (int p = 0; p < depth; p++, from += stride, to += width)
        {
            float* source = from, target = to;
            for (int q = 0; q < panels; q++, target += (long)width * depth, source += width)
                for (int j = 0; j < width; j += 16)
                {
                    if (Sse.IsSupported) Sse.Prefetch1(source + j + ahead);
                    Vector512.Load(source + j).Store(target + j);
                }
        }
    }

    private static void PackAlong(float* from, int stride, int panels, int width, int depth, float* to)
    {
        long ahead = (long)RowsAhead * stride;
        for (int p = 0; p < depth; p++, from += stride, to += width)
        {
            float* source = from, target = to;
            for (int q = 0; q < panels; q++, target += (long)width * depth, source += width)
            {
                if (Sse.IsSupported) Sse.Prefetch1(source + ahead);
                int j = 0;
                for (; j <= width - 4; j += 4) Vector128.Load(source + j).Store(target + j);
                if (j < width) *(long*)(target + j) = *(long*)(source + j);
            }
        }
    }

    private static void PackAlongPart(float* from, int stride, int columns, int width, int depth, float* to)
    {
        if (width == 32) PackAlongPart<V512>(from, stride, columns, depth, to);
        else if (width == 16) PackAlongPart<V256>(from, stride, columns, depth, to);
        else if (width == 8) PackAlongPart<V128>(from, stride, columns, depth, to);
        else
            for (int p = 0; p < depth; p++, from += stride, to += width)
            {
                for (int j = 0; j < columns; j++) to[j] = from[j];
                for (int j = columns; j < width; j++) to[j] = 0;
            }
    }

    private static void PackAlongPart<V>(float* from, int stride, int columns, int depth, float* to) where V : struct, ISimd<V>
    {
        int second = Math.Min(V.Count, columns / V.Count * V.Count), some = columns - second; // the part of a vector, and where it begins
        for (int p = 0; p < depth; p++, from += stride, to += 2 * V.Count)
        {
            if (second > 0) V.Store(V.Load(ref *from), ref *to);
            else V.Store(V.Zero, ref to[V.Count]);
            V.Store(V.LoadPart(from + second, some, 0), ref to[second]);
        }
    }

    // Memory runs along the depth: blocks of 4 x 4 are turned in registers; where columns are missing the last one stands in for them.
    private static void PackAcross(float* from, int stride, int columns, int width, int depth, float* to)
    {
        int blocks = width / 4 * 4, j = 0;
        for (; j < Math.Min(columns, blocks); j += 4)
        {
            float* a = from + (long)j * stride, b = j + 1 < columns ? a + stride : a, c = j + 2 < columns ? b + stride : b, d = j + 3 < columns ? c + stride : c;
            float* t = to + j;
            int p = 0;
            for (; p <= depth - 4; p += 4, t += 4 * width)
                Turn(Vector128.Load(a + p), Vector128.Load(b + p), Vector128.Load(c + p), Vector128.Load(d + p), t, width);
            for (; p < depth; p++, t += width) Vector128.Create(a[p], b[p], c[p], d[p]).Store(t);
        }
        for (; j < blocks; j += 4)
            for (int p = 0; p < depth; p++) Vector128<float>.Zero.Store(to + (long)p * width + j);
        for (; j < columns; j++)
            for (int p = 0; p < depth; p++) to[(long)p * width + j] = from[(long)j * stride + p];
        for (; j < width; j++)
            for (int p = 0; p < depth; p++) to[(long)p * width + j] = 0;
    }

    /// <summary>Writes the columns of the 4 x 4 matrix with rows a, b, c, d as rows, <paramref name="width"/> floats apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Turn(Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d, float* to, int width)
    {
        Vector128<float> acLow = ZipLow(a, c), acHigh = ZipHigh(a, c), bdLow = ZipLow(b, d), bdHigh = ZipHigh(b, d); // a0 c0 a1 c1, ...
        ZipLow(acLow, bdLow).Store(to);
        ZipHigh(acLow, bdLow).Store(to + width);
        ZipLow(acHigh, bdHigh).Store(to + 2 * width);
        ZipHigh(acHigh, bdHigh).Store(to + 3 * width);
    }

    /// <summary>x0 y0 x1 y1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> ZipLow(Vector128<float> x, Vector128<float> y) =>
        Sse.IsSupported ? Sse.UnpackLow(x, y) : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(x, y) : Vector128.Create(x[0], y[0], x[1], y[1]);

    /// <summary>x2 y2 x3 y3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> ZipHigh(Vector128<float> x, Vector128<float> y) =>
        Sse.IsSupported ? Sse.UnpackHigh(x, y) : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(x, y) : Vector128.Create(x[2], y[2], x[3], y[3]);
}
