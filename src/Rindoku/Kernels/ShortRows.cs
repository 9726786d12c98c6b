namespace Rindoku.Kernels;

/// <summary>Rows of few numbers, turned so that a vector holds one place of each of many rows: nothing is then added up across a vector.</summary>
internal static unsafe class ShortRows
{
    /// <summary>The longest row that is better turned.</summary>
    public const int Longest = 32;

    /// <summary>Numbers that turned rows take up at most: those of a vector of the widest for each place.</summary>
    public const int Room = Longest * 16;

    /// <summary>From (count, size) to (size, <paramref name="width"/>), of which the first count in each line are written, the others zeros.</summary>
    public static void Turn(float* rows, int size, int count, float* turned, int width)
    {
        if (count < width) SimdMemory.Clean(turned, size * width);
        for (int i = 0; i < size; i += TransposeTile.Size)
            TransposeTile.Run(rows + i, size, turned + i * width, width, Math.Min(TransposeTile.Size, size - i), count);
    }

    /// <summary>Undoes <see cref="Turn"/>.</summary>
    public static void TurnBack(float* turned, int width, float* rows, int size, int count)
    {
        for (int i = 0; i < size; i += TransposeTile.Size)
            TransposeTile.Run(turned + i * width, width, rows + i, size, count, Math.Min(TransposeTile.Size, size - i));
    }
}
