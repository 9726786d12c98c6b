using System.Runtime.CompilerServices;

namespace Rindoku.Kernels;

/// <summary>The innermost loops of the weight gradient: for some taps and two vectors of output channels, sums over places held in registers.</summary>
/// <remarks>
/// <c>c[i, o] = (c[i, o] or 0) + Σ over places s of x[i][s] · dy[s, o]</c>, in the order of the places. Unlike the matrix product's tile this one
/// reads its single numbers from where they lie, a row of x for each tap, so that nothing is packed that is used once only. Aliasing: none.
/// </remarks>
internal static unsafe class GradientTile
{
    /// <summary>Computes one tile.</summary>
    /// <param name="height">Taps: 12, 8, 6, 4 or 2.</param>
    /// <param name="x">For each tap its offset in x.</param>
    /// <param name="start">The first place's x of offset 0.</param>
    /// <param name="lines">Lines of places.</param>
    /// <param name="step">From one line to the next in x.</param>
    /// <param name="width">Places of a line.</param>
    /// <param name="dy">For each place two vectors of channels, without gaps.</param>
    /// <param name="c">For each tap two vectors of sums.</param>
    /// <param name="add">Whether to add to what is in c.</param>
    public static void Run<V>(int height, nint* x, float* start, int lines, int step, int width, float* dy, float* c, bool add)
        where V : struct, ISimd<V>
    {
        switch (height)
        {
            case 12: Tile12<V>(x, start, lines, step, width, dy, c, add); break;
            case 8: Tile8<V>(x, start, lines, step, width, dy, c, add); break;
            case 6: Tile6<V>(x, start, lines, step, width, dy, c, add); break;
            case 4: Tile4<V>(x, start, lines, step, width, dy, c, add); break;
            case 2: Tile2<V>(x, start, lines, step, width, dy, c, add); break;
            default: throw new ArgumentOutOfRangeException(nameof(height));
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Tile12<V>(nint* x, float* start, int lines, int step, int width, float* dy, float* c, bool add) where V : struct, ISimd<V>
    {
        V s0 = V.Zero, t0 = V.Zero;
        V s1 = V.Zero, t1 = V.Zero;
        V s2 = V.Zero, t2 = V.Zero;
        V s3 = V.Zero, t3 = V.Zero;
        V s4 = V.Zero, t4 = V.Zero;
        V s5 = V.Zero, t5 = V.Zero;
        V s6 = V.Zero, t6 = V.Zero;
        V s7 = V.Zero, t7 = V.Zero;
        V s8 = V.Zero, t8 = V.Zero;
        V s9 = V.Zero, t9 = V.Zero;
        V s10 = V.Zero, t10 = V.Zero;
        V s11 = V.Zero, t11 = V.Zero;
        if (add)
        {
            (s0, t0) = (V.Load(ref c[0 * V.Count]), V.Load(ref c[1 * V.Count]));
            (s1, t1) = (V.Load(ref c[2 * V.Count]), V.Load(ref c[3 * V.Count]));
            (s2, t2) = (V.Load(ref c[4 * V.Count]), V.Load(ref c[5 * V.Count]));
            (s3, t3) = (V.Load(ref c[6 * V.Count]), V.Load(ref c[7 * V.Count]));
            (s4, t4) = (V.Load(ref c[8 * V.Count]), V.Load(ref c[9 * V.Count]));
            (s5, t5) = (V.Load(ref c[10 * V.Count]), V.Load(ref c[11 * V.Count]));
            (s6, t6) = (V.Load(ref c[12 * V.Count]), V.Load(ref c[13 * V.Count]));
            (s7, t7) = (V.Load(ref c[14 * V.Count]), V.Load(ref c[15 * V.Count]));
            (s8, t8) = (V.Load(ref c[16 * V.Count]), V.Load(ref c[17 * V.Count]));
            (s9, t9) = (V.Load(ref c[18 * V.Count]), V.Load(ref c[19 * V.Count]));
            (s10, t10) = (V.Load(ref c[20 * V.Count]), V.Load(ref c[21 * V.Count]));
            (s11, t11) = (V.Load(ref c[22 * V.Count]), V.Load(ref c[23 * V.Count]));
        }
        for (int line = 0; line < lines; line++)
        {
            float* at = start + (long)line * step;
            for (float* end = at + width; at < end; at++, dy += 2 * V.Count)
            {
                V a = V.Load(ref dy[0]), b = V.Load(ref dy[V.Count]), w;
                w = V.All(at[x[0]]); s0 = V.Fma(w, a, s0); t0 = V.Fma(w, b, t0);
                w = V.All(at[x[1]]); s1 = V.Fma(w, a, s1); t1 = V.Fma(w, b, t1);
                w = V.All(at[x[2]]); s2 = V.Fma(w, a, s2); t2 = V.Fma(w, b, t2);
                w = V.All(at[x[3]]); s3 = V.Fma(w, a, s3); t3 = V.Fma(w, b, t3);
                w = V.All(at[x[4]]); s4 = V.Fma(w, a, s4); t4 = V.Fma(w, b, t4);
                w = V.All(at[x[5]]); s5 = V.Fma(w, a, s5); t5 = V.Fma(w, b, t5);
                w = V.All(at[x[6]]); s6 = V.Fma(w, a, s6); t6 = V.Fma(w, b, t6);
                w = V.All(at[x[7]]); s7 = V.Fma(w, a, s7); t7 = V.Fma(w, b, t7);
                w = V.All(at[x[8]]); s8 = V.Fma(w, a, s8); t8 = V.Fma(w, b, t8);
                w = V.All(at[x[9]]); s9 = V.Fma(w, a, s9); t9 = V.Fma(w, b, t9);
                w = V.All(at[x[10]]); s10 = V.Fma(w, a, s10); t10 = V.Fma(w, b, t10);
                w = V.All(at[x[11]]); s11 = V.Fma(w, a, s11); t11 = V.Fma(w, b, t11);
            }
        }
        V.Store(s0, ref c[0 * V.Count]); V.Store(t0, ref c[1 * V.Count]);
        V.Store(s1, ref c[2 * V.Count]); V.Store(t1, ref c[3 * V.Count]);
        V.Store(s2, ref c[4 * V.Count]); V.Store(t2, ref c[5 * V.Count]);
        V.Store(s3, ref c[6 * V.Count]); V.Store(t3, ref c[7 * V.Count]);
        V.Store(s4, ref c[8 * V.Count]); V.Store(t4, ref c[9 * V.Count]);
        V.Store(s5, ref c[10 * V.Count]); V.Store(t5, ref c[11 * V.Count]);
        V.Store(s6, ref c[12 * V.Count]); V.Store(t6, ref c[13 * V.Count]);
        V.Store(s7, ref c[14 * V.Count]); V.Store(t7, ref c[15 * V.Count]);
        V.Store(s8, ref c[16 * V.Count]); V.Store(t8, ref c[17 * V.Count]);
        V.Store(s9, ref c[18 * V.Count]); V.Store(t9, ref c[19 * V.Count]);
        V.Store(s10, ref c[20 * V.Count]); V.Store(t10, ref c[21 * V.Count]);
        V.Store(s11, ref c[22 * V.Count]); V.Store(t11, ref c[23 * V.Count]);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Tile8<V>(nint* x, float* start, int lines, int step, int width, float* dy, float* c, bool add) where V : struct, ISimd<V>
    {
        V s0 = V.Zero, t0 = V.Zero;
        V s1 = V.Zero, t1 = V.Zero;
        V s2 = V.Zero, t2 = V.Zero;
        V s3 = V.Zero, t3 = V.Zero;
        V s4 = V.Zero, t4 = V.Zero;
        V s5 = V.Zero, t5 = V.Zero;
        V s6 = V.Zero, t6 = V.Zero;
        V s7 = V.Zero, t7 = V.Zero;
        if (add)
        {
            (s0, t0) = (V.Load(ref c[0 * V.Count]), V.Load(ref c[1 * V.Count]));
            (s1, t1) = (V.Load(ref c[2 * V.Count]), V.Load(ref c[3 * V.Count]));
            (s2, t2) = (V.Load(ref c[4 * V.Count]), V.Load(ref c[5 * V.Count]));
            (s3, t3) = (V.Load(ref c[6 * V.Count]), V.Load(ref c[7 * V.Count]));
            (s4, t4) = (V.Load(ref c[8 * V.Count]), V.Load(ref c[9 * V.Count]));
            (s5, t5) = (V.Load(ref c[10 * V.Count]), V.Load(ref c[11 * V.Count]));
            (s6, t6) = (V.Load(ref c[12 * V.Count]), V.Load(ref c[13 * V.Count]));
            (s7, t7) = (V.Load(ref c[14 * V.Count]), V.Load(ref c[15 * V.Count]));
        }
        for (int line = 0; line < lines; line++)
        {
            float* at = start + (long)line * step;
            for (float* end = at + width; at < end; at++, dy += 2 * V.Count)
            {
                V a = V.Load(ref dy[0]), b = V.Load(ref dy[V.Count]), w;
                w = V.All(at[x[0]]); s0 = V.Fma(w, a, s0); t0 = V.Fma(w, b, t0);
                w = V.All(at[x[1]]); s1 = V.Fma(w, a, s1); t1 = V.Fma(w, b, t1);
                w = V.All(at[x[2]]); s2 = V.Fma(w, a, s2); t2 = V.Fma(w, b, t2);
                w = V.All(at[x[3]]); s3 = V.Fma(w, a, s3); t3 = V.Fma(w, b, t3);
                w = V.All(at[x[4]]); s4 = V.Fma(w, a, s4); t4 = V.Fma(w, b, t4);
                w = V.All(at[x[5]]); s5 = V.Fma(w, a, s5); t5 = V.Fma(w, b, t5);
                w = V.All(at[x[6]]); s6 = V.Fma(w, a, s6); t6 = V.Fma(w, b, t6);
                w = V.All(at[x[7]]); s7 = V.Fma(w, a, s7); t7 = V.Fma(w, b, t7);
            }
        }
        V.Store(s0, ref c[0 * V.Count]); V.Store(t0, ref c[1 * V.Count]);
        V.Store(s1, ref c[2 * V.Count]); V.Store(t1, ref c[3 * V.Count]);
        V.Store(s2, ref c[4 * V.Count]); V.Store(t2, ref c[5 * V.Count]);
        V.Store(s3, ref c[6 * V.Count]); V.Store(t3, ref c[7 * V.Count]);
        V.Store(s4, ref c[8 * V.Count]); V.Store(t4, ref c[9 * V.Count]);
        V.Store(s5, ref c[10 * V.Count]); V.Store(t5, ref c[11 * V.Count]);
        V.Store(s6, ref c[12 * V.Count]); V.Store(t6, ref c[13 * V.Count]);
        V.Store(s7, ref c[14 * V.Count]); V.Store(t7, ref c[15 * V.Count]);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Tile6<V>(nint* x, float* start, int lines, int step, int width, float* dy, float* c, bool add) where V : struct, ISimd<V>
    {
        V s0 = V.Zero, t0 = V.Zero;
        V s1 = V.Zero, t1 = V.Zero;
        V s2 = V.Zero, t2 = V.Zero;
        V s3 = V.Zero, t3 = V.Zero;
        V s4 = V.Zero, t4 = V.Zero;
        V s5 = V.Zero, t5 = V.Zero;
        if (add)
        {
            (s0, t0) = (V.Load(ref c[0 * V.Count]), V.Load(ref c[1 * V.Count]));
            (s1, t1) = (V.Load(ref c[2 * V.Count]), V.Load(ref c[3 * V.Count]));
            (s2, t2) = (V.Load(ref c[4 * V.Count]), V.Load(ref c[5 * V.Count]));
            (s3, t3) = (V.Load(ref c[6 * V.Count]), V.Load(ref c[7 * V.Count]));
            (s4, t4) = (V.Load(ref c[8 * V.Count]), V.Load(ref c[9 * V.Count]));
            (s5, t5) = (V.Load(ref c[10 * V.Count]), V.Load(ref c[11 * V.Count]));
        }
        for (int line = 0; line < lines; line++)
        {
            float* at = start + (long)line * step;
            for (float* end = at + width; at < end; at++, dy += 2 * V.Count)
            {
                V a = V.Load(ref dy[0]), b = V.Load(ref dy[V.Count]), w;
                w = V.All(at[x[0]]); s0 = V.Fma(w, a, s0); t0 = V.Fma(w, b, t0);
                w = V.All(at[x[1]]); s1 = V.Fma(w, a, s1); t1 = V.Fma(w, b, t1);
                w = V.All(at[x[2]]); s2 = V.Fma(w, a, s2); t2 = V.Fma(w, b, t2);
                w = V.All(at[x[3]]); s3 = V.Fma(w, a, s3); t3 = V.Fma(w, b, t3);
                w = V.All(at[x[4]]); s4 = V.Fma(w, a, s4); t4 = V.Fma(w, b, t4);
                w = V.All(at[x[5]]); s5 = V.Fma(w, a, s5); t5 = V.Fma(w, b, t5);
            }
        }
        V.Store(s0, ref c[0 * V.Count]); V.Store(t0, ref c[1 * V.Count]);
        V.Store(s1, ref c[2 * V.Count]); V.Store(t1, ref c[3 * V.Count]);
        V.Store(s2, ref c[4 * V.Count]); V.Store(t2, ref c[5 * V.Count]);
        V.Store(s3, ref c[6 * V.Count]); V.Store(t3, ref c[7 * V.Count]);
        V.Store(s4, ref c[8 * V.Count]); V.Store(t4, ref c[9 * V.Count]);
        V.Store(s5, ref c[10 * V.Count]); V.Store(t5, ref c[11 * V.Count]);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Tile4<V>(nint* x, float* start, int lines, int step, int width, float* dy, float* c, bool add) where V : struct, ISimd<V>
    {
        V s0 = V.Zero, t0 = V.Zero;
        V s1 = V.Zero, t1 = V.Zero;
        V s2 = V.Zero, t2 = V.Zero;
        V s3 = V.Zero, t3 = V.Zero;
        if (add)
        {
            (s0, t0) = (V.Load(ref c[0 * V.Count]), V.Load(ref c[1 * V.Count]));
            (s1, t1) = (V.Load(ref c[2 * V.Count]), V.Load(ref c[3 * V.Count]));
            (s2, t2) = (V.Load(ref c[4 * V.Count]), V.Load(ref c[5 * V.Count]));
            (s3, t3) = (V.Load(ref c[6 * V.Count]), V.Load(ref c[7 * V.Count]));
        }
        for (int line = 0; line < lines; line++)
        {
            float* at = start + (long)line * step;
            for (float* end = at + width; at < end; at++, dy += 2 * V.Count)
            {
                V a = V.Load(ref dy[0]), b = V.Load(ref dy[V.Count]), w;
                w = V.All(at[x[0]]); s0 = V.Fma(w, a, s0); t0 = V.Fma(w, b, t0);
                w = V.All(at[x[1]]); s1 = V.Fma(w, a, s1); t1 = V.Fma(w, b, t1);
                w = V.All(at[x[2]]); s2 = V.Fma(w, a, s2); t2 = V.Fma(w, b, t2);
                w = V.All(at[x[3]]); s3 = V.Fma(w, a, s3); t3 = V.Fma(w, b, t3);
            }
        }
        V.Store(s0, ref c[0 * V.Count]); V.Store(t0, ref c[1 * V.Count]);
        V.Store(s1, ref c[2 * V.Count]); V.Store(t1, ref c[3 * V.Count]);
        V.Store(s2, ref c[4 * V.Count]); V.Store(t2, ref c[5 * V.Count]);
        V.Store(s3, ref c[6 * V.Count]); V.Store(t3, ref c[7 * V.Count]);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Tile2<V>(nint* x, float* start, int lines, int step, int width, float* dy, float* c, bool add) where V : struct, ISimd<V>
    {
        V s0 = V.Zero, t0 = V.Zero;
        V s1 = V.Zero, t1 = V.Zero;
        if (add)
        {
            (s0, t0) = (V.Load(ref c[0 * V.Count]), V.Load(ref c[1 * V.Count]));
            (s1, t1) = (V.Load(ref c[2 * V.Count]), V.Load(ref c[3 * V.Count]));
        }
        for (int line = 0; line < lines; line++)
        {
            float* at = start + (long)line * step;
            for (float* end = at + width; at < end; at++, dy += 2 * V.Count)
            {
                V a = V.Load(ref dy[0]), b = V.Load(ref dy[V.Count]), w;
                w = V.All(at[x[0]]); s0 = V.Fma(w, a, s0); t0 = V.Fma(w, b, t0);
                w = V.All(at[x[1]]); s1 = V.Fma(w, a, s1); t1 = V.Fma(w, b, t1);
            }
        }
        V.Store(s0, ref c[0 * V.Count]); V.Store(t0, ref c[1 * V.Count]);
        V.Store(s1, ref c[2 * V.Count]); V.Store(t1, ref c[3 * V.Count]);
    }
}
