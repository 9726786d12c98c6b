using System.Numerics.Tensors;

namespace Rindoku.Data;

/// <summary>The five filters of PNG: each byte is sent as its difference from a guess made of its neighbours. All sums are modulo 256.</summary>
/// <remarks>a is the byte to the left, b the one above, c the one above to the left (0 outside the picture). Source: the specification's section 9.</remarks>
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
        for (int i = 0; i < row.Length; i++)
        {
            byte a = i < step ? (byte)0 : row[i - step], b = above[i], c = i < step ? (byte)0 : above[i - step];
            int guess = filter switch { 0 => 0, 1 => a, 2 => b, 3 => (a + b) / 2, _ => Paeth(a, b, c) };
            differences[i] = (byte)(row[i] - guess);
        }
    }

    // Whichever of left, above and above-left lies nearest to left + above - above-left; ties go in this order.
    private static byte Paeth(byte a, byte b, byte c)
    {
        int toA = Math.Abs(b - c), toB = Math.Abs(a - c), toC = Math.Abs(a + b - 2 * c);
        return toA <= toB && toA <= toC ? a : toB <= toC ? b : c;
    }
}
