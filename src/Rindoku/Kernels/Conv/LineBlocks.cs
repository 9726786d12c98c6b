namespace Rindoku.Kernels;

/// <summary>How a correlation along one long line is cut into blocks, each with a padded copy of its own part of the source.</summary>
/// <remarks>
/// Such a copy stays in the second-level cache of the core that makes and reads it; one of the whole line would first go to memory and then,
/// half of it, to the other core. Every output is computed as before, so the bits are the same.
/// </remarks>
internal sealed class LineBlocks
{
    private const int Unit = 128, GoodFloats = 1 << 14, EnoughBlocks = 8;

    private readonly AxisPlan d, h, w;
    private readonly int outputs;

    private LineBlocks(AxisPlan d, AxisPlan h, AxisPlan w, CorrelationPhase whole, int length)
    {
        outputs = whole.Count.W;
        int reach = w.Padded - outputs; // from an output's first place to its last
        (this.d, this.h, this.w, Length) = (d, h, w with { Padded = length + reach }, length);
        Plane = At(0).Plane;
        Phase = new CorrelationPhase
        {
            Count = whole.Count,
            SourceOffsets = [.. whole.SourceOffsets.Select(offset => offset / w.Padded * (length + reach) + offset % w.Padded)],
            WeightOffsets = whole.WeightOffsets,
            TargetStart = whole.TargetStart,
            TargetSteps = whole.TargetSteps,
        };
    }

    /// <summary>The blocks, or null where they do not help: the line is no single one, short, cut by a stride, or read from far away.</summary>
    public static LineBlocks? For(AxisPlan d, AxisPlan h, AxisPlan w, int channels, CorrelationPhase[] phases)
    {
        if (phases.Length != 1 || phases[0].Count is not { D: 1, H: 1 } || w.Step > 1) return null;
        int outputs = phases[0].Count.W, reach = w.Padded - outputs;
        int good = Math.Max(GoodFloats / Math.Max(1, channels * d.Padded * h.Padded), 2 * reach), most = outputs / EnoughBlocks;
        int length = Math.Max(1, (Math.Min(good, most) + Unit / 2) / Unit) * Unit;
        return length >= 2 * reach && outputs >= 2 * length ? new LineBlocks(d, h, w, phases[0], length) : null;
    }

    /// <summary>Outputs of a block.</summary>
    public int Length { get; }

    public int Count => (outputs + Length - 1) / Length;

    /// <summary>The work of the whole line as it reads a block's copy, whose first output is the line's first.</summary>
    public CorrelationPhase Phase { get; }

    /// <summary>Floats of a channel's copy.</summary>
    public int Plane { get; }

    /// <summary>The copy for the block that begins at an output.</summary>
    public PaddedPlanes At(int output) => new(d, h, w with { Before = w.Before - output });
}
