using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Rindoku.Kernels;

/// <summary>Where the rows of the right-hand matrix lie, as offsets from its first, and what else happens when one is read.</summary>
internal unsafe interface IRows
{
    nint Offset(nint row);

    /// <summary>Called with the two vectors of a row and the place of the first, between reading and multiplying.</summary>
    void Read<V>(nint row, V x, V y, float* place) where V : struct, ISimd<V>;
}

/// <summary>Rows that lie evenly apart: a matrix, or a packed panel.</summary>
internal readonly unsafe struct EvenRows(nint stride) : IRows
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint Offset(nint row) => row * stride;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Read<V>(nint row, V x, V y, float* place) where V : struct, ISimd<V> { }
}

/// <summary>Rows of a matrix in distant memory, each a few rows ahead of its use called into the second-level cache.</summary>
internal readonly unsafe struct FetchedRows(nint stride) : IRows
{
    private const int Ahead = 32;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint Offset(nint row) => row * stride;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Read<V>(nint row, V x, V y, float* place) where V : struct, ISimd<V>
    {
        if (!Sse.IsSupported) return;
        Sse.Prefetch1(place + Ahead * stride);
        Sse.Prefetch1(place + Ahead * stride + V.Count);
    }
}

/// <summary>Fetched rows that are written to a packed panel at the same time: the multiplications hide what packing costs.</summary>
internal readonly unsafe struct PackedRows(nint stride, float* panel) : IRows
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint Offset(nint row) => row * stride;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Read<V>(nint row, V x, V y, float* place) where V : struct, ISimd<V>
    {
        new FetchedRows(stride).Read(row, x, y, place);
        float* to = panel + row * 2 * V.Count;
        V.Store(x, ref to[0]);
        V.Store(y, ref to[V.Count]);
    }
}

/// <summary>Rows that lie evenly apart; with each a line that is needed later, from elsewhere in memory, is called into the second-level cache.</summary>
internal readonly unsafe struct RowsBeforeOthers(nint stride, nint ahead, nint aheadStride) : IRows
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint Offset(nint row) => row * stride;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Read<V>(nint row, V x, V y, float* place) where V : struct, ISimd<V>
    {
        if (Sse.IsSupported) Sse.Prefetch1(place + ahead + row * aheadStride);
    }
}

/// <summary>Rows that lie where a table says: the taps of a convolution.</summary>
internal readonly unsafe struct TableRows(int* offsets) : IRows
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint Offset(nint row) => offsets[row];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Read<V>(nint row, V x, V y, float* place) where V : struct, ISimd<V> { }
}

/// <summary>The innermost loops: a tile of some rows and two vectors of columns of a product, held in registers over the whole depth.</summary>
/// <remarks>
/// <para>c[i, j] = (c[i, j] or 0) + Σ a[i, p] · b[p, j], each added in the order of p, fused: so the result has the same bits for every tile
/// height, vector width and cut of the depth.</para>
/// <para>Heights 12 and 8 are for machines with 32 vector registers, 6, 4 and 2 for those with 16. The accumulators are written out one by
/// one because the compiler keeps only separate locals in registers, never arrays. Aliasing: none.</para>
/// </remarks>
internal static unsafe class RegisterTile
{
    /// <summary>Computes one tile.</summary>
    /// <param name="height">Rows: 12, 8, 6, 4 or 2.</param>
    /// <param name="rows">Where the rows of b lie.</param>
    /// <param name="depth">How many products are added up.</param>
    /// <param name="a">Packed: a[p · height + i].</param>
    /// <param name="b0">The first row's first vector.</param>
    /// <param name="b1">The first row's second vector, wherever it lies.</param>
    /// <param name="c0">Where the first vectors of the results begin.</param>
    /// <param name="c1">Where the second vectors of the results begin.</param>
    /// <param name="stride">From one row of results to the next.</param>
    /// <param name="add">Whether to add to what is in c.</param>
    public static void Run<V, R>(int height, R rows, int depth, float* a, float* b0, float* b1, float* c0, float* c1, nint stride, bool add)
        where V : struct, ISimd<V> where R : struct, IRows
    {
        switch (height)
        {
            case 12: Tile12<V, R>(rows, depth, a, b0, b1, c0, c1, stride, add); break;
            case 8: Tile8<V, R>(rows, depth, a, b0, b1, c0, c1, stride, add); break;
            case 6: Tile6<V, R>(rows, depth, a, b0, b1, c0, c1, stride, add); break;
            case 4: Tile4<V, R>(rows, depth, a, b0, b1, c0, c1, stride, add); break;
            case 2: Tile2<V, R>(rows, depth, a, b0, b1, c0, c1, stride, add); break;
            default: throw new ArgumentOutOfRangeException(nameof(height));
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Tile12<V, R>(R rows, int depth, float* a, float* b0, float* b1, float* c0, float* c1, nint stride, bool add)
        where V : struct, ISimd<V> where R : struct, IRows
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
            (s0, t0) = (V.Load(ref c0[0]), V.Load(ref c1[0]));
            (s1, t1) = (V.Load(ref c0[stride]), V.Load(ref c1[stride]));
            (s2, t2) = (V.Load(ref c0[2 * stride]), V.Load(ref c1[2 * stride]));
            (s3, t3) = (V.Load(ref c0[3 * stride]), V.Load(ref c1[3 * stride]));
            (s4, t4) = (V.Load(ref c0[4 * stride]), V.Load(ref c1[4 * stride]));
            (s5, t5) = (V.Load(ref c0[5 * stride]), V.Load(ref c1[5 * stride]));
            (s6, t6) = (V.Load(ref c0[6 * stride]), V.Load(ref c1[6 * stride]));
            (s7, t7) = (V.Load(ref c0[7 * stride]), V.Load(ref c1[7 * stride]));
            (s8, t8) = (V.Load(ref c0[8 * stride]), V.Load(ref c1[8 * stride]));
            (s9, t9) = (V.Load(ref c0[9 * stride]), V.Load(ref c1[9 * stride]));
            (s10, t10) = (V.Load(ref c0[10 * stride]), V.Load(ref c1[10 * stride]));
            (s11, t11) = (V.Load(ref c0[11 * stride]), V.Load(ref c1[11 * stride]));
        }
        for (nint p = 0; p < depth; p++, a += 12)
        {
            nint at = rows.Offset(p);
            V x = V.Load(ref b0[at]), y = V.Load(ref b1[at]), w;
            rows.Read(p, x, y, b0 + at);
            w = V.All(a[0]); s0 = V.Fma(w, x, s0); t0 = V.Fma(w, y, t0);
            w = V.All(a[1]); s1 = V.Fma(w, x, s1); t1 = V.Fma(w, y, t1);
            w = V.All(a[2]); s2 = V.Fma(w, x, s2); t2 = V.Fma(w, y, t2);
            w = V.All(a[3]); s3 = V.Fma(w, x, s3); t3 = V.Fma(w, y, t3);
            w = V.All(a[4]); s4 = V.Fma(w, x, s4); t4 = V.Fma(w, y, t4);
            w = V.All(a[5]); s5 = V.Fma(w, x, s5); t5 = V.Fma(w, y, t5);
            w = V.All(a[6]); s6 = V.Fma(w, x, s6); t6 = V.Fma(w, y, t6);
            w = V.All(a[7]); s7 = V.Fma(w, x, s7); t7 = V.Fma(w, y, t7);
            w = V.All(a[8]); s8 = V.Fma(w, x, s8); t8 = V.Fma(w, y, t8);
            w = V.All(a[9]); s9 = V.Fma(w, x, s9); t9 = V.Fma(w, y, t9);
            w = V.All(a[10]); s10 = V.Fma(w, x, s10); t10 = V.Fma(w, y, t10);
            w = V.All(a[11]); s11 = V.Fma(w, x, s11); t11 = V.Fma(w, y, t11);
        }
        V.Store(s0, ref c0[0]); V.Store(t0, ref c1[0]);
        V.Store(s1, ref c0[stride]); V.Store(t1, ref c1[stride]);
        V.Store(s2, ref c0[2 * stride]); V.Store(t2, ref c1[2 * stride]);
        V.Store(s3, ref c0[3 * stride]); V.Store(t3, ref c1[3 * stride]);
        V.Store(s4, ref c0[4 * stride]); V.Store(t4, ref c1[4 * stride]);
        V.Store(s5, ref c0[5 * stride]); V.Store(t5, ref c1[5 * stride]);
        V.Store(s6, ref c0[6 * stride]); V.Store(t6, ref c1[6 * stride]);
        V.Store(s7, ref c0[7 * stride]); V.Store(t7, ref c1[7 * stride]);
        V.Store(s8, ref c0[8 * stride]); V.Store(t8, ref c1[8 * stride]);
        V.Store(s9, ref c0[9 * stride]); V.Store(t9, ref c1[9 * stride]);
        V.Store(s10, ref c0[10 * stride]); V.Store(t10, ref c1[10 * stride]);
        V.Store(s11, ref c0[11 * stride]); V.Store(t11, ref c1[11 * stride]);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Tile8<V, R>(R rows, int depth, float* a, float* b0, float* b1, float* c0, float* c1, nint stride, bool add)
        where V : struct, ISimd<V> where R : struct, IRows
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
            (s0, t0) = (V.Load(ref c0[0]), V.Load(ref c1[0]));
            (s1, t1) = (V.Load(ref c0[stride]), V.Load(ref c1[stride]));
            (s2, t2) = (V.Load(ref c0[2 * stride]), V.Load(ref c1[2 * stride]));
            (s3, t3) = (V.Load(ref c0[3 * stride]), V.Load(ref c1[3 * stride]));
            (s4, t4) = (V.Load(ref c0[4 * stride]), V.Load(ref c1[4 * stride]));
            (s5, t5) = (V.Load(ref c0[5 * stride]), V.Load(ref c1[5 * stride]));
            (s6, t6) = (V.Load(ref c0[6 * stride]), V.Load(ref c1[6 * stride]));
            (s7, t7) = (V.Load(ref c0[7 * stride]), V.Load(ref c1[7 * stride]));
        }
        for (nint p = 0; p < depth; p++, a += 8)
        {
            nint at = rows.Offset(p);
            V x = V.Load(ref b0[at]), y = V.Load(ref b1[at]), w;
            rows.Read(p, x, y, b0 + at);
            w = V.All(a[0]); s0 = V.Fma(w, x, s0); t0 = V.Fma(w, y, t0);
            w = V.All(a[1]); s1 = V.Fma(w, x, s1); t1 = V.Fma(w, y, t1);
            w = V.All(a[2]); s2 = V.Fma(w, x, s2); t2 = V.Fma(w, y, t2);
            w = V.All(a[3]); s3 = V.Fma(w, x, s3); t3 = V.Fma(w, y, t3);
            w = V.All(a[4]); s4 = V.Fma(w, x, s4); t4 = V.Fma(w, y, t4);
            w = V.All(a[5]); s5 = V.Fma(w, x, s5); t5 = V.Fma(w, y, t5);
            w = V.All(a[6]); s6 = V.Fma(w, x, s6); t6 = V.Fma(w, y, t6);
            w = V.All(a[7]); s7 = V.Fma(w, x, s7); t7 = V.Fma(w, y, t7);
        }
        V.Store(s0, ref c0[0]); V.Store(t0, ref c1[0]);
        V.Store(s1, ref c0[stride]); V.Store(t1, ref c1[stride]);
        V.Store(s2, ref c0[2 * stride]); V.Store(t2, ref c1[2 * stride]);
        V.Store(s3, ref c0[3 * stride]); V.Store(t3, ref c1[3 * stride]);
        V.Store(s4, ref c0[4 * stride]); V.Store(t4, ref c1[4 * stride]);
        V.Store(s5, ref c0[5 * stride]); V.Store(t5, ref c1[5 * stride]);
        V.Store(s6, ref c0[6 * stride]); V.Store(t6, ref c1[6 * stride]);
        V.Store(s7, ref c0[7 * stride]); V.Store(t7, ref c1[7 * stride]);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Tile6<V, R>(R rows, int depth, float* a, float* b0, float* b1, float* c0, float* c1, nint stride, bool add)
        where V : struct, ISimd<V> where R : struct, IRows
    {
        V s0 = V.Zero, t0 = V.Zero;
        V s1 = V.Zero, t1 = V.Zero;
        V s2 = V.Zero, t2 = V.Zero;
        V s3 = V.Zero, t3 = V.Zero;
        V s4 = V.Zero, t4 = V.Zero;
        V s5 = V.Zero, t5 = V.Zero;
        if (add)
        {
            (s0, t0) = (V.Load(ref c0[0]), V.Load(ref c1[0]));
            (s1, t1) = (V.Load(ref c0[stride]), V.Load(ref c1[stride]));
            (s2, t2) = (V.Load(ref c0[2 * stride]), V.Load(ref c1[2 * stride]));
            (s3, t3) = (V.Load(ref c0[3 * stride]), V.Load(ref c1[3 * stride]));
            (s4, t4) = (V.Load(ref c0[4 * stride]), V.Load(ref c1[4 * stride]));
            (s5, t5) = (V.Load(ref c0[5 * stride]), V.Load(ref c1[5 * stride]));
        }
        for (nint p = 0; p < depth; p++, a += 6)
        {
            nint at = rows.Offset(p);
            V x = V.Load(ref b0[at]), y = V.Load(ref b1[at]), w;
            rows.Read(p, x, y, b0 + at);
            w = V.All(a[0]); s0 = V.Fma(w, x, s0); t0 = V.Fma(w, y, t0);
            w = V.All(a[1]); s1 = V.Fma(w, x, s1); t1 = V.Fma(w, y, t1);
            w = V.All(a[2]); s2 = V.Fma(w, x, s2); t2 = V.Fma(w, y, t2);
            w = V.All(a[3]); s3 = V.Fma(w, x, s3); t3 = V.Fma(w, y, t3);
            w = V.All(a[4]); s4 = V.Fma(w, x, s4); t4 = V.Fma(w, y, t4);
            w = V.All(a[5]); s5 = V.Fma(w, x, s5); t5 = V.Fma(w, y, t5);
        }
        V.Store(s0, ref c0[0]); V.Store(t0, ref c1[0]);
        V.Store(s1, ref c0[stride]); V.Store(t1, ref c1[stride]);
        V.Store(s2, ref c0[2 * stride]); V.Store(t2, ref c1[2 * stride]);
        V.Store(s3, ref c0[3 * stride]); V.Store(t3, ref c1[3 * stride]);
        V.Store(s4, ref c0[4 * stride]); V.Store(t4, ref c1[4 * stride]);
        V.Store(s5, ref c0[5 * stride]); V.Store(t5, ref c1[5 * stride]);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Tile4<V, R>(R rows, int depth, float* a, float* b0, float* b1, float* c0, float* c1, nint stride, bool add)
        where V : struct, ISimd<V> where R : struct, IRows
    {
        V s0 = V.Zero, t0 = V.Zero;
        V s1 = V.Zero, t1 = V.Zero;
        V s2 = V.Zero, t2 = V.Zero;
        V s3 = V.Zero, t3 = V.Zero;
        if (add)
        {
            (s0, t0) = (V.Load(ref c0[0]), V.Load(ref c1[0]));
            (s1, t1) = (V.Load(ref c0[stride]), V.Load(ref c1[stride]));
            (s2, t2) = (V.Load(ref c0[2 * stride]), V.Load(ref c1[2 * stride]));
            (s3, t3) = (V.Load(ref c0[3 * stride]), V.Load(ref c1[3 * stride]));
        }
        for (nint p = 0; p < depth; p++, a += 4)
        {
            nint at = rows.Offset(p);
            V x = V.Load(ref b0[at]), y = V.Load(ref b1[at]), w;
            rows.Read(p, x, y, b0 + at);
            w = V.All(a[0]); s0 = V.Fma(w, x, s0); t0 = V.Fma(w, y, t0);
            w = V.All(a[1]); s1 = V.Fma(w, x, s1); t1 = V.Fma(w, y, t1);
            w = V.All(a[2]); s2 = V.Fma(w, x, s2); t2 = V.Fma(w, y, t2);
            w = V.All(a[3]); s3 = V.Fma(w, x, s3); t3 = V.Fma(w, y, t3);
        }
        V.Store(s0, ref c0[0]); V.Store(t0, ref c1[0]);
        V.Store(s1, ref c0[stride]); V.Store(t1, ref c1[stride]);
        V.Store(s2, ref c0[2 * stride]); V.Store(t2, ref c1[2 * stride]);
        V.Store(s3, ref c0[3 * stride]); V.Store(t3, ref c1[3 * stride]);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Tile2<V, R>(R rows, int depth, float* a, float* b0, float* b1, float* c0, float* c1, nint stride, bool add)
        where V : struct, ISimd<V> where R : struct, IRows
    {
        V s0 = V.Zero, t0 = V.Zero;
        V s1 = V.Zero, t1 = V.Zero;
        if (add)
        {
            (s0, t0) = (V.Load(ref c0[0]), V.Load(ref c1[0]));
            (s1, t1) = (V.Load(ref c0[stride]), V.Load(ref c1[stride]));
        }
        for (nint p = 0; p < depth; p++, a += 2)
        {
            nint at = rows.Offset(p);
            V x = V.Load(ref b0[at]), y = V.Load(ref b1[at]), w;
            rows.Read(p, x, y, b0 + at);
            w = V.All(a[0]); s0 = V.Fma(w, x, s0); t0 = V.Fma(w, y, t0);
            w = V.All(a[1]); s1 = V.Fma(w, x, s1); t1 = V.Fma(w, y, t1);
        }
        V.Store(s0, ref c0[0]); V.Store(t0, ref c1[0]);
        V.Store(s1, ref c0[stride]); V.Store(t1, ref c1[stride]);
    }
}
