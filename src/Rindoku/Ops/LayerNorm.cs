using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>Layer normalisation over the last axes: <c>y = (x - mean) / √(variance + ε) · weight + bias</c>, statistics of each row.</summary>
    /// <param name="x">(*, S) where S is <paramref name="shape"/>.</param>
    /// <param name="shape">The sizes of the axes that are normalised together, at the end of x's shape.</param>
    /// <param name="weight">Scale of shape S, or null for 1.</param>
    /// <param name="bias">Shift of shape S, or null for 0.</param>
    /// <param name="epsilon">ε, added to the variance (divided by n, not n - 1).</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <exception cref="ShapeException">x does not end in <paramref name="shape"/>, that is empty, or weight or bias have another shape.</exception>
    /// <remarks>Source: Ba, Kiros and Hinton 2016, arXiv:1607.06450.</remarks>
    public static Tensor LayerNorm(this Tensor x, Shape shape, Tensor? weight = null, Tensor? bias = null, float epsilon = 1e-5f) =>
        RowNorm("LayerNorm", x, shape, weight, bias, epsilon, centre: true);

    /// <summary>Root-mean-square normalisation over the last axes: <c>y = x / √(mean(x²) + ε) · weight</c>.</summary>
    /// <param name="x">(*, S) where S is <paramref name="shape"/>.</param>
    /// <param name="shape">The sizes of the axes that are normalised together, at the end of x's shape.</param>
    /// <param name="weight">Scale of shape S, or null for 1.</param>
    /// <param name="epsilon">ε, added to the mean square.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <exception cref="ShapeException">x does not end in <paramref name="shape"/>, that is empty, or weight has another shape.</exception>
    /// <remarks>Source: Zhang and Sennrich 2019, arXiv:1910.07467.</remarks>
    public static Tensor RmsNorm(this Tensor x, Shape shape, Tensor? weight = null, float epsilon = 1e-6f) =>
        RowNorm("RmsNorm", x, shape, weight, null, epsilon, centre: false);

    private static Tensor RowNorm(string operation, Tensor x, Shape shape, Tensor? weight, Tensor? bias, float epsilon, bool centre)
    {
        ArgumentNullException.ThrowIfNull(x);
        int size = shape.Length, lead = x.Rank - shape.Rank;
        ShapeException.Require(shape.Rank > 0 && size > 0 && lead >= 0 && x.Shape[lead..] == shape,
            $"{operation}: x {x.Shape} must end in the normalised shape {shape}, which must have at least one element");
        RequireAffine(operation, x, weight, bias, shape);

        int rows = x.Length / size;
        Tensor y = Tensor.Uninitialized(x.Shape), means = Tensor.Uninitialized([rows]), rates = Tensor.Uninitialized([rows]);
        RowKernel.Forward(x.Span, SpanOf(weight), SpanOf(bias), y.Writable, means.Writable, rates.Writable, size, epsilon, centre);
        return RecordNormalization(operation, y, x, weight, bias, [rows, size], [1], [size], epsilon, centre, (dy, wanted) =>
        {
            Tensor? dx = wanted[0] ? Tensor.Uninitialized(x.Shape) : null;
            bool affine = wanted[1] || wanted[2];
            Tensor? dweight = affine ? Tensor.Uninitialized(shape) : null, dbias = affine ? Tensor.Uninitialized(shape) : null;
            RowKernel.Backward(dy.Span, x.Span, SpanOf(weight), means.Span, rates.Span, WritableOf(dx), WritableOf(dweight), WritableOf(dbias), size, centre);
            return [dx, dweight, dbias];
        });
    }

    private static ReadOnlySpan<float> SpanOf(Tensor? tensor) => tensor is null ? default : tensor.Span;

    private static Span<float> WritableOf(Tensor? tensor) => tensor is null ? default : tensor.Writable;
}
