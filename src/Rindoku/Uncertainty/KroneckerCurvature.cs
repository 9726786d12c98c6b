using Rindoku.Autograd;
using Rindoku.Kernels;
using Rindoku.Ops;

namespace Rindoku.Uncertainty;

/// <summary>Blocks <c>B ⊗ A</c>: for each layer A of its inputs and B of the gradients by its outputs; a bias has the input 1.</summary>
/// <remarks>
/// A is the mean over positions and examples of <c>a aᵀ</c>, B the sum of <c>g gᵀ</c>. With one example at one position a block is exact.
/// Source: Martens and Grosse 2015, arXiv:1503.05671; for convolutions Grosse and Martens 2016, arXiv:1602.01407.
/// </remarks>
internal sealed class KroneckerCurvature : LaplaceCurvature
{
    private readonly ParameterLayout layout;
    private readonly double[][] inputFactors, outputFactors;
    private readonly Eigen[] inputEigen, outputEigen;
    private int examples;

    public KroneckerCurvature(ParameterLayout layout)
    {
        this.layout = layout;
        int[] ins = new int[layout.Layers.Count], outs = new int[ins.Length];
        foreach (CoveredTensor tensor in layout.Tensors) (ins[tensor.Layer], outs[tensor.Layer]) = (Math.Max(ins[tensor.Layer], tensor.Columns), tensor.Rows);
        inputFactors = [.. ins.Select(size => new double[size * size])];
        outputFactors = [.. outs.Select(size => new double[size * size])];
        (inputEigen, outputEigen) = (new Eigen[ins.Length], new Eigen[ins.Length]);
    }

    public override void Add(TracedBatch batch, IEnumerable<Tensor> directions)
    {
        examples += batch.Outputs.Shape[0];
        foreach (CoveredTensor tensor in layout.Tensors.Where(t => !t.IsBias))
        {
            Tensor a = batch.Inputs(tensor.Layer);
            AddOuterProducts(a, inputFactors[tensor.Layer], 1.0 / a.Shape[1]);
        }
        foreach (Tensor direction in directions)
        {
            using MemoryScope scope = MemoryScope.Open();
            using NoGrad noGrad = NoGrad.Enter();
            Tensor[] gradients = batch.Gradients(direction);
            for (int layer = 0; layer < gradients.Length; layer++) AddOuterProducts(gradients[layer], outputFactors[layer], 1);
        }
    }

    public override void Complete()
    {
        for (int layer = 0; layer < inputFactors.Length; layer++)
        {
            inputEigen[layer] = Eigen.Of(inputFactors[layer], 1.0 / examples);
            outputEigen[layer] = Eigen.Of(outputFactors[layer], 1);
        }
    }

    public override (double LogRatio, double[] Effective) Evaluate(double scale, double[] precisions)
    {
        double[] effective = new double[precisions.Length];
        double ratio = 0;
        for (int t = 0; t < layout.Tensors.Count; t++)
        {
            (Eigen a, Eigen b) = Of(layout.Tensors[t]);
            int group = layout.GroupOf(t);
            double relative = scale / precisions[group];
            foreach (double output in b.Values)
                foreach (double input in a.Values)
                {
                    double share = relative * output * input; // λ/δ
                    ratio += Math.Log(1 + share);
                    effective[group] += share / (1 + share);
                }
        }
        return (ratio, effective);
    }

    public override Tensor Covariance(Tensor jacobians, double scale, double[] precisions)
    {
        int rows = jacobians.Shape.Count(..2);
        List<Tensor> roots = [];
        for (int t = 0; t < layout.Tensors.Count; t++)
        {
            CoveredTensor tensor = layout.Tensors[t];
            (Eigen a, Eigen b) = Of(tensor);
            double delta = precisions[layout.GroupOf(t)];
            Tensor block = jacobians.Narrow(2, tensor.Start, tensor.Length).Reshape(rows, tensor.Rows, tensor.Columns);
            Tensor turned = b.Vectors.MatMul(block.MatMul(a.Vectors, transposeB: true));
            roots.Add((turned * Tensor.Generate([tensor.Rows, tensor.Columns],
                i => (float)(1 / Math.Sqrt(scale * b.Values[i / tensor.Columns] * a.Values[i % tensor.Columns] + delta)))).Reshape(rows, tensor.Length));
        }
        Tensor root = Tensor.Concat([.. roots], axis: 1).Reshape(jacobians.Shape);
        return root.MatMul(root, transposeB: true);
    }

    private (Eigen A, Eigen B) Of(CoveredTensor tensor) => (tensor.IsBias ? Eigen.One : inputEigen[tensor.Layer], outputEigen[tensor.Layer]);

    private static void AddOuterProducts(Tensor x, double[] sum, double weight)
    {
        using MemoryScope scope = MemoryScope.Open();
        Tensor rows = x.Reshape(x.Shape.Count(..2), x.Shape[2]);
        ReadOnlySpan<float> products = rows.MatMul(rows, transposeA: true).Span;
        for (int i = 0; i < sum.Length; i++) sum[i] += weight * products[i];
    }

    /// <summary>A symmetric matrix by its eigenvalues, none below 0, and its eigenvectors in rows.</summary>
    private sealed record Eigen(double[] Values, Tensor Vectors)
    {
        public static Eigen One { get; } = new([1], Tensor.Ones([1, 1]));

        public static Eigen Of(double[] matrix, double scale)
        {
            int n = (int)Math.Sqrt(matrix.Length);
            double[] values = new double[n], vectors = new double[n * n];
            if (!EigenSolver.Symmetric([.. matrix], n, values, vectors))
                throw LinearAlgebraException.About("Laplace", [n, n], 0, "of the curvature holds NaN or infinity: is a weight or an input not finite?");
            // Rounding leaves eigenvalues a hair below zero, which the exact matrix cannot have.
            return new Eigen([.. values.Select(value => Math.Max(0, value * scale))], Tensor.Generate([n, n], i => (float)vectors[i]).Keep());
        }
    }
}
