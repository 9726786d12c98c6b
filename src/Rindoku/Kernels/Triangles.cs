namespace Rindoku.Kernels;

/// <summary>Triangular parts of matrices.</summary>
/// <remarks>Aliasing: the destination may be the source. Deterministic: every row is copied alone.</remarks>
internal static class Triangles
{
    private const int Grain = 16384;

    /// <summary>Keeps column j of row i where j ≤ i + diagonal (lower) or j ≥ i + diagonal (upper); zeros elsewhere.</summary>
    public static unsafe void Run(ReadOnlySpan<float> x, Span<float> y, int rows, int columns, int diagonal, bool lower)
    {
        if (y.Length == 0) return;
        fixed (float* px = x, py = y) Run(px, py, y.Length / columns, rows, columns, diagonal, lower);
    }

    private static unsafe void Run(float* x, float* y, int allRows, int rows, int columns, int diagonal, bool lower) =>
        Threads.RunChunks(allRows, Math.Max(1, Grain / columns), (from, to) =>
        {
            for (int row = from; row < to; row++)
            {
                long edge = (long)(row % rows) + diagonal + (lower ? 1 : 0);
                int cut = (int)Math.Clamp(edge, 0, columns);
                ReadOnlySpan<float> source = new(x + (long)row * columns, columns);
                Span<float> target = new(y + (long)row * columns, columns);
                source.CopyTo(target);
                if (lower) target[cut..].Clear();
                else target[..cut].Clear();
            }
        });
}
