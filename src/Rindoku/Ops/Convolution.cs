using Rindoku.Autograd;
using Rindoku.Kernels;

namespace Rindoku.Ops;

/// <summary>The three products that a convolution is made of. Each is linear in both operands, and each one's gradients are the other two.</summary>
internal static class ConvolutionOps
{
    /// <summary><c>y = w * x + bias</c>.</summary>
    public static Tensor Output(string name, ConvGeometry g, Tensor x, Tensor w, Tensor? bias, Shape shape)
    {
        Tensor y = Tensor.Uninitialized(shape);
        Convolution.Forward(g, x.Span, w.Span, bias is null ? default : bias.Span, y.Writable);
        Edge byX = new(x, dy => InputGradient("convolution_input_gradient", g, dy, w, null, x.Shape));
        Edge byW = new(w, dy => WeightGradient(g, dy, x, w.Shape));
        return Recorded(name, y, byX, byW, bias);
    }

    /// <summary>The gradient by x, which is the transposed convolution of dy.</summary>
    public static Tensor InputGradient(string name, ConvGeometry g, Tensor dy, Tensor w, Tensor? bias, Shape shape)
    {
        Tensor dx = Tensor.Uninitialized(shape);
        Convolution.InputGradient(g, dy.Span, w.Span, bias is null ? default : bias.Span, dx.Writable);
        Edge byDy = new(dy, ddx => Output("convolution", g, ddx, w, null, dy.Shape));
        Edge byW = new(w, ddx => WeightGradient(g, dy, ddx, w.Shape));
        return Recorded(name, dx, byDy, byW, bias);
    }

    /// <summary>The gradient by w.</summary>
    private static Tensor WeightGradient(ConvGeometry g, Tensor dy, Tensor x, Shape shape)
    {
        Tensor dw = Tensor.Uninitialized(shape);
        Convolution.WeightGradient(g, dy.Span, x.Span, dw.Writable);
        return Tape.Record("convolution_weight_gradient", dw,
            new Edge(dy, ddw => Output("convolution", g, x, ddw, null, dy.Shape)),
            new Edge(x, ddw => InputGradient("convolution_input_gradient", g, dy, ddw, null, x.Shape)));
    }

    private static Tensor Recorded(string name, Tensor y, Edge first, Edge second, Tensor? bias)
    {
        if (bias is null) return Tape.Record(name, y, first, second);
        return Tape.Record(name, y, first, second, new Edge(bias, dy => dy.Sum([0, .. Enumerable.Range(2, dy.Rank - 2)])));
    }

    /// <summary>The last <paramref name="rank"/> sizes, with ones in front.</summary>
    public static Triple Sizes(Shape shape, int rank) => new(rank > 2 ? shape[^3] : 1, rank > 1 ? shape[^2] : 1, shape[^1]);

    /// <summary>A shape of batch, channels and the last <paramref name="rank"/> of the sizes.</summary>
    public static Shape ShapeOf(int batch, int channels, Triple sizes, int rank) => rank switch
    {
        1 => [batch, channels, sizes.W],
        2 => [batch, channels, sizes.H, sizes.W],
        _ => [batch, channels, sizes.D, sizes.H, sizes.W],
    };
}
