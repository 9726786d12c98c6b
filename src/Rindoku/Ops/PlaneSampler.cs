using Rindoku.Autograd;
using Rindoku.Kernels;

namespace Rindoku.Ops;

/// <summary>Images read at a few weighted places each output, the same for every channel: the common core of GridSample and RoIAlign.</summary>
/// <remarks>
/// All three operations are derivatives of one sum over the taps, <c>Σ w · x[source] · dy[row]</c>: by dy (<see cref="Sample"/>),
/// by x (<see cref="Spread"/>) and by w (<see cref="Products"/>). So each one's gradients are the other two, to any order.
/// </remarks>
/// <param name="taps">Sources count over (item, place in the plane) of the input, rows over those of the output.</param>
/// <param name="input">(items, channels, height, width) of the images.</param>
/// <param name="output">(items, channels, height, width) of what is read.</param>
internal sealed class PlaneSampler(Taps taps, Shape input, Shape output)
{
    private readonly int plane = input.Count(2..), outputPlane = output.Count(2..), channels = input[1];

    /// <summary><c>y[row] = Σ w · x[source]</c>.</summary>
    public Tensor Sample(Tensor x, Tensor w)
    {
        Tensor y = Tensor.Uninitialized(output);
        PlaneSampling.Apply(taps, w.Span, x.Span, plane, y.Writable, outputPlane, channels);
        return Tape.Record("sample", y, new Edge(x, dy => Spread(dy, w)), new Edge(w, dy => Products(x, dy)));
    }

    /// <summary><c>x[source] = Σ w · y[row]</c>: the adjoint.</summary>
    public Tensor Spread(Tensor y, Tensor w)
    {
        Tensor x = Tensor.Uninitialized(input);
        PlaneSampling.Apply(taps.Transposed, w.Span, y.Span, outputPlane, x.Writable, plane, channels);
        return Tape.Record("spread", x, new Edge(y, dx => Sample(dx, w)), new Edge(w, dx => Products(dx, y)));
    }

    /// <summary><c>w = Σ x[source] · y[row]</c>, over the channels; one number a tap.</summary>
    public Tensor Products(Tensor x, Tensor y)
    {
        Tensor w = Tensor.Uninitialized([taps.Sources.Length]);
        PlaneSampling.WeightGradient(taps, x.Span, plane, y.Span, outputPlane, channels, w.Writable);
        return Tape.Record("sample_products", w, new Edge(x, dw => Spread(y, dw)), new Edge(y, dw => Sample(x, dw)));
    }
}
