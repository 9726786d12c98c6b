using System.Runtime.CompilerServices;

namespace Rindoku.Kernels;

/// <summary>
/// The one-dimensional transforms of Winograd's F(4, 3), which computes four outputs of a filter of three taps with six products:
/// <c>y = Aᵀ [(G g) ⊙ (Bᵀ x)]</c>. Applied along both axes they give 4 x 4 outputs of a 3 x 3 filter with 36 products instead of 144.
/// </summary>
/// <remarks>
/// The points are 0, ±1, 2, -1/2 and infinity: with ±2 in the place of 2 and -1/2 (Lavin and Gray 2016, arXiv:1509.09308, §4.3) errors are 1.5
/// times as large (measured; on the choice of points: Barabasz et al. 2018, arXiv:1803.10986). The transposed transforms make the weights'
/// gradient. All results are written to memory, and what does not
/// come out of registers anyway is read from there: a compiler keeps the few numbers in between in registers.
/// </remarks>
internal static unsafe class WinogradMath
{
    /// <summary>Products of a tile.</summary>
    public const int Products = 36;

    /// <summary><c>y = Bᵀ x</c>: six inputs to six; y's lie <paramref name="stepY"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Input<V>(V x0, V x1, V x2, V x3, V x4, V x5, float* y, nint stepY) where V : struct, ISimd<V>
    {
        V even = x4 - x2, odd = x3 - x1, half = V.All(0.5f), threeHalves = V.All(1.5f), fiveHalves = V.All(-2.5f);
        V.Store(V.Fma(-threeHalves, odd, x0 - x2) + even, ref y[0]);
        V.Store(V.Fma(-half, x3, V.Fma(fiveHalves, x2, x4 - x1)), ref y[stepY]);
        V.Store(V.Fma(half, x2, V.Fma(fiveHalves, x3, x4 + x1)), ref y[2 * stepY]);
        V.Store(V.Fma(half, odd, even), ref y[3 * stepY]);
        V.Store(V.Fma(V.All(-2), odd, even), ref y[4 * stepY]);
        V.Store(V.Fma(-threeHalves, even, x5 - x3) - odd, ref y[5 * stepY]);
    }

    /// <summary>
    /// The same for neighbouring tiles of a line: <c>x_j</c> of tile t is <c>line[4 t + j]</c>, so the line is taken apart by fours, and the
    /// last two inputs of a tile are the first two of the next.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void InputLine<V>(float* line, float* y, nint stepY) where V : struct, ISimd<V>
    {
        V a = V.Load(ref line[0]), b = V.Load(ref line[V.Count]), c = V.Load(ref line[2 * V.Count]), d = V.Load(ref line[3 * V.Count]);
        V abLow = V.ZipLow(a, b), abHigh = V.ZipHigh(a, b), cdLow = V.ZipLow(c, d), cdHigh = V.ZipHigh(c, d);
        V x0 = V.Turn(V.JoinLow(abLow, cdLow)), x1 = V.Turn(V.JoinHigh(abLow, cdLow));
        V x2 = V.Turn(V.JoinLow(abHigh, cdHigh)), x3 = V.Turn(V.JoinHigh(abHigh, cdHigh));
        line += 4;
        a = V.Load(ref line[0]);
        b = V.Load(ref line[V.Count]);
        c = V.Load(ref line[2 * V.Count]);
        d = V.Load(ref line[3 * V.Count]);
        abLow = V.ZipLow(a, b);
        cdLow = V.ZipLow(c, d);
        Input(x0, x1, x2, x3, V.Turn(V.JoinLow(abLow, cdLow)), V.Turn(V.JoinHigh(abLow, cdLow)), y, stepY);
    }

    /// <summary><c>y = Aᵀ m</c>: six sums of products to four outputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Output<V>(float* m, nint stepM, float* y, nint stepY, V bias) where V : struct, ISimd<V>
    {
        V m0 = V.Load(ref m[0]), m1 = V.Load(ref m[stepM]), m2 = V.Load(ref m[2 * stepM]), m3 = V.Load(ref m[3 * stepM]);
        V m4 = V.Load(ref m[4 * stepM]), m5 = V.Load(ref m[5 * stepM]);
        V sum = m1 + m2, difference = m1 - m2;
        V.Store(m0 + sum + (m3 + m4) + bias, ref y[0]);
        V.Store(V.Fma(V.All(2), m3, V.Fma(V.All(-0.5f), m4, difference)) + bias, ref y[stepY]);
        V.Store(V.Fma(V.All(4), m3, V.Fma(V.All(0.25f), m4, sum)) + bias, ref y[2 * stepY]);
        V.Store(V.Fma(V.All(8), m3, V.Fma(V.All(-0.125f), m4, difference)) + m5 + bias, ref y[3 * stepY]);
    }

    /// <summary>The same for neighbouring tiles of a line: output j of tile t goes to <c>line[4 t + j]</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void OutputLine<V>(float* m, nint stepM, float* line, V bias) where V : struct, ISimd<V>
    {
        V m0 = V.Load(ref m[0]), m1 = V.Load(ref m[stepM]), m2 = V.Load(ref m[2 * stepM]), m3 = V.Load(ref m[3 * stepM]);
        V m4 = V.Load(ref m[4 * stepM]), m5 = V.Load(ref m[5 * stepM]);
        V sum = m1 + m2, difference = m1 - m2;
        V y0 = V.TurnBack(m0 + sum + (m3 + m4) + bias), y1 = V.TurnBack(V.Fma(V.All(2), m3, V.Fma(V.All(-0.5f), m4, difference)) + bias);
        V y2 = V.TurnBack(V.Fma(V.All(4), m3, V.Fma(V.All(0.25f), m4, sum)) + bias);
        V y3 = V.TurnBack(V.Fma(V.All(8), m3, V.Fma(V.All(-0.125f), m4, difference)) + m5 + bias);
        V low01 = V.ZipLow(y0, y1), high01 = V.ZipHigh(y0, y1), low23 = V.ZipLow(y2, y3), high23 = V.ZipHigh(y2, y3);
        V.Store(V.JoinLow(low01, low23), ref line[0]);
        V.Store(V.JoinHigh(low01, low23), ref line[V.Count]);
        V.Store(V.JoinLow(high01, high23), ref line[2 * V.Count]);
        V.Store(V.JoinHigh(high01, high23), ref line[3 * V.Count]);
    }

    /// <summary><c>u = G g</c>: three taps to six.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Weights<V>(float* g, nint stepG, float* u, nint stepU) where V : struct, ISimd<V>
    {
        V g0 = V.Load(ref g[0]), g1 = V.Load(ref g[stepG]), g2 = V.Load(ref g[2 * stepG]);
        V third = V.All(1f / 3), outer = g0 + g2;
        V.Store(g0, ref u[0]);
        V.Store(-third * (outer + g1), ref u[stepU]);
        V.Store(third * (outer - g1), ref u[2 * stepU]);
        V.Store(V.Fma(V.All(1f / 15), g0, V.Fma(V.All(2f / 15), g1, V.All(4f / 15) * g2)), ref u[3 * stepU]);
        V.Store(V.Fma(V.All(-16f / 15), g0, V.Fma(V.All(8f / 15), g1, V.All(-4f / 15) * g2)), ref u[4 * stepU]);
        V.Store(g2, ref u[5 * stepU]);
    }

    /// <summary><c>m = A y</c>: four outputs' gradients to six; the transpose of <see cref="Output"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Expand<V>(V y0, V y1, V y2, V y3, float* m, nint stepM) where V : struct, ISimd<V>
    {
        V even = y0 + y2, odd = y1 + y3;
        V.Store(y0, ref m[0]);
        V.Store(even + odd, ref m[stepM]);
        V.Store(even - odd, ref m[2 * stepM]);
        V.Store(V.Fma(V.All(2), y1, V.Fma(V.All(4), y2, V.Fma(V.All(8), y3, y0))), ref m[3 * stepM]);
        V.Store(V.Fma(V.All(-0.5f), y1, V.Fma(V.All(0.25f), y2, V.Fma(V.All(-0.125f), y3, y0))), ref m[4 * stepM]);
        V.Store(y3, ref m[5 * stepM]);
    }

    /// <summary><c>g = Gᵀ u</c>: six to three taps; the transpose of <see cref="Weights"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Taps<V>(float* u, nint stepU, float* g, nint stepG) where V : struct, ISimd<V>
    {
        V u0 = V.Load(ref u[0]), u1 = V.Load(ref u[stepU]), u2 = V.Load(ref u[2 * stepU]), u3 = V.Load(ref u[3 * stepU]);
        V u4 = V.Load(ref u[4 * stepU]), u5 = V.Load(ref u[5 * stepU]);
        V third = V.All(1f / 3), difference = third * (u2 - u1);
        V.Store(V.Fma(V.All(1f / 15), u3, V.Fma(V.All(-16f / 15), u4, u0 + difference)), ref g[0]);
        V.Store(V.Fma(V.All(2f / 15), u3, V.Fma(V.All(8f / 15), u4, -third * (u1 + u2))), ref g[stepG]);
        V.Store(V.Fma(V.All(4f / 15), u3 - u4, u5 + difference), ref g[2 * stepG]);
    }
}
