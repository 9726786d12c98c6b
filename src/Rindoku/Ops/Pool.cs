using System.Runtime.InteropServices;
using Rindoku.Autograd;
using Rindoku.Kernels;

namespace Rindoku.Ops;

/// <summary>What all poolings share: finding windows, and the linear operations that are each other's gradients.</summary>
internal static class PoolOps
{
    /// <summary>The windows of <paramref name="rank"/> axes.</summary>
    public static PoolWindows Windows(int rank, Func<int, PoolAxis> axis) =>
        new(rank > 2 ? axis(rank - 3) : PoolAxis.None, rank > 1 ? axis(rank - 2) : PoolAxis.None, axis(rank - 1));

    /// <summary>The number of the i-th of <paramref name="rank"/> axes.</summary>
    public static int At(Triple triple, int i, int rank) => (3 - rank + i) switch { 0 => triple.D, 1 => triple.H, _ => triple.W };

    public static void RequireInput(string name, Tensor x, int rank)
    {
        ArgumentNullException.ThrowIfNull(x);
        ShapeException.Require(x.Rank == rank + 2, $"{name}: x must be (batch, channels, {rank} sizes), got {x.Shape}");
        ShapeException.Require(x.Shape.Count(2..) > 0, $"{name}: x {x.Shape} has an axis of size 0");
    }

    public static Tensor Max(string name, Tensor x, PoolWindows windows, int rank)
    {
        Shape shape = OutputShape(name, x, windows, rank);
        Tensor y = Tensor.Uninitialized(shape);
        // Places are integers in a tensor's memory, so that they come from the step's pool; nothing ever reads them as floats.
        Tensor places = Tensor.Uninitialized(shape);
        Pooling.Max(windows, x.Span, y.Writable, MemoryMarshal.Cast<float, int>(places.Writable));
        return Tape.Record(name, y, new Edge(x, dy => Scatter(windows, dy, places, x.Shape)));
    }

    private static Tensor Scatter(PoolWindows windows, Tensor dy, Tensor places, Shape shape)
    {
        Tensor dx = Tensor.Uninitialized(shape);
        Pooling.Scatter(windows, dy.Span, MemoryMarshal.Cast<float, int>(places.Span), dx.Writable);
        return Tape.Record("max_pool_gradient", dx, new Edge(dy, ddx => Gather(windows, ddx, places, dy.Shape)));
    }

    private static Tensor Gather(PoolWindows windows, Tensor x, Tensor places, Shape shape)
    {
        Tensor y = Tensor.Uninitialized(shape);
        Pooling.Gather(windows, x.Span, MemoryMarshal.Cast<float, int>(places.Span), y.Writable);
        return Tape.Record("max_pool_gather", y, new Edge(x, dy => Scatter(windows, dy, places, x.Shape)));
    }

    public static Tensor Average(string name, Tensor x, PoolWindows windows, int rank)
    {
        Tensor y = Tensor.Uninitialized(OutputShape(name, x, windows, rank));
        Pooling.Average(windows, x.Span, y.Writable);
        return Tape.Record(name, y, new Edge(x, dy => Spread(name, windows, dy, rank, x.Shape)));
    }

    private static Tensor Spread(string name, PoolWindows windows, Tensor dy, int rank, Shape shape)
    {
        Tensor dx = Tensor.Uninitialized(shape);
        Pooling.Spread(windows, dy.Span, dx.Writable);
        return Tape.Record("average_pool_gradient", dx, new Edge(dy, ddx => Average(name, ddx, windows, rank)));
    }

    private static Shape OutputShape(string name, Tensor x, PoolWindows windows, int rank)
    {
        ShapeException.Require(windows.OutputPlane > 0, $"{name}: x {x.Shape} is smaller than the window");
        return ConvolutionOps.ShapeOf(x.Shape[0], x.Shape[1], new(windows.D.Count, windows.H.Count, windows.W.Count), rank);
    }
}

public static partial class TensorOps
{
    private static Tensor EvenPool(string name, int rank, bool max, Tensor x, PerAxis kernel, PerAxis stride, PerAxis padding, PerAxis dilation,
        bool ceilMode, bool countIncludePad)
    {
        PoolOps.RequireInput(name, x, rank);
        ShapeException.Require(kernel.IsGiven, $"{name}: the kernel size is missing");
        Triple k = kernel.Resolve(rank, 1, 1, 1, name, "kernel"), s = (stride.IsGiven ? stride : kernel).Resolve(rank, 1, 1, 1, name, "stride");
        Triple p = padding.Resolve(rank, 0, 0, 0, name, "padding"), d = dilation.Resolve(rank, 1, 1, 1, name, "dilation");
        ShapeException.Require(p.D <= k.D / 2 && p.H <= k.H / 2 && p.W <= k.W / 2,
            $"{name}: padding {padding} must be at most half the kernel {kernel}, or windows would lie outside of x");
        PoolWindows windows = PoolOps.Windows(rank, i => PoolAxis.Even(x.Shape[2 + i], PoolOps.At(k, i, rank), PoolOps.At(s, i, rank),
            PoolOps.At(p, i, rank), PoolOps.At(d, i, rank), ceilMode, countIncludePad));
        return max ? PoolOps.Max(name, x, windows, rank) : PoolOps.Average(name, x, windows, rank);
    }

    private static Tensor AdaptivePool(string name, int rank, bool max, Tensor x, PerAxis output)
    {
        PoolOps.RequireInput(name, x, rank);
        ShapeException.Require(output.IsGiven, $"{name}: the output size is missing");
        Triple sizes = output.Resolve(rank, 1, 1, 1, name, "output");
        PoolWindows windows = PoolOps.Windows(rank, i => PoolAxis.Adaptive(x.Shape[2 + i], PoolOps.At(sizes, i, rank)));
        return max ? PoolOps.Max(name, x, windows, rank) : PoolOps.Average(name, x, windows, rank);
    }
}
