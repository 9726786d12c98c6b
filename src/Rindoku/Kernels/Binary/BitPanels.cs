namespace Rindoku.Kernels;

/// <summary>Rows of signs, one bit each, in the order in which <see cref="BitProduct"/> reads them: eight rows side by side, word by word.</summary>
internal sealed unsafe class BitPanels
{
    /// <summary>Rows of a panel: the words of a 512-bit vector.</summary>
    public const int Width = 8;

    private readonly ulong[] words;

    /// <summary>Takes over rows of words; the rows that fill up the last panel are zeros.</summary>
    /// <param name="rows">How many rows.</param>
    /// <param name="length">Words of a row.</param>
    /// <param name="source">The rows, one after the other.</param>
    public BitPanels(int rows, int length, ReadOnlySpan<ulong> source)
    {
        (Rows, Length) = (rows, length);
        words = GC.AllocateArray<ulong>(checked(Count * Width * length + Width), pinned: true);
        int start = 0;
        fixed (ulong* first = words)
        {
            while ((nuint)(first + start) % 64 != 0) start++; // a vector then never lies across two cache lines
            Start = first + start;
        }
        for (int row = 0; row < rows; row++)
            for (int k = 0; k < length; k++) Start[((long)row / Width * length + k) * Width + row % Width] = source[row * length + k];
    }

    public int Rows { get; }

    /// <summary>Words of a row.</summary>
    public int Length { get; }

    /// <summary>How many panels there are.</summary>
    public int Count => (Rows + Width - 1) / Width;

    /// <summary>Rows, those that fill up the last panel included.</summary>
    public int PaddedRows => Count * Width;

    /// <summary>The first word; the array is pinned for as long as this object lives.</summary>
    public ulong* Start { get; }

    /// <summary>The words of a panel.</summary>
    public ulong* Panel(int number) => Start + (long)number * Length * Width;

    /// <summary>One word of one row.</summary>
    public ulong this[int row, int k] => Panel(row / Width)[k * Width + row % Width];

    /// <summary>The memory that the words take.</summary>
    public long Bytes => 8L * Count * Width * Length;
}
