using Rindoku.Kernels;

namespace Rindoku.Tests.Kernels;

public sealed unsafe class TransposeTileTests
{
    [Fact]
    public void A_part_of_a_tile_is_transposed_and_nothing_around_it_is_touched()
    {
        const int strideX = 19, strideY = 23, size = TransposeTile.Size;
        float[] x = [.. Enumerable.Range(0, size * strideX).Select(i => i + 1f)], y = new float[size * strideY];
        for (int rows = 1; rows <= size; rows++)
            for (int columns = 1; columns <= size; columns++)
            {
                Array.Clear(y);
                fixed (float* px = x, py = y) TransposeTile.Run(px, strideX, py, strideY, rows, columns);
                for (int r = 0; r < size; r++)
                    for (int c = 0; c < strideY; c++)
                        Assert.Equal(r < rows && c < columns ? x[c * strideX + r] : 0, y[r * strideY + c]);
            }
    }

    [Fact]
    public void Lines_may_follow_each_other_without_gaps()
    {
        for (int rows = 1; rows <= TransposeTile.Size; rows++)
            for (int columns = 1; columns <= TransposeTile.Size; columns++)
            {
                float[] x = [.. Enumerable.Range(0, rows * columns).Select(i => i + 1f)], y = new float[rows * columns];
                fixed (float* px = x, py = y) TransposeTile.Run(px, rows, py, columns, rows, columns);
                Assert.Equal(Enumerable.Range(0, rows * columns).Select(i => i % columns * rows + i / columns + 1f), y);
            }
    }
}
