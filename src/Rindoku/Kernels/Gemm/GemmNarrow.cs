namespace Rindoku.Kernels;

/// <summary>Products with few columns and more rows, such as a matrix times a vector: the transpose is computed, whose rows fill vectors.</summary>
/// <remarks>A single column is written where it belongs. Several go through a room of their own, a strip of rows at a time.</remarks>
internal static unsafe class GemmNarrow
{
    private const int MostColumns = 8;
    private const int StripWork = 1 << 19; // multiply-adds of one task
    private const int LeastRows = 64, MostRows = 1024; // of a strip

    public static bool Suits(in GemmProduct g) => g.N <= MostColumns && g.M > 2 * g.N;

    public static void Multiply(in GemmProduct g)
    {
        if (g.N == 1 && g.Stride == 1)
        {
            Gemm.Multiply(Turned(g, 0, g.M, g.C));
            return;
        }
        int rows = (int)Math.Clamp(StripWork / Math.Max(1, (long)g.N * g.K), LeastRows, MostRows);
        Threads.RunChunks(g.M, rows, g, static (g, from, to) => Strip(g, from, to - from));
    }

    private static GemmProduct Turned(in GemmProduct g, int row, int rows, float* c) => new(g.N, rows, g.K, g.B.Transpose(), g.A.From(row, 0).Transpose(), c, rows)
    {
        Add = g.Add,
        RowBias = g.ColumnBias,
        ColumnBias = g.RowBias == null ? null : g.RowBias + row,
    };

    private static void Strip(in GemmProduct g, int row, int rows)
    {
        using Workspace room = new((long)g.N * rows);
        float* c = g.C + (long)row * g.Stride;
        if (g.Add)
            for (int j = 0; j < g.N; j++)
                for (int i = 0; i < rows; i++) room.Start[j * rows + i] = c[(long)i * g.Stride + j];
        Gemm.Multiply(Turned(g, row, rows, room.Start));
        for (int j = 0; j < g.N; j++)
            for (int i = 0; i < rows; i++) c[(long)i * g.Stride + j] = room.Start[j * rows + i];
    }
}
