using Rindoku.Autograd;
using Rindoku.Kernels;

namespace Rindoku.Ops;

/// <summary>A function of one number as an operation on tensors: a kernel, its slope for the fast path, and its gradient in tensor algebra.</summary>
internal interface IUnaryOp : ISmoothKernel
{
    static abstract string Name { get; }

    /// <summary><c>dy · f'(x)</c>, in differentiable operations; y = f(x).</summary>
    Tensor Gradient(Tensor x, Tensor y, Tensor dy);
}

/// <summary>The operations on tensors, as extension methods: <c>x.Silu()</c>, <c>a + b</c>, <c>Tensor.Concat(...)</c>.</summary>
public static partial class TensorOps
{
    private static Tensor Apply<TOp>(Tensor x, TOp op = default) where TOp : struct, IUnaryOp
    {
        Tensor y = Map(x, op);
        return Tape.RecordFused(TOp.Name, y, (dy, _) => [FusedGradient(op, x, y, dy)], new Edge(x, dy => op.Gradient(x, y, dy)));
    }

    private static Tensor FusedGradient<TOp>(TOp op, Tensor x, Tensor y, Tensor dy) where TOp : struct, IUnaryOp
    {
        Tensor dx = Tensor.Uninitialized(x.Shape);
        Elementwise.MapGradient(op, x.Span, y.Span, dy.Span, dx.Writable);
        return dx;
    }

    /// <summary>The values of a function of one number, not recorded.</summary>
    private static Tensor Map<K>(Tensor x, K kernel) where K : struct, IUnaryKernel
    {
        ArgumentNullException.ThrowIfNull(x);
        Tensor y = Tensor.Uninitialized(x.Shape);
        Elementwise.Map(kernel, x.Span, y.Writable);
        return y;
    }

    /// <summary><c>dy · f'(x)</c> for a function of straight pieces: its slopes are constants, whose own gradient is zero.</summary>
    internal static Tensor TimesConstantSlope<TOp>(this TOp op, Tensor x, Tensor y, Tensor dy) where TOp : struct, IUnaryOp
    {
        Tensor slope = Tensor.Uninitialized(x.Shape);
        Elementwise.MapSlope(op, x.Span, y.Span, slope.Writable);
        return dy * slope;
    }
}
