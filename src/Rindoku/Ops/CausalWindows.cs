using Rindoku.Autograd;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>The last steps before each step of a sequence, side by side: <c>y_t = (x_{t-k+1}, ..., x_t)</c>, zeros before the start.</summary>
    /// <param name="x">(B, S, W).</param>
    /// <param name="window">k, how many steps a window has.</param>
    /// <param name="steps">T: a window for each of the last T steps; null for all S. The steps before them are only looked back at.</param>
    /// <returns>(B, T, k·W), the oldest step of a window first.</returns>
    /// <remarks>A linear map of it is a masked (causal) convolution over time of width k: no window sees the future.</remarks>
    /// <exception cref="ShapeException">x has not three axes, or there are fewer steps than wanted.</exception>
    public static Tensor CausalWindows(this Tensor x, int window, int? steps = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(window);
        ShapeException.Require(x.Rank == 3 && (steps ?? 0) is var wanted && wanted >= 0 && wanted <= x.Shape[1],
            $"CausalWindows: x {x.Shape} and {steps?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "all"} steps; needed is (B, S, W) with at least as many steps");
        CausalWindowKernel.Sizes sizes = new(x.Shape[0], x.Shape[1], steps ?? x.Shape[1], x.Shape[2], window);
        return window == 1 && sizes.Steps == sizes.Given ? x : CutWindows(sizes, x);
    }

    // Cutting windows and adding them up are each other's gradients.
    private static Tensor CutWindows(CausalWindowKernel.Sizes s, Tensor x)
    {
        Tensor y = Tensor.Uninitialized([s.Batch, s.Steps, s.Window * s.Width]);
        CausalWindowKernel.Cut(s, x.Span, y.Writable);
        return Tape.Record("causal_windows", y, new Edge(x, dy => AddWindows(s, dy)));
    }

    private static Tensor AddWindows(CausalWindowKernel.Sizes s, Tensor windows)
    {
        Tensor y = Tensor.Uninitialized([s.Batch, s.Given, s.Width]);
        CausalWindowKernel.Add(s, windows.Span, y.Writable);
        return Tape.Record("causal_windows_gradient", y, new Edge(windows, dy => CutWindows(s, dy)));
    }
}
