using System.Runtime.CompilerServices;

namespace Rindoku.Kernels;

/// <summary>
/// The three one-dimensional transforms of Winograd's F(4, 3), which computes four outputs of a filter of three taps with six products:
/// <c>y = Aᵀ [(G g) ⊙ (Bᵀ x)]</c>. Applied along both axes they give 4 x 4 outputs of a 3 x 3 filter with 36 products instead of 144.
/// </summary>
/// <remarks>
/// The points are 0, ±1, ±2 and infinity (Lavin and Gray 2016, arXiv:1509.09308, §4.3). Every function reads and writes vectors in memory:
/// a compiler keeps the few numbers in between in registers.
/// </remarks>
internal static unsafe class WinogradMath
{
    /// <summary>Outputs along one axis of a tile, and the inputs that reach them.</summary>
    public const int Outputs = 4, Inputs = 6;

    /// <summary>Products of a tile.</summary>
    public const int Products = Inputs * Inputs;

    /// <summary><c>y = Bᵀ x</c>: six inputs to six; y's lie <paramref name="stepY"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Input<V>(float* x0, float* x1, float* x2, float* x3, float* x4, float* x5, float* y, nint stepY) where V : struct, ISimd<V>
    {
        V two = V.All(2), four = V.All(4), minusFour = V.All(-4), minusFive = V.All(-5);
        V a0 = V.Load(ref *x0), a1 = V.Load(ref *x1), a2 = V.Load(ref *x2), a3 = V.Load(ref *x3), a4 = V.Load(ref *x4), a5 = V.Load(ref *x5);
        V even = V.Fma(minusFour, a2, a4), odd = V.Fma(minusFour, a1, a3), even2 = a4 - a2, odd2 = two * (a3 - a1);
        V.Store(V.Fma(four, a0, V.Fma(minusFive, a2, a4)), ref y[0]);
        V.Store(even + odd, ref y[stepY]);
        V.Store(even - odd, ref y[2 * stepY]);
        V.Store(even2 + odd2, ref y[3 * stepY]);
        V.Store(even2 - odd2, ref y[4 * stepY]);
        V.Store(V.Fma(four, a1, V.Fma(minusFive, a3, a5)), ref y[5 * stepY]);
    }

    /// <summary><c>y = Aᵀ m + bias</c>: six sums of products to four outputs.</summary>
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
}
