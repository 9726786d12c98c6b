using System.Runtime.CompilerServices;
using Rindoku.Autograd;
using Rindoku.Kernels;

namespace Rindoku.Ops;

/// <summary>A function of two numbers as an operation on tensors that broadcast; gradients are in the output's shape.</summary>
internal interface IBinaryOp : IBinaryKernel
{
    static abstract string Name { get; }

    /// <summary><c>dy · ∂y/∂a</c>, in differentiable operations.</summary>
    static abstract Tensor GradientA(Tensor a, Tensor b, Tensor y, Tensor dy);

    /// <summary><c>dy · ∂y/∂b</c>, in differentiable operations.</summary>
    static abstract Tensor GradientB(Tensor a, Tensor b, Tensor y, Tensor dy);
}

public static partial class TensorOps
{
    private static Tensor Apply<TOp>(Tensor a, Tensor b, TOp op = default) where TOp : struct, IBinaryOp
    {
        Tensor y = Map(a, b, op, TOp.Name);
        return Tape.Record(TOp.Name, y,
            new Edge(a, dy => TOp.GradientA(a, b, y, dy).SumTo(a.Shape)),
            new Edge(b, dy => TOp.GradientB(a, b, y, dy).SumTo(b.Shape)));
    }

    /// <summary>The values of a broadcasting function of two numbers, not recorded.</summary>
    private static Tensor Map<K>(Tensor a, Tensor b, K kernel, [CallerMemberName] string name = "") where K : struct, IBinaryKernel
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        Tensor y = Tensor.Uninitialized(Shape.Broadcast(a.Shape, b.Shape, name));
        if (a.Shape == b.Shape) Elementwise.Map2(kernel, a.Span, b.Span, y.Writable);
        else Broadcasting.Map2(kernel, a.Span, a.Shape.AsSpan(), b.Span, b.Shape.AsSpan(), y.Writable, y.Shape.AsSpan());
        return y;
    }
}
