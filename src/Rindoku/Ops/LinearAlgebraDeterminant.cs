using Rindoku.Autograd;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>Determinants of square matrices.</summary>
    /// <param name="a">A, (..., n, n).</param>
    /// <returns>(...); 1 for matrices of no size.</returns>
    /// <exception cref="ShapeException">A is not square.</exception>
    /// <remarks>
    /// By LU factors in double. Gradient: <c>dA = dy · det A · A⁻ᵀ</c>; where A is singular it throws a
    /// <see cref="LinearAlgebraException"/>. Large matrices overflow: see <see cref="LogDeterminant"/>.
    /// </remarks>
    public static Tensor Determinant(this Tensor a)
    {
        (double[] sign, double[] logarithm) = SignAndLogarithm(a, nameof(Determinant));
        Tensor y = Tensor.Generate(a.Shape[..^2], i => (float)(sign[i] * Math.Exp(logarithm[i])));
        return Tape.Record("determinant", y, new Edge(a, dy => OnMatrices(dy * y) * a.Inverse().Transpose(-2, -1)));
    }

    /// <summary>Signs and logarithms of the absolute values of determinants: <c>det A = sign · exp(logarithm)</c>.</summary>
    /// <param name="a">A, (..., n, n).</param>
    /// <returns>The signs (...), -1, 0 or 1, to which no gradient flows, and the logarithms (...); for a singular matrix 0 and -∞.</returns>
    /// <exception cref="ShapeException">A is not square.</exception>
    /// <remarks>By LU factors in double. Gradient: <c>dA = dy · A⁻ᵀ</c>; where A is singular it throws a <see cref="LinearAlgebraException"/>.</remarks>
    public static (Tensor Sign, Tensor Logarithm) LogDeterminant(this Tensor a)
    {
        (double[] sign, double[] logarithm) = SignAndLogarithm(a, nameof(LogDeterminant));
        Tensor y = Tensor.Generate(a.Shape[..^2], i => (float)logarithm[i]);
        Tape.Record("log_determinant", y, new Edge(a, dy => OnMatrices(dy) * a.Inverse().Transpose(-2, -1)));
        return (Tensor.Generate(a.Shape[..^2], i => (float)sign[i]), y);
    }

    private static (double[] Sign, double[] Logarithm) SignAndLogarithm(Tensor a, string operation)
    {
        RequireSquare(a, operation);
        int count = a.Shape.Count(..^2);
        double[] sign = new double[count], logarithm = new double[count];
        MatrixBatch.LogDeterminant(a.Span, sign, logarithm, a.Shape[^1]);
        return (sign, logarithm);
    }

    // One number for each matrix, ready to stretch over it.
    private static Tensor OnMatrices(Tensor x) => x.Reshape(Shape.Own([.. x.Shape.Sizes, 1, 1]));
}
