using System.Runtime.CompilerServices;

namespace Rindoku.Kernels;

/// <summary>Plain vector arithmetic on spans, for code that is not itself an operation (gradient sums, optimizers).</summary>
internal static class VectorMath
{
    private const int Grain = 65536;

    /// <summary>The same number everywhere.</summary>
    public static unsafe void Fill(Span<float> y, float value)
    {
        if (y.Length <= Grain) y.Fill(value);
        else fixed (float* start = y) Fill(start, y.Length, value);
    }

    private static unsafe void Fill(float* y, int length, float value) =>
        Threads.RunChunks(length, Grain, (from, to) => new Span<float>(y + from, to - from).Fill(value));

    /// <summary><c>y = a + b</c>; y may be a or b.</summary>
    public static void Add(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> y) => Elementwise.Map2(default(AddKernel), a, b, y);
}

internal readonly struct AddKernel : IBinaryKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V a, V b) where V : struct, ISimd<V> => a + b;
}
