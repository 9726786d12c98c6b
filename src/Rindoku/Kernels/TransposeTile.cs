using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Rindoku.Kernels;

/// <summary>Transposes small tiles, in registers where the processor can.</summary>
internal static unsafe class TransposeTile
{
    /// <summary>Rows and columns of a tile: a 64-byte line of floats each way.</summary>
    public const int Size = 16;

    /// <summary>y[r · strideY + c] = x[c · strideX + r] for r below <paramref name="rows"/> and c below <paramref name="columns"/>.</summary>
    public static void Run(float* x, int strideX, float* y, int strideY, int rows, int columns)
    {
        if (Avx512F.IsSupported)
        {
            if (rows == Size && columns == Size) Sixteen(x, strideX, y, strideY);
            else if (rows <= 4) Low(x, strideX, y, strideY, rows, columns);
            else if (columns <= 4) Narrow(x, strideX, y, strideY, rows, columns);
            else Part(x, strideX, y, strideY, rows, columns);
            return;
        }
        int wholeRows = 0, wholeColumns = 0;
        if (Avx.IsSupported)
        {
            wholeRows = rows & ~7;
            wholeColumns = columns & ~7;
            for (int r = 0; r < wholeRows; r += 8)
                for (int c = 0; c < wholeColumns; c += 8) Eight(x + c * strideX + r, strideX, y + r * strideY + c, strideY);
        }
        for (int r = 0; r < wholeRows; r++)
            for (int c = wholeColumns; c < columns; c++) y[r * strideY + c] = x[c * strideX + r];
        for (int r = wholeRows; r < rows; r++)
            for (int c = 0; c < columns; c++) y[r * strideY + c] = x[c * strideX + r];
    }

    /// <summary>Calls the lines of a tile of y into the cache some time before it is written.</summary>
    /// <remarks>
    /// A store has to wait until its line is there, and the processor does not foresee lines that are whole rows apart: with the next tile's
    /// called, a large transpose is as fast as a copy, without a third of one (bench/lab/transpose).
    /// </remarks>
    public static void Call(float* y, int strideY, int rows)
    {
        if (!Sse.IsSupported) return;
        for (int r = 0; r < rows; r++) Sse.Prefetch0(y + (nint)r * strideY);
    }

    // Three rounds that swap 1 x 1, 2 x 2 and 4 x 4 blocks across the diagonal.
    private static void Eight(float* x, int strideX, float* y, int strideY)
    {
        Vector256<float> a0 = Vector256.Load(x), a1 = Vector256.Load(x + strideX);
        Vector256<float> a2 = Vector256.Load(x + 2 * strideX), a3 = Vector256.Load(x + 3 * strideX);
        Vector256<float> a4 = Vector256.Load(x + 4 * strideX), a5 = Vector256.Load(x + 5 * strideX);
        Vector256<float> a6 = Vector256.Load(x + 6 * strideX), a7 = Vector256.Load(x + 7 * strideX);

        Vector256<float> b0 = Avx.UnpackLow(a0, a1), b1 = Avx.UnpackHigh(a0, a1), b2 = Avx.UnpackLow(a2, a3), b3 = Avx.UnpackHigh(a2, a3);
        Vector256<float> b4 = Avx.UnpackLow(a4, a5), b5 = Avx.UnpackHigh(a4, a5), b6 = Avx.UnpackLow(a6, a7), b7 = Avx.UnpackHigh(a6, a7);

        const byte low = 0b01_00_01_00, high = 0b11_10_11_10;
        Vector256<float> c0 = Avx.Shuffle(b0, b2, low), c1 = Avx.Shuffle(b0, b2, high), c2 = Avx.Shuffle(b1, b3, low), c3 = Avx.Shuffle(b1, b3, high);
        Vector256<float> c4 = Avx.Shuffle(b4, b6, low), c5 = Avx.Shuffle(b4, b6, high), c6 = Avx.Shuffle(b5, b7, low), c7 = Avx.Shuffle(b5, b7, high);

        const byte lowers = 0x20, uppers = 0x31;
        Avx.Permute2x128(c0, c4, lowers).Store(y);
        Avx.Permute2x128(c1, c5, lowers).Store(y + strideY);
        Avx.Permute2x128(c2, c6, lowers).Store(y + 2 * strideY);
        Avx.Permute2x128(c3, c7, lowers).Store(y + 3 * strideY);
        Avx.Permute2x128(c0, c4, uppers).Store(y + 4 * strideY);
        Avx.Permute2x128(c1, c5, uppers).Store(y + 5 * strideY);
        Avx.Permute2x128(c2, c6, uppers).Store(y + 6 * strideY);
        Avx.Permute2x128(c3, c7, uppers).Store(y + 7 * strideY);
    }

    // A whole tile: every line is read once and written once, so it does not matter that lines a power of two apart share few
    // places in the cache. First the four 4 x 4 blocks of each vector are transposed, then the blocks change places.
    private static void Sixteen(float* x, int strideX, float* y, int strideY)
    {
        (Vector512<float> a0, Vector512<float> a1, Vector512<float> a2, Vector512<float> a3) = FourRows(x, strideX);
        (Vector512<float> b0, Vector512<float> b1, Vector512<float> b2, Vector512<float> b3) = FourRows(x + 4 * strideX, strideX);
        (Vector512<float> c0, Vector512<float> c1, Vector512<float> c2, Vector512<float> c3) = FourRows(x + 8 * strideX, strideX);
        (Vector512<float> d0, Vector512<float> d1, Vector512<float> d2, Vector512<float> d3) = FourRows(x + 12 * strideX, strideX);
        Blocks(a0, b0, c0, d0, y, 4 * strideY);
        Blocks(a1, b1, c1, d1, y + strideY, 4 * strideY);
        Blocks(a2, b2, c2, d2, y + 2 * strideY, 4 * strideY);
        Blocks(a3, b3, c3, d3, y + 3 * strideY, 4 * strideY);
    }

    private static (Vector512<float>, Vector512<float>, Vector512<float>, Vector512<float>) FourRows(float* x, int strideX) =>
        FourRows(Vector512.Load(x), Vector512.Load(x + strideX), Vector512.Load(x + 2 * strideX), Vector512.Load(x + 3 * strideX));

    // Result i holds column i of each of the four 4 x 4 blocks of four rows.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<float>, Vector512<float>, Vector512<float>, Vector512<float>) FourRows(
        Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d)
    {
        Vector512<double> ab = Avx512F.UnpackLow(a, b).AsDouble(), cd = Avx512F.UnpackLow(c, d).AsDouble();
        Vector512<double> abHigh = Avx512F.UnpackHigh(a, b).AsDouble(), cdHigh = Avx512F.UnpackHigh(c, d).AsDouble();
        return (Avx512F.UnpackLow(ab, cd).AsSingle(), Avx512F.UnpackHigh(ab, cd).AsSingle(),
            Avx512F.UnpackLow(abHigh, cdHigh).AsSingle(), Avx512F.UnpackHigh(abHigh, cdHigh).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Blocks(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d, float* y, int step)
    {
        (Vector512<float> first, Vector512<float> second, Vector512<float> third, Vector512<float> fourth) = Blocks(a, b, c, d);
        first.Store(y);
        second.Store(y + step);
        third.Store(y + 2 * step);
        fourth.Store(y + 3 * step);
    }

    // The 4 x 4 transpose of the 128-bit blocks of four vectors.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<float>, Vector512<float>, Vector512<float>, Vector512<float>) Blocks(
        Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d)
    {
        const byte even = 0b10_00_10_00, odd = 0b11_01_11_01;
        Vector512<float> abEven = Avx512F.Shuffle4x128(a, b, even), abOdd = Avx512F.Shuffle4x128(a, b, odd);
        Vector512<float> cdEven = Avx512F.Shuffle4x128(c, d, even), cdOdd = Avx512F.Shuffle4x128(c, d, odd);
        return (Avx512F.Shuffle4x128(abEven, cdEven, even), Avx512F.Shuffle4x128(abOdd, cdOdd, even),
            Avx512F.Shuffle4x128(abEven, cdEven, odd), Avx512F.Shuffle4x128(abOdd, cdOdd, odd));
    }

    // A part of a tile: lines are read and written by masks; those that are not there are zeros, and go nowhere.
    private static void Part(float* x, int strideX, float* y, int strideY, int rows, int columns)
    {
        Vector512<float> all = First(rows), some = First(columns);
        (Vector512<float> a0, Vector512<float> a1, Vector512<float> a2, Vector512<float> a3) = FourRows(Line(0), Line(1), Line(2), Line(3));
        (Vector512<float> b0, Vector512<float> b1, Vector512<float> b2, Vector512<float> b3) = FourRows(Line(4), Line(5), Line(6), Line(7));
        (Vector512<float> c0, Vector512<float> c1, Vector512<float> c2, Vector512<float> c3) = FourRows(Line(8), Line(9), Line(10), Line(11));
        (Vector512<float> d0, Vector512<float> d1, Vector512<float> d2, Vector512<float> d3) = FourRows(Line(12), Line(13), Line(14), Line(15));
        Rows(0, Blocks(a0, b0, c0, d0));
        Rows(1, Blocks(a1, b1, c1, d1));
        Rows(2, Blocks(a2, b2, c2, d2));
        Rows(3, Blocks(a3, b3, c3, d3));

        Vector512<float> Line(int number) =>
            number < columns ? Avx512F.MaskLoad(x + (nint)number * strideX, all, Vector512<float>.Zero) : Vector512<float>.Zero;

        void Rows(int first, (Vector512<float>, Vector512<float>, Vector512<float>, Vector512<float>) four)
        {
            Row(first, four.Item1);
            Row(first + 4, four.Item2);
            Row(first + 8, four.Item3);
            Row(first + 12, four.Item4);
        }

        void Row(int number, Vector512<float> row)
        {
            if (number < rows) Avx512F.MaskStore(y + (nint)number * strideY, some, row);
        }
    }

    // Up to four rows, from up to sixteen lines of as many numbers: four lines to a vector, whose 4 x 4 blocks are then columns.
    private static void Low(float* x, int strideX, float* y, int strideY, int rows, int columns)
    {
        Vector128<float> some = First(rows).GetLower().GetLower();
        (Vector512<float> y0, Vector512<float> y1, Vector512<float> y2, Vector512<float> y3) = FourRows(Lines(0), Lines(1), Lines(2), Lines(3));
        Vector512<float> all = First(columns);
        Avx512F.MaskStore(y, all, y0);
        if (rows > 1) Avx512F.MaskStore(y + strideY, all, y1);
        if (rows > 2) Avx512F.MaskStore(y + 2 * (nint)strideY, all, y2);
        if (rows > 3) Avx512F.MaskStore(y + 3 * (nint)strideY, all, y3);

        Vector512<float> Lines(int first) => Vector512.Create(Vector256.Create(Line(first), Line(first + 4)), Vector256.Create(Line(first + 8), Line(first + 12)));
        Vector128<float> Line(int number) =>
            number < columns ? Avx512F.VL.MaskLoad(x + (nint)number * strideX, some, Vector128<float>.Zero) : Vector128<float>.Zero;
    }

    // The opposite: up to sixteen rows of up to four numbers.
    private static void Narrow(float* x, int strideX, float* y, int strideY, int rows, int columns)
    {
        Vector512<float> all = First(rows);
        Vector128<float> some = First(columns).GetLower().GetLower();
        (Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d) = FourRows(Line(0), Line(1), Line(2), Line(3));
        Rows(0, a);
        Rows(1, b);
        Rows(2, c);
        Rows(3, d);

        Vector512<float> Line(int number) =>
            number < columns ? Avx512F.MaskLoad(x + (nint)number * strideX, all, Vector512<float>.Zero) : Vector512<float>.Zero;

        void Rows(int first, Vector512<float> four)
        {
            Row(first, four.GetLower().GetLower());
            Row(first + 4, four.GetLower().GetUpper());
            Row(first + 8, four.GetUpper().GetLower());
            Row(first + 12, four.GetUpper().GetUpper());
        }

        void Row(int number, Vector128<float> row)
        {
            if (number < rows) Avx512F.VL.MaskStore(y + (nint)number * strideY, some, row);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> First(int count) => Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(count)).AsSingle();
}
