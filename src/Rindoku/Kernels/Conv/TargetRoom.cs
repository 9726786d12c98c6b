namespace Rindoku.Kernels;

/// <summary>
/// A place for the target planes of a <see cref="Correlation"/> in which whole vectors can be written where in the target itself they cannot:
/// every phase has a plane of its own, whose rows end with room for a whole vector, or lie as far apart as those of the source.
/// </summary>
/// <remarks>
/// In the latter case vectors run on from row to row (what they compute between two rows is never read), which wastes less where rows are
/// a little longer than a whole number of vectors. <see cref="Deliver"/> puts the rows together.
/// </remarks>
internal sealed unsafe class TargetRoom
{
    /// <summary>Readers may read a whole vector that begins inside.</summary>
    private const int Slack = 16;

    private const int Line = 16; // floats of a cache line

    // What the copy costs, in parts of the work that is saved.
    private const double Margin = 1.15;

    // What it costs to put a row together where the target itself would do: so many vectors of multiply-adds. Each output takes as many of them
    // as its sum has terms, so short sums are better computed row by row.
    private const double RowCost = 40;

    private readonly AxisPlan d, h, w;
    private readonly int pitch, unit;
    private readonly int[] starts;
    private readonly Triple size;

    private TargetRoom(AxisPlan d, AxisPlan h, AxisPlan w, int channels, int sourcePitch)
    {
        (this.d, this.h, this.w) = (d, h, w);
        size = new(Size(d), Size(h), Size(w));
        RunsOn = RunningOnPays(d, h, w, channels, sourcePitch);
        unit = VectorWidth.For(RunsOn ? RunOn(h.Phases[0], w.Phases[0], sourcePitch) : w.Phases[0].Count) / 32;
        pitch = RunsOn ? sourcePitch : Whole(w.Phases[0].Count);
        starts = new int[d.Phases.Length * h.Phases.Length * w.Phases.Length];
        for (int i = 0; i < starts.Length; i++)
        {
            starts[i] = Plane;
            Plane += d.Phases[i / w.Phases.Length / h.Phases.Length].Count * DepthStep(h.Phases[i / w.Phases.Length % h.Phases.Length]);
        }
        Plane = Plane / Line * Line + (Plane / Line % 2 == 0 ? Line : 2 * Line); // planes a power of two apart would share few places of the cache
    }

    /// <summary>The room for some phases, or null where the target itself serves as well.</summary>
    public static TargetRoom? For(AxisPlan d, AxisPlan h, AxisPlan w, int channels, int sourcePitch) =>
        w.Phases.Length > 1 || RunningOnPays(d, h, w, channels, sourcePitch) ? new TargetRoom(d, h, w, channels, sourcePitch) : null;

    private static bool RunningOnPays(AxisPlan d, AxisPlan h, AxisPlan w, int channels, int sourcePitch)
    {
        AxisPhase rows = h.Phases[0], columns = w.Phases[0];
        if ((h.Step > 1 && w.Step == 1) || columns.Count > sourcePitch) return false;
        double terms = Math.Max(1, (double)channels * d.Phases[0].Taps.Length * rows.Taps.Length * columns.Taps.Length);
        double delivery = w.Phases.Length > 1 ? 0 : 16 * RowCost / terms; // of a row, in places of a vector; with phases there is a room anyway
        return Margin * VectorWidth.Cost(RunOn(rows, columns, sourcePitch)) < rows.Count * (VectorWidth.Cost(columns.Count) - delivery);
    }

    // From the first place of the first row to the last of the last.
    private static int RunOn(AxisPhase rows, AxisPhase columns, int pitch) => (rows.Count - 1) * pitch + columns.Count;

    private int Whole(int places) => (places + unit - 1) / unit * unit;

    private int DepthStep(AxisPhase rows) => Whole(rows.Count * pitch);

    /// <summary>Whether vectors run on from row to row.</summary>
    public bool RunsOn { get; }

    /// <summary>Floats of the phases' planes of one channel.</summary>
    public int Plane { get; }

    /// <summary>Floats of the room for so many channels.</summary>
    public long Floats(int channels) => (long)channels * Plane + Slack;

    /// <summary>The phase of this number as it is computed here.</summary>
    public CorrelationPhase Place(CorrelationPhase phase, int number, AxisPhase rows, AxisPhase columns) => new()
    {
        Count = RunsOn ? new(phase.Count.D, 1, Whole(RunOn(rows, columns, pitch))) : phase.Count with { W = Whole(columns.Count) },
        SourceOffsets = phase.SourceOffsets,
        WeightOffsets = phase.WeightOffsets,
        TargetStart = starts[number],
        TargetSteps = new(DepthStep(rows), pitch, 1),
    };

    /// <summary>Puts the rows of some channels together in their target planes.</summary>
    public void Deliver(float* room, int firstChannel, int channels, float* target)
    {
        switch (Simd.Bits)
        {
            case 512: Deliver<V512>(room, firstChannel, channels, target); break;
            case 256: Deliver<V256>(room, firstChannel, channels, target); break;
            default: Deliver<V128>(room, firstChannel, channels, target); break;
        }
    }

    private void Deliver<V>(float* room, int firstChannel, int channels, float* target) where V : struct, ISimd<V>
    {
        target += (long)firstChannel * size.Product;
        for (int c = firstChannel; c < firstChannel + channels; c++)
            for (int z = 0; z < size.D; z++)
            {
                (int plane, int phaseZ) = Math.DivRem(z, d.Phases[0].Step);
                for (int y = 0, phaseY = 0, line = 0; y < size.H; y++, target += size.W)
                {
                    float* rows = room + (long)c * Plane + plane * DepthStep(h.Phases[phaseY]) + line * pitch;
                    DeliverRow<V>(rows, (phaseZ * h.Phases.Length + phaseY) * w.Phases.Length, target, size.W);
                    if (++phaseY < h.Phases[0].Step) continue;
                    phaseY = 0;
                    line++;
                }
            }
    }

    private static int Size(AxisPlan axis) => axis.Phases.Sum(p => p.Count);

    /// <summary>One row of the target, from as many rows as there are phases along it.</summary>
    private void DeliverRow<V>(float* rows, int number, float* target, int width) where V : struct, ISimd<V>
    {
        if (w.Phases.Length == 1) RowCopy.Run<V>(rows + starts[number], target, width);
        else if (w.Phases.Length == 2 && w.Phases[0].Step == 2) Alternate<V>(rows + starts[number], rows + starts[number + 1], target, width);
        else
            foreach (AxisPhase phase in w.Phases)
            {
                float* from = rows + starts[number++];
                for (int i = 0; i < phase.Count; i++) target[phase.Start + i * phase.Step] = from[i];
            }
    }

    private static void Alternate<V>(float* even, float* odd, float* target, int count) where V : struct, ISimd<V>
    {
        for (; count >= 2 * V.Count; count -= 2 * V.Count, even += V.Count, odd += V.Count, target += 2 * V.Count)
        {
            V a = V.Load(ref *even), b = V.Load(ref *odd);
            V.Store(V.AlternateLow(a, b), ref target[0]);
            V.Store(V.AlternateHigh(a, b), ref target[V.Count]);
        }
        if (count == 0) return;
        V lastEven = V.Load(ref *even), lastOdd = V.Load(ref *odd);
        V.StorePart(V.AlternateLow(lastEven, lastOdd), target, Math.Min(V.Count, count));
        if (count > V.Count) V.StorePart(V.AlternateHigh(lastEven, lastOdd), target + V.Count, count - V.Count);
    }
}
