namespace Rindoku.Kernels;

/// <summary>Convolutions of any number of axes up to three, on spans: the output, and the gradients by input and by weights.</summary>
internal static unsafe class Convolution
{
    // Rows up to this long are turned (measured: a row of 8 gains a third forward, and loses as much in the weights' gradient).
    private const int NarrowRow = 8;

    /// <summary><c>y = w * x + bias</c>.</summary>
    public static void Forward(ConvGeometry geometry, ReadOnlySpan<float> x, ReadOnlySpan<float> w, ReadOnlySpan<float> bias, Span<float> y)
    {
        RequireLengths(geometry, x.Length, w.Length, y.Length);
        if (bias.Length != 0 && bias.Length != geometry.OutChannels) throw new ArgumentException($"Convolution: {bias.Length} biases for {geometry}");
        if (LiveTaps.Of(geometry) is { } live)
        {
            using Workspace weights = live.Gather(w);
            if (live.Weights == 0) FillPlanes(bias, geometry.Output.Product, y);
            else Forward(live.Geometry, x, new(weights.Start, live.Weights), bias, y);
            return;
        }
        if (CoveringConvolution.Is(geometry))
        {
            fixed (float* px = x, pw = w, pb = bias, py = y) CoveringConvolution.Forward(geometry, px, pw, pb, py);
            return;
        }
        if (Thinned(geometry) is { } dense)
        {
            using Workspace thin = ThinnedInput(geometry, x);
            Forward(dense, new(thin.Start, Numbers(dense)), w, bias, y);
            return;
        }
        if (IsSmallProduct(geometry))
        {
            Products(geometry.OutChannels, geometry.InChannels, geometry.Output.Product, w, false, x, bias, y);
            return;
        }
        if (ColumnConvolution.Pays(geometry))
        {
            fixed (float* px = x, pw = w, pb = bias, py = y) ColumnConvolution.Forward(geometry, px, pw, pb, py);
            return;
        }
        if (BatchLast(geometry, WinogradPlan.Forward) is { } turned)
        {
            using Workspace xs = Turned(x, geometry.Batch), ys = new(y.Length);
            fixed (float* pw = w, pb = bias)
                Correlate(WinogradPlan.Forward(turned), () => Correlation.Forward(turned), xs.Start, pw, pb, ys.Start);
            TurnBack(ys, y, geometry.Batch);
            return;
        }
        fixed (float* px = x, pw = w, pb = bias, py = y)
            Correlate(WinogradPlan.Forward(geometry), () => Correlation.Forward(geometry.Simplified()), px, pw, pb, py);
    }

    /// <summary>dx from dy and w; with a bias for dx's channels it is a transposed convolution's output.</summary>
    public static void InputGradient(ConvGeometry geometry, ReadOnlySpan<float> dy, ReadOnlySpan<float> w, ReadOnlySpan<float> bias, Span<float> dx)
    {
        RequireLengths(geometry, dx.Length, w.Length, dy.Length);
        if (bias.Length != 0 && bias.Length != geometry.InChannels) throw new ArgumentException($"Convolution: {bias.Length} biases for {geometry}");
        if (LiveTaps.Of(geometry) is { } live)
        {
            using Workspace weights = live.Gather(w);
            if (live.Weights == 0) FillPlanes(bias, geometry.Input.Product, dx);
            else InputGradient(live.Geometry, dy, new(weights.Start, live.Weights), bias, dx);
            return;
        }
        if (CoveringConvolution.Is(geometry))
        {
            fixed (float* pdx = dx, pw = w, pb = bias, pdy = dy) CoveringConvolution.InputGradient(geometry, pdy, pw, pb, pdx);
            return;
        }
        if (bias.Length == 0 && Thinned(geometry) is { } dense)
        {
            using Workspace room = new(Numbers(dense));
            Span<float> thin = new(room.Start, Numbers(dense));
            InputGradient(dense, dy, w, bias, thin);
            Columns.Fold(geometry, thin, dx);
            return;
        }
        if (IsSmallProduct(geometry))
        {
            Products(geometry.InChannels, geometry.OutChannels, geometry.Output.Product, w, true, dy, bias, dx);
            return;
        }
        if (ColumnConvolution.PaysForInput(geometry))
        {
            fixed (float* pdx = dx, pw = w, pb = bias, pdy = dy) ColumnConvolution.InputGradient(geometry, pdy, pw, pb, pdx);
            return;
        }
        if (BatchLast(geometry, WinogradPlan.Backward) is { } turned)
        {
            using Workspace dys = Turned(dy, geometry.Batch), dxs = new(dx.Length);
            fixed (float* pw = w, pb = bias)
                Correlate(WinogradPlan.Backward(turned), () => Correlation.Backward(turned), dys.Start, pw, pb, dxs.Start);
            TurnBack(dxs, dx, geometry.Batch);
            return;
        }
        fixed (float* pdx = dx, pw = w, pb = bias, pdy = dy)
            Correlate(WinogradPlan.Backward(geometry), () => Correlation.Backward(geometry.Simplified()), pdy, pw, pb, pdx);
    }

    // What is left where no tap reaches the input.
    private static void FillPlanes(ReadOnlySpan<float> bias, int plane, Span<float> target)
    {
        if (bias.Length == 0) target.Clear();
        else
            for (int i = 0; i * plane < target.Length; i++) target.Slice(i * plane, plane).Fill(bias[i % bias.Length]);
    }

    // A pointwise convolution of a few small images is a matrix product for each, which is best cut along the rows of weights.
    private static bool IsSmallProduct(ConvGeometry g)
    {
        const int fewImages = 16, fewPlaces = 1024;
        Triple one = new(1, 1, 1);
        return g.Kernel == one && g.Stride == one && g.Padding == default && g.Groups == 1 && g.Batch < fewImages && g.Output.Product <= fewPlaces;
    }

    private static void Products(int rows, int depth, int places, ReadOnlySpan<float> w, bool transposed, ReadOnlySpan<float> source, ReadOnlySpan<float> bias,
        Span<float> target)
    {
        fixed (float* pw = w, pb = bias, ps = source, pt = target)
            for (int from = 0, to = 0; to < target.Length; from += depth * places, to += rows * places)
                // Started from the bias, as in all other ways: an output must not depend on how many there are.
                Gemm.Multiply(new(rows, places, depth, new(pw, transposed ? rows : depth, transposed), new(ps + from, places, false), pt + to, places) { RowBias = pb });
    }

    // With fewer multiplications where that is faster, else the direct way.
    private static void Correlate(WinogradPlan? fewer, Func<Correlation> direct, float* source, float* w, float* bias, float* target)
    {
        if (fewer is not null && fewer.Pays) WinogradKernel.Run(fewer, source, w, bias, target);
        else CorrelationKernel.Run(direct(), source, w, bias, target);
    }

    /// <summary>dw from dy and x.</summary>
    public static void WeightGradient(ConvGeometry geometry, ReadOnlySpan<float> dy, ReadOnlySpan<float> x, Span<float> dw)
    {
        RequireLengths(geometry, x.Length, dw.Length, dy.Length);
        if (LiveTaps.Of(geometry) is { } live)
        {
            using Workspace weights = new(live.Weights);
            if (live.Weights > 0) WeightGradient(live.Geometry, dy, x, new(weights.Start, live.Weights));
            live.Scatter(weights.Start, dw);
            return;
        }
        if (CoveringConvolution.Is(geometry))
        {
            fixed (float* px = x, pdw = dw, pdy = dy) CoveringConvolution.WeightGradient(geometry, pdy, px, pdw);
            return;
        }
        if (Thinned(geometry) is { } dense)
        {
            using Workspace thin = ThinnedInput(geometry, x);
            WeightGradient(dense, dy, new(thin.Start, Numbers(dense)), dw);
            return;
        }
        if (WinogradGradientPlan.For(geometry) is { Pays: true } fewer)
        {
            fixed (float* px = x, pdw = dw, pdy = dy) WinogradGradientKernel.Run(fewer, px, pdy, pdw);
            return;
        }
        if (BatchLast(geometry, NarrowRow - 1) is { } turned)
        {
            using Workspace xs = Turned(x, geometry.Batch), dys = Turned(dy, geometry.Batch);
            if (turned.Groups == 1) WeightGradientByColumns(turned, new(dys.Start, dy.Length), new(xs.Start, x.Length), dw);
            else
                fixed (float* pdw = dw) WeightGradientKernel.Run(turned, xs.Start, dys.Start, pdw);
            return;
        }
        if (ColumnConvolution.PaysForWeights(geometry))
        {
            fixed (float* px = x, pdw = dw, pdy = dy) ColumnConvolution.WeightGradient(geometry, pdy, px, pdw);
            return;
        }
        fixed (float* px = x, pdw = dw, pdy = dy)
            WeightGradientKernel.Run(geometry.Simplified(), px, pdy, pdw);
    }

    // Few places and many weights: written out, the patches are small, and one matrix product goes through them.
    private static void WeightGradientByColumns(ConvGeometry g, ReadOnlySpan<float> dy, ReadOnlySpan<float> x, Span<float> dw)
    {
        int weights = g.InChannels * g.Kernel.Product, places = g.Output.Product;
        using Workspace room = new((long)weights * places);
        Span<float> columns = new(room.Start, weights * places);
        Columns.Unfold(g, x, columns);
        Gemm.Multiply(g.OutChannels, weights, places, dy, false, columns, true, dw);
    }

    /// <summary>The work with the batch innermost where rows are narrow, or where fewer multiplications that way pay for the turning; else null.</summary>
    private static ConvGeometry? BatchLast(ConvGeometry geometry, Func<ConvGeometry, WinogradPlan?> fewer)
    {
        const int shortRow = 16; // longer rows of tiles fill vectors by themselves
        if (BatchLast(geometry, NarrowRow) is { } narrow) return narrow;
        if (BatchLast(geometry, shortRow) is not { } turned || fewer(turned) is not { } plan) return null;
        double inPlace = Math.Min(plan.DirectCost, fewer(geometry)!.Cost);
        return plan.Cost + plan.TurningCost < 0.9 * inPlace ? turned : null;
    }

    /// <summary>
    /// The same work with the batch as the innermost axis, where that pays: rows of small images fill only a part of a vector, and what is
    /// computed for one image is computed for all of them. The weights lie as before, because the new axis has one tap.
    /// </summary>
    private static ConvGeometry? BatchLast(ConvGeometry geometry, int narrow)
    {
        const int enough = 16; // images to fill an AVX-512 vector
        ConvGeometry g = geometry.Simplified();
        bool flat = g.Input.D == 1 && g.Output.D == 1 && g.Kernel.D == 1;
        if (!flat || g.Batch < enough || Math.Max(g.Input.W, g.Output.W) > narrow) return null;
        return g with
        {
            Batch = 1,
            Input = new(g.Input.H, g.Input.W, g.Batch),
            Output = new(g.Output.H, g.Output.W, g.Batch),
            Kernel = new(g.Kernel.H, g.Kernel.W, 1),
            Stride = new(g.Stride.H, g.Stride.W, 1),
            Padding = new(g.Padding.H, g.Padding.W, 0),
            Dilation = new(g.Dilation.H, g.Dilation.W, 1),
        };
    }

    // A pointwise convolution with a stride reads a few places of x only: on a copy of those it has no stride.
    private static ConvGeometry? Thinned(ConvGeometry g)
    {
        Triple one = new(1, 1, 1);
        return g.Kernel == one && g.Stride != one && g.Padding == default ? g with { Input = g.Output, Stride = one } : null;
    }

    private static Workspace ThinnedInput(ConvGeometry g, ReadOnlySpan<float> x)
    {
        int count = Numbers(g with { Input = g.Output });
        Workspace thin = new(count);
        Columns.Unfold(g, x, new(thin.Start, count));
        return thin;
    }

    // Of x.
    private static int Numbers(ConvGeometry g) => g.Batch * g.InChannels * g.Input.Product;

    private static Workspace Turned(ReadOnlySpan<float> x, int batch)
    {
        Workspace turned = new(x.Length + PaddedPlanes.Slack);
        SimdMemory.Clean(turned.Start + x.Length, PaddedPlanes.Slack);
        StridedCopy.Transpose(x, new Span<float>(turned.Start, x.Length), 1, batch, x.Length / batch);
        return turned;
    }

    private static void TurnBack(Workspace turned, Span<float> y, int batch) =>
        StridedCopy.Transpose(new ReadOnlySpan<float>(turned.Start, y.Length), y, 1, y.Length / batch, batch);

    private static void RequireLengths(ConvGeometry g, int x, int w, int y)
    {
        if (x != g.Batch * g.InChannels * g.Input.Product || w != g.OutChannels * g.GroupInputs * g.Kernel.Product ||
            y != g.Batch * g.OutChannels * g.Output.Product)
            throw new ArgumentException($"Convolution: spans of {x} (x), {w} (w) and {y} (y) numbers for {g}");
    }
}
