using System.Numerics.Tensors;
using Rindoku.Ops;

namespace Rindoku.Uncertainty;

/// <summary>
/// All of H, by the rows G of which it is <c>Gᵀ G</c>: for fewer rows than parameters (Woodbury's form),
/// <c>det(s H + D) / det D = det(I + s G D⁻¹ Gᵀ)</c>.
/// </summary>
internal sealed class DualCurvature(ParameterLayout layout) : LaplaceCurvature
{
    private readonly List<double[]> rows = [];
    private readonly Dictionary<int, double[]> grams = [];
    private double[]? eigenvalues;

    private bool HasOwnPrecisions => layout.Groups == layout.Count;

    public override void Add(TracedBatch batch, IEnumerable<Tensor> directions)
    {
        foreach (Tensor direction in directions)
        {
            using MemoryScope scope = MemoryScope.Open();
            Add(batch.ParameterGradients(direction).Span);
        }
    }

    /// <summary>Adds rows of P numbers.</summary>
    internal void Add(ReadOnlySpan<float> more)
    {
        for (int r = 0; r < more.Length; r += layout.Count)
        {
            double[] row = new double[layout.Count];
            TensorPrimitives.ConvertTruncating(more.Slice(r, row.Length), row);
            rows.Add(row);
        }
    }

    public override (double LogRatio, double[] Effective) Evaluate(double scale, double[] precisions)
    {
        if (precisions.Length == 1) return Spectrum.Evaluate(eigenvalues ??= Spectrum.Of(Gram(..layout.Count), rows.Count), scale / precisions[0]);
        PositiveDefinite inner = Inner(scale, precisions);
        return (inner.LogDeterminant, HasOwnPrecisions ? OfParameters(inner, scale, precisions) : OfGroups(inner, scale, precisions));
    }

    public override Tensor Covariance(Tensor jacobians, double scale, double[] precisions)
    {
        double[] delta = layout.Spread(precisions);
        PositiveDefinite inner = Inner(scale, precisions);
        Tensor byPrior = jacobians * Tensor.Generate([layout.Count], p => (float)(1 / delta[p]));
        Tensor prior = byPrior.MatMul(jacobians, transposeB: true);
        float[] whitened = new float[checked(jacobians.Shape.Count(..2) * rows.Count)];
        double[] row = new double[layout.Count], known = new double[rows.Count];
        for (int r = 0; r < jacobians.Shape.Count(..2); r++)
        {
            TensorPrimitives.ConvertTruncating(byPrior.Span.Slice(r * row.Length, row.Length), row);
            for (int i = 0; i < known.Length; i++) known[i] = Math.Sqrt(scale) * TensorPrimitives.Dot<double>(row, rows[i]);
            inner.Whiten(known);
            TensorPrimitives.ConvertTruncating<double, float>(known, whitened.AsSpan(r * known.Length, known.Length));
        }
        Tensor learned = Tensor.Own(whitened, jacobians.Shape.With(-1, rows.Count));
        return prior - learned.MatMul(learned, transposeB: true);
    }

    // γ of a group is tr(M⁻¹ s K_g / δ_g), K_g the products of the rows over its parameters.
    private double[] OfGroups(PositiveDefinite inner, double scale, double[] precisions)
    {
        double[] inverse = inner.Inverse();
        return [.. layout.GroupRanges.Select((range, g) => scale / precisions[g] * TensorPrimitives.Dot<double>(inverse, GroupGram(g, range)))];
    }

    private double[] OfParameters(PositiveDefinite inner, double scale, double[] precisions)
    {
        double[] effective = new double[layout.Count], column = new double[rows.Count];
        for (int p = 0; p < effective.Length; p++)
        {
            for (int i = 0; i < column.Length; i++) column[i] = rows[i][p];
            inner.Whiten(column);
            effective[p] = scale / precisions[p] * TensorPrimitives.SumOfSquares<double>(column);
        }
        return effective;
    }

    // M = I + s Σ K_g / δ_g. With a precision for each parameter no products can be kept, and the sum is taken anew.
    private PositiveDefinite Inner(double scale, double[] precisions)
    {
        int n = rows.Count;
        double[] sum = HasOwnPrecisions ? Weighted(scale, precisions) : new double[n * n];
        if (!HasOwnPrecisions)
            for (int g = 0; g < precisions.Length; g++)
                TensorPrimitives.MultiplyAdd(GroupGram(g, layout.GroupRanges[g]), scale / precisions[g], sum, sum);
        for (int i = 0; i < n; i++) sum[i * n + i]++;
        return new PositiveDefinite(sum, n);
    }

    private double[] Weighted(double scale, double[] precisions)
    {
        int n = rows.Count;
        double[] sum = new double[n * n], weighted = new double[layout.Count];
        for (int i = 0; i < n; i++)
        {
            TensorPrimitives.Divide(rows[i], precisions, weighted);
            for (int j = 0; j <= i; j++) sum[i * n + j] = scale * TensorPrimitives.Dot<double>(weighted, rows[j]);
        }
        return sum;
    }

    private double[] GroupGram(int group, Range range) => grams.TryGetValue(group, out double[]? known) ? known : grams[group] = Gram(range);

    private double[] Gram(Range parameters)
    {
        int n = rows.Count;
        double[] products = new double[n * n];
        for (int i = 0; i < n; i++)
            for (int j = 0; j <= i; j++)
                products[i * n + j] = products[j * n + i] = TensorPrimitives.Dot<double>(rows[i].AsSpan(parameters), rows[j].AsSpan(parameters));
        return products;
    }
}
