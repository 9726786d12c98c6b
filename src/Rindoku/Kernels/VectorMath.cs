using System.Runtime.CompilerServices;

namespace Rindoku.Kernels;

/// <summary>Plain vector arithmetic on spans, for code that is not itself an operation (gradient sums, optimizers).</summary>
internal static class VectorMath
{
    /// <summary><c>y = a + b</c>; y may be a or b.</summary>
    public static void Add(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> y) => Elementwise.Map2(default(AddKernel), a, b, y);
}

internal readonly struct AddKernel : IBinaryKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V a, V b) where V : struct, ISimd<V> => a + b;
}
