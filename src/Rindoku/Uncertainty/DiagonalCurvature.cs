using Rindoku.Ops;

namespace Rindoku.Uncertainty;

/// <summary>The diagonal h of H.</summary>
internal sealed class DiagonalCurvature(ParameterLayout layout) : LaplaceCurvature
{
    private readonly double[] diagonal = new double[layout.Count];

    public override void Add(TracedBatch batch, IEnumerable<Tensor> directions)
    {
        foreach (Tensor direction in directions)
        {
            using MemoryScope scope = MemoryScope.Open();
            ReadOnlySpan<float> squares = batch.ParameterGradients(direction).Square().Sum([0]).Span;
            for (int i = 0; i < diagonal.Length; i++) diagonal[i] += squares[i];
        }
    }

    public override (double LogRatio, double[] Effective) Evaluate(double scale, double[] precisions)
    {
        double[] delta = layout.Spread(precisions), effective = new double[diagonal.Length];
        double ratio = 0;
        for (int i = 0; i < diagonal.Length; i++)
        {
            ratio += Math.Log(1 + scale * diagonal[i] / delta[i]);
            effective[i] = scale * diagonal[i] / (scale * diagonal[i] + delta[i]);
        }
        return (ratio, layout.Gather(effective));
    }

    public override Tensor Covariance(Tensor jacobians, double scale, double[] precisions)
    {
        double[] delta = layout.Spread(precisions);
        Tensor root = jacobians * Tensor.Generate([diagonal.Length], i => (float)(1 / Math.Sqrt(scale * diagonal[i] + delta[i])));
        return root.MatMul(root, transposeB: true);
    }
}
