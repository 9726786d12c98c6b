using Rindoku.Autograd;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>Writes out the patches of an image as columns: <c>y[n, (c, k), i] = x[n, c, i · stride + k · dilation − padding]</c>, 0 outside.</summary>
    /// <param name="x">(N, C, H, W).</param>
    /// <param name="kernel">The size of a patch.</param>
    /// <param name="dilation">From one place of a patch to the next; 1 if not given.</param>
    /// <param name="padding">Zeros on every side; 0 if not given.</param>
    /// <param name="stride">From one patch to the next; 1 if not given.</param>
    /// <returns>(N, C · KH · KW, patches), the patches row by row.</returns>
    /// <exception cref="ShapeException">The shapes or settings do not fit together.</exception>
    /// <remarks>Also known as im2col; as PyTorch's unfold. Its gradient is <see cref="Fold"/>.</remarks>
    public static Tensor Unfold(this Tensor x, PerAxis kernel, PerAxis dilation = default, PerAxis padding = default, PerAxis stride = default)
    {
        ArgumentNullException.ThrowIfNull(x);
        ShapeException.Require(x.Rank == 4, $"Unfold: x must be (batch, channels, height, width), got {x.Shape}");
        ConvGeometry g = PatchGeometry("Unfold", x.Shape[0], x.Shape[1], new(1, x.Shape[2], x.Shape[3]), kernel, dilation, padding, stride);
        ShapeException.Require(g.Output.Product > 0, $"Unfold: x {x.Shape} with padding {padding} is smaller than the patch {kernel} with dilation {dilation}");
        return UnfoldPatches(g, x);
    }

    /// <summary>Adds columns of patches up into an image: the opposite of <see cref="Unfold"/> with the same settings.</summary>
    /// <param name="x">(N, C · KH · KW, patches).</param>
    /// <param name="output">Height and width of the image.</param>
    /// <param name="kernel">The size of a patch.</param>
    /// <param name="dilation">From one place of a patch to the next; 1 if not given.</param>
    /// <param name="padding">How far patches reach over every side; 0 if not given.</param>
    /// <param name="stride">From one patch to the next; 1 if not given.</param>
    /// <returns>(N, C, H, W); where patches overlap, their sum.</returns>
    /// <exception cref="ShapeException">The shapes or settings do not fit together.</exception>
    /// <remarks>Also known as col2im; as PyTorch's fold. Its gradient is <see cref="Unfold"/>.</remarks>
    public static Tensor Fold(this Tensor x, PerAxis output, PerAxis kernel, PerAxis dilation = default, PerAxis padding = default, PerAxis stride = default)
    {
        ArgumentNullException.ThrowIfNull(x);
        ShapeException.Require(x.Rank == 3, $"Fold: x must be (batch, channels times patch size, patches), got {x.Shape}");
        ShapeException.Require(output.IsGiven, $"Fold: the output size is missing");
        int taps = kernel.Resolve(2, 1, 1, 1, "Fold", "kernel").Product;
        ShapeException.Require(x.Shape[1] % taps == 0, $"Fold: x {x.Shape}: {x.Shape[1]} does not divide by the {taps} places of a patch {kernel}");
        ConvGeometry g = PatchGeometry("Fold", x.Shape[0], x.Shape[1] / taps, output.Resolve(2, 1, 1, 1, "Fold", "output"), kernel, dilation, padding, stride);
        ShapeException.Require(x.Shape[2] == g.Output.Product,
            $"Fold: x {x.Shape} has {x.Shape[2]} patches; an output of {output} with these settings has {g.Output.Product}");
        return FoldPatches(g, x);
    }

    private static ConvGeometry PatchGeometry(string name, int batch, int channels, Triple image, PerAxis kernel, PerAxis dilation, PerAxis padding,
        PerAxis stride)
    {
        ShapeException.Require(kernel.IsGiven, $"{name}: the kernel size is missing");
        Triple k = kernel.Resolve(2, 1, 1, 1, name, "kernel"), d = dilation.Resolve(2, 1, 1, 1, name, "dilation");
        Triple p = padding.Resolve(2, 0, 0, 0, name, "padding"), s = stride.Resolve(2, 1, 1, 1, name, "stride");
        Triple patches = new(1, Outputs(image.H, k.H, s.H, p.H, d.H), Outputs(image.W, k.W, s.W, p.W, d.W));
        return new ConvGeometry(batch, 1, channels, 1, image, patches, k, s, p, d);
    }

    private static Tensor UnfoldPatches(ConvGeometry g, Tensor x)
    {
        Tensor y = Tensor.Uninitialized([g.Batch, g.InChannels * g.Kernel.Product, g.Output.Product]);
        Columns.Unfold(g, x.Span, y.Writable);
        return Tape.Record("unfold", y, new Edge(x, dy => FoldPatches(g, dy)));
    }

    private static Tensor FoldPatches(ConvGeometry g, Tensor x)
    {
        Tensor y = Tensor.Uninitialized([g.Batch, g.InChannels, g.Input.H, g.Input.W]);
        Columns.Fold(g, x.Span, y.Writable);
        return Tape.Record("fold", y, new Edge(x, dy => UnfoldPatches(g, dy)));
    }
}
