using Rindoku.Autograd;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>Matrix product: <c>y = op(a) · op(b)</c>, where op may transpose; axes before the last two are batches, and broadcast.</summary>
    /// <param name="a">(*, M, K), or (*, K, M) when transposed; (K) stands for a row, which leaves the result.</param>
    /// <param name="b">(*, K, N), or (*, N, K) when transposed; (K) stands for a column, which leaves the result.</param>
    /// <param name="transposeA">Whether the last two axes of a are swapped first.</param>
    /// <param name="transposeB">Whether the last two axes of b are swapped first.</param>
    /// <returns>(*, M, N).</returns>
    /// <exception cref="ShapeException">The inner sizes differ, the batches do not broadcast, or one operand is a scalar.</exception>
    /// <remarks>A transposed operand costs nothing: the kernel reads it as it is. An operand of one axis cannot be transposed.</remarks>
    public static Tensor MatMul(this Tensor a, Tensor b, bool transposeA = false, bool transposeB = false)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        ShapeException.Require(a.Rank > 0 && b.Rank > 0, $"MatMul: {a.Shape} x {b.Shape}: both need at least one axis; multiply by a scalar with *");
        ShapeException.Require(!(transposeA && a.Rank == 1) && !(transposeB && b.Rank == 1),
            $"MatMul: {a.Shape} x {b.Shape}: an operand of one axis cannot be transposed");
        int innerA = a.Rank == 1 || !transposeA ? a.Shape[^1] : a.Shape[^2], innerB = b.Rank == 1 || transposeB ? b.Shape[^1] : b.Shape[^2];
        ShapeException.Require(innerA == innerB, $"MatMul: {Text(a, transposeA)} x {Text(b, transposeB)}: inner sizes {innerA} and {innerB} differ");

        if (a.Rank == 1) return WithoutAxis(MatMul(a.Reshape(1, a.Length), b, false, transposeB), b.Rank == 1 ? -1 : -2);
        if (b.Rank == 1) return WithoutAxis(MatMul(a, b.Reshape(b.Length, 1), transposeA, false), -1);
        if (a.Rank > 2 && b.Rank == 2 && !transposeA) // all rows of all batches at once
            return MatMul(a.Reshape(a.Shape.Count(..^1), innerA), b, false, transposeB).Reshape(a.Shape.With(-1, b.Shape[transposeB ? 0 : 1]));
        return MatrixProduct(a, b, transposeA, transposeB);

        static string Text(Tensor t, bool transposed) => transposed ? $"transposed {t.Shape}" : t.Shape.ToString();
        static Tensor WithoutAxis(Tensor y, int axis) => y.Reshape(y.Shape.Without(axis));
    }

    /// <summary>Affine map of the last axis: <c>y = x · Wᵀ + b</c>.</summary>
    /// <param name="x">(*, In).</param>
    /// <param name="weight">W, (Out, In).</param>
    /// <param name="bias">b, (Out), or null for none.</param>
    /// <returns>(*, Out).</returns>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    public static Tensor Linear(this Tensor x, Tensor weight, Tensor? bias = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(weight);
        ShapeException.Require(weight.Rank == 2, $"Linear: the weight must be (out, in), got {weight.Shape}");
        (int outputs, int inputs) = (weight.Shape[0], weight.Shape[1]);
        ShapeException.Require(x.Rank > 0 && x.Shape[^1] == inputs, $"Linear: x {x.Shape} with weight {weight.Shape}: the last axis of x must be {inputs}");
        ShapeException.Require(bias is null || (bias.Rank == 1 && bias.Length == outputs),
            $"Linear: weight {weight.Shape} needs a bias of ({outputs}), got {bias?.Shape}");
        if (bias is null) return x.MatMul(weight, transposeB: true);

        Tensor rows = x.Reshape(x.Shape.Count(..^1), inputs);
        Tensor y = Tensor.Uninitialized([rows.Shape[0], outputs]);
        Gemm.Multiply(rows.Shape[0], outputs, inputs, rows.Span, false, weight.Span, true, y.Writable, bias.Span);
        Tape.Record("linear", y,
            new Edge(rows, dy => dy.MatMul(weight)),
            new Edge(weight, dy => dy.MatMul(rows, transposeA: true)),
            new Edge(bias, dy => dy.SumTo(bias.Shape)));
        return y.Reshape(x.Shape.With(-1, outputs));
    }

    // Both operands have at least two axes and fit.
    private static Tensor MatrixProduct(Tensor a, Tensor b, bool transposeA, bool transposeB)
    {
        int m = a.Shape[transposeA ? ^1 : ^2], k = a.Shape[transposeA ? ^2 : ^1], n = b.Shape[transposeB ? ^2 : ^1];
        Shape batch = Shape.Broadcast(a.Shape[..^2], b.Shape[..^2], "MatMul");
        Tensor y = Tensor.Uninitialized([.. batch.Sizes, m, n]);
        if (batch.Length == 1)
            Gemm.Multiply(m, n, k, a.Span, transposeA, b.Span, transposeB, y.Writable);
        else
            Gemm.MultiplyBatch(m, n, k, a.Span, transposeA, Places(a.Shape[..^2], batch), b.Span, transposeB, Places(b.Shape[..^2], batch), y.Writable);

        // y = A B: dA = dy Bᵀ and dB = Aᵀ dy; for a transposed operand the transposes of these.
        return Tape.Record("matmul", y,
            new Edge(a, dy => (transposeA ? MatrixProduct(b, dy, transposeB, true) : MatrixProduct(dy, b, false, !transposeB)).SumTo(a.Shape)),
            new Edge(b, dy => (transposeB ? MatrixProduct(dy, a, true, transposeA) : MatrixProduct(a, dy, !transposeA, false)).SumTo(b.Shape)));
    }

    /// <summary>For each matrix of the broadcast batch the place of the one it is made from.</summary>
    private static int[] Places(Shape from, Shape batch)
    {
        int[] places = new int[batch.Length];
        if (from == batch)
        {
            for (int i = 0; i < places.Length; i++) places[i] = i;
            return places;
        }
        int[] strides = from.Strides();
        for (int i = 0; i < places.Length; i++)
        {
            int left = i;
            for (int axis = 1; axis <= batch.Rank; axis++)
            {
                (left, int at) = Math.DivRem(left, batch[^axis]);
                if (axis <= from.Rank && from[^axis] > 1) places[i] += at * strides[^axis];
            }
        }
        return places;
    }
}
