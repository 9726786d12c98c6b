using System.Numerics.Tensors;

namespace Rindoku.Data;

/// <summary>
/// The five filters of PNG: each byte is sent as its difference from a guess made of its neighbours. All sums are modulo 256.
/// </summary>
/// <remarks>
/// a is the byte to the left, b the one above, c the one above to the left (0 outside the picture).
/// Source: the specification's section 9.
/// </remarks>
internal static class PngFilters
{
    public const int Count = 5;

    /// <summary>Turns differences into bytes, in place. <paramref name="above"/> is the finished row above.</summary>
    public static void Undo(int filter, Span<byte> row, ReadOnlySpan<byte> above, int step)
    {
        switch (filter)
        {
            case 1:
                for (int i = step; i < row.Length; i++) row[i] += row[i - step];
                break;
            case 2:
                TensorPrimitives.Add(row, above, row);
                break;
            case 3:
                for (int i = 0; i < row.Length; i++) row[i] += (byte)(((i < step ? 0 : row[i - step]) + above[i]) / 2);
                break;
            case 4:
                int start = Math.Min(step, row.Length);
                for (int i = 0; i < start; i++) row[i] += above[i];
                for (int i = start; i < row.Length; i++) row[i] += Paeth(row[i - step], above[i], above[i - step]);
                break;
        }
    }

    /// <summary>Turns the bytes of <paramref name="row"/> into differences.</summary>
    public static void Apply(int filter, ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, int step, Span<byte> differences)
    {
        // Bytes of the first pixel have nothing to their left.
        int start = Math.Min(step, row.Length);
        switch (filter)
        {
            case 0:
                row.CopyTo(differences);
                break;
            case 1:
                row[..start].CopyTo(differences);
                TensorPrimitives.Subtract(row[start..], row[..^start], differences[start..]);
                break;
            case 2:
                TensorPrimitives.Subtract(row, above, differences);
                break;
            case 3:
                for (int i = 0; i < start; i++) differences[i] = (byte)(row[i] - above[i] / 2);
                for (int i = start; i < row.Length; i++) differences[i] = (byte)(row[i] - (row[i - step] + above[i]) / 2);
                break;
            case 4:
                for (int i = 0; i < start; i++) differences[i] = (byte)(row[i] - above[i]);
                for (int i = start; i < row.Length; i++) differences[i] = (byte)(row[i] - Paeth(row[i - step], above[i], above[i - step]));
                break;
        }
    }

    // Whichever of left, above and above-left lies nearest to left + above - above-left; ties go in this order.
    private static byte Paeth(byte a, byte b, byte c)
    {
        int toA = Math.Abs(b - c), toB = Math.Abs(a - c), toC = Math.Abs(a + b - 2 * c);
        return toA <= toB && toA <= toC ? a : toB <= toC ? b : c;
    }
}
