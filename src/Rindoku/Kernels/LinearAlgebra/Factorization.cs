using System.Numerics.Tensors;

namespace Rindoku.Kernels;

/// <summary>Triangular factors of one square matrix and solutions by them, in double precision, row-major, in place.</summary>
/// <remarks>Everything is dot products and multiples of whole rows, which are contiguous.</remarks>
internal static class Factorization
{
    /// <summary>The distance from 1 to the next double: 2^-52.</summary>
    public const double Rounding = 2.220446049250313e-16;

    /// <summary>Puts the lower Cholesky factor in place of a; reads the lower triangle, clears the upper.</summary>
    /// <returns>-1, or the first pivot that is not positive.</returns>
    public static int Cholesky(Span<double> a, int n)
    {
        int failed = -1;
        for (int i = 0; i < n && failed < 0; i++)
        {
            Span<double> row = a.Slice(i * n, n);
            for (int j = 0; j < i; j++)
                row[j] = (row[j] - TensorPrimitives.Dot(row[..j], a.Slice(j * n, j))) / a[j * n + j];
            double square = row[i] - TensorPrimitives.Dot(row[..i], row[..i]);
            if (!(square > 0) || double.IsInfinity(square)) failed = i;
            row[i] = Math.Sqrt(square);
        }
        for (int i = 0; i < n; i++) a.Slice(i * n + i + 1, n - i - 1).Clear();
        return failed;
    }

    /// <summary>Puts <c>P A = L U</c> in place of a: U on and above the diagonal, L (with ones on its diagonal) below.</summary>
    /// <param name="order">Row i of the factors is row <c>order[i]</c> of a.</param>
    /// <param name="swaps">How often rows were exchanged.</param>
    /// <returns>-1, or the first pivot that is zero next to the rounding of the matrix's largest number.</returns>
    public static int Lu(Span<double> a, int n, Span<int> order, out int swaps)
    {
        double tiny = n == 0 ? 0 : n * Rounding * Math.Abs(TensorPrimitives.MaxMagnitude<double>(a));
        int failed = -1;
        swaps = 0;
        for (int i = 0; i < n; i++) order[i] = i;
        for (int k = 0; k < n; k++)
        {
            int best = k;
            for (int i = k + 1; i < n; i++)
                if (Math.Abs(a[i * n + k]) > Math.Abs(a[best * n + k])) best = i;
            if (best != k)
            {
                SwapRows(a, n, k, best);
                (order[k], order[best]) = (order[best], order[k]);
                swaps++;
            }
            double pivot = a[k * n + k];
            if (failed < 0 && !(Math.Abs(pivot) > tiny)) failed = k;
            if (pivot == 0) continue;
            ReadOnlySpan<double> top = a.Slice(k * n + k + 1, n - k - 1);
            for (int i = k + 1; i < n; i++)
            {
                double factor = a[i * n + k] / pivot;
                a[i * n + k] = factor;
                Span<double> row = a.Slice(i * n + k + 1, n - k - 1);
                if (factor != 0) TensorPrimitives.MultiplyAdd(top, -factor, row, row);
            }
        }
        return failed;
    }

    /// <summary>Solves <c>A x = b</c> by the factors of <see cref="Lu"/>; x takes b's place.</summary>
    public static void SolveLu(ReadOnlySpan<double> factors, int n, ReadOnlySpan<int> order, Span<double> x)
    {
        double[] permuted = new double[n];
        for (int i = 0; i < n; i++) permuted[i] = x[order[i]];
        permuted.CopyTo(x);
        Substitute(factors, n, x, upper: false, unitDiagonal: true);
        Substitute(factors, n, x, upper: true, unitDiagonal: false);
    }

    /// <summary>Solves <c>T x = b</c> for one triangle of a; x takes b's place.</summary>
    public static void Substitute(ReadOnlySpan<double> a, int n, Span<double> x, bool upper, bool unitDiagonal)
    {
        for (int step = 0; step < n; step++)
        {
            int i = upper ? n - 1 - step : step;
            ReadOnlySpan<double> row = upper ? a.Slice(i * n + i + 1, n - 1 - i) : a.Slice(i * n, i);
            double rest = x[i] - TensorPrimitives.Dot(row, upper ? x[(i + 1)..] : x[..i]);
            x[i] = unitDiagonal ? rest : rest / a[i * n + i];
        }
    }

    /// <summary>The first place on the diagonal that holds zero, or -1.</summary>
    public static int ZeroOnDiagonal(ReadOnlySpan<double> a, int n)
    {
        for (int i = 0; i < n; i++)
            if (a[i * n + i] == 0) return i;
        return -1;
    }

    private static void SwapRows(Span<double> a, int n, int i, int j)
    {
        Span<double> x = a.Slice(i * n, n), y = a.Slice(j * n, n);
        for (int k = 0; k < n; k++) (x[k], y[k]) = (y[k], x[k]);
    }
}
