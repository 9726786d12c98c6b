namespace Rindoku.Kernels;

/// <summary>One kernel position along an axis, and where it reads: at <c>Offset + i · step</c> in the padded source for output i.</summary>
internal readonly record struct Tap(int Index, int Offset);

/// <summary>Every Step-th output along an axis, from Start, and the taps that reach them.</summary>
internal sealed record AxisPhase(int Start, int Step, int Count, Tap[] Taps);

/// <summary>How the outputs along one axis come from the padded source.</summary>
/// <param name="Size">Of the source, before padding.</param>
/// <param name="Before">Zeros in front; negative where the source is cut instead.</param>
/// <param name="Padded">Positions of the padded source.</param>
/// <param name="Step">How far the source moves with each output.</param>
/// <param name="Phases">The outputs.</param>
internal readonly record struct AxisPlan(int Size, int Before, int Padded, int Step, AxisPhase[] Phases)
{
    /// <summary>y from x.</summary>
    public static AxisPlan Forward(int input, int output, int kernel, int stride, int padding, int dilation)
    {
        Tap[] taps = [.. Enumerable.Range(0, kernel).Select(k => new Tap(k, k * dilation))];
        return new AxisPlan(input, padding, (output - 1) * stride + (kernel - 1) * dilation + 1, stride, [new AxisPhase(0, 1, output, taps)]);
    }

    /// <summary>dx from dy: inputs whose places agree modulo the stride are reached by the same taps, and move through dy one by one.</summary>
    public static AxisPlan Backward(int input, int output, int kernel, int stride, int padding, int dilation)
    {
        List<AxisPhase> phases = [];
        for (int r = 0; r < Math.Min(stride, input); r++)
        {
            int place = r + padding;
            Tap[] taps = [.. Enumerable.Range(0, kernel).Where(k => (place - k * dilation) % stride == 0)
                .Select(k => new Tap(k, (place - k * dilation) / stride))]; // the division is exact, also below zero
            phases.Add(new AxisPhase(r, stride, (input - r + stride - 1) / stride, taps));
        }
        int first = 0, last = 0;
        foreach (AxisPhase phase in phases)
            foreach (Tap tap in phase.Taps)
                (first, last) = (Math.Min(first, tap.Offset), Math.Max(last, tap.Offset + phase.Count - 1));
        AxisPhase[] shifted = [.. phases.Select(p => p with { Taps = [.. p.Taps.Select(t => t with { Offset = t.Offset - first })] })];
        return new AxisPlan(output, -first, last - first + 1, 1, shifted);
    }
}

/// <summary>Some of a correlation's outputs: all that are reached by the same taps.</summary>
internal sealed class CorrelationPhase
{
    /// <summary>How many outputs along each axis.</summary>
    public required Triple Count { get; init; }

    /// <summary>For each term of the sum its place in the padded source, and in a row of the weights.</summary>
    public required int[] SourceOffsets { get; init; }

    public required int[] WeightOffsets { get; init; }

    /// <summary>Where the first output lies in a target plane, and how far apart outputs lie along each axis.</summary>
    public required int TargetStart { get; init; }

    public required Triple TargetSteps { get; init; }

    /// <summary>Terms of the sum.</summary>
    public int Depth => SourceOffsets.Length;
}

/// <summary>
/// A sum of shifted planes with weights, which is both a convolution's output (from x) and its input gradient (from dy):
/// <c>target[m, i] = bias[m] + Σ over p of weight[m, p] · source[offset[p] + i]</c>.
/// </summary>
/// <remarks>
/// This is a matrix product whose right-hand side, the columns of the source, is never written out: because padding and the
/// stride along rows are put into a copy of the source's planes, each row of it is read straight from there.
/// </remarks>
internal sealed class Correlation
{
    private static readonly PlanCache<Correlation> ForwardPlans = new(MakeForward), BackwardPlans = new(MakeBackward);

    private Correlation(AxisPlan d, AxisPlan h, AxisPlan w, int channels, Triple target)
    {
        Planes = new PaddedPlanes(d, h, w);
        TargetPlane = target.Product;
        Room = TargetRoom.For(d, h, w, channels, Planes.HeightStep);
    }

    public PaddedPlanes Planes { get; }

    /// <summary>The parts of the work, one for each combination of the axes' phases.</summary>
    public CorrelationPhase[] Phases { get; private init; } = [];

    public required int Batch { get; init; }

    public required int Groups { get; init; }

    /// <summary>Source channels of a group.</summary>
    public required int Channels { get; init; }

    /// <summary>Target channels of a group.</summary>
    public required int Rows { get; init; }

    /// <summary>From the weights of one target channel to those of the next.</summary>
    public required int WeightRowStride { get; init; }

    /// <summary>From the weights of one group to those of the next.</summary>
    public required int WeightGroupStride { get; init; }

    public int TargetPlane { get; }

    /// <summary>Where the phases are written first, or null if they are written to the target itself.</summary>
    public TargetRoom? Room { get; }

    /// <summary>How the only line is cut, or null where it is not.</summary>
    public LineBlocks? Blocks { get; private init; }

    /// <summary>Floats of a plane that the phases are written to.</summary>
    public int WrittenPlane => Room?.Plane ?? TargetPlane;

    /// <summary>y from x.</summary>
    public static Correlation Forward(ConvGeometry g) => ForwardPlans.Of(g);

    /// <summary>dx from dy.</summary>
    public static Correlation Backward(ConvGeometry g) => BackwardPlans.Of(g);

    private static Correlation MakeForward(ConvGeometry g)
    {
        AxisPlan d = AxisPlan.Forward(g.Input.D, g.Output.D, g.Kernel.D, g.Stride.D, g.Padding.D, g.Dilation.D);
        AxisPlan h = AxisPlan.Forward(g.Input.H, g.Output.H, g.Kernel.H, g.Stride.H, g.Padding.H, g.Dilation.H);
        AxisPlan w = AxisPlan.Forward(g.Input.W, g.Output.W, g.Kernel.W, g.Stride.W, g.Padding.W, g.Dilation.W);
        int taps = g.Kernel.Product, row = g.GroupInputs * taps;
        CorrelationPhase[] phases = AllPhases(d, h, w, g.Output, g.Kernel, g.GroupInputs, taps);
        return new Correlation(d, h, w, g.GroupInputs, g.Output)
        {
            Batch = g.Batch,
            Groups = g.Groups,
            Channels = g.GroupInputs,
            Rows = g.GroupOutputs,
            WeightRowStride = row,
            WeightGroupStride = g.GroupOutputs * row,
            Phases = phases,
            Blocks = LineBlocks.For(d, h, w, g.GroupInputs, phases),
        };
    }

    private static Correlation MakeBackward(ConvGeometry g)
    {
        AxisPlan d = AxisPlan.Backward(g.Input.D, g.Output.D, g.Kernel.D, g.Stride.D, g.Padding.D, g.Dilation.D);
        AxisPlan h = AxisPlan.Backward(g.Input.H, g.Output.H, g.Kernel.H, g.Stride.H, g.Padding.H, g.Dilation.H);
        AxisPlan w = AxisPlan.Backward(g.Input.W, g.Output.W, g.Kernel.W, g.Stride.W, g.Padding.W, g.Dilation.W);
        int taps = g.Kernel.Product, row = g.GroupInputs * taps;
        CorrelationPhase[] phases = AllPhases(d, h, w, g.Input, g.Kernel, g.GroupOutputs, row);
        return new Correlation(d, h, w, g.GroupOutputs, g.Input)
        {
            Batch = g.Batch,
            Groups = g.Groups,
            Channels = g.GroupOutputs,
            Rows = g.GroupInputs,
            WeightRowStride = taps,
            WeightGroupStride = g.GroupOutputs * row,
            Phases = phases,
            Blocks = LineBlocks.For(d, h, w, g.GroupOutputs, phases),
        };
    }

    private static CorrelationPhase[] AllPhases(AxisPlan d, AxisPlan h, AxisPlan w, Triple target, Triple kernel, int channels, int weightChannelStride)
    {
        PaddedPlanes planes = new(d, h, w);
        List<CorrelationPhase> phases = [];
        foreach (AxisPhase z in d.Phases)
            foreach (AxisPhase y in h.Phases)
                foreach (AxisPhase x in w.Phases)
                {
                    int depth = channels * z.Taps.Length * y.Taps.Length * x.Taps.Length, p = 0;
                    int[] source = new int[depth], weight = new int[depth];
                    for (int c = 0; c < channels; c++)
                        foreach (Tap tz in z.Taps)
                            foreach (Tap ty in y.Taps)
                                foreach (Tap tx in x.Taps)
                                {
                                    source[p] = planes.Place(c, tz.Offset, ty.Offset, tx.Offset);
                                    weight[p++] = c * weightChannelStride + (tz.Index * kernel.H + ty.Index) * kernel.W + tx.Index;
                                }
                    phases.Add(new CorrelationPhase
                    {
                        Count = new(z.Count, y.Count, x.Count),
                        SourceOffsets = source,
                        WeightOffsets = weight,
                        TargetStart = (z.Start * target.H + y.Start) * target.W + x.Start,
                        TargetSteps = new(z.Step * target.H * target.W, y.Step * target.W, x.Step),
                    });
                }
        if (TargetRoom.For(d, h, w, channels, planes.HeightStep) is { } room)
            for (int i = 0; i < phases.Count; i++)
                phases[i] = room.Place(phases[i], i, h.Phases[i / w.Phases.Length % h.Phases.Length], w.Phases[i % w.Phases.Length]);
        return [.. phases];
    }
}
