using System.Runtime.CompilerServices;

namespace Rindoku.Kernels;

internal static partial class SimdMath
{
    /// <summary>What division by b leaves of a, with the sign of b, as Python and PyTorch have it: exact, but for one rounding where b is added.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Remainder<V>(V a, V b) where V : struct, ISimd<V>
    {
        V q = a / b;
        // What truncated division leaves is exact when q is right; rounding may have made q one too large or too small.
        V r = V.Fma(-V.Truncate(q), b, a);
        V magnitude = V.Abs(b), step = CopySign(b, a);
        r = V.Select(V.Less(r ^ (a & V.All(-0f)), V.Zero), r + step, r);
        r = V.Select(V.LessOrEqual(magnitude, V.Abs(r)), r - step, r);
        // The sign of b.
        r = V.Select(V.Less(r ^ (b & V.All(-0f)), V.Zero), r + b, r);
        // The quotient must have all its whole digits, and nothing may over- or underflow.
        V easy = V.Less(V.Abs(q), V.All(4194304)) & V.Less(V.All(1e-30f), magnitude) & V.Less(magnitude, V.All(1e30f))
            & (V.Less(V.All(1e-20f), V.Abs(a)) | V.Equal(a, V.Zero));
        return V.Any(Not(easy)) ? V.Select(easy, r, Simd.InDouble2(a, b, default(RemainderInDouble))) : r;
    }

    private readonly struct RemainderInDouble : IDoubleFunction2
    {
        public double Value(double a, double b)
        {
            double r = a % b;
            return r != 0 && (r < 0) != (b < 0) ? r + b : r;
        }
    }
}
