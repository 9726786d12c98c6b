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
}
