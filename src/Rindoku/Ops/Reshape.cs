using System.Runtime.CompilerServices;
using Rindoku.Autograd;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>The same numbers in another shape; no copy.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="sizes">The new sizes; at most one may be -1, to be worked out from the others.</param>
    /// <exception cref="ShapeException">The numbers of elements differ.</exception>
    [OverloadResolutionPriority(1)] // x.Reshape([2, -1]) means sizes, not a Shape
    public static Tensor Reshape(this Tensor x, params ReadOnlySpan<int> sizes)
    {
        ArgumentNullException.ThrowIfNull(x);
        return x.Reshape(Resolve(x.Shape, sizes));
    }

    /// <summary>The same numbers in another shape; no copy.</summary>
    /// <exception cref="ShapeException">The numbers of elements differ.</exception>
    public static Tensor Reshape(this Tensor x, Shape shape)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.Shape == shape) return x;
        ShapeException.Require(x.Length == shape.Length, $"Reshape: {x.Shape} has {x.Length} elements, {shape} has {shape.Length}");
        return Tape.Record("reshape", x.View(shape), new Edge(x, dy => dy.Reshape(x.Shape)));
    }

    /// <summary>Stretches axes of size 1 (and adds axes in front) to reach <paramref name="shape"/>; the numbers are repeated.</summary>
    /// <exception cref="ShapeException">x does not broadcast to <paramref name="shape"/>.</exception>
    public static Tensor Expand(this Tensor x, Shape shape)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.Shape == shape) return x;
        ShapeException.Require(Shape.Broadcast(x.Shape, shape, "Expand") == shape, $"Expand: {x.Shape} does not expand to {shape}");
        Tensor y = Tensor.Uninitialized(shape);
        Broadcasting.Expand(x.Span, x.Shape.AsSpan(), y.Writable, shape.AsSpan());
        return Tape.Record("expand", y, new Edge(x, dy => dy.SumTo(x.Shape)));
    }

    private static Shape Resolve(Shape shape, ReadOnlySpan<int> sizes)
    {
        int unknown = sizes.IndexOf(-1);
        if (unknown < 0) return Shape.Create(sizes);
        int known = 1;
        for (int i = 0; i < sizes.Length; i++)
            if (i != unknown) known *= sizes[i];
        ShapeException.Require(known > 0 && shape.Length % known == 0 && sizes[(unknown + 1)..].IndexOf(-1) < 0,
            $"Reshape: {shape} has {shape.Length} elements, which ({string.Join(", ", sizes.ToArray())}) cannot hold");
        int[] resolved = sizes.ToArray();
        resolved[unknown] = shape.Length / known;
        return Shape.Own(resolved);
    }
}
