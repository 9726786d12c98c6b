namespace Rindoku.Kernels;

/// <summary>Maxima and means over windows of planes, and their gradients.</summary>
/// <remarks>Determinism: planes are independent, and a plane is one thread's work. Aliasing: none.</remarks>
internal static unsafe class Pooling
{
    private const int Grain = 16384;

    /// <summary>For each window its largest number and the place of it in the plane: the first of equals; a NaN counts as largest.</summary>
    public static void Max(PoolWindows windows, ReadOnlySpan<float> x, Span<float> y, Span<int> places)
    {
        int planes = Planes(windows, x.Length, y.Length);
        if (places.Length != y.Length) throw new ArgumentException($"Pooling: {y.Length} maxima, {places.Length} places");
        fixed (float* px = x, py = y)
        fixed (int* pp = places)
            Max(windows, px, py, pp, planes);
    }

    /// <summary>The mean of each window.</summary>
    public static void Average(PoolWindows windows, ReadOnlySpan<float> x, Span<float> y)
    {
        int planes = Planes(windows, x.Length, y.Length);
        fixed (float* px = x, py = y)
        {
            float* from = px, to = py;
            ForPlanes(planes, windows, plane => AveragePlane(windows, from + (long)plane * windows.InputPlane, to + (long)plane * windows.OutputPlane));
        }
    }

    /// <summary>Spreads each number evenly over its window, adding up where windows overlap: the opposite of <see cref="Average"/>.</summary>
    public static void Spread(PoolWindows windows, ReadOnlySpan<float> dy, Span<float> dx)
    {
        int planes = Planes(windows, dx.Length, dy.Length);
        fixed (float* pdx = dx, pdy = dy)
        {
            float* to = pdx, from = pdy;
            ForPlanes(planes, windows, plane => SpreadPlane(windows, from + (long)plane * windows.OutputPlane, to + (long)plane * windows.InputPlane));
        }
    }

    /// <summary><c>y[plane, o] = x[plane, places[plane, o]]</c>.</summary>
    public static void Gather(PoolWindows windows, ReadOnlySpan<float> x, ReadOnlySpan<int> places, Span<float> y)
    {
        int planes = Planes(windows, x.Length, y.Length), input = windows.InputPlane, output = windows.OutputPlane;
        fixed (float* px = x, py = y)
        fixed (int* pp = places)
        {
            float* from = px, to = py;
            int* at = pp;
            ForPlanes(planes, windows, plane =>
            {
                float* source = from + (long)plane * input;
                for (long i = (long)plane * output, end = i + output; i < end; i++) to[i] = source[at[i]];
            });
        }
    }

    /// <summary>Adds <c>dy[plane, o]</c> to <c>dx[plane, places[plane, o]]</c>, from zero: the opposite of <see cref="Gather"/>.</summary>
    public static void Scatter(PoolWindows windows, ReadOnlySpan<float> dy, ReadOnlySpan<int> places, Span<float> dx)
    {
        int planes = Planes(windows, dx.Length, dy.Length), input = windows.InputPlane, output = windows.OutputPlane;
        fixed (float* pdx = dx, pdy = dy)
        fixed (int* pp = places)
        {
            float* to = pdx, from = pdy;
            int* at = pp;
            ForPlanes(planes, windows, plane =>
            {
                float* target = to + (long)plane * input;
                new Span<float>(target, input).Clear();
                for (long i = (long)plane * output, end = i + output; i < end; i++) target[at[i]] += from[i];
            });
        }
    }

    private static int Planes(PoolWindows windows, int input, int output)
    {
        int planes = windows.InputPlane == 0 ? 0 : input / windows.InputPlane;
        if (input != planes * windows.InputPlane || output != planes * windows.OutputPlane)
            throw new ArgumentException($"Pooling: spans of {input} and {output} numbers for planes of {windows.InputPlane} and {windows.OutputPlane}");
        return planes;
    }

    private static void ForPlanes(int planes, PoolWindows windows, Action<int> body) =>
        Threads.RunChunks(planes, Math.Max(1, Grain / (windows.InputPlane + windows.OutputPlane + 1)), (from, to) =>
        {
            for (int plane = from; plane < to; plane++) body(plane);
        });

    private static void Max(PoolWindows windows, float* x, float* y, int* places, int planes) => ForPlanes(planes, windows, plane =>
    {
        float* source = x + (long)plane * windows.InputPlane;
        long o = (long)plane * windows.OutputPlane;
        if (MaxRows.Applies(windows))
        {
            MaxRows.Run(windows, source, y + o, places + o);
            return;
        }
        for (int z = 0; z < windows.D.Count; z++)
            for (int r = 0; r < windows.H.Count; r++)
                for (int c = 0; c < windows.W.Count; c++, o++) MaxOfWindow(windows, source, z, r, c, out y[o], out places[o]);
    });

    /// <summary>The largest number of one window, the first of equals, and its place in the plane.</summary>
    public static void MaxOfWindow(PoolWindows windows, float* x, int oz, int oy, int ox, out float value, out int place)
    {
        (PoolAxis d, PoolAxis h, PoolAxis w) = (windows.D, windows.H, windows.W);
        int from = w.Starts[ox], to = w.Ends[ox], step = w.Step;
        int at = (d.Starts[oz] * h.Size + h.Starts[oy]) * w.Size + from;
        float best = x[at];
        for (int z = d.Starts[oz]; z < d.Ends[oz]; z += d.Step)
            for (int y = h.Starts[oy]; y < h.Ends[oy]; y += h.Step)
            {
                int row = (z * h.Size + y) * w.Size;
                for (int i = row + from; i < row + to; i += step)
                {
                    float candidate = x[i];
                    if (!(candidate > best) && !float.IsNaN(candidate)) continue;
                    best = candidate;
                    at = i;
                }
            }
        (value, place) = (best, at);
    }

    private static void AveragePlane(PoolWindows windows, float* x, float* result)
    {
        (PoolAxis d, PoolAxis h, PoolAxis w) = (windows.D, windows.H, windows.W);
        for (int oz = 0; oz < d.Count; oz++)
            for (int oy = 0; oy < h.Count; oy++)
                for (int ox = 0; ox < w.Count; ox++)
                {
                    float sum = 0;
                    int from = w.Starts[ox], length = w.Ends[ox] - from;
                    for (int z = d.Starts[oz]; z < d.Ends[oz]; z++)
                        for (int y = h.Starts[oy]; y < h.Ends[oy]; y++)
                        {
                            float* row = x + (z * h.Size + y) * w.Size + from;
                            for (int i = 0; i < length; i++) sum += row[i];
                        }
                    *result++ = sum / ((float)d.Counts[oz] * h.Counts[oy] * w.Counts[ox]);
                }
    }

    private static void SpreadPlane(PoolWindows windows, float* dy, float* dx)
    {
        (PoolAxis d, PoolAxis h, PoolAxis w) = (windows.D, windows.H, windows.W);
        new Span<float>(dx, windows.InputPlane).Clear();
        for (int oz = 0; oz < d.Count; oz++)
            for (int oy = 0; oy < h.Count; oy++)
                for (int ox = 0; ox < w.Count; ox++)
                {
                    float share = *dy++ / ((float)d.Counts[oz] * h.Counts[oy] * w.Counts[ox]);
                    int from = w.Starts[ox], length = w.Ends[ox] - from;
                    for (int z = d.Starts[oz]; z < d.Ends[oz]; z++)
                        for (int y = h.Starts[oy]; y < h.Ends[oy]; y++)
                        {
                            float* row = dx + (z * h.Size + y) * w.Size + from;
                            for (int i = 0; i < length; i++) row[i] += share;
                        }
                }
    }
}
