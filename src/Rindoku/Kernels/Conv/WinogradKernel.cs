namespace Rindoku.Kernels;

/// <summary>3 x 3 convolutions of stride 1 and their input gradients with a quarter of the multiplications.</summary>
/// <remarks>
/// <para>Winograd's minimal filtering F(4 x 4, 3 x 3): inputs and weights are transformed (<see cref="WinogradMath"/>), for each of 36 products
/// of a tile a matrix product sums over the channels, and the sums are transformed back. Source: Lavin and Gray 2016, arXiv:1509.09308.</para>
/// <para>Accuracy: the transforms' numbers are far larger than the inputs', so results are some three times less exact than the direct way's.
/// Determinism: each output is computed in the same order, however the work is cut. Aliasing: the target must not overlap the others.</para>
/// </remarks>
internal static unsafe class WinogradKernel
{
    // With at least so many blocks there is a task for each; with fewer, each block's channels and rows are shared out, unless the weights are
    // so few that they stay in the second-level cache: then blocks are made smaller, because what one core transforms for the other has
    // to travel there (on servers that takes longer than the products).
    private const int EnoughTasks = 16, FewWeights = 1 << 18;

    // Rows and products begin a cache line off the powers of two: a tile's 36 numbers would else all fall into the same few lines of the cache.
    private const int Apart = 16;

    /// <summary>What the tasks share.</summary>
    private sealed class Work(WinogradPlan plan, float* source, float* target, float* bias, int slotsAtOnce, int tileLanes, int unit)
    {
        public readonly WinogradPlan Plan = plan;
        public readonly float* Source = source, Target = target, Bias = bias;
        public readonly RowPanels Panels = new(plan.Rows, unit);
        public readonly int BlockUnits = UnitsOfBlock(plan, slotsAtOnce), SlotsAtOnce = slotsAtOnce;
        public float* Weights, Zeros;

        /// <summary>From one row of slots to the next: the slots of a block, room for the last unit's last vector, and a line apart.</summary>
        public readonly int Slots = RoundUp(((UnitsOfBlock(plan, slotsAtOnce) - 1) * plan.UnitSlots) + RoundUp(plan.UnitSlots, tileLanes), slotsAtOnce) + Apart;

        public int Blocks => (Plan.Units + BlockUnits - 1) / BlockUnits;

        /// <summary>Whether each block is a task of its own.</summary>
        public bool BlocksAreTasks => Blocks >= EnoughTasks || HasFewWeights(Plan);

        private static bool HasFewWeights(WinogradPlan plan) => (long)WinogradMath.Products * plan.Channels * plan.Rows <= FewWeights;

        // As the plan has it; with few blocks and few weights smaller, for tasks that come in fours and vectors that are full.
        private static int UnitsOfBlock(WinogradPlan plan, int slotsAtOnce)
        {
            int best = plan.BlockUnits(slotsAtOnce);
            if (!HasFewWeights(plan) || (plan.Units + best - 1) / best >= EnoughTasks) return best;
            double fullest = 0;
            for (int units = best; units > 0; units--)
            {
                int blocks = (plan.Units + units - 1) / units, slots = units * plan.UnitSlots;
                double full = (double)slots / RoundUp(slots, slotsAtOnce) * plan.Units / ((double)RoundUp(blocks, 4) * units);
                if (full > fullest) (best, fullest) = (units, full);
            }
            return best;
        }

        public long WeightProductStride => (long)Plan.Channels * Panels.PaddedRows + Apart;

        public long InputProductStride => (long)Plan.Channels * Slots + Apart;

        public long InputFloats => WinogradMath.Products * InputProductStride;

        public long SumFloats => WinogradMath.Products * SumProductStride(12);

        public long SumProductStride(int height) => (long)height * Slots + Apart;

        public (int From, int To) UnitsOf(int block) => (block * BlockUnits, Math.Min(Plan.Units, (block + 1) * BlockUnits));

        /// <summary>Tiles of a block.</summary>
        public int SlotsOf(int block)
        {
            (int from, int to) = UnitsOf(block);
            int slots = 0;
            for (int i = from; i < to; i++) slots += Plan.Unit(i).Count;
            return slots;
        }
    }

    private static int RoundUp(int count, int to) => (count + to - 1) / to * to;

    /// <summary>Computes all targets.</summary>
    /// <param name="plan">The work.</param>
    /// <param name="source">The source; where the batch lies last, with room for a vector after its end.</param>
    /// <param name="weights">The convolution's weights.</param>
    /// <param name="bias">One number for each target channel, or null.</param>
    /// <param name="target">Written.</param>
    public static void Run(WinogradPlan plan, float* source, float* weights, float* bias, float* target)
    {
        if (plan.Units == 0) return;
        switch (Simd.Bits)
        {
            case 512: Run<V512>(plan, source, weights, bias, target); break;
            case 256: Run<V256>(plan, source, weights, bias, target); break;
            default: Run<V128>(plan, source, weights, bias, target); break;
        }
    }

    private static void Run<V>(WinogradPlan plan, float* source, float* weights, float* bias, float* target) where V : struct, ISimd<V>
    {
        Work work = new(plan, source, target, bias, 2 * V.Count, VectorWidth.For(plan.UnitSlots) / 32, RowPanels.UnitFor<V>());
        using Workspace transformed = new(WinogradMath.Products * work.WeightProductStride), zeros = new(WinogradTiles.ZeroLine);
        new Span<float>(zeros.Start, WinogradTiles.ZeroLine).Clear();
        work.Weights = transformed.Start;
        work.Zeros = zeros.Start;
        Threads.Run(work.Panels.Count, panel =>
        {
            int start = work.Panels.Start(panel), height = work.Panels.Height(panel);
            WinogradTiles.Weights<V>(plan, weights + (long)start * plan.WeightRowStride, Math.Min(height, plan.Rows - start), height,
                work.Weights + (long)start * plan.Channels, (nint)work.WeightProductStride);
        });
        switch (VectorWidth.For(plan.UnitSlots))
        {
            case 512: RunBlocks<V, V512>(work); break;
            case 256: RunBlocks<V, V256>(work); break;
            default: RunBlocks<V, V128>(work); break;
        }
    }

    private static void RunBlocks<V, T>(Work work) where V : struct, ISimd<V> where T : struct, ISimd<T>
    {
        if (work.BlocksAreTasks)
        {
            Threads.Run(work.Blocks, block =>
            {
                using Workspace inputs = new(work.InputFloats + 16), sums = new(work.SumFloats + 16);
                Load<T>(work, block, 0, work.Plan.Channels, inputs.Start);
                for (int panel = 0; panel < work.Panels.Count; panel++) Multiply<V, T>(work, block, panel, inputs.Start, sums.Start);
            });
            return;
        }
        using Workspace shared = new(work.InputFloats + 16);
        float* all = shared.Start;
        for (int i = 0; i < work.Blocks; i++)
        {
            int block = i;
            Threads.RunChunks(work.Plan.Channels, 4, (from, to) => Load<T>(work, block, from, to, all));
            Threads.Run(work.Panels.Count, panel =>
            {
                using Workspace sums = new(work.SumFloats + 16);
                Multiply<V, T>(work, block, panel, all, sums.Start);
            });
        }
    }

    private static void Load<T>(Work work, int block, int fromChannel, int toChannel, float* inputs) where T : struct, ISimd<T>
    {
        WinogradPlan plan = work.Plan;
        (int first, int last) = work.UnitsOf(block);
        float* to = inputs + (long)fromChannel * work.Slots;
        int slots = work.SlotsOf(block);
        Clean(to, work.InputProductStride, toChannel - fromChannel, work.Slots, slots, RoundUp(slots, work.SlotsAtOnce));
        if (!plan.BatchLast)
        {
            WinogradTiles.LoadRows<T>(plan, (first, last), work.Source, work.Zeros, (fromChannel, toChannel), to, work.Slots, (nint)work.InputProductStride);
            return;
        }
        for (int i = first; i < last; i++)
        {
            WinogradUnit unit = plan.Unit(i);
            float* source = work.Source + fromChannel * plan.SourcePlane;
            WinogradTiles.LoadBatch<T>(plan, unit, source, work.Zeros, toChannel - fromChannel, to, work.Slots, (nint)work.InputProductStride);
            to += unit.Count;
        }
    }

    // Slots behind a block's last one, which are read because vectors have a width.
    private static void Clean(float* rows, long productStride, int count, int rowStride, int from, int to)
    {
        if (from >= to) return;
        for (int product = 0; product < WinogradMath.Products; product++)
            for (int row = 0; row < count; row++) SimdMemory.Clean(rows + product * productStride + (long)row * rowStride + from, to - from);
    }

    /// <summary>The 36 products of a panel of rows with a block of tiles, and the results from there to their places.</summary>
    private static void Multiply<V, T>(Work work, int block, int panel, float* inputs, float* sums) where V : struct, ISimd<V> where T : struct, ISimd<T>
    {
        WinogradPlan plan = work.Plan;
        (int first, int last) = work.UnitsOf(block);
        int start = work.Panels.Start(panel), height = work.Panels.Height(panel), slots = work.Slots;
        int filled = work.SlotsOf(block), used = RoundUp(filled, 2 * V.Count);
        Clean(sums, work.SumProductStride(height), height, slots, used, filled + T.Count);
        for (int product = 0; product < WinogradMath.Products; product++)
        {
            float* weights = work.Weights + product * work.WeightProductStride + (long)start * plan.Channels;
            float* b = inputs + product * work.InputProductStride, c = sums + product * work.SumProductStride(height);
            for (int j = 0; j < used; j += 2 * V.Count)
                RegisterTile.Run<V, EvenRows>(height, new EvenRows(slots), plan.Channels, weights, b + j, b + j + V.Count, c + j, c + j + V.Count, slots, false);
        }
        float* bias = work.Bias == null ? null : work.Bias + start;
        for (int i = first; i < last; i++)
        {
            WinogradUnit unit = plan.Unit(i);
            float* target = work.Target + ((long)unit.Image * plan.Rows + start) * plan.TargetPlane;
            int rows = Math.Min(height, plan.Rows - start);
            if (plan.BatchLast) WinogradTiles.StoreBatch<T>(plan, unit, sums, rows, slots, (nint)work.SumProductStride(height), bias, target);
            else WinogradTiles.StoreRow<T>(plan, unit, sums, rows, slots, (nint)work.SumProductStride(height), bias, target);
            sums += unit.Count;
        }
    }
}
