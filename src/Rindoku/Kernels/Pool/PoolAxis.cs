namespace Rindoku.Kernels;

/// <summary>The windows of a pooling along one axis: places Starts[o], Starts[o] + Step, ... below Ends[o], all inside the input.</summary>
/// <param name="Size">Of the input.</param>
/// <param name="Starts">The first place of each window.</param>
/// <param name="Ends">One behind the last place of each window, or less than a step more.</param>
/// <param name="Counts">What a mean over each window divides by.</param>
/// <param name="Step">From one place of a window to the next.</param>
internal sealed record PoolAxis(int Size, int[] Starts, int[] Ends, int[] Counts, int Step)
{
    public int Count => Starts.Length;

    /// <summary>An axis that is not there.</summary>
    public static PoolAxis None { get; } = new(1, [0], [1], [1], 1);

    /// <summary>Windows of one size at even distances. With <paramref name="ceiling"/> the last may hang over the end, but not begin in the padding there.</summary>
    public static PoolAxis Even(int size, int kernel, int stride, int padding, int dilation, bool ceiling, bool countPadding)
    {
        int reach = dilation * (kernel - 1) + 1, room = size + 2 * padding - reach;
        int count = room < 0 ? 0 : (room + (ceiling ? stride - 1 : 0)) / stride + 1;
        if (ceiling && count > 0 && (count - 1) * stride >= size + padding) count--;
        int[] starts = new int[count], ends = new int[count], counts = new int[count];
        for (int o = 0; o < count; o++)
        {
            int start = o * stride - padding, end = Math.Min(start + reach, size + padding), before = Math.Max(0, -start);
            starts[o] = start + (before + dilation - 1) / dilation * dilation;
            ends[o] = Math.Min(end, size);
            counts[o] = countPadding ? end - start : ends[o] - starts[o];
        }
        return new PoolAxis(size, starts, ends, counts, dilation);
    }

    /// <summary><paramref name="count"/> windows that cover the axis: from ⌊o · size / count⌋ to ⌈(o + 1) size / count⌉.</summary>
    public static PoolAxis Adaptive(int size, int count)
    {
        int[] starts = new int[count], ends = new int[count], counts = new int[count];
        for (int o = 0; o < count; o++)
        {
            starts[o] = (int)((long)o * size / count);
            ends[o] = (int)(((long)(o + 1) * size + count - 1) / count);
            counts[o] = ends[o] - starts[o];
        }
        return new PoolAxis(size, starts, ends, counts, 1);
    }
}

/// <summary>The windows along depth, height and width.</summary>
internal sealed record PoolWindows(PoolAxis D, PoolAxis H, PoolAxis W)
{
    /// <summary>Numbers of an input plane.</summary>
    public int InputPlane => D.Size * H.Size * W.Size;

    /// <summary>Numbers of an output plane.</summary>
    public int OutputPlane => D.Count * H.Count * W.Count;
}
