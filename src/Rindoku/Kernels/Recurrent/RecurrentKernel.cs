namespace Rindoku.Kernels;

/// <summary>The size of a run through time and its direction.</summary>
/// <param name="Steps">T.</param>
/// <param name="Batch">B.</param>
/// <param name="Size">H, units.</param>
/// <param name="Reverse">Whether time runs from the last step to the first.</param>
/// <param name="Lengths">For each sample how many steps count, or null for all.</param>
internal sealed record RecurrentRun(int Steps, int Batch, int Size, bool Reverse, int[]? Lengths)
{
    /// <summary>The place in time of the k-th step made.</summary>
    public int Time(int k) => Reverse ? Steps - 1 - k : k;

    /// <summary>Whether a sample still counts at a time; if not it holds its state and gives 0.</summary>
    public bool Counts(int sample, int time) => Lengths is null || time < Lengths[sample];
}

/// <summary>A recurrent cell through time: one product and one fused pass over the gates a step, and the same backwards.</summary>
/// <remarks>
/// All sequences are (time, batch, numbers). States are in the order the steps are made, with the start in front. Aliasing: none.
/// Deterministic: samples are independent, and products are.
/// </remarks>
internal static unsafe class RecurrentKernel
{
    private const int Grain = 4096;

    /// <summary>Runs forward.</summary>
    /// <param name="cell">The kind of cell.</param>
    /// <param name="run">Sizes and direction.</param>
    /// <param name="input">Input-side sums, (T, B, gates · H).</param>
    /// <param name="weight">Hidden-side weight, (gates · H, H).</param>
    /// <param name="bias">Hidden-side bias, (gates · H), or empty.</param>
    /// <param name="states">(T + 1, B, H): the start is given, the rest written.</param>
    /// <param name="cells">The same for c, or empty.</param>
    /// <param name="saved">(T, B, saved · H), written, in the order of the steps.</param>
    /// <param name="outputs">(T, B, H), written, in the order of time.</param>
    public static void Forward<C>(C cell, RecurrentRun run, ReadOnlySpan<float> input, ReadOnlySpan<float> weight, ReadOnlySpan<float> bias,
        Span<float> states, Span<float> cells, Span<float> saved, Span<float> outputs) where C : struct, IRecurrentCell
    {
        int size = run.Size, gates = C.Gates * size, state = run.Batch * size;
        using Workspace products = new((long)run.Batch * gates);
        float* product = products.Start;
        fixed (float* pi = input, ph = states, pc = cells, ps = saved, po = outputs)
        {
            for (int k = 0; k < run.Steps; k++)
            {
                int time = run.Time(k);
                Gemm.Multiply(run.Batch, gates, size, states.Slice(k * state, state), false, weight, true, new Span<float>(product, run.Batch * gates), bias);
                float* x = pi + (long)time * run.Batch * gates, h = ph + (long)k * state, c = C.HasCell ? pc + (long)k * state : null;
                float* s = ps + (long)k * run.Batch * C.Saved * size, o = po + (long)time * state;
                ForSamples(run, gates, sample =>
                {
                    long row = (long)sample * size;
                    float* after = h + state + row, cellAfter = C.HasCell ? c + state + row : null;
                    if (run.Counts(sample, time))
                    {
                        ForwardRow(cell, x + (long)sample * gates, product + (long)sample * gates, s + row * C.Saved, h + row, c + row, after, cellAfter, size);
                        Copy(after, o + row, size);
                        return;
                    }
                    Copy(h + row, after, size);
                    if (C.HasCell) Copy(c + row, cellAfter, size);
                    new Span<float>(o + row, size).Clear();
                });
            }
        }
    }

    /// <summary>Runs backward.</summary>
    /// <param name="cell">The kind of cell.</param>
    /// <param name="run">Sizes and direction.</param>
    /// <param name="weight">Hidden-side weight, (gates · H, H).</param>
    /// <param name="states">As the forward pass left them.</param>
    /// <param name="cells">As the forward pass left them.</param>
    /// <param name="saved">As the forward pass left them.</param>
    /// <param name="doutputs">Gradients of the outputs, (T, B, H).</param>
    /// <param name="dh">(B, H): the gradient of the last h; becomes that of the first.</param>
    /// <param name="dc">The same for c, or empty.</param>
    /// <param name="dinput">(T, B, gates · H), written, in the order of time.</param>
    /// <param name="dproduct">(T, B, gates · H), written, in the order of the steps.</param>
    public static void Backward<C>(C cell, RecurrentRun run, ReadOnlySpan<float> weight, ReadOnlySpan<float> states, ReadOnlySpan<float> cells,
        ReadOnlySpan<float> saved, ReadOnlySpan<float> doutputs, Span<float> dh, Span<float> dc, Span<float> dinput, Span<float> dproduct)
        where C : struct, IRecurrentCell
    {
        int size = run.Size, gates = C.Gates * size, state = run.Batch * size;
        fixed (float* pw = weight, ph = states, pc = cells, ps = saved, po = doutputs, pdh = dh, pdc = dc, pdi = dinput, pdp = dproduct)
        {
            float* gh = pdh, gc = pdc;
            for (int k = run.Steps - 1; k >= 0; k--)
            {
                int time = run.Time(k);
                float* h = ph + (long)k * state, c = C.HasCell ? pc + (long)k * state : null, s = ps + (long)k * run.Batch * C.Saved * size;
                float* o = po + (long)time * state, di = pdi + (long)time * run.Batch * gates, dp = pdp + (long)k * run.Batch * gates;
                ForSamples(run, gates, sample =>
                {
                    long row = (long)sample * size, wide = (long)sample * gates;
                    if (!run.Counts(sample, time))
                    {
                        new Span<float>(di + wide, gates).Clear();
                        new Span<float>(dp + wide, gates).Clear();
                        return;
                    }
                    Span<float> d = new(gh + row, size);
                    VectorMath.Add(d, new ReadOnlySpan<float>(o + row, size), d);
                    BackwardRow(cell, s + row * C.Saved, h + row, c + row, h + state + row, c + state + row, gh + row, gc + row, di + wide, dp + wide, size);
                });
                Gemm.Multiply(new(run.Batch, size, gates, new(dp, gates, false), new(pw, size, false), gh, size) { Add = true });
            }
        }
    }

    private static void ForSamples(RecurrentRun run, int gates, Action<int> body) =>
        Threads.RunChunks(run.Batch, Math.Max(1, Grain / Math.Max(1, gates)), (from, to) =>
        {
            for (int sample = from; sample < to; sample++) body(sample);
        });

    private static void Copy(float* from, float* to, int count) => new ReadOnlySpan<float>(from, count).CopyTo(new Span<float>(to, count));

    private static void ForwardRow<C>(C cell, float* input, float* product, float* saved, float* before, float* cellBefore, float* after, float* cellAfter, int size)
        where C : struct, IRecurrentCell
    {
        if (Simd.Bits == 512) ForwardRow<C, V512>(cell, input, product, saved, before, cellBefore, after, cellAfter, size);
        else if (Simd.Bits == 256) ForwardRow<C, V256>(cell, input, product, saved, before, cellBefore, after, cellAfter, size);
        else ForwardRow<C, V128>(cell, input, product, saved, before, cellBefore, after, cellAfter, size);
    }

    private static void ForwardRow<C, V>(C cell, float* input, float* product, float* saved, float* before, float* cellBefore, float* after, float* cellAfter, int size)
        where C : struct, IRecurrentCell where V : struct, ISimd<V>
    {
        for (int j = 0; j < size; j += V.Count)
            cell.Forward<V>(input + j, product + j, saved + j, before + j, cellBefore + j, after + j, cellAfter + j, size, size - j);
    }

    private static void BackwardRow<C>(C cell, float* saved, float* before, float* cellBefore, float* after, float* cellAfter, float* dh, float* dc,
        float* dinput, float* dproduct, int size) where C : struct, IRecurrentCell
    {
        if (Simd.Bits == 512) BackwardRow<C, V512>(cell, saved, before, cellBefore, after, cellAfter, dh, dc, dinput, dproduct, size);
        else if (Simd.Bits == 256) BackwardRow<C, V256>(cell, saved, before, cellBefore, after, cellAfter, dh, dc, dinput, dproduct, size);
        else BackwardRow<C, V128>(cell, saved, before, cellBefore, after, cellAfter, dh, dc, dinput, dproduct, size);
    }

    private static void BackwardRow<C, V>(C cell, float* saved, float* before, float* cellBefore, float* after, float* cellAfter, float* dh, float* dc,
        float* dinput, float* dproduct, int size) where C : struct, IRecurrentCell where V : struct, ISimd<V>
    {
        for (int j = 0; j < size; j += V.Count)
            cell.Backward<V>(saved + j, before + j, cellBefore + j, after + j, cellAfter + j, dh + j, dc + j, dinput + j, dproduct + j, size, size - j);
    }
}
