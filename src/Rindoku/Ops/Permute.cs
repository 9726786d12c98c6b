using Rindoku.Autograd;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>The axes in another order: axis i of the result is axis <c>axes[i]</c> of x.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="axes">Every axis once; -1 is the last.</param>
    /// <exception cref="ShapeException">The axes are not an order of x's axes.</exception>
    public static Tensor Permute(this Tensor x, params ReadOnlySpan<int> axes)
    {
        ArgumentNullException.ThrowIfNull(x);
        int[] order = Order(x.Shape, axes);
        if (IsInOrder(order)) return x;
        Shape shape = Shape.Own([.. order.Select(axis => x.Shape[axis])]);
        return Tape.Record("permute", Permuted(x, order, shape), new Edge(x, dy => dy.Permute(Inverse(order))));
    }

    /// <summary>Two axes exchanged.</summary>
    /// <exception cref="ShapeException">An axis does not exist.</exception>
    public static Tensor Transpose(this Tensor x, int first, int second)
    {
        ArgumentNullException.ThrowIfNull(x);
        int[] order = [.. Enumerable.Range(0, x.Rank)];
        int a = x.Shape.Axis(first, nameof(Transpose)), b = x.Shape.Axis(second, nameof(Transpose));
        (order[a], order[b]) = (b, a);
        return x.Permute(order);
    }

    /// <summary>The transposed matrix: <c>(n, m)</c> becomes <c>(m, n)</c>.</summary>
    /// <exception cref="ShapeException">x has not two axes.</exception>
    public static Tensor T(this Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        ShapeException.Require(x.Rank == 2, $"T: needs a matrix, got {x.Shape}; use Transpose(-2, -1) for a batch of them");
        return x.Permute(1, 0);
    }

    // Not recorded. When only axes of size 1 change places the numbers stay where they are.
    private static Tensor Permuted(Tensor x, int[] order, Shape shape)
    {
        if (IsInOrder([.. order.Where(axis => x.Shape[axis] != 1)])) return x.View(shape);
        int[] strides = x.Shape.Strides();
        Tensor y = Tensor.Uninitialized(shape);
        StridedCopy.Run(x.Span, 0, [.. order.Select(axis => strides[axis])], y.Writable, 0, shape.Strides(), shape.AsSpan());
        return y;
    }

    /// <summary>x with the given axes, which are in order, brought to the end; not recorded.</summary>
    internal static Tensor MovedToEnd(Tensor x, int[] axes)
    {
        int[] order = [.. Enumerable.Range(0, x.Rank).Except(axes), .. axes];
        return Permuted(x, order, Shape.Own([.. order.Select(axis => x.Shape[axis])]));
    }

    private static int[] Order(Shape shape, ReadOnlySpan<int> axes)
    {
        int[] order = new int[axes.Length];
        bool[] seen = new bool[shape.Rank];
        bool valid = axes.Length == shape.Rank;
        for (int i = 0; i < axes.Length && valid; i++)
        {
            order[i] = shape.Axis(axes[i], "Permute");
            valid = !seen[order[i]];
            seen[order[i]] = true;
        }
        ShapeException.Require(valid, $"Permute: ({string.Join(", ", axes.ToArray())}) is not an order of the {shape.Rank} axes of {shape}");
        return order;
    }

    private static bool IsInOrder(ReadOnlySpan<int> order)
    {
        for (int i = 1; i < order.Length; i++)
            if (order[i] < order[i - 1]) return false;
        return true;
    }

    private static int[] Inverse(int[] order)
    {
        int[] inverse = new int[order.Length];
        for (int i = 0; i < order.Length; i++) inverse[order[i]] = i;
        return inverse;
    }
}
