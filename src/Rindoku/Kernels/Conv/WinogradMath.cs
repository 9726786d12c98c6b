using System.Runtime.CompilerServices;

namespace Rindoku.Kernels;

/// <summary>
/// The three one-dimensional transforms of Winograd's F(4, 3), which computes four outputs of a filter of three taps with six products:
/// <c>y = Aᵀ [(G g) ⊙ (Bᵀ x)]</c>. Applied along both axes they give 4 x 4 outputs of a 3 x 3 filter with 36 products instead of 144.
/// </summary>
/// <remarks>
/// The points are 0, ±1, ±2 and infinity (Lavin and Gray 2016, arXiv:1509.09308, §4.3). All results are written to memory, and what does not
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
        V four = V.All(4), minusFour = V.All(-4), minusFive = V.All(-5);
        V even = V.Fma(minusFour, x2, x4), odd = V.Fma(minusFour, x1, x3), even2 = x4 - x2, odd2 = V.All(2) * (x3 - x1);
        V.Store(V.Fma(four, x0, V.Fma(minusFive, x2, x4)), ref y[0]);
        V.Store(even + odd, ref y[stepY]);
        V.Store(even - odd, ref y[2 * stepY]);
        V.Store(even2 + odd2, ref y[3 * stepY]);
        V.Store(even2 - odd2, ref y[4 * stepY]);
        V.Store(V.Fma(four, x1, V.Fma(minusFive, x3, x5)), ref y[5 * stepY]);
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
        V sum = m1 + m2, difference = m1 - m2, sum2 = m3 + m4, difference2 = m3 - m4;
        V.Store(m0 + sum + sum2 + bias, ref y[0]);
        V.Store(V.Fma(V.All(2), difference2, difference) + bias, ref y[stepY]);
        V.Store(V.Fma(V.All(4), sum2, sum) + bias, ref y[2 * stepY]);
        V.Store(V.Fma(V.All(8), difference2, difference) + m5 + bias, ref y[3 * stepY]);
    }

    /// <summary>The same for neighbouring tiles of a line: output j of tile t goes to <c>line[4 t + j]</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void OutputLine<V>(float* m, nint stepM, float* line, V bias) where V : struct, ISimd<V>
    {
        V m0 = V.Load(ref m[0]), m1 = V.Load(ref m[stepM]), m2 = V.Load(ref m[2 * stepM]), m3 = V.Load(ref m[3 * stepM]);
        V m4 = V.Load(ref m[4 * stepM]), m5 = V.Load(ref m[5 * stepM]);
        V sum = m1 + m2, difference = m1 - m2, sum2 = m3 + m4, difference2 = m3 - m4;
        V y0 = V.TurnBack(m0 + sum + sum2 + bias), y1 = V.TurnBack(V.Fma(V.All(2), difference2, difference) + bias);
        V y2 = V.TurnBack(V.Fma(V.All(4), sum2, sum) + bias), y3 = V.TurnBack(V.Fma(V.All(8), difference2, difference) + m5 + bias);
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
        V sixth = V.All(-1f / 6), outer = g0 + g2, far = V.Fma(V.All(1f / 24), g0, V.All(1f / 6) * g2), middle = V.All(1f / 12) * g1;
        V.Store(V.All(0.25f) * g0, ref u[0]);
        V.Store(sixth * (outer + g1), ref u[stepU]);
        V.Store(sixth * (outer - g1), ref u[2 * stepU]);
        V.Store(far + middle, ref u[3 * stepU]);
        V.Store(far - middle, ref u[4 * stepU]);
        V.Store(g2, ref u[5 * stepU]);
    }

    /// <summary><c>m = A y</c>: four outputs' gradients to six; the transpose of <see cref="Output"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Expand<V>(V y0, V y1, V y2, V y3, float* m, nint stepM) where V : struct, ISimd<V>
    {
        V even = y0 + y2, odd = y1 + y3, even2 = V.Fma(V.All(4), y2, y0), odd2 = V.Fma(V.All(8), y3, y1 + y1);
        V.Store(y0, ref m[0]);
        V.Store(even + odd, ref m[stepM]);
        V.Store(even - odd, ref m[2 * stepM]);
        V.Store(even2 + odd2, ref m[3 * stepM]);
        V.Store(even2 - odd2, ref m[4 * stepM]);
        V.Store(y3, ref m[5 * stepM]);
    }

    /// <summary><c>g = Gᵀ u</c>: six to three taps; the transpose of <see cref="Weights"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Taps<V>(float* u, nint stepU, float* g, nint stepG) where V : struct, ISimd<V>
    {
        V u0 = V.Load(ref u[0]), u1 = V.Load(ref u[stepU]), u2 = V.Load(ref u[2 * stepU]), u3 = V.Load(ref u[3 * stepU]);
        V u4 = V.Load(ref u[4 * stepU]), u5 = V.Load(ref u[5 * stepU]);
        V sixth = V.All(1f / 6), sum = u1 + u2, difference = u2 - u1, sum2 = u3 + u4, difference2 = u3 - u4;
        V.Store(V.Fma(V.All(0.25f), u0, V.Fma(V.All(1f / 24), sum2, -(sixth * sum))), ref g[0]);
        V.Store(V.Fma(V.All(1f / 12), difference2, sixth * difference), ref g[stepG]);
        V.Store(V.Fma(sixth, sum2 - sum, u5), ref g[2 * stepG]);
    }
}
