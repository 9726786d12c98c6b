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
        if (Avx512F.IsSupported && rows == Size && columns == Size)
        {
            Sixteen(x, strideX, y, strideY);
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

    // Result i holds column i of each of the four 4 x 4 blocks of four rows.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<float>, Vector512<float>, Vector512<float>, Vector512<float>) FourRows(float* x, int strideX)
    {
        Vector512<float> a = Vector512.Load(x), b = Vector512.Load(x + strideX), c = Vector512.Load(x + 2 * strideX), d = Vector512.Load(x + 3 * strideX);
        Vector512<double> ab = Avx512F.UnpackLow(a, b).AsDouble(), cd = Avx512F.UnpackLow(c, d).AsDouble();
        Vector512<double> abHigh = Avx512F.UnpackHigh(a, b).AsDouble(), cdHigh = Avx512F.UnpackHigh(c, d).AsDouble();
        return (Avx512F.UnpackLow(ab, cd).AsSingle(), Avx512F.UnpackHigh(ab, cd).AsSingle(),
            Avx512F.UnpackLow(abHigh, cdHigh).AsSingle(), Avx512F.UnpackHigh(abHigh, cdHigh).AsSingle());
    }

    // The 4 x 4 transpose of the 128-bit blocks of four vectors.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Blocks(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d, float* y, int step)
    {
        const byte even = 0b10_00_10_00, odd = 0b11_01_11_01;
        Vector512<float> abEven = Avx512F.Shuffle4x128(a, b, even), abOdd = Avx512F.Shuffle4x128(a, b, odd);
        Vector512<float> cdEven = Avx512F.Shuffle4x128(c, d, even), cdOdd = Avx512F.Shuffle4x128(c, d, odd);
        Avx512F.Shuffle4x128(abEven, cdEven, even).Store(y);
        Avx512F.Shuffle4x128(abOdd, cdOdd, even).Store(y + step);
        Avx512F.Shuffle4x128(abEven, cdEven, odd).Store(y + 2 * step);
        Avx512F.Shuffle4x128(abOdd, cdOdd, odd).Store(y + 3 * step);
    }
}
