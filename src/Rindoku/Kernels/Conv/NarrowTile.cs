using System.Runtime.CompilerServices;

namespace Rindoku.Kernels;

/// <summary>The innermost loops of <see cref="NarrowGradientKernel"/>: sums over a strip's places, a vector of them at a time, in registers.</summary>
/// <remarks><c>sums[o, tap] += Σ over places s of dy[o, s] · x[offset[tap] + s]</c>, each lane on its own. Aliasing: none.</remarks>
/// <param name="offsets">For each tap its place in x.</param>
/// <param name="x">The first place's x of offset 0.</param>
/// <param name="step">From one line to the next in x.</param>
/// <param name="lines">Lines of places.</param>
/// <param name="width">Places of a line: whole vectors.</param>
internal readonly unsafe struct NarrowTile<V>(int[] offsets, float* x, int step, int lines, int width) where V : struct, ISimd<V>
{
    /// <summary>Adds the sums of one output channel; sums is laid out [tap][vector].</summary>
    public void AddOne(float* dy, float* sums)
    {
        for (int first = 0; first < offsets.Length; first += 5, sums += 5 * V.Count)
            FiveTaps(Tap(first), Tap(first + 1), Tap(first + 2), Tap(first + 3), Tap(first + 4), dy, sums);
    }

    /// <summary>
    /// Adds the sums of up to four output channels, <paramref name="plane"/> apart in dy, which share every x that is read; sums is laid out
    /// [output channel][tap][vector], with <paramref name="row"/> from one channel to the next.
    /// </summary>
    public void AddFour(float* dy, int plane, int outputs, float* sums, int row)
    {
        float* d1 = dy + Math.Min(1, outputs - 1) * plane, d2 = dy + Math.Min(2, outputs - 1) * plane, d3 = dy + Math.Min(3, outputs - 1) * plane;
        for (int first = 0; first < offsets.Length; first += 3, sums += 3 * V.Count)
            ThreeTaps(Tap(first), Tap(first + 1), Tap(first + 2), dy, d1, d2, d3, sums, row);
    }

    // A last, partial group of taps repeats the last tap.
    private float* Tap(int number) => x + offsets[Math.Min(number, offsets.Length - 1)];

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void FiveTaps(float* x0, float* x1, float* x2, float* x3, float* x4, float* dy, float* sums)
    {
        V s0 = V.Load(ref sums[0]), s1 = V.Load(ref sums[V.Count]), s2 = V.Load(ref sums[2 * V.Count]), s3 = V.Load(ref sums[3 * V.Count]);
        V s4 = V.Load(ref sums[4 * V.Count]);
        nint row = 0, end = width;
        for (int line = 0; line < lines; line++, row += step, dy += end)
            for (nint i = 0; i < end; i += V.Count)
            {
                V d = V.Load(ref dy[i]);
                s0 = V.Fma(d, V.Load(ref x0[row + i]), s0);
                s1 = V.Fma(d, V.Load(ref x1[row + i]), s1);
                s2 = V.Fma(d, V.Load(ref x2[row + i]), s2);
                s3 = V.Fma(d, V.Load(ref x3[row + i]), s3);
                s4 = V.Fma(d, V.Load(ref x4[row + i]), s4);
            }
        V.Store(s0, ref sums[0]);
        V.Store(s1, ref sums[V.Count]);
        V.Store(s2, ref sums[2 * V.Count]);
        V.Store(s3, ref sums[3 * V.Count]);
        V.Store(s4, ref sums[4 * V.Count]);
    }

    // Twelve sums: with the numbers of x and dy they fill sixteen registers.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ThreeTaps(float* x0, float* x1, float* x2, float* d0, float* d1, float* d2, float* d3, float* sums, int row)
    {
        float* s = sums, t = s + row, u = t + row, v = u + row;
        V s0 = V.Load(ref s[0]), s1 = V.Load(ref s[V.Count]), s2 = V.Load(ref s[2 * V.Count]);
        V t0 = V.Load(ref t[0]), t1 = V.Load(ref t[V.Count]), t2 = V.Load(ref t[2 * V.Count]);
        V u0 = V.Load(ref u[0]), u1 = V.Load(ref u[V.Count]), u2 = V.Load(ref u[2 * V.Count]);
        V v0 = V.Load(ref v[0]), v1 = V.Load(ref v[V.Count]), v2 = V.Load(ref v[2 * V.Count]);
        nint end = width;
        for (int line = 0; line < lines; line++)
        {
            for (nint i = 0; i < end; i += V.Count)
            {
                V a = V.Load(ref d0[i]), b = V.Load(ref d1[i]), c = V.Load(ref d2[i]), d = V.Load(ref d3[i]), w;
                w = V.Load(ref x0[i]); s0 = V.Fma(w, a, s0); t0 = V.Fma(w, b, t0); u0 = V.Fma(w, c, u0); v0 = V.Fma(w, d, v0);
                w = V.Load(ref x1[i]); s1 = V.Fma(w, a, s1); t1 = V.Fma(w, b, t1); u1 = V.Fma(w, c, u1); v1 = V.Fma(w, d, v1);
                w = V.Load(ref x2[i]); s2 = V.Fma(w, a, s2); t2 = V.Fma(w, b, t2); u2 = V.Fma(w, c, u2); v2 = V.Fma(w, d, v2);
            }
            x0 += step; x1 += step; x2 += step;
            d0 += end; d1 += end; d2 += end; d3 += end;
        }
        V.Store(s0, ref s[0]); V.Store(s1, ref s[V.Count]); V.Store(s2, ref s[2 * V.Count]);
        V.Store(t0, ref t[0]); V.Store(t1, ref t[V.Count]); V.Store(t2, ref t[2 * V.Count]);
        V.Store(u0, ref u[0]); V.Store(u1, ref u[V.Count]); V.Store(u2, ref u[2 * V.Count]);
        V.Store(v0, ref v[0]); V.Store(v1, ref v[V.Count]); V.Store(v2, ref v[2 * V.Count]);
    }
}
