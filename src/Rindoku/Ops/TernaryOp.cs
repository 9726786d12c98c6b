using System.Runtime.CompilerServices;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>The values of a broadcasting function of three numbers, not recorded.</summary>
    private static Tensor Map<K>(Tensor a, Tensor b, Tensor c, K kernel, [CallerMemberName] string name = "") where K : struct, ITernaryKernel
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        ArgumentNullException.ThrowIfNull(c);
        Shape shape = Shape.Broadcast(Shape.Broadcast(a.Shape, b.Shape, name), c.Shape, name);
        Tensor y = Tensor.Uninitialized(shape);
        Elementwise.Map3(kernel, Stretched(a, shape), Stretched(b, shape), Stretched(c, shape), y.Writable);
        return y;
    }

    private static ReadOnlySpan<float> Stretched(Tensor x, Shape shape)
    {
        if (x.Shape == shape) return x.Span;
        Tensor y = Tensor.Uninitialized(shape);
        Broadcasting.Expand(x.Span, x.Shape.AsSpan(), y.Writable, shape.AsSpan());
        return y.Span;
    }
}
