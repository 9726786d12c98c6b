using System.Numerics.Tensors;

namespace Rindoku.Kernels;

/// <summary>Eigenvalues of a symmetric matrix and singular values of any, in double precision.</summary>
/// <remarks>
/// Symmetric: Householder's reduction to three diagonals, then the QL iteration with implicit shifts (Golub and Van Loan, Matrix
/// Computations, sections 8.3). Singular values: one-sided Jacobi rotations (Hestenes 1958), accurate for small values too.
/// </remarks>
internal static class EigenSolver
{
    private const int MostIterations = 60;

    /// <summary>Eigenvalues, ascending, and eigenvectors as rows; overwrites a, of which the lower triangle counts.</summary>
    /// <returns>Whether the iteration came to an end; it does unless there is a NaN or an infinity.</returns>
    public static bool Symmetric(Span<double> a, int n, Span<double> values, Span<double> vectors)
    {
        for (int i = 0; i < n; i++)
            for (int j = 0; j < i; j++) a[j * n + i] = a[i * n + j];
        double[] beside = new double[n];
        Tridiagonalize(a, n, values, beside, vectors);
        bool ended = ImplicitQl(values, beside, vectors, n);
        SortRows(values, vectors, n, n, null, descending: false);
        for (int i = 0; i < n; i++) FixSign(vectors.Slice(i * n, n), []);
        return ended;
    }

    /// <summary>Thin singular value decomposition of the matrix with the given k rows of some length, k at most the length.</summary>
    /// <param name="rows">The matrix Wᵀ (k, length); becomes the left singular vectors of W as rows.</param>
    /// <param name="values">The singular values, descending.</param>
    /// <param name="turns">The right singular vectors of W, (k, k), as rows.</param>
    /// <returns>Whether the iteration came to an end; it does unless there is a NaN or an infinity.</returns>
    public static bool Svd(Span<double> rows, int k, int length, Span<double> values, Span<double> turns)
    {
        turns.Clear();
        for (int i = 0; i < k; i++) turns[i * k + i] = 1;
        bool ended = false;
        for (int sweep = 0; sweep < MostIterations && !ended; sweep++)
        {
            ended = true;
            for (int p = 0; p < k - 1; p++)
                for (int q = p + 1; q < k; q++)
                    if (MakeOrthogonal(rows.Slice(p * length, length), rows.Slice(q * length, length), turns.Slice(p * k, k), turns.Slice(q * k, k)))
                        ended = false;
        }
        for (int i = 0; i < k; i++) values[i] = TensorPrimitives.Norm(rows.Slice(i * length, length));
        SortRows(values, rows, k, length, turns, descending: true);
        Normalize(rows, values, k, length);
        for (int i = 0; i < k; i++) FixSign(rows.Slice(i * length, length), turns.Slice(i * k, k));
        return ended;
    }

    // Turns two vectors in their plane until they are at right angles; the same turn goes to (a, b).
    private static bool MakeOrthogonal(Span<double> x, Span<double> y, Span<double> a, Span<double> b)
    {
        double xx = TensorPrimitives.Dot(x, x), yy = TensorPrimitives.Dot(y, y), xy = TensorPrimitives.Dot(x, y);
        if (Math.Abs(xy) <= 1e-15 * Math.Sqrt(xx * yy)) return false;
        double zeta = (yy - xx) / (2 * xy);
        double t = Math.CopySign(1, zeta) / (Math.Abs(zeta) + Math.Sqrt(1 + zeta * zeta));
        double cosine = 1 / Math.Sqrt(1 + t * t);
        Rotate(x, y, cosine, cosine * t);
        Rotate(a, b, cosine, cosine * t);
        return true;
    }

    // (x, y) becomes (c x - s y, s x + c y).
    private static void Rotate(Span<double> x, Span<double> y, double c, double s)
    {
        for (int i = 0; i < x.Length; i++)
        {
            double a = x[i], b = y[i];
            x[i] = c * a - s * b;
            y[i] = s * a + c * b;
        }
    }

    // Vectors of singular values that are zero next to the largest carry no direction: any that complete the others will do.
    private static void Normalize(Span<double> rows, Span<double> values, int k, int length)
    {
        double tiny = k == 0 ? 0 : length * Factorization.Rounding * values[0];
        int next = 0;
        for (int i = 0; i < k; i++)
        {
            Span<double> row = rows.Slice(i * length, length);
            if (values[i] > tiny)
            {
                TensorPrimitives.Divide(row, values[i], row);
                continue;
            }
            double left;
            do
            {
                row.Clear();
                row[next++ % length] = 1;
                for (int pass = 0; pass < 2; pass++) // the second pass removes what rounding left of the first
                    for (int j = 0; j < i; j++)
                    {
                        ReadOnlySpan<double> other = rows.Slice(j * length, length);
                        TensorPrimitives.MultiplyAdd(other, -TensorPrimitives.Dot(row, other), row, row);
                    }
                left = TensorPrimitives.Norm<double>(row);
            }
            while (left < 0.5 / Math.Sqrt(length) && next < 2 * length);
            TensorPrimitives.Divide(row, left, row);
        }
    }

    // A = Q T Qᵀ with T of diagonals values (middle) and beside[0 .. n-2]; z becomes Qᵀ. The reflections stay in a's rows meanwhile.
    private static void Tridiagonalize(Span<double> a, int n, Span<double> values, Span<double> beside, Span<double> z)
    {
        double[] betas = new double[n], p = new double[n];
        for (int k = 0; k < n - 1; k++)
        {
            int size = n - k - 1;
            Span<double> v = a.Slice(k * n + k + 1, size), w = p.AsSpan(0, size);
            (beside[k], betas[k]) = Reflect(v);
            if (betas[k] == 0) continue;
            for (int i = 0; i < size; i++) w[i] = betas[k] * TensorPrimitives.Dot<double>(a.Slice((k + 1 + i) * n + k + 1, size), v);
            TensorPrimitives.MultiplyAdd(v, -0.5 * betas[k] * TensorPrimitives.Dot<double>(w, v), w, w);
            for (int i = 0; i < size; i++)
            {
                Span<double> row = a.Slice((k + 1 + i) * n + k + 1, size);
                TensorPrimitives.MultiplyAdd(w, -v[i], row, row);
                TensorPrimitives.MultiplyAdd(v, -w[i], row, row);
            }
        }
        z.Clear();
        for (int i = 0; i < n; i++)
        {
            values[i] = a[i * n + i];
            z[i * n + i] = 1;
        }
        for (int k = n - 2; k >= 0; k--)
        {
            int size = n - k - 1;
            ReadOnlySpan<double> v = a.Slice(k * n + k + 1, size);
            for (int i = k + 1; i < n; i++)
            {
                Span<double> row = z.Slice(i * n + k + 1, size);
                TensorPrimitives.MultiplyAdd(v, -betas[k] * TensorPrimitives.Dot(row, v), row, row);
            }
        }
    }

    // Householder: (I - beta v vᵀ) x = (alpha, 0, ..., 0); v takes x's place.
    private static (double Alpha, double Beta) Reflect(Span<double> x)
    {
        double norm = TensorPrimitives.Norm<double>(x);
        if (norm == 0) return (0, 0);
        double alpha = -Math.CopySign(norm, x[0]);
        x[0] -= alpha;
        return (alpha, 2 / TensorPrimitives.Dot<double>(x, x));
    }

    private static bool ImplicitQl(Span<double> d, Span<double> e, Span<double> z, int n)
    {
        // Rotations leave rounding errors of the largest values everywhere: beside values that are all rounding, as in a matrix of low rank, what
        // is as small beside the largest counts as zero, too.
        double largest = 0;
        for (int i = 0; i < n; i++) largest = Math.Max(largest, Math.Abs(d[i]) + (i < n - 1 ? Math.Abs(e[i]) : 0));
        for (int l = 0; l < n; l++)
        {
            for (int iteration = 0; ; iteration++)
            {
                int m = l;
                while (m < n - 1 && !(Math.Abs(e[m]) <= Factorization.Rounding * largest)) m++;
                if (m == l) break;
                if (iteration == MostIterations) return false;
                QlStep(d, e, z, n, l, m);
            }
        }
        return true;
    }

    // One implicit shift chased from m up to l by plane rotations.
    private static void QlStep(Span<double> d, Span<double> e, Span<double> z, int n, int l, int m)
    {
        double g = (d[l + 1] - d[l]) / (2 * e[l]);
        g = d[m] - d[l] + e[l] / (g + Math.CopySign(double.Hypot(g, 1), g));
        double s = 1, c = 1, p = 0;
        for (int i = m - 1; i >= l; i--)
        {
            double f = s * e[i], b = c * e[i], r = double.Hypot(f, g);
            e[i + 1] = r;
            if (r == 0)
            {
                d[i + 1] -= p;
                e[m] = 0;
                return;
            }
            (s, c) = (f / r, g / r);
            g = d[i + 1] - p;
            r = (d[i] - g) * s + 2 * c * b;
            p = s * r;
            d[i + 1] = g + p;
            g = c * r - b;
            Rotate(z.Slice(i * n, n), z.Slice((i + 1) * n, n), c, s);
        }
        d[l] -= p;
        e[l] = g;
        e[m] = 0;
    }

    private static void SortRows(Span<double> values, Span<double> rows, int n, int length, Span<double> others, bool descending)
    {
        int[] order = [.. Enumerable.Range(0, n)];
        double[] before = values[..n].ToArray();
        Array.Sort(order, (i, j) => before[i] != before[j] ? (descending ? before[j].CompareTo(before[i]) : before[i].CompareTo(before[j])) : i - j);
        Reorder(values, 1, order);
        Reorder(rows, length, order);
        if (!others.IsEmpty) Reorder(others, n, order);
    }

    private static void Reorder(Span<double> rows, int length, int[] order)
    {
        double[] before = rows.ToArray();
        for (int i = 0; i < order.Length; i++) before.AsSpan(order[i] * length, length).CopyTo(rows[(i * length)..]);
    }

    // Vectors are found up to their sign: the number of largest magnitude is made positive, so that results are repeatable.
    private static void FixSign(Span<double> vector, Span<double> partner)
    {
        if (vector[TensorPrimitives.IndexOfMaxMagnitude<double>(vector)] >= 0) return;
        TensorPrimitives.Negate(vector, vector);
        TensorPrimitives.Negate(partner, partner);
    }
}
