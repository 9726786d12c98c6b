using System.Runtime.CompilerServices;

namespace Rindoku.Kernels;

/// <summary>The innermost loop for a single target channel, as depthwise convolutions have: four vectors of results held in registers.</summary>
/// <remarks>The same chain of fused multiply-adds as <see cref="RegisterTile"/>, which would compute rows that are not there. Aliasing: none.</remarks>
internal static unsafe class SingleRowTile
{
    /// <summary><c>c[i] = start + Σ w[p · step] · b[offset[p] + i]</c> for the four vectors at b0 ... b3.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Run<V>(TableRows taps, int depth, float* w, int step, float start, float* b0, float* b1, float* b2, float* b3, float* c)
        where V : struct, ISimd<V>
    {
        V s0 = V.All(start), s1 = s0, s2 = s0, s3 = s0;
        for (nint p = 0; p < depth; p++, w += step)
        {
            nint at = taps.Offset(p);
            V weight = V.All(*w);
            s0 = V.Fma(weight, V.Load(ref b0[at]), s0);
            s1 = V.Fma(weight, V.Load(ref b1[at]), s1);
            s2 = V.Fma(weight, V.Load(ref b2[at]), s2);
            s3 = V.Fma(weight, V.Load(ref b3[at]), s3);
        }
        V.Store(s0, ref c[0]);
        V.Store(s1, ref c[V.Count]);
        V.Store(s2, ref c[2 * V.Count]);
        V.Store(s3, ref c[3 * V.Count]);
    }
}
