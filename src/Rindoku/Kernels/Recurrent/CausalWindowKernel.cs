namespace Rindoku.Kernels;

/// <summary>Windows of the last k steps of sequences, side by side, and their sums back.</summary>
/// <remarks>Aliasing: none. Deterministic: every row is written by one thread, its terms in order.</remarks>
internal static unsafe class CausalWindowKernel
{
    private const int Grain = 8192;

    /// <summary>The sizes.</summary>
    /// <param name="Batch">B.</param>
    /// <param name="Given">S, steps of the sequences.</param>
    /// <param name="Steps">T, windows: one that ends at each of the last T steps.</param>
    /// <param name="Width">Numbers of a step.</param>
    /// <param name="Window">k, steps of a window.</param>
    public readonly record struct Sizes(int Batch, int Given, int Steps, int Width, int Window);

    /// <summary>From (B, S, W) to (B, T, k·W), the oldest step of a window first; zeros where a window reaches beyond the start.</summary>
    public static void Cut(Sizes s, ReadOnlySpan<float> x, Span<float> windows)
    {
        fixed (float* px = x, pw = windows)
            Threads.RunChunks(s.Batch * s.Steps, Math.Max(1, Grain / (s.Window * s.Width)), new Work(s, px, pw), static (work, from, to) =>
            {
                (_, int given, int steps, int width, int window) = work.Sizes;
                for (int row = from; row < to; row++)
                {
                    (int sample, int t) = Math.DivRem(row, steps);
                    int first = given - steps + t - window + 1, missing = Math.Clamp(-first, 0, window);
                    Span<float> target = new(work.Windows + (long)row * window * width, window * width);
                    target[..(missing * width)].Clear();
                    new ReadOnlySpan<float>(work.X + ((long)sample * given + first + missing) * width, (window - missing) * width).CopyTo(target[(missing * width)..]);
                }
            });
    }

    /// <summary>Adds windows (B, T, k·W) up into the steps they came from, (B, S, W): what <see cref="Cut"/> does to gradients.</summary>
    public static void Add(Sizes s, ReadOnlySpan<float> windows, Span<float> x)
    {
        fixed (float* px = x, pw = windows)
            Threads.RunChunks(s.Batch * s.Given, Math.Max(1, Grain / (s.Window * s.Width)), new Work(s, px, pw), static (work, from, to) =>
            {
                (_, int given, int steps, int width, int window) = work.Sizes;
                for (int row = from; row < to; row++)
                {
                    (int sample, int step) = Math.DivRem(row, given);
                    Span<float> target = new(work.X + (long)row * width, width);
                    target.Clear();
                    for (int slot = 0; slot < window; slot++)
                    {
                        int t = step - (given - steps) + window - 1 - slot; // the window that has this step in this slot
                        if (t < 0 || t >= steps) continue;
                        VectorMath.Add(target, new ReadOnlySpan<float>(work.Windows + (((long)sample * steps + t) * window + slot) * width, width), target);
                    }
                }
            });
    }

    private readonly struct Work(Sizes sizes, float* x, float* windows)
    {
        public readonly Sizes Sizes = sizes;
        public readonly float* X = x;
        public readonly float* Windows = windows;
    }
}
