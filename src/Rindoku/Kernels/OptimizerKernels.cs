namespace Rindoku.Kernels;

/// <summary>How an optimizer changes a weight w with gradient g and up to three remembered numbers; those that are not kept are 0.</summary>
internal interface IUpdateKernel
{
    void Update<V>(ref V w, V g, ref V m, ref V v, ref V u) where V : struct, ISimd<V>;
}

/// <summary>Optimizer updates in one pass over weights, gradient and memory.</summary>
/// <remarks>
/// Aliasing: all spans are different memory. Deterministic: every number is updated alone.
/// </remarks>
internal static class OptimizerKernels
{
    private const int Grain = 8192; // of up to five arrays

    /// <summary>Updates weights w by their gradient g; each memory is as long as w, or empty where the kernel keeps nothing.</summary>
    public static unsafe void Run<K>(K kernel, Span<float> w, ReadOnlySpan<float> g, Span<float> m = default, Span<float> v = default, Span<float> u = default)
        where K : struct, IUpdateKernel
    {
        int weights = w.Length;
        if (g.Length != weights || !Fits(m) || !Fits(v) || !Fits(u))
            throw new ArgumentException($"Optimizer: {weights} weights, {g.Length} gradients, memories of {m.Length}, {v.Length} and {u.Length}");
        fixed (float* pw = w, pg = g, pm = m, pv = v, pu = u) Run(kernel, new Pointers(pw, pg, pm, pv, pu), weights);

        bool Fits(Span<float> memory) => memory.Length == 0 || memory.Length == weights;
    }

    private static void Run<K>(K kernel, Pointers p, int length) where K : struct, IUpdateKernel =>
        Threads.RunChunks(length, Grain, (from, to) =>
        {
            if (Simd.Bits == 512) Loop<K, V512>(kernel, p, from, to);
            else if (Simd.Bits == 256) Loop<K, V256>(kernel, p, from, to);
            else Loop<K, V128>(kernel, p, from, to);
        });

    private static unsafe void Loop<K, V>(K kernel, Pointers p, int from, int to) where K : struct, IUpdateKernel where V : struct, ISimd<V>
    {
        int i = from;
        for (; i <= to - V.Count; i += V.Count)
        {
            V w = V.Load(ref p.W[i]), m = Load<V>(p.M, i), v = Load<V>(p.V, i), u = Load<V>(p.U, i);
            kernel.Update(ref w, V.Load(ref p.G[i]), ref m, ref v, ref u);
            V.Store(w, ref p.W[i]);
            if (p.M != null) V.Store(m, ref p.M[i]);
            if (p.V != null) V.Store(v, ref p.V[i]);
            if (p.U != null) V.Store(u, ref p.U[i]);
        }
        if (i < to) Last<K, V>(kernel, p, i, to - i);
    }

    private static unsafe V Load<V>(float* memory, int i) where V : struct, ISimd<V> => memory == null ? V.Zero : V.Load(ref memory[i]);

    private static unsafe void Last<K, V>(K kernel, Pointers p, int i, int left) where K : struct, IUpdateKernel where V : struct, ISimd<V>
    {
        V w = Simd.LoadPart<V>(ref p.W[i], left), g = Simd.LoadPart<V>(ref p.G[i], left);
        V m = p.M == null ? V.Zero : Simd.LoadPart<V>(ref p.M[i], left);
        V v = p.V == null ? V.Zero : Simd.LoadPart<V>(ref p.V[i], left);
        V u = p.U == null ? V.Zero : Simd.LoadPart<V>(ref p.U[i], left);
        kernel.Update(ref w, g, ref m, ref v, ref u);
        Simd.StorePart(w, ref p.W[i], left);
        if (p.M != null) Simd.StorePart(m, ref p.M[i], left);
        if (p.V != null) Simd.StorePart(v, ref p.V[i], left);
        if (p.U != null) Simd.StorePart(u, ref p.U[i], left);
    }

    /// <summary>Weights, gradient and memories; null where nothing is kept.</summary>
    private readonly unsafe struct Pointers(float* w, float* g, float* m, float* v, float* u)
    {
        public readonly float* W = w, G = g, M = m, V = v, U = u;
    }
}
