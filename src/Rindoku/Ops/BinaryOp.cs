using System.Runtime.CompilerServices;
using Rindoku.Autograd;
using Rindoku.Kernels;

namespace Rindoku.Ops;

/// <summary>A function of two numbers as an operation on tensors that broadcast; gradients are in the output's shape.</summary>
internal interface IBinaryOp : IBinaryKernel
{
    static abstract string Name { get; }

    /// <summary><c>dy · ∂y/∂a</c>, in differentiable operations.</summary>
    Tensor GradientA(Tensor a, Tensor b, Tensor y, Tensor dy);

    /// <summary><c>dy · ∂y/∂b</c>, in differentiable operations.</summary>
    Tensor GradientB(Tensor a, Tensor b, Tensor y, Tensor dy);
}

public static partial class TensorOps
{
    private static Tensor Apply<TOp>(Tensor a, Tensor b, TOp op = default) where TOp : struct, IBinaryOp
    {
        Tensor y = Map(a, b, op, TOp.Name);
        return Tape.Record(TOp.Name, y,
            new Edge(a, dy => op.GradientA(a, b, y, dy).SumTo(a.Shape)),
            new Edge(b, dy => op.GradientB(a, b, y, dy).SumTo(b.Shape)));
    }

    /// <summary>As <c>Apply</c>, for functions whose gradient rule takes several operations: between equal shapes one loop does it.</summary>
    private static Tensor ApplySmooth<TOp>(Tensor a, Tensor b, TOp op = default) where TOp : struct, IBinaryOp, ISmoothBinaryKernel
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        if (a.Shape != b.Shape) return Apply(a, b, op);
        Tensor y = Map(a, b, op, TOp.Name);
        return Tape.RecordFused(TOp.Name, y,
            (dy, wanted) => [wanted[0] ? FusedGradientA(op, a, b, y, dy) : null, wanted[1] ? FusedGradientB(op, a, b, y, dy) : null],
            new Edge(a, dy => op.GradientA(a, b, y, dy)),
            new Edge(b, dy => op.GradientB(a, b, y, dy)));
    }

    private static Tensor FusedGradientA<TOp>(TOp op, Tensor a, Tensor b, Tensor y, Tensor dy) where TOp : struct, ISmoothBinaryKernel
    {
        Tensor da = Tensor.Uninitialized(a.Shape);
        Elementwise.MapGradientA(op, a.Span, b.Span, y.Span, dy.Span, da.Writable);
        return da;
    }

    private static Tensor FusedGradientB<TOp>(TOp op, Tensor a, Tensor b, Tensor y, Tensor dy) where TOp : struct, ISmoothBinaryKernel
    {
        Tensor db = Tensor.Uninitialized(b.Shape);
        Elementwise.MapGradientB(op, a.Span, b.Span, y.Span, dy.Span, db.Writable);
        return db;
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

    /// <summary>The values of a function of two numbers whose second is a constant, not recorded.</summary>
    private static Tensor Map<K>(Tensor a, float b, K kernel) where K : struct, IBinaryKernel => Map(a, new RightConstant<K>(kernel, b));
}
