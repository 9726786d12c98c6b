using System.Runtime.CompilerServices;

namespace Rindoku.Kernels;

/// <summary>One matrix product to compute: <c>c = a b</c>, with c row-major, started from zero, from biases or from what is in c.</summary>
internal readonly unsafe struct GemmProduct(int m, int n, int k, MatrixView a, MatrixView b, float* c, int stride)
{
    public readonly int M = m, N = n, K = k;
    public readonly MatrixView A = a, B = b;
    public readonly float* C = c;
    public readonly int Stride = stride;

    /// <summary>Whether to add to what is in c.</summary>
    public bool Add { get; init; }

    /// <summary>A number to add to each row (M of them), or null.</summary>
    public float* RowBias { get; init; }

    /// <summary>A number to add to each column (N of them), or null.</summary>
    public float* ColumnBias { get; init; }

    private bool HasBias => RowBias != null || ColumnBias != null;

    /// <summary>Adds <paramref name="depth"/> products to the tile of results at row i, column j, from depth p on.</summary>
    /// <param name="i">The first row.</param>
    /// <param name="height">Rows of the register tile; those beyond M are left out.</param>
    /// <param name="j">The first column.</param>
    /// <param name="columns">Columns, up to two vectors.</param>
    /// <param name="p">Where in the depth the packed parts begin; the tile is started at 0.</param>
    /// <param name="depth">How deep they are.</param>
    /// <param name="packedA">A packed row panel.</param>
    /// <param name="b">Two vectors of columns; all of them can be read.</param>
    /// <param name="rowsB">Where the rows of b lie.</param>
    [SkipLocalsInit]
    public void Tile<V, R>(int i, int height, int j, int columns, int p, int depth, float* packedA, float* b, R rowsB)
        where V : struct, ISimd<V> where R : struct, IRows
    {
        int width = 2 * V.Count, rows = Math.Min(height, M - i);
        float* c = C + (long)i * Stride + j;
        bool add = Add || p > 0;
        if (p == 0 && HasBias)
        {
            PutBias(c, i, rows, j, columns);
            add = true;
        }
        if (rows == height && columns == width)
        {
            RegisterTile.Run<V, R>(height, rowsB, depth, packedA, b, b + V.Count, c, c + V.Count, Stride, add);
            return;
        }
        // At the edges the same tile goes through a full-sized copy of the results.
        float* room = stackalloc float[12 * 32];
        if (add)
        {
            SimdMemory.Clean(room, height * width);
            Copy<V>(c, Stride, room, width, rows, columns);
        }
        RegisterTile.Run<V, R>(height, rowsB, depth, packedA, b, b + V.Count, room, room + V.Count, width, add);
        Copy<V>(room, width, c, Stride, rows, columns);
    }

    private void PutBias(float* c, int i, int rows, int j, int columns)
    {
        for (int r = 0; r < rows; r++, c += Stride)
        {
            float row = RowBias == null ? 0 : RowBias[i + r];
            for (int q = 0; q < columns; q++) c[q] = (Add ? c[q] : 0) + row + (ColumnBias == null ? 0 : ColumnBias[j + q]);
        }
    }

    private static void Copy<V>(float* from, int fromStride, float* to, int toStride, int rows, int columns) where V : struct, ISimd<V>
    {
        int second = Math.Min(V.Count, columns / V.Count * V.Count), some = columns - second; // the part of a vector, and where it begins
        for (int r = 0; r < rows; r++, from += fromStride, to += toStride)
        {
            if (second > 0) V.Store(V.Load(ref *from), ref *to);
            SimdMemory.Store(SimdMemory.Load<V>(from + second, some), to + second, some);
        }
    }
}
