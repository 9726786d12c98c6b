using System.Runtime.CompilerServices;

namespace Rindoku.Kernels;

internal static partial class SimdMath
{
    /// <summary><c>sign(x) · 2^round(log₂|x|)</c>, exact; 0 for numbers below the least normal float.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V NearestPowerOfTwo<V>(V x) where V : struct, ISimd<V>
    {
        const float rootOfTwo = 1.41421354f, leastNormal = 1.17549435e-38f; // the last float before √2: above it the exponent rounds up
        V magnitude = V.Abs(x), tiny = V.Less(magnitude, V.All(leastNormal));
        V safe = V.Select(tiny, V.All(1), magnitude);
        V below = V.PowerOfTwo(V.ExponentBits(safe) - V.All(127));
        V power = V.Select(V.Less(V.All(rootOfTwo) * below, safe), below + below, below);
        return CopySign(V.Select(tiny, V.Zero, power), x) | IsNaN(x);
    }
}
