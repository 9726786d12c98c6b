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
        public bool InPlace;
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
        work.InPlace = ReadsInPlace<V>(c);
        long packed = 0;
        foreach (CorrelationPhase phase in c.Phases) packed += (long)phase.Depth * work.Panels.PaddedRows * c.Groups;
        using Workspace room = new(packed);
        work.Packed = room.Start;
        Threads.RunChunks(c.Groups, Math.Max(1, 4096 / Math.Max(1, c.WeightGroupStride)), (from, to) =>
        {
            for (int group = from; group < to; group++)
                for (int phase = 0; phase < c.Phases.Length; phase++) PackWeights(work, phase, group);
        });

        int planes = c.Batch * c.Groups, parts = Parts(work);
        if (parts > 0)
            Threads.RunChunks(planes * parts, Grain(c, planes, parts), (from, to) => WholePlanes<V>(work, parts, from, to));
        else
            for (int i = 0; i < planes; i++)
            {
                if (c.Blocks is { } blocks && !work.InPlace && c.Room is null) Line<V>(work, i, blocks);
                else CutPlanes<V>(work, i);
            }
    }

    // Multiply-adds of a plane, as its first phase has them.
    private static long Products(Correlation c) => Math.Max(1, (long)c.TargetPlane * c.Rows * c.Phases[0].Depth);

    /// <summary>
    /// In how many parts of its rows a plane is computed, each with a padded copy of its own, so that nothing passes from core to core;
    /// 0 if it is better padded once, and cut along the outputs as well.
    /// </summary>
    private static int Parts(Work work)
    {
        const int least = 1 << 16, most = 1 << 18; // multiply-adds that are worth a task, and that are not worth several steps
        const int copied = 1 << 17; // floats that a task may copy: half of a second-level cache
        const int perCopied = 32, perTakenApart = 256; // multiply-adds that outweigh a float of one more copy
        Correlation c = work.Correlation;
        int planes = c.Batch * c.Groups;
        long products = Products(c), copy = work.InPlace ? 0 : (long)c.Channels * c.Planes.Plane;
        if (planes >= EnoughTasks) return 1;
        if (copy > copied) return 0;
        long worth = Math.Max(least, copy * (c.Planes.TakesApart ? perTakenApart : perCopied));
        int parts = (int)Math.Clamp(Math.Min(EnoughTasks / planes, products / worth), 1, work.Panels.Count);
        return planes * parts > 2 || products <= (planes > 1 ? 8 * most : most) ? parts : 0;
    }

    // Planes of a task: enough to be worth one, and not more than leave enough tasks.
    private static int Grain(Correlation c, int planes, int parts)
    {
        const int least = 1 << 13, good = 1 << 17; // multiply-adds
        if (parts > 1) return 1;
        long products = Products(c);
        return (int)Math.Max(Math.Clamp(least / products, 1, planes), Math.Min(good / products, planes / EnoughTasks));
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

    // With a room for the targets, rows are computed to the end of their last vector, and read beyond their own. Else the last vector of a row
    // that is not a whole number of them begins early.
    private static bool ReadsInPlace<V>(Correlation c) where V : struct, ISimd<V> =>
        c.Room is null && c.Planes.IsSource && c.Phases[0].Count.W >= V.Count;

    /// <summary>Some planes' parts, from padding to results, in one task.</summary>
    private static void WholePlanes<V>(Work work, int parts, int first, int last) where V : struct, ISimd<V>
    {
        Correlation c = work.Correlation;
        RowPanels panels = work.Panels;
        bool inPlace = work.InPlace;
        using Workspace room = new(inPlace ? 0 : (long)c.Channels * c.Planes.Plane + PaddedPlanes.Slack);
        using Workspace written = new(c.Room?.Floats(c.Rows) ?? 0);
        if (!inPlace) SimdMemory.Clean(room.Start + (long)c.Channels * c.Planes.Plane, PaddedPlanes.Slack);
        for (int i = first; i < last; i++)
        {
            (int plane, int part) = Math.DivRem(i, parts);
            (int from, int to) = (panels.Count * part / parts, panels.Count * (part + 1) / parts);
            float* source = inPlace ? SourceOf(work, plane) : room.Start, target = c.Room is null ? TargetOf(work, plane) : written.Start;
            if (!inPlace) c.Planes.Fill(SourceOf(work, plane), 0, c.Channels, source);
            for (int phase = 0; phase < c.Phases.Length; phase++)
                Vectors<V>(work, plane, phase, source, target, 0, VectorCount<V>(c.Phases[phase]), from, to);
            c.Room?.Deliver(target, panels.Start(from), Math.Min(c.Rows, panels.Start(to)) - panels.Start(from), TargetOf(work, plane));
        }
    }

    /// <summary>One image's part of one group, by several tasks.</summary>
    private static void CutPlanes<V>(Work work, int plane) where V : struct, ISimd<V>
    {
        Correlation c = work.Correlation;
        bool inPlace = work.InPlace;
        using Workspace room = new(inPlace ? 0 : (long)c.Channels * c.Planes.Plane + PaddedPlanes.Slack);
        using Workspace written = new(c.Room?.Floats(c.Rows) ?? 0);
        if (!inPlace) SimdMemory.Clean(room.Start + (long)c.Channels * c.Planes.Plane, PaddedPlanes.Slack);
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

    /// <summary>One image's part of one group where it is a long line: a block of it in each task.</summary>
    private static void Line<V>(Work work, int plane, LineBlocks blocks) where V : struct, ISimd<V> => Threads.Run(blocks.Count, task =>
    {
        int channels = work.Correlation.Channels, first = task * blocks.Length, end = VectorCount<V>(blocks.Phase);
        using Workspace room = new((long)channels * blocks.Plane + PaddedPlanes.Slack);
        SimdMemory.Clean(room.Start + (long)channels * blocks.Plane, PaddedPlanes.Slack);
        blocks.At(first).Fill(SourceOf(work, plane), 0, channels, room.Start);
        Vectors<V>(work, plane, 0, room.Start - first, TargetOf(work, plane), first / V.Count, Math.Min(end, (first + blocks.Length) / V.Count),
            0, work.Panels.Count, blocks.Phase);
    });

    private static int VectorCount<V>(CorrelationPhase phase) where V : struct, ISimd<V> =>
        phase.Count.D * phase.Count.H * ((phase.Count.W + V.Count - 1) / V.Count);

    /// <summary>A vector of outputs of one row: where it reads, where its results go, how many of them, and how many come before those.</summary>
    private readonly record struct Piece(int Source, int Target, int Count, int Skipped);

    private static Piece PieceAt<V>(Work work, CorrelationPhase phase, int number) where V : struct, ISimd<V>
    {
        PaddedPlanes planes = work.Correlation.Planes;
        int across = (phase.Count.W + V.Count - 1) / V.Count;
        (int row, int x) = Math.DivRem(number, across);
        (int z, int y) = Math.DivRem(row, phase.Count.H);
        x *= V.Count;
        int count = Math.Min(V.Count, phase.Count.W - x), skipped = work.InPlace ? V.Count - count : 0;
        return new Piece(z * planes.DepthStep + y * planes.HeightStep + x - skipped,
            phase.TargetStart + z * phase.TargetSteps.D + y * phase.TargetSteps.H + x * phase.TargetSteps.W, count, skipped);
    }

    private static void Vectors<V>(Work work, int plane, int phaseNumber, float* source, float* target, int from, int to, int firstPanel, int lastPanel,
        CorrelationPhase? placedElsewhere = null)
        where V : struct, ISimd<V>
    {
        Correlation c = work.Correlation;
        CorrelationPhase phase = placedElsewhere ?? c.Phases[phaseNumber];
        int group = plane % c.Groups;
        float* packed = work.PackedOf(phaseNumber, group);
        float* bias = work.Bias == null ? null : work.Bias + group * c.Rows;
        if (c.Rows == 1) SingleRow<V>(work, phase, packed, bias == null ? 0 : *bias, source, target, from, to);
        else if (work.InPlace && phase.Count.W % V.Count == 0 && IsPointwise(c, phase) && lastPanel - firstPanel > 1)
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
            Piece left = PieceAt<V>(work, phase, i), right = i + 1 < last ? PieceAt<V>(work, phase, i + 1) : left with { Count = 0 };
            tile.Run(source, left, right);
        }
    }

    [SkipLocalsInit]
    private static void SingleRow<V>(Work work, CorrelationPhase phase, float* packed, float bias, float* source, float* target, int from, int to)
        where V : struct, ISimd<V>
    {
        float* room = stackalloc float[5 * 16]; // a vector more, for what is read from the middle of the last
        Piece* pieces = stackalloc Piece[4];
        fixed (int* offsets = phase.SourceOffsets)
            for (int first = from; first < to; first += 4)
            {
                for (int i = 0; i < 4; i++) pieces[i] = PieceAt<V>(work, phase, Math.Min(first + i, to - 1));
                SingleRowTile.Run<V>(new(offsets), phase.Depth, packed, work.Panels.PaddedRows, bias, source + pieces[0].Source,
                    source + pieces[1].Source, source + pieces[2].Source, source + pieces[3].Source, room);
                for (int i = 0; i < Math.Min(4, to - first); i++)
                    Write<V>(room + i * V.Count + pieces[i].Skipped, target + pieces[i].Target, pieces[i].Count, phase.TargetSteps.W);
            }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write<V>(float* from, float* to, int count, int step) where V : struct, ISimd<V>
    {
        if (step == 1) SimdMemory.Store(V.Load(ref *from), to, count);
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
            float* room = stackalloc float[12 * 32 + 16]; // a vector more, for what is read from the middle of the last
            if (bias != null)
            {
                SimdMemory.Clean(room + rows * 2 * V.Count, (height - rows) * 2 * V.Count);
                FillBias(room, room + V.Count, 2 * V.Count);
            }
            RegisterTile.Run<V, R>(height, terms, depth, packed, b0, b1, room, room + V.Count, 2 * V.Count, bias != null);
            for (int i = 0; i < rows; i++, room += 2 * V.Count)
            {
                Write<V>(room + left.Skipped, c0 + (long)i * stride, left.Count, step);
                Write<V>(room + V.Count + right.Skipped, c1 + (long)i * stride, right.Count, step);
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
