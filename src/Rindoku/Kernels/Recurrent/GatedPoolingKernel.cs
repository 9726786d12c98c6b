using static Rindoku.Kernels.SimdMemory;

namespace Rindoku.Kernels;

/// <summary>The sizes of a gated pooling.</summary>
/// <param name="Batch">B.</param>
/// <param name="Steps">T.</param>
/// <param name="Size">H, channels.</param>
/// <param name="Gates">G, sums of each channel and step: 2 for z, f; 3 for z, f, o; 4 for z, f, o, i.</param>
/// <param name="Scale">What 1 - f is multiplied with where there is no mask.</param>
/// <param name="Lengths">For each sample how many steps count, or null for all.</param>
internal sealed record PoolingRun(int Batch, int Steps, int Size, int Gates, float Scale, int[]? Lengths)
{
    /// <summary>How many steps of a sample count.</summary>
    public int StepsOf(int sample) => Lengths is null ? Steps : Lengths[sample];
}

/// <summary>Where the numbers of a gated pooling lie; null for what is not there.</summary>
internal unsafe struct PoolingPlaces
{
    /// <summary>Sums before the gates, (B, T, G·H): read forward; their gradients, written backward.</summary>
    public float* Sums;

    /// <summary>What the gates came to, (B, T, G·H): written forward, read backward.</summary>
    public float* Gates;

    /// <summary>c before the first step, (B, H).</summary>
    public float* Start;

    /// <summary>The factors of 1 - f, (B, T, H).</summary>
    public float* Mask;

    /// <summary>c after every step, (B, T, H): written forward, read backward.</summary>
    public float* Cells;

    /// <summary>The outputs, (B, T, H): written forward; their gradients, read backward.</summary>
    public float* Outputs;

    /// <summary>c after the last step, (B, H): written forward; backward its gradient, which becomes that of the start.</summary>
    public float* Last;
}

/// <summary>The recurrence of quasi-recurrent networks with its gates, in one pass over time, and the same backwards.</summary>
/// <remarks>
/// <para><c>c_t = (1 - u) c_{t-1} + w tanh(z)</c> with <c>u = m (1 - σ(f))</c>, m the mask or scale, and <c>w = σ(i)</c> if there is a gate i, else u; the output
/// is <c>σ(o) c_t</c> if there is a gate o, else c_t.</para>
/// <para>Channels are independent: a task takes some samples' blocks of channels through all steps. Aliasing: outputs may be the cells, nothing else.
/// Deterministic: every channel runs on one thread, in order.</para>
/// </remarks>
internal static unsafe class GatedPoolingKernel
{
    private const int Columns = 64; // channels of a block: four long vectors hide the time of each other's exponentials
    private const int Grain = 8192;

    /// <summary>Runs forward.</summary>
    public static void Forward(PoolingRun run, ReadOnlySpan<float> sums, ReadOnlySpan<float> start, ReadOnlySpan<float> mask,
        Span<float> gates, Span<float> cells, Span<float> outputs, Span<float> last)
    {
        fixed (float* ps = sums, pb = start, pm = mask, pg = gates, pc = cells, po = outputs, pl = last)
            ForBlocks(run, new PoolingPlaces { Sums = ps, Start = pb, Mask = pm, Gates = pg, Cells = pc, Outputs = po, Last = pl }, static (work, sample, from, count) =>
            {
                if (Simd.Bits == 512) Forward<V512>(work.Run, work.Places, sample, from, count);
                else if (Simd.Bits == 256) Forward<V256>(work.Run, work.Places, sample, from, count);
                else Forward<V128>(work.Run, work.Places, sample, from, count);
            });
    }

    /// <summary>Runs backward.</summary>
    /// <param name="run">The sizes.</param>
    /// <param name="gates">As the forward pass left them.</param>
    /// <param name="cells">As the forward pass left them.</param>
    /// <param name="start">As it was given.</param>
    /// <param name="mask">As it was given.</param>
    /// <param name="doutputs">Gradients of the outputs, (B, T, H).</param>
    /// <param name="dsums">Gradients of the sums, (B, T, G·H), written.</param>
    /// <param name="dlast">The gradient of the last c, (B, H); becomes that of the start.</param>
    public static void Backward(PoolingRun run, ReadOnlySpan<float> gates, ReadOnlySpan<float> cells, ReadOnlySpan<float> start, ReadOnlySpan<float> mask,
        ReadOnlySpan<float> doutputs, Span<float> dsums, Span<float> dlast)
    {
        fixed (float* pg = gates, pc = cells, pb = start, pm = mask, po = doutputs, ps = dsums, pl = dlast)
            ForBlocks(run, new PoolingPlaces { Sums = ps, Start = pb, Mask = pm, Gates = pg, Cells = pc, Outputs = po, Last = pl }, static (work, sample, from, count) =>
            {
                if (Simd.Bits == 512) Backward<V512>(work.Run, work.Places, sample, from, count);
                else if (Simd.Bits == 256) Backward<V256>(work.Run, work.Places, sample, from, count);
                else Backward<V128>(work.Run, work.Places, sample, from, count);
            });
    }

    private readonly struct Work(PoolingRun run, PoolingPlaces places, Action<Work, int, int, int> body)
    {
        public readonly PoolingRun Run = run;
        public readonly PoolingPlaces Places = places;
        public readonly Action<Work, int, int, int> Body = body;
    }

    private static void ForBlocks(PoolingRun run, PoolingPlaces places, Action<Work, int, int, int> body)
    {
        int blocks = (run.Size + Columns - 1) / Columns, grain = Math.Max(1, Grain / Math.Max(1, run.Steps * Math.Min(run.Size, Columns)));
        Threads.RunChunks(run.Batch * blocks, grain, new Work(run, places, body), static (work, from, to) =>
        {
            int blocks = (work.Run.Size + Columns - 1) / Columns;
            for (int task = from; task < to; task++)
            {
                (int sample, int block) = Math.DivRem(task, blocks);
                work.Body(work, sample, block * Columns, Math.Min(Columns, work.Run.Size - block * Columns));
            }
        });
    }

    private static void Forward<V>(PoolingRun run, PoolingPlaces p, int sample, int from, int count) where V : struct, ISimd<V>
    {
        int size = run.Size, width = run.Gates * size, steps = run.StepsOf(sample);
        V one = V.All(1);
        float* state = p.Last + (long)sample * size + from;
        if (p.Start is null) new Span<float>(state, count).Clear();
        else new ReadOnlySpan<float>(p.Start + (long)sample * size + from, count).CopyTo(new Span<float>(state, count));
        for (int t = 0; t < steps; t++)
        {
            long row = (long)sample * run.Steps + t, at = row * size + from;
            float* x = p.Sums + row * width + from, saved = p.Gates + (row * width + from);
            for (int j = 0; j < count; j += V.Count)
            {
                int left = count - j;
                V z = SimdMath.Tanh(Load<V>(x + j, left)), f = SimdMath.Sigmoid(Load<V>(x + size + j, left)), o = one, i = V.Zero;
                V u = (one - f) * (p.Mask is null ? V.All(run.Scale) : Load<V>(p.Mask + at + j, left));
                if (run.Gates > 2) o = SimdMath.Sigmoid(Load<V>(x + 2 * size + j, left));
                if (run.Gates > 3) i = SimdMath.Sigmoid(Load<V>(x + 3 * size + j, left));
                V c = V.Fma(one - u, Load<V>(state + j, left), (run.Gates > 3 ? i : u) * z);
                Store(c, state + j, left);
                Store(run.Gates > 2 ? o * c : c, p.Outputs + at + j, left);
                if (p.Gates is null) continue;
                if (p.Cells != p.Outputs) Store(c, p.Cells + at + j, left);
                Store(z, saved + j, left);
                Store(f, saved + size + j, left);
                if (run.Gates > 2) Store(o, saved + 2 * size + j, left);
                if (run.Gates > 3) Store(i, saved + 3 * size + j, left);
            }
        }
        for (int t = steps; t < run.Steps; t++) new Span<float>(p.Outputs + ((long)sample * run.Steps + t) * size + from, count).Clear();
    }

    private static void Backward<V>(PoolingRun run, PoolingPlaces p, int sample, int from, int count) where V : struct, ISimd<V>
    {
        int size = run.Size, width = run.Gates * size, steps = run.StepsOf(sample);
        V one = V.All(1);
        float* running = p.Last + (long)sample * size + from;
        for (int t = run.Steps - 1; t >= 0; t--)
        {
            long row = (long)sample * run.Steps + t, at = row * size + from;
            float* gates = p.Gates + row * width + from, dx = p.Sums + row * width + from;
            if (t >= steps)
            {
                for (int gate = 0; gate < run.Gates; gate++) new Span<float>(dx + gate * size, count).Clear();
                continue;
            }
            float* before = t > 0 ? p.Cells + at - size : p.Start is null ? null : p.Start + (long)sample * size + from;
            for (int j = 0; j < count; j += V.Count)
            {
                int left = count - j;
                V z = Load<V>(gates + j, left), f = Load<V>(gates + size + j, left), old = before is null ? V.Zero : Load<V>(before + j, left);
                V u = (one - f) * (p.Mask is null ? V.All(run.Scale) : Load<V>(p.Mask + at + j, left));
                V dc = Load<V>(running + j, left), dh = Load<V>(p.Outputs + at + j, left), bend = one - z * z;
                if (run.Gates > 2)
                {
                    V o = Load<V>(gates + 2 * size + j, left);
                    Store(dh * Load<V>(p.Cells + at + j, left) * o * (one - o), dx + 2 * size + j, left);
                    dh *= o;
                }
                dc += dh;
                if (run.Gates > 3)
                {
                    V i = Load<V>(gates + 3 * size + j, left);
                    Store(dc * i * bend, dx + j, left);
                    Store(dc * z * i * (one - i), dx + 3 * size + j, left);
                    Store(dc * old * u * f, dx + size + j, left); // the slope of -u by the sum is m σ (1 - σ) = u σ
                }
                else
                {
                    Store(dc * u * bend, dx + j, left);
                    Store(dc * (old - z) * u * f, dx + size + j, left);
                }
                Store(dc * (one - u), running + j, left);
            }
        }
    }
}
