using System.Numerics.Tensors;
using Rindoku.Kernels;
using Rindoku.Ops;

namespace Rindoku.Uncertainty;

/// <summary>All of H, as a matrix of parameters: for more rows than parameters.</summary>
internal sealed class FullCurvature(ParameterLayout layout) : LaplaceCurvature
{
    private readonly double[] matrix = new double[checked(layout.Count * layout.Count)]; // the lower triangle
    private double[]? eigenvalues;

    public override void Add(TracedBatch batch, IEnumerable<Tensor> directions)
    {
        foreach (Tensor direction in directions)
        {
            using MemoryScope scope = MemoryScope.Open();
            Add(batch.ParameterGradients(direction).Span);
        }
    }

    /// <summary>Adds the outer products of rows of P numbers.</summary>
    internal void Add(ReadOnlySpan<float> rows)
    {
        int n = layout.Count;
        double[] row = new double[n];
        for (int r = 0; r < rows.Length; r += n)
        {
            TensorPrimitives.ConvertTruncating(rows.Slice(r, n), row);
            for (int i = 0; i < n; i++)
                if (row[i] != 0) TensorPrimitives.MultiplyAdd(row.AsSpan(..(i + 1)), row[i], matrix.AsSpan(i * n, i + 1), matrix.AsSpan(i * n, i + 1));
        }
    }

    public override (double LogRatio, double[] Effective) Evaluate(double scale, double[] precisions)
    {
        if (precisions.Length == 1) return Spectrum.Evaluate(eigenvalues ??= Spectrum.Of(matrix, layout.Count), scale / precisions[0]);
        double[] delta = layout.Spread(precisions);
        PositiveDefinite posterior = Posterior(scale, delta);
        double[] variances = posterior.InverseDiagonal();
        double prior = delta.Sum(Math.Log);
        for (int i = 0; i < variances.Length; i++) variances[i] = 1 - delta[i] * variances[i];
        return (posterior.LogDeterminant - prior, layout.Gather(variances));
    }

    public override Tensor Covariance(Tensor jacobians, double scale, double[] precisions)
    {
        PositiveDefinite posterior = Posterior(scale, layout.Spread(precisions));
        float[] whitened = new float[jacobians.Length];
        double[] row = new double[layout.Count];
        for (int r = 0; r < whitened.Length; r += row.Length)
        {
            TensorPrimitives.ConvertTruncating(jacobians.Span.Slice(r, row.Length), row);
            posterior.Whiten(row);
            TensorPrimitives.ConvertTruncating<double, float>(row, whitened.AsSpan(r, row.Length));
        }
        Tensor root = Tensor.Own(whitened, jacobians.Shape);
        return root.MatMul(root, transposeB: true);
    }

    private PositiveDefinite Posterior(double scale, double[] delta)
    {
        double[] sum = new double[matrix.Length];
        TensorPrimitives.Multiply(matrix, scale, sum);
        for (int i = 0; i < delta.Length; i++) sum[i * delta.Length + i] += delta[i];
        return new PositiveDefinite(sum, layout.Count);
    }
}

/// <summary>The evidence of one precision for all parameters needs eigenvalues alone, and they need to be found only once.</summary>
internal static class Spectrum
{
    public static double[] Of(double[] matrix, int n)
    {
        double[] values = new double[n];
        if (!EigenSolver.Symmetric([.. matrix], n, values, new double[n * n]))
            throw LinearAlgebraException.About("Laplace", [n, n], 0, "of the curvature holds NaN or infinity: is a weight or an input not finite?");
        return [.. values.Select(value => Math.Max(0, value))];
    }

    public static (double LogRatio, double[] Effective) Evaluate(double[] eigenvalues, double relative) =>
        (eigenvalues.Sum(value => Math.Log(1 + relative * value)), [eigenvalues.Sum(value => relative * value / (1 + relative * value))]);
}
