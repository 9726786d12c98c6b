namespace Rindoku.Kernels;

/// <summary>Runs a routine on every matrix of a batch, in double precision.</summary>
/// <remarks>Deterministic: every matrix is worked on alone, by one thread. Aliasing: results may not be the sources.</remarks>
internal static unsafe class MatrixBatch
{
    /// <summary>A result of <see cref="Cholesky"/> and the like when no matrix failed.</summary>
    public static readonly (int Batch, int Pivot) Fine = (-1, -1);

    // A task should take some microseconds at least: about this many multiplications.
    private const double GrainWork = 20_000;

    /// <summary>The lower Cholesky factors of (batch, n, n), from the lower triangles; zeros above the diagonal.</summary>
    /// <returns>The first matrix that is not positive definite and the pivot that showed it, or <see cref="Fine"/>.</returns>
    public static (int Batch, int Pivot) Cholesky(ReadOnlySpan<float> a, Span<float> l, int n)
    {
        int[] pivots = new int[Count(a.Length, n * n)];
        fixed (float* pa = a, pl = l)
        {
            float* x = pa, y = pl;
            Run(pivots.Length, (double)n * n * n / 3, b =>
            {
                double[] m = Load(x + (long)b * n * n, n * n);
                pivots[b] = Factorization.Cholesky(m, n);
                Store(m, y + (long)b * n * n);
            });
        }
        return FirstFailure(pivots);
    }

    /// <summary>Solves <c>A X = B</c> for triangular A (batch, n, n) and B (batch, n, k).</summary>
    /// <param name="upper">Whether A is upper triangular; the other triangle is not read.</param>
    /// <param name="transposed">Whether Aᵀ stands for A.</param>
    /// <returns>The first matrix with a zero on its diagonal, and where; or <see cref="Fine"/>.</returns>
    public static (int Batch, int Pivot) TriangularSolve(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> x, int n, int k, bool upper, bool transposed)
    {
        int[] pivots = new int[Count(a.Length, n * n)];
        fixed (float* pa = a, pb = b, px = x)
        {
            float* matrix = pa, right = pb, result = px;
            Run(pivots.Length, (double)n * n * k, i =>
            {
                double[] m = transposed ? LoadTransposed(matrix + (long)i * n * n, n, n) : Load(matrix + (long)i * n * n, n * n);
                double[] columns = LoadTransposed(right + (long)i * n * k, n, k);
                pivots[i] = Factorization.ZeroOnDiagonal(m, n);
                for (int column = 0; column < k; column++)
                    Factorization.Substitute(m, n, columns.AsSpan(column * n, n), upper != transposed, unitDiagonal: false);
                StoreTransposed(columns, result + (long)i * n * k, n, k);
            });
        }
        return FirstFailure(pivots);
    }

    /// <summary>Solves <c>A X = B</c> for square A (batch, n, n) and B (batch, n, k), by elimination with partial pivoting.</summary>
    /// <returns>The first singular matrix and the pivot that showed it, or <see cref="Fine"/>.</returns>
    public static (int Batch, int Pivot) Solve(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> x, int n, int k)
    {
        int[] pivots = new int[Count(a.Length, n * n)];
        fixed (float* pa = a, pb = b, px = x)
        {
            float* matrix = pa, right = pb, result = px;
            Run(pivots.Length, (double)n * n * n * 2 / 3 + (double)n * n * k, i =>
            {
                double[] m = Load(matrix + (long)i * n * n, n * n);
                double[] columns = LoadTransposed(right + (long)i * n * k, n, k);
                int[] order = new int[n];
                pivots[i] = Factorization.Lu(m, n, order, out _);
                for (int column = 0; column < k; column++) Factorization.SolveLu(m, n, order, columns.AsSpan(column * n, n));
                StoreTransposed(columns, result + (long)i * n * k, n, k);
            });
        }
        return FirstFailure(pivots);
    }

    /// <summary>The sign (-1, 0 or 1) and the logarithm of the absolute value of each determinant.</summary>
    public static void LogDeterminant(ReadOnlySpan<float> a, Span<double> sign, Span<double> logarithm, int n)
    {
        fixed (float* pa = a)
        fixed (double* ps = sign, pl = logarithm)
        {
            float* matrix = pa;
            double* s = ps, l = pl;
            Run(sign.Length, (double)n * n * n * 2 / 3, i =>
            {
                double[] m = Load(matrix + (long)i * n * n, n * n);
                Factorization.Lu(m, n, new int[n], out int swaps);
                s[i] = swaps % 2 == 0 ? 1 : -1;
                l[i] = 0;
                for (int k = 0; k < n; k++)
                {
                    double pivot = m[k * n + k];
                    s[i] = pivot == 0 ? 0 : s[i] * (pivot / Math.Abs(pivot)); // NaN stays NaN
                    l[i] += Math.Log(Math.Abs(pivot));
                }
            });
        }
    }

    /// <summary>Eigenvalues (batch, n), ascending, and eigenvectors (batch, n, n) in columns, from the lower triangles.</summary>
    /// <returns>The first matrix for which the iteration did not come to an end (NaN or infinity in it), or <see cref="Fine"/>.</returns>
    public static (int Batch, int Pivot) SymmetricEigen(ReadOnlySpan<float> a, Span<float> values, Span<float> vectors, int n)
    {
        int[] failures = new int[Count(a.Length, n * n)];
        fixed (float* pa = a, pe = values, pv = vectors)
        {
            float* x = pa, e = pe, v = pv;
            Run(failures.Length, 9.0 * n * n * n, b =>
            {
                double[] m = Load(x + (long)b * n * n, n * n);
                double[] found = new double[n], rows = new double[n * n];
                failures[b] = EigenSolver.Symmetric(m, n, found, rows) ? -1 : 0;
                Store(found, e + (long)b * n);
                StoreTransposed(rows, v + (long)b * n * n, n, n);
            });
        }
        return FirstFailure(failures);
    }

    /// <summary>Thin singular value decompositions of (batch, m, n): U (batch, m, k), values (batch, k), descending, V (batch, n, k).</summary>
    /// <returns>The first matrix for which the iteration did not come to an end (NaN or infinity in it), or <see cref="Fine"/>.</returns>
    public static (int Batch, int Pivot) Svd(ReadOnlySpan<float> a, Span<float> u, Span<float> values, Span<float> v, int m, int n)
    {
        int k = Math.Min(m, n);
        int[] failures = new int[Count(a.Length, m * n)];
        fixed (float* pa = a, pu = u, ps = values, pv = v)
        {
            float* x = pa, left = pu, s = ps, right = pv;
            Run(failures.Length, 20.0 * m * n * k, b =>
            {
                // One-sided rotations work on the shorter side's vectors: the columns of a tall matrix, the rows of a wide one.
                bool tall = m >= n;
                double[] rows = tall ? LoadTransposed(x + (long)b * m * n, m, n) : Load(x + (long)b * m * n, m * n);
                double[] found = new double[k], turns = new double[k * k];
                failures[b] = EigenSolver.Svd(rows, k, Math.Max(m, n), found, turns) ? -1 : 0;
                StoreTransposed(tall ? rows : turns, left + (long)b * m * k, m, k);
                Store(found, s + (long)b * k);
                StoreTransposed(tall ? turns : rows, right + (long)b * n * k, n, k);
            });
        }
        return FirstFailure(failures);
    }

    private static void Run(int count, double work, Action<int> body)
    {
        int grain = (int)Math.Clamp(GrainWork / Math.Max(1, work), 1, 1024);
        Threads.RunChunks(count, grain, (from, to) =>
        {
            for (int i = from; i < to; i++) body(i);
        });
    }

    private static int Count(int length, int size) => size == 0 ? 0 : length / size;

    private static (int Batch, int Pivot) FirstFailure(int[] pivots)
    {
        int batch = Array.FindIndex(pivots, pivot => pivot >= 0);
        return batch < 0 ? Fine : (batch, pivots[batch]);
    }

    private static double[] Load(float* source, int count)
    {
        double[] m = new double[count];
        for (int i = 0; i < count; i++) m[i] = source[i];
        return m;
    }

    private static void Store(double[] m, float* destination)
    {
        for (int i = 0; i < m.Length; i++) destination[i] = (float)m[i];
    }

    /// <summary>The transpose of a (rows, columns) matrix.</summary>
    private static double[] LoadTransposed(float* source, int rows, int columns)
    {
        double[] m = new double[rows * columns];
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < columns; j++) m[j * rows + i] = source[i * columns + j];
        return m;
    }

    /// <summary>Writes a (columns, rows) matrix as its (rows, columns) transpose.</summary>
    private static void StoreTransposed(double[] m, float* destination, int rows, int columns)
    {
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < columns; j++) destination[i * columns + j] = (float)m[j * rows + i];
    }
}
