using System.Runtime.CompilerServices;

namespace Rindoku.Kernels;

/// <summary>Runs a <see cref="Correlation"/> with the register tiles of the matrix product.</summary>
/// <remarks>
/// Determinism: every output is one chain of fused multiply-adds in the order of channels and taps, started from the bias, so it has the
/// same bits for any thread count and vector width. Aliasing: the target must not overlap the others.
/// </remarks>
internal static unsafe class CorrelationKernel
{
    // Tiles of as many vectors use a panel of weights while it is in the first-level cache.
    private const int VectorsAtOnce = 8;

    // With at least so many planes there is a task for each; with fewer they are cut.
    private const int EnoughTasks = 16;

    /// <summary>Everything the tasks share.</summary>
    private sealed class Work(Correlation correlation, float* source, float* weights, float* bias, float* target)
    {
        public readonly Correlation Correlation = correlation;
        public readonly float* Source = source, Weights = weights, Bias = bias, Target = target;
        public RowPanels Panels;
        public float* Packed;

        public float* PackedOf(int phase, int group)
        {
            long at = 0;
            for (int i = 0; i < phase; i++) at += (long)Correlation.Phases[i].Depth * Panels.PaddedRows * Correlation.Groups;
            return Packed + at + (long)group * Correlation.Phases[phase].Depth * Panels.PaddedRows;
        }
    }

    /// <summary>Computes all targets.</summary>
    /// <param name="c">The work.</param>
    /// <param name="source">(Batch, Groups · Channels, planes).</param>
    /// <param name="weights">As the correlation's offsets say.</param>
    /// <param name="bias">One number for each target channel, or null.</param>
    /// <param name="target">(Batch, Groups · Rows, planes).</param>
    public static void Run(Correlation c, float* source, float* weights, float* bias, float* target)
    {
        if (c.Batch * c.Groups == 0 || c.Rows == 0 || c.TargetPlane == 0) return;
        Work work = new(c, source, weights, bias, target);
        switch (VectorWidth.For(c.Phases[0].Count.W))
        {
            case 512: Run<V512>(work); break;
            case 256: Run<V256>(work); break;
            default: Run<V128>(work); break;
        }
    }

    private static void Run<V>(Work work) where V : struct, ISimd<V>
    {
        Correlation c = work.Correlation;
        work.Panels = new RowPanels(c.Rows, RowPanels.UnitFor<V>());
        long packed = 0;
        foreach (CorrelationPhase phase in c.Phases) packed += (long)phase.Depth * work.Panels.PaddedRows * c.Groups;
        using Workspace room = new(packed);
        work.Packed = room.Start;
        Threads.RunChunks(c.Groups, Math.Max(1, 4096 / Math.Max(1, c.WeightGroupStride)), (from, to) =>
        {
            for (int group = from; group < to; group++)
                for (int phase = 0; phase < c.Phases.Length; phase++) PackWeights(work, phase, group);
        });

        if (c.Batch * c.Groups >= EnoughTasks) Threads.Run(c.Batch * c.Groups, task => WholePlanes<V>(work, task));
        else
            for (int i = 0; i < c.Batch * c.Groups; i++) CutPlanes<V>(work, i);
    }

    private static void PackWeights(Work work, int phase, int group)
    {
        Correlation c = work.Correlation;
        int[] offsets = c.Phases[phase].WeightOffsets;
        float* to = work.PackedOf(phase, group), from = work.Weights + (long)group * c.WeightGroupStride;
        for (int panel = 0; panel < work.Panels.Count; panel++)
        {
            int start = work.Panels.Start(panel), height = work.Panels.Height(panel), rows = Math.Min(height, c.Rows - start);
            foreach (int offset in offsets)
            {
                float* w = from + (long)start * c.WeightRowStride + offset;
                for (int i = 0; i < rows; i++, w += c.WeightRowStride) *to++ = *w;
                for (int i = rows; i < height; i++) *to++ = 0;
            }
        }
    }

    private static float* SourceOf(Work work, int plane) =>
        work.Source + (long)plane * work.Correlation.Channels * work.Correlation.Planes.SourcePlane;

    private static float* TargetOf(Work work, int plane) => work.Target + (long)plane * work.Correlation.Rows * work.Correlation.TargetPlane;

    // With a room for the targets, rows are computed to the end of their last vector, and read beyond their own.
    private static bool ReadsInPlace<V>(Correlation c) where V : struct, ISimd<V> =>
        c.Room is null && c.Planes.IsSource && c.Phases[0].Count.W % V.Count == 0;

    /// <summary>One image's part of one group, from padding to results, in one task.</summary>
    private static void WholePlanes<V>(Work work, int plane) where V : struct, ISimd<V>
    {
        Correlation c = work.Correlation;
        using Workspace written = new(c.Room?.Floats(c.Rows) ?? 0);
        float* target = c.Room is null ? TargetOf(work, plane) : written.Start;
        if (ReadsInPlace<V>(c))
        {
            for (int phase = 0; phase < c.Phases.Length; phase++)
                Vectors<V>(work, plane, phase, SourceOf(work, plane), target, 0, VectorCount<V>(c.Phases[phase]), 0, work.Panels.Count);
            return;
        }
        using Workspace room = new((long)c.Channels * c.Planes.Plane + PaddedPlanes.Slack);
        c.Planes.Fill(SourceOf(work, plane), 0, c.Channels, room.Start);
        for (int phase = 0; phase < c.Phases.Length; phase++)
            Vectors<V>(work, plane, phase, room.Start, target, 0, VectorCount<V>(c.Phases[phase]), 0, work.Panels.Count);
        c.Room?.Deliver(target, 0, c.Rows, TargetOf(work, plane));
    }

    /// <summary>One image's part of one group, by several tasks.</summary>
    private static void CutPlanes<V>(Work work, int plane) where V : struct, ISimd<V>
    {
        Correlation c = work.Correlation;
        bool inPlace = ReadsInPlace<V>(c);
        using Workspace room = new(inPlace ? 0 : (long)c.Channels * c.Planes.Plane + PaddedPlanes.Slack);
        using Workspace written = new(c.Room?.Floats(c.Rows) ?? 0);
        float* source = inPlace ? SourceOf(work, plane) : room.Start, target = c.Room is null ? TargetOf(work, plane) : written.Start;
        if (!inPlace)
            Threads.RunChunks(c.Channels, Math.Max(1, 8192 / c.Planes.Plane), (from, to) =>
                c.Planes.Fill(SourceOf(work, plane), from, to - from, source));
        for (int phase = 0; phase < c.Phases.Length; phase++)
        {
            // Where the outputs alone give too few tasks, the panels of weights are shared out as well.
            int current = phase, count = VectorCount<V>(c.Phases[phase]), chunks = (count + VectorsAtOnce - 1) / VectorsAtOnce, panels = work.Panels.Count;
            int groups = Math.Clamp(EnoughTasks / Math.Max(1, chunks), 1, Math.Max(1, panels));
            Threads.Run(chunks * groups, task =>
            {
                (int group, int chunk) = Math.DivRem(task, chunks);
                Vectors<V>(work, plane, current, source, target, chunk * VectorsAtOnce, Math.Min(count, (chunk + 1) * VectorsAtOnce),
                    panels * group / groups, panels * (group + 1) / groups);
            });
        }
        if (c.Room is not null)
            Threads.RunChunks(c.Rows, Math.Max(1, 8192 / c.TargetPlane), (from, to) => c.Room.Deliver(target, from, to - from, TargetOf(work, plane)));
    }

    private static int VectorCount<V>(CorrelationPhase phase) where V : struct, ISimd<V> =>
        phase.Count.D * phase.Count.H * ((phase.Count.W + V.Count - 1) / V.Count);

    /// <summary>A vector of outputs of one row: where it reads, where it writes, and how many of its places are there.</summary>
    private readonly record struct Piece(int Source, int Target, int Count);

    private static Piece PieceAt<V>(Correlation c, CorrelationPhase phase, int number) where V : struct, ISimd<V>
    {
        int across = (phase.Count.W + V.Count - 1) / V.Count;
        (int row, int x) = Math.DivRem(number, across);
        (int z, int y) = Math.DivRem(row, phase.Count.H);
        x *= V.Count;
        return new Piece(z * c.Planes.DepthStep + y * c.Planes.HeightStep + x,
            phase.TargetStart + z * phase.TargetSteps.D + y * phase.TargetSteps.H + x * phase.TargetSteps.W, Math.Min(V.Count, phase.Count.W - x));
    }

    private static void Vectors<V>(Work work, int plane, int phaseNumber, float* source, float* target, int from, int to, int firstPanel, int lastPanel)
        where V : struct, ISimd<V>
    {
        Correlation c = work.Correlation;
        CorrelationPhase phase = c.Phases[phaseNumber];
        int group = plane % c.Groups;
        float* packed = work.PackedOf(phaseNumber, group);
        float* bias = work.Bias == null ? null : work.Bias + group * c.Rows;
        if (c.Rows == 1) SingleRow<V>(work, phase, packed, bias == null ? 0 : *bias, source, target, from, to);
        else if (ReadsInPlace<V>(c) && IsPointwise(c, phase) && lastPanel - firstPanel > 1)
            Gathered<V>(work, phase, packed, bias, source, target, from, to, firstPanel, lastPanel);
        else
            fixed (int* offsets = phase.SourceOffsets)
                for (int first = from; first < to; first += VectorsAtOnce)
                    for (int panel = firstPanel; panel < lastPanel; panel++)
                        OnePanel<V, TableRows>(work, phase, packed, bias, panel, new(offsets), source, target, first, Math.Min(first + VectorsAtOnce, to));
    }

    // One long row, and a single tap.
    private static bool IsPointwise(Correlation c, CorrelationPhase phase) => phase.Count.D * phase.Count.H == 1 && phase.Depth == c.Channels;

    /// <summary>
    /// Every panel reads the source again. Channels that lie whole pages apart would be fetched from memory one line at a time, and fall into
    /// the same few lines of the first cache: so a block of every row is copied together first, in the memory's order. While it is multiplied,
    /// the next block comes from memory.
    /// </summary>
    private static void Gathered<V>(Work work, CorrelationPhase phase, float* packed, float* bias, float* source, float* target, int from, int to,
        int firstPanel, int lastPanel)
        where V : struct, ISimd<V>
    {
        const int blockFloats = 80 << 10, most = 128; // two of them within the second-level cache; rows of up to 8 KB
        int plane = work.Correlation.Planes.Plane;
        int vectors = Math.Clamp(blockFloats / (phase.Depth * V.Count) / VectorsAtOnce, 1, most / VectorsAtOnce) * VectorsAtOnce;
        int stride = vectors * V.Count + 16; // a line more than a power of two
        using Workspace room = new((long)phase.Depth * stride);
        for (int block = from; block < to; block += vectors)
        {
            int end = Math.Min(block + vectors, to), start = block * V.Count, count = (end - block) * V.Count;
            for (int p = 0; p < phase.Depth; p++)
                new ReadOnlySpan<float>(source + (long)p * plane + start, count).CopyTo(new Span<float>(room.Start + (long)p * stride, count));
            // After the last block of an image most often comes the first of the next one.
            nint next = (nint)(source + (end < to ? start + count : (long)phase.Depth * plane) - room.Start);
            for (int first = block; first < end; first += VectorsAtOnce)
                for (int panel = firstPanel; panel < lastPanel; panel++)
                {
                    int last = Math.Min(first + VectorsAtOnce, end), line = panel - firstPanel;
                    if (line * 16 < 2 * V.Count)
                        OnePanel<V, RowsBeforeOthers>(work, phase, packed, bias, panel, new(stride, next + line * 16, plane - stride), room.Start - start, target, first, last);
                    else OnePanel<V, EvenRows>(work, phase, packed, bias, panel, new(stride), room.Start - start, target, first, last);
                }
        }
    }

    private static void OnePanel<V, R>(Work work, CorrelationPhase phase, float* packed, float* bias, int panel, R terms, float* source, float* target,
        int first, int last)
        where V : struct, ISimd<V> where R : struct, IRows
    {
        Correlation c = work.Correlation;
        int row = work.Panels.Start(panel), height = work.Panels.Height(panel), rows = Math.Min(height, c.Rows - row);
        Tile<V, R> tile = new(terms, phase.Depth, packed + (long)row * phase.Depth, height, rows,
            target + (long)row * c.WrittenPlane, c.WrittenPlane, phase.TargetSteps.W, bias == null ? null : bias + row);
        for (int i = first; i < last; i += 2)
        {
            Piece left = PieceAt<V>(c, phase, i), right = i + 1 < last ? PieceAt<V>(c, phase, i + 1) : left with { Count = 0 };
            tile.Run(source, left, right);
        }
    }

    [SkipLocalsInit]
    private static void SingleRow<V>(Work work, CorrelationPhase phase, float* packed, float bias, float* source, float* target, int from, int to)
        where V : struct, ISimd<V>
    {
        float* room = stackalloc float[4 * 16];
        Piece* pieces = stackalloc Piece[4];
        fixed (int* offsets = phase.SourceOffsets)
            for (int first = from; first < to; first += 4)
            {
                for (int i = 0; i < 4; i++) pieces[i] = PieceAt<V>(work.Correlation, phase, Math.Min(first + i, to - 1));
                SingleRowTile.Run<V>(new(offsets), phase.Depth, packed, work.Panels.PaddedRows, bias, source + pieces[0].Source,
                    source + pieces[1].Source, source + pieces[2].Source, source + pieces[3].Source, room);
                for (int i = 0; i < Math.Min(4, to - first); i++)
                    Write(room + i * V.Count, target + pieces[i].Target, pieces[i].Count, phase.TargetSteps.W);
            }
    }

    private static void Write(float* from, float* to, int count, int step)
    {
        if (step == 1) new ReadOnlySpan<float>(from, count).CopyTo(new Span<float>(to, count));
        else
            for (int i = 0; i < count; i++) to[i * step] = from[i];
    }

    /// <summary>One panel of weights at work.</summary>
    private readonly struct Tile<V, R>(R terms, int depth, float* packed, int height, int rows, float* target, int stride, int step, float* bias)
        where V : struct, ISimd<V> where R : struct, IRows
    {
        [SkipLocalsInit]
        public void Run(float* source, Piece left, Piece right)
        {
            float* b0 = source + left.Source, b1 = source + right.Source, c0 = target + left.Target, c1 = target + right.Target;
            if (step == 1 && left.Count == V.Count && right.Count == V.Count && rows == height)
            {
                if (bias != null) FillBias(c0, c1, stride);
                RegisterTile.Run<V, R>(height, terms, depth, packed, b0, b1, c0, c1, stride, bias != null);
                return;
            }
            float* room = stackalloc float[12 * 32];
            if (bias != null) FillBias(room, room + V.Count, 2 * V.Count);
            RegisterTile.Run<V, R>(height, terms, depth, packed, b0, b1, room, room + V.Count, 2 * V.Count, bias != null);
            for (int i = 0; i < rows; i++, room += 2 * V.Count)
            {
                Write(room, c0 + (long)i * stride, left.Count, step);
                Write(room + V.Count, c1 + (long)i * stride, right.Count, step);
            }
        }

        private void FillBias(float* c0, float* c1, int stride)
        {
            for (int i = 0; i < rows; i++)
            {
                V value = V.All(bias[i]);
                V.Store(value, ref c0[(long)i * stride]);
                V.Store(value, ref c1[(long)i * stride]);
            }
        }
    }
}
