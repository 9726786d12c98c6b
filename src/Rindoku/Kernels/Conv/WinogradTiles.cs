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

    /// <summary>One channel of a unit of neighbouring tiles of one image, transformed to 36 rows of slots.</summary>
    [SkipLocalsInit]
    public static void LoadRow<V>(WinogradPlan p, WinogradUnit unit, float* plane, float* zeros, float* to, nint productStride) where V : struct, ISimd<V>
    {
        float* lines = stackalloc float[6 * Line];
        int x = unit.X - p.Padding.X, length = 4 * unit.Count + 2;
        int skipped = Math.Min(length, Math.Max(0, -x)), there = Math.Clamp(p.Source.X - Math.Max(0, x), 0, length - skipped);
        float** rows = stackalloc float*[6];
        for (int i = 0; i < 6; i++)
        {
            int y = unit.Y - p.Padding.Y + i;
            rows[i] = (uint)y < (uint)p.Source.Y ? plane + (nint)y * p.Source.X + Math.Max(0, x) : zeros;
        }
        // Along the columns first: neighbouring places lie side by side there, before the lines are taken apart by fours.
        Columns<V>(rows, there, lines + skipped);
        ClearEnds(lines, skipped, skipped + there, length);
        for (int i = 0; i < 6; i++, to += 6 * productStride)
            for (int t = 0; t < unit.Count; t += V.Count) WinogradMath.InputLine<V>(lines + i * Line + 4 * t, to + t, productStride);
    }

    private static void ClearEnds(float* lines, int from, int to, int length)
    {
        for (float* line = lines; line < lines + 6 * Line; line += Line)
        {
            for (int i = 0; i < from; i++) line[i] = 0;
            for (int i = to; i < length; i++) line[i] = 0;
        }
    }

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

    /// <summary>One channel of a unit from 36 rows of sums to its places.</summary>
    [SkipLocalsInit]
    public static void StoreRow<V>(WinogradPlan p, WinogradUnit unit, float* m, nint productStride, float bias, float* plane) where V : struct, ISimd<V>
    {
        float* half = stackalloc float[4 * 6 * V.Count], room = stackalloc float[4 * V.Count];
        int rows = Math.Min(4, p.Target.Y - unit.Y), columns = Math.Min(4 * unit.Count, p.Target.X - unit.X);
        float* target = plane + (nint)unit.Y * p.Target.X + unit.X;
        for (int t = 0; t < unit.Count; t += V.Count)
        {
            for (int j = 0; j < 6; j++) WinogradMath.Output(m + t + j * productStride, 6 * productStride, half + j * V.Count, 6 * V.Count, V.Zero);
            int there = Math.Min(4 * V.Count, columns - 4 * t);
            for (int i = 0; i < rows; i++)
            {
                float* line = target + (nint)i * p.Target.X + 4 * t;
                WinogradMath.OutputLine(half + 6 * i * V.Count, V.Count, there == 4 * V.Count ? line : room, V.All(bias));
                if (there < 4 * V.Count) new ReadOnlySpan<float>(room, there).CopyTo(new Span<float>(line, there));
            }
        }
    }

    /// <summary>One channel of the tiles of many images at one place, transformed to 36 rows of slots; the batch lies last.</summary>
    [SkipLocalsInit]
    public static void LoadBatch<V>(WinogradPlan p, WinogradUnit unit, float* plane, float* zeros, float* to, nint productStride) where V : struct, ISimd<V>
    {
        float* half = stackalloc float[36 * V.Count];
        float** from = stackalloc float*[36];
        for (int i = 0; i < 36; i++)
        {
            int y = unit.Y - p.Padding.Y + i / 6, x = unit.X - p.Padding.X + i % 6;
            bool inside = (uint)y < (uint)p.Source.Y && (uint)x < (uint)p.Source.X;
            from[i] = inside ? plane + ((nint)y * p.Source.X + x) * p.Depth + unit.First : zeros;
        }
        for (int t = 0; t < unit.Count; t += V.Count)
        {
            for (int j = 0; j < 6; j++)
                WinogradMath.Input(V.Load(ref from[j][t]), V.Load(ref from[6 + j][t]), V.Load(ref from[12 + j][t]), V.Load(ref from[18 + j][t]),
                    V.Load(ref from[24 + j][t]), V.Load(ref from[30 + j][t]), half + j * V.Count, 6 * V.Count);
            for (int i = 0; i < 6; i++)
            {
                float* h = half + 6 * i * V.Count;
                WinogradMath.Input(V.Load(ref h[0]), V.Load(ref h[V.Count]), V.Load(ref h[2 * V.Count]), V.Load(ref h[3 * V.Count]), V.Load(ref h[4 * V.Count]),
                    V.Load(ref h[5 * V.Count]), to + t + 6 * i * productStride, productStride);
            }
        }
    }

    /// <summary>One channel of the tiles of many images at one place from 36 rows of sums to their places; the batch lies last.</summary>
    [SkipLocalsInit]
    public static void StoreBatch<V>(WinogradPlan p, WinogradUnit unit, float* m, nint productStride, float bias, float* plane) where V : struct, ISimd<V>
    {
        float* half = stackalloc float[4 * 6 * V.Count], results = stackalloc float[4 * V.Count];
        int rows = Math.Min(4, p.Target.Y - unit.Y), columns = Math.Min(4, p.Target.X - unit.X);
        for (int t = 0; t < unit.Count; t += V.Count)
        {
            for (int j = 0; j < 6; j++) WinogradMath.Output(m + t + j * productStride, 6 * productStride, half + j * V.Count, 6 * V.Count, V.Zero);
            int count = Math.Min(V.Count, unit.Count - t);
            for (int i = 0; i < rows; i++)
            {
                float* target = plane + ((nint)(unit.Y + i) * p.Target.X + unit.X) * p.Depth + unit.First + t;
                WinogradMath.Output(half + 6 * i * V.Count, V.Count, results, V.Count, V.All(bias));
                for (int j = 0; j < columns; j++, target += p.Depth)
                {
                    if (count == V.Count) V.Store(V.Load(ref results[j * V.Count]), ref *target);
                    else new ReadOnlySpan<float>(results + j * V.Count, count).CopyTo(new Span<float>(target, count));
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
