using System.Numerics.Tensors;
using Rindoku.Kernels;
using Rindoku.Ops;

namespace Rindoku.Uncertainty;

/// <summary>A symmetric positive definite matrix by its Cholesky factor, <c>A = L Lᵀ</c>, in double precision: evidences are differences of large numbers.</summary>
internal sealed class PositiveDefinite
{
    private readonly double[] factor;
    private readonly int n;

    /// <summary>Factorises a matrix, whose memory it takes over; the lower triangle counts.</summary>
    /// <exception cref="LinearAlgebraException">The matrix is not positive definite.</exception>
    public PositiveDefinite(double[] a, int n)
    {
        int failed = Factorization.Cholesky(a, n);
        if (failed >= 0) throw LinearAlgebraException.About("Laplace", [n, n], 0, $"of the curvature is not positive definite at pivot {failed}: is a weight or an input not finite?");
        (factor, this.n) = (a, n);
    }

    public double LogDeterminant
    {
        get
        {
            double sum = 0;
            for (int i = 0; i < n; i++) sum += Math.Log(factor[i * n + i]);
            return 2 * sum;
        }
    }

    /// <summary><c>L⁻¹ x</c>, in x's place.</summary>
    public void Whiten(Span<double> x) => Factorization.Substitute(factor, n, x, upper: false, unitDiagonal: false);

    /// <summary>A⁻¹, both triangles.</summary>
    public double[] Inverse()
    {
        double[] whitened = WhitenedUnits(), inverse = new double[n * n];
        for (int i = 0; i < n; i++)
            for (int j = 0; j <= i; j++)
                inverse[i * n + j] = inverse[j * n + i] = TensorPrimitives.Dot(Tail(whitened, i, i), Tail(whitened, j, i));
        return inverse;
    }

    /// <summary>The diagonal of A⁻¹.</summary>
    public double[] InverseDiagonal()
    {
        double[] whitened = WhitenedUnits();
        return [.. Enumerable.Range(0, n).Select(i => TensorPrimitives.SumOfSquares<double>(Tail(whitened, i, i)))];
    }

    // Row i is L⁻¹ e_i, which is zero before place i.
    private double[] WhitenedUnits()
    {
        double[] rows = new double[n * n];
        for (int i = 0; i < n; i++)
        {
            rows[i * n + i] = 1;
            Whiten(rows.AsSpan(i * n, n));
        }
        return rows;
    }

    private ReadOnlySpan<double> Tail(double[] rows, int row, int from) => rows.AsSpan(row * n + from, n - from);
}
