namespace Rindoku.Kernels;

/// <summary>The part of a kernel that reaches the input: its other taps meet nothing but the zeros around it, wherever the kernel lies.</summary>
/// <remarks>
/// So it is where images are smaller than kernels: of a 3 x 3 kernel on an image of one place, only the middle does anything. The work is
/// then done by a smaller kernel. Determinism: copies only. Aliasing: none.
/// </remarks>
internal sealed unsafe class LiveTaps
{
    private const int Grain = 4096; // kernels of one task

    private readonly int pairs, taps;
    private readonly int[] offsets;

    private LiveTaps(ConvGeometry g, Triple first, Triple count)
    {
        (pairs, taps) = (g.OutChannels * g.GroupInputs, g.Kernel.Product);
        Geometry = g with
        {
            Kernel = count,
            Padding = new(g.Padding.D - first.D * g.Dilation.D, g.Padding.H - first.H * g.Dilation.H, g.Padding.W - first.W * g.Dilation.W),
        };
        offsets = new int[count.Product];
        for (int i = 0; i < offsets.Length; i++)
        {
            (int z, int y, int x) = (i / count.W / count.H, i / count.W % count.H, i % count.W);
            offsets[i] = ((first.D + z) * g.Kernel.H + first.H + y) * g.Kernel.W + first.W + x;
        }
    }

    /// <summary>The same work with the smaller kernel, which has no taps at all if the kernel never meets the input.</summary>
    public ConvGeometry Geometry { get; }

    /// <summary>How many weights are left.</summary>
    public int Weights => pairs * offsets.Length;

    /// <summary>The part of the kernel, or null if it is the whole.</summary>
    public static LiveTaps? Of(ConvGeometry g)
    {
        (int First, int Count) d = Along(g.Input.D, g.Output.D, g.Kernel.D, g.Stride.D, g.Padding.D, g.Dilation.D);
        (int First, int Count) h = Along(g.Input.H, g.Output.H, g.Kernel.H, g.Stride.H, g.Padding.H, g.Dilation.H);
        (int First, int Count) w = Along(g.Input.W, g.Output.W, g.Kernel.W, g.Stride.W, g.Padding.W, g.Dilation.W);
        Triple count = new(d.Count, h.Count, w.Count);
        return count == g.Kernel ? null : new LiveTaps(g, new(d.First, h.First, w.First), count);
    }

    private static (int First, int Count) Along(int input, int output, int kernel, int stride, int padding, int dilation)
    {
        int first = 0, end = kernel;
        while (end > 0 && !IsLive(end - 1)) end--;
        while (first < end && (first + 1) * dilation <= padding && !IsLive(first)) first++; // padding is never less than none
        return (first, end - first);

        // Whether the first output from which the tap does not lie before the input reads inside.
        bool IsLive(int tap)
        {
            int start = tap * dilation - padding, at = start >= 0 ? 0 : (stride - 1 - start) / stride;
            return at < output && at * stride + start < input;
        }
    }

    /// <summary>The weights that are left.</summary>
    public Workspace Gather(ReadOnlySpan<float> w)
    {
        Workspace room = new(Weights);
        fixed (float* from = w) Move(from, room.Start, gather: true);
        return room;
    }

    /// <summary>Puts the gradients of the weights that are left among zeros.</summary>
    public void Scatter(float* dw, Span<float> all)
    {
        all.Clear();
        fixed (float* to = all) Move(to, dw, gather: false);
    }

    private void Move(float* all, float* left, bool gather) => Threads.RunChunks(pairs, Grain, (from, to) =>
    {
        for (int i = 0; i < offsets.Length; i++)
        {
            float* one = all + (long)from * taps + offsets[i], other = left + (long)from * offsets.Length + i;
            for (int pair = from; pair < to; pair++, one += taps, other += offsets.Length)
            {
                if (gather) *other = *one;
                else *one = *other;
            }
        }
    });
}
