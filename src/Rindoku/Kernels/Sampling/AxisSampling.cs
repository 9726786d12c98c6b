using System.Numerics.Tensors;

namespace Rindoku.Kernels;

/// <summary>A sparse linear map along one axis: (outer, inputs, inner) to (outer, outputs, inner).</summary>
/// <remarks>Aliasing: none. Deterministic: each output adds its taps in order.</remarks>
internal static unsafe class AxisSampling
{
    private const int Grain = 16384;

    public static void Apply(Taps taps, float[] weights, ReadOnlySpan<float> x, Span<float> y, int outer, int inner)
    {
        if (y.Length == 0) return;
        fixed (float* px = x, py = y)
        {
            float* source = px, destination = py;
            if (inner == 1)
            {
                Threads.RunChunks(outer, Math.Max(1, Grain / Math.Max(1, taps.Outputs)), (from, to) =>
                {
                    for (int i = from; i < to; i++) Line(taps, weights, source + (long)i * taps.Inputs, destination + (long)i * taps.Outputs);
                });
                return;
            }
            Threads.RunChunks(outer * taps.Outputs, Math.Max(1, Grain / inner), (from, to) =>
            {
                for (int i = from; i < to; i++)
                {
                    (int o, int row) = Math.DivRem(i, taps.Outputs);
                    Row(taps, weights, row, source + (long)o * taps.Inputs * inner, new Span<float>(destination + (long)i * inner, inner));
                }
            });
        }
    }

    private static void Line(Taps taps, float[] weights, float* x, float* y)
    {
        int[] starts = taps.Starts, sources = taps.Sources;
        int[]? places = taps.Places;
        for (int row = 0; row < taps.Outputs; row++)
        {
            float sum = 0;
            for (int t = starts[row]; t < starts[row + 1]; t++) sum += weights[places is null ? t : places[t]] * x[sources[t]];
            y[row] = sum;
        }
    }

    private static void Row(Taps taps, float[] weights, int row, float* x, Span<float> y)
    {
        int from = taps.Starts[row], to = taps.Starts[row + 1];
        if (from == to) y.Clear();
        for (int t = from; t < to; t++)
        {
            ReadOnlySpan<float> line = new(x + (long)taps.Sources[t] * y.Length, y.Length);
            float weight = weights[taps.Places?[t] ?? t];
            if (t == from) TensorPrimitives.Multiply(line, weight, y);
            else TensorPrimitives.MultiplyAdd(line, weight, y, y);
        }
    }
}
