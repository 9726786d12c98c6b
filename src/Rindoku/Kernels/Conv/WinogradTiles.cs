using System.Runtime.CompilerServices;

namespace Rindoku.Kernels;

/// <summary>Brings units of tiles into transformed form, and back from it.</summary>
/// <remarks>All buffers have room for a whole vector past the last slot of a unit; what is written there, the next unit overwrites.</remarks>
internal static unsafe class WinogradTiles
{
    // A unit has at most 64 tiles: a line of 258 numbers, and room for a vector of tiles that begins at the last.
    private const int Line = 352;

    /// <summary>Numbers of a line of zeros that rows outside the source are read from.</summary>
    public const int ZeroLine = Line;

    /// <summary>Some channels of some units of neighbouring tiles, each transformed to 36 rows of slots.</summary>
    /// <param name="p">The plan.</param>
    /// <param name="units">The first unit, and the one after the last.</param>
    /// <param name="source">The source.</param>
    /// <param name="zeros">A line of zeros.</param>
    /// <param name="channels">The first channel, and the one after the last.</param>
    /// <param name="to">The first slot of the first of the channels.</param>
    /// <param name="channelStride">From the slots of one channel to those of the next.</param>
    /// <param name="productStride">From one of the 36 rows to the next.</param>
    [SkipLocalsInit]
    public static void LoadRows<V>(WinogradPlan p, (int From, int To) units, float* source, float* zeros, (int From, int To) channels, float* to,
        nint channelStride, nint productStride) where V : struct, ISimd<V>
    {
        // A line is taken apart only after the next one has been written: read at once, it would not have left the processor's store buffer,
        // and at other places than it was written in vectors it cannot be read from there.
        float* room = stackalloc float[2 * 6 * Line + 16];
        float* lines = Aligned(room), before = lines + 6 * Line;
        SimdMemory.Clean(lines, 2 * 6 * Line); // the last vector of tiles reads beyond its line
        float* slotsBefore = null;
        float** rows = stackalloc float*[6];
        int countBefore = 0;
        for (int channel = channels.From; channel < channels.To; channel++, to += channelStride) // memory is read in its order
        {
            float* slots = to;
            for (int i = units.From; i < units.To; i++)
            {
                WinogradUnit unit = p.Unit(i);
                LoadColumns<V>(p, unit, source + ((nint)unit.Image * p.Channels + channel) * (nint)p.SourcePlane, zeros, rows, lines);
                LoadLines<V>(before, countBefore, slotsBefore, productStride);
                float* written = lines;
                lines = before;
                before = written;
                slotsBefore = slots;
                countBefore = unit.Count;
                slots += unit.Count;
            }
        }
        LoadLines<V>(before, countBefore, slotsBefore, productStride);
    }

    /// <summary>Transforms along the columns, where neighbouring places lie side by side: six rows of the source to six lines.</summary>
    private static void LoadColumns<V>(WinogradPlan p, WinogradUnit unit, float* plane, float* zeros, float** rows, float* lines) where V : struct, ISimd<V>
    {
        int x = unit.X - p.Padding.X, y = unit.Y - p.Padding.Y, length = 4 * unit.Count + 2;
        int skipped = Math.Min(length, Math.Max(0, -x)), there = Math.Max(0, Math.Min(p.Source.X - Math.Max(0, x), length - skipped));
        float* first = plane + (nint)y * p.Source.X + Math.Max(0, x);
        for (int i = 0; i < 6; i++, first += p.Source.X) rows[i] = (uint)(y + i) < (uint)p.Source.Y ? first : zeros;
        Columns<V>(rows, there, lines + skipped);
        for (int i = 0; i < 6; i++, lines += Line)
        {
            for (int end = 0; end < skipped; end++) lines[end] = 0;
            for (int end = skipped + there; end < length; end++) lines[end] = 0;
        }
    }

    /// <summary>Transforms along the lines: six lines to 36 rows of slots.</summary>
    private static void LoadLines<V>(float* lines, int count, float* to, nint productStride) where V : struct, ISimd<V>
    {
        for (int i = 0; i < 6; i++, lines += Line, to += 6 * productStride)
            for (int t = 0; t < count; t += V.Count) WinogradMath.InputLine<V>(lines + 4 * t, to + t, productStride);
    }

    /// <summary>The first place from here on where a cache line begins: vectors that lie across two lines are read at half the speed.</summary>
    private static float* Aligned(float* room) => (float*)(((nuint)room + 63) & ~(nuint)63);

    private static void Columns<V>(float** rows, int count, float* lines) where V : struct, ISimd<V>
    {
        if (count < V.Count)
        {
            if (V.Count > 4) Columns<V128>(rows, count, lines);
            else ColumnsOneByOne(rows, count, lines);
            return;
        }
        float* a = rows[0], b = rows[1], c = rows[2], d = rows[3], e = rows[4], f = rows[5];
        for (int x = 0; x < count; x += V.Count)
        {
            int at = Math.Min(x, count - V.Count); // the last vector begins earlier, and writes some places twice
            WinogradMath.Input(V.Load(ref a[at]), V.Load(ref b[at]), V.Load(ref c[at]), V.Load(ref d[at]), V.Load(ref e[at]), V.Load(ref f[at]), lines + at, Line);
        }
    }

    private static void ColumnsOneByOne(float** rows, int count, float* lines)
    {
        float* room = stackalloc float[6 * 4], results = stackalloc float[6 * 4];
        for (int i = 0; i < 6; i++)
            for (int x = 0; x < 4; x++) room[4 * i + x] = x < count ? rows[i][x] : 0;
        WinogradMath.Input(V128.Load(ref room[0]), V128.Load(ref room[4]), V128.Load(ref room[8]), V128.Load(ref room[12]), V128.Load(ref room[16]),
            V128.Load(ref room[20]), results, 4);
        for (int i = 0; i < 6; i++)
            for (int x = 0; x < count; x++) lines[i * Line + x] = results[4 * i + x];
    }

    /// <summary>Some channels of a unit from 36 rows of sums to their places.</summary>
    /// <param name="p">The plan.</param>
    /// <param name="unit">The tiles.</param>
    /// <param name="m">The unit's first slot of the first channel's first sum.</param>
    /// <param name="channels">How many channels.</param>
    /// <param name="channelStride">From the slots of one channel to those of the next.</param>
    /// <param name="productStride">From one of the 36 rows to the next.</param>
    /// <param name="bias">One number for each channel, or null.</param>
    /// <param name="target">The image's first of these channels.</param>
    [SkipLocalsInit]
    public static void StoreRow<V>(WinogradPlan p, WinogradUnit unit, float* m, int channels, nint channelStride, nint productStride, float* bias, float* target)
        where V : struct, ISimd<V>
    {
        float* stack = stackalloc float[(4 * 6 + 4) * V.Count + 16];
        float* half = Aligned(stack), room = half + 4 * 6 * V.Count;
        int rows = Math.Min(4, p.Target.Y - unit.Y), columns = Math.Min(4 * unit.Count, p.Target.X - unit.X);
        target += (nint)unit.Y * p.Target.X + unit.X;
        for (int channel = 0; channel < channels; channel++, m += channelStride, target += p.TargetPlane)
        {
            V shift = V.All(bias == null ? 0 : bias[channel]);
            for (int t = 0; t < unit.Count; t += V.Count)
            {
                for (int j = 0; j < 6; j++) WinogradMath.Output(m + t + j * productStride, 6 * productStride, half + j * V.Count, 6 * V.Count, V.Zero);
                int there = Math.Min(4 * V.Count, columns - 4 * t);
                for (int i = 0; i < rows; i++)
                {
                    float* line = target + (nint)i * p.Target.X + 4 * t;
                    WinogradMath.OutputLine(half + 6 * i * V.Count, V.Count, there == 4 * V.Count ? line : room, shift);
                    if (there < 4 * V.Count) new ReadOnlySpan<float>(room, there).CopyTo(new Span<float>(line, there));
                }
            }
        }
    }

    /// <summary>As <see cref="LoadRows"/>, one unit at a time, for the tiles of many images at one place; the batch lies last.</summary>
    [SkipLocalsInit]
    public static void LoadBatch<V>(WinogradPlan p, WinogradUnit unit, float* source, float* zeros, int channels, float* to, nint channelStride, nint productStride)
        where V : struct, ISimd<V>
    {
        float* stack = stackalloc float[36 * V.Count + 16];
        float* half = Aligned(stack);
        float** from = stackalloc float*[36];
        for (int i = 0; i < 36; i++)
        {
            int y = unit.Y - p.Padding.Y + i / 6, x = unit.X - p.Padding.X + i % 6;
            bool inside = (uint)y < (uint)p.Source.Y && (uint)x < (uint)p.Source.X;
            from[i] = inside ? source + ((nint)y * p.Source.X + x) * p.Depth + unit.First : zeros;
        }
        for (int channel = 0; channel < channels; channel++, to += channelStride)
        {
            for (int t = 0; t < unit.Count; t += V.Count)
            {
                for (int j = 0; j < 6; j++)
                    WinogradMath.Input(V.Load(ref from[j][t]), V.Load(ref from[6 + j][t]), V.Load(ref from[12 + j][t]), V.Load(ref from[18 + j][t]),
                        V.Load(ref from[24 + j][t]), V.Load(ref from[30 + j][t]), half + j * V.Count, 6 * V.Count);
                float* h = half, target = to + t;
                for (int i = 0; i < 6; i++, h += 6 * V.Count, target += 6 * productStride)
                    WinogradMath.Input(V.Load(ref h[0]), V.Load(ref h[V.Count]), V.Load(ref h[2 * V.Count]), V.Load(ref h[3 * V.Count]), V.Load(ref h[4 * V.Count]),
                        V.Load(ref h[5 * V.Count]), target, productStride);
            }
            for (int i = 0; i < 36; i++)
                if (from[i] != zeros) from[i] += p.SourcePlane;
        }
    }

    /// <summary>As <see cref="StoreRow"/>, for the tiles of many images at one place; the batch lies last.</summary>
    [SkipLocalsInit]
    public static void StoreBatch<V>(WinogradPlan p, WinogradUnit unit, float* m, int channels, nint channelStride, nint productStride, float* bias, float* target)
        where V : struct, ISimd<V>
    {
        float* stack = stackalloc float[(4 * 6 + 4) * V.Count + 16];
        float* half = Aligned(stack), results = half + 4 * 6 * V.Count;
        int rows = Math.Min(4, p.Target.Y - unit.Y), columns = Math.Min(4, p.Target.X - unit.X);
        target += ((nint)unit.Y * p.Target.X + unit.X) * p.Depth + unit.First;
        for (int channel = 0; channel < channels; channel++, m += channelStride, target += p.TargetPlane)
        {
            V shift = V.All(bias == null ? 0 : bias[channel]);
            for (int t = 0; t < unit.Count; t += V.Count)
            {
                for (int j = 0; j < 6; j++) WinogradMath.Output(m + t + j * productStride, 6 * productStride, half + j * V.Count, 6 * V.Count, V.Zero);
                int count = Math.Min(V.Count, unit.Count - t);
                for (int i = 0; i < rows; i++)
                {
                    float* place = target + (nint)i * p.Target.X * p.Depth + t;
                    WinogradMath.Output(half + 6 * i * V.Count, V.Count, results, V.Count, shift);
                    for (int j = 0; j < columns; j++, place += p.Depth)
                    {
                        if (count == V.Count) V.Store(V.Load(ref results[j * V.Count]), ref *place);
                        else new ReadOnlySpan<float>(results + j * V.Count, count).CopyTo(new Span<float>(place, count));
                    }
                }
            }
        }
    }

    /// <summary>
    /// Some rows of weights, transformed: <c>to[product · productStride + c · height + i]</c>, rows from <paramref name="rows"/> up to height as zeros.
    /// </summary>
    [SkipLocalsInit]
    public static void Weights<V>(WinogradPlan p, float* w, int rows, int height, float* to, nint productStride) where V : struct, ISimd<V>
    {
        const int most = 16;
        float* taps = stackalloc float[9 * most], half = stackalloc float[18 * most], results = stackalloc float[36 * most];
        new Span<float>(taps, 9 * most).Clear();
        for (int c = 0; c < p.Channels; c++)
        {
            for (int i = 0; i < rows; i++)
            {
                float* from = w + (nint)i * p.WeightRowStride + (nint)c * p.WeightChannelStride;
                for (int tap = 0; tap < 9; tap++) taps[tap * most + i] = from[p.Flipped ? 8 - tap : tap];
            }
            for (int i = 0; i < height; i += V.Count)
            {
                for (int j = 0; j < 3; j++) WinogradMath.Weights<V>(taps + j * most + i, 3 * most, half + j * most + i, 3 * most);
                for (int j = 0; j < 6; j++) WinogradMath.Weights<V>(half + 3 * j * most + i, most, results + 6 * j * most + i, most);
            }
            for (int product = 0; product < 36; product++)
                new ReadOnlySpan<float>(results + product * most, height).CopyTo(new Span<float>(to + product * productStride + c * height, height));
        }
    }
}
