using System.Runtime.CompilerServices;

namespace Rindoku.Kernels;

/// <summary>
/// Elementary functions of vectors. Each states its largest error against the true value, in units in the last place (ulp);
/// <c>SimdMathTests</c> holds it to that. NaN gives NaN, and a number's result never depends on its neighbours.
/// </summary>
internal static partial class SimdMath
{
    private const float Log2E = 1.44269502f;
    private const float PiHalf = 1.57079637f, PiHalfRest = -4.37113883e-8f, PiHalfRest2 = -1.71512451e-15f;

    // ln 2 in two parts: the first has few bits, so a whole number times it is exact.
    private const float Ln2 = 0.693359375f, Ln2Rest = -2.12194442e-4f;

    /// <summary>The magnitude of the first with the sign of the second.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V CopySign<V>(V magnitude, V sign) where V : struct, ISimd<V> => V.Abs(magnitude) | (sign & V.All(-0f));

    /// <summary>1 where the mask is set, else 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V OneWhere<V>(V mask) where V : struct, ISimd<V> => mask & V.All(1);

    /// <summary>The mask of all places.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Everywhere<V>() where V : struct, ISimd<V> => V.Equal(V.Zero, V.Zero);

    /// <summary>The opposite mask.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Not<V>(V mask) where V : struct, ISimd<V> => mask ^ Everywhere<V>();

    /// <summary>The mask of the NaNs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V IsNaN<V>(V x) where V : struct, ISimd<V> => Not(V.Equal(x, x));

    /// <summary>-1, 0 or 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V SignOf<V>(V x) where V : struct, ISimd<V> => V.Select(V.Equal(x, V.Zero), V.Zero, CopySign(V.All(1), x));
}
