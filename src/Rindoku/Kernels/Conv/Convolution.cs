namespace Rindoku.Kernels;

/// <summary>Convolutions of any number of axes up to three, on spans: the output, and the gradients by input and by weights.</summary>
internal static unsafe class Convolution
{
    /// <summary><c>y = w * x + bias</c>.</summary>
    public static void Forward(ConvGeometry geometry, ReadOnlySpan<float> x, ReadOnlySpan<float> w, ReadOnlySpan<float> bias, Span<float> y)
    {
        RequireLengths(geometry, x.Length, w.Length, y.Length);
        if (bias.Length != 0 && bias.Length != geometry.OutChannels) throw new ArgumentException($"Convolution: {bias.Length} biases for {geometry}");
        fixed (float* px = x, pw = w, pb = bias, py = y)
            CorrelationKernel.Run(Correlation.Forward(geometry.Simplified()), px, pw, pb, py);
    }

    /// <summary>dx from dy and w; with a bias for dx's channels it is a transposed convolution's output.</summary>
    public static void InputGradient(ConvGeometry geometry, ReadOnlySpan<float> dy, ReadOnlySpan<float> w, ReadOnlySpan<float> bias, Span<float> dx)
    {
        RequireLengths(geometry, dx.Length, w.Length, dy.Length);
        if (bias.Length != 0 && bias.Length != geometry.InChannels) throw new ArgumentException($"Convolution: {bias.Length} biases for {geometry}");
        fixed (float* pdx = dx, pw = w, pb = bias, pdy = dy)
            CorrelationKernel.Run(Correlation.Backward(geometry.Simplified()), pdy, pw, pb, pdx);
    }

    /// <summary>dw from dy and x.</summary>
    public static void WeightGradient(ConvGeometry geometry, ReadOnlySpan<float> dy, ReadOnlySpan<float> x, Span<float> dw)
    {
        RequireLengths(geometry, x.Length, dw.Length, dy.Length);
        fixed (float* px = x, pdw = dw, pdy = dy)
            WeightGradientKernel.Run(geometry.Simplified(), px, pdy, pdw);
    }

    private static void RequireLengths(ConvGeometry g, int x, int w, int y)
    {
        if (x != g.Batch * g.InChannels * g.Input.Product || w != g.OutChannels * g.GroupInputs * g.Kernel.Product ||
            y != g.Batch * g.OutChannels * g.Output.Product)
            throw new ArgumentException($"Convolution: spans of {x} (x), {w} (w) and {y} (y) numbers for {g}");
    }
}
