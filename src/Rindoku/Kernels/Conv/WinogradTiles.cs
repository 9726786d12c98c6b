using System.Runtime.CompilerServices;

namespace Rindoku.Kernels;

/// <summary>Brings units of tiles into transformed form, and back from it.</summary>
/// <remarks>All buffers have room for a whole vector past the last slot of a unit; what is written there, the next unit overwrites.</remarks>
internal static unsafe class WinogradTiles
{
    // A unit has at most 64 tiles: a line of 258 numbers, parts of 65; and room for a vector that begins at the last.
    private const int Line = 288, Part = 96;

    /// <summary>Numbers of a line of zeros that rows outside the source are read from.</summary>
    public const int ZeroLine = Line;

    /// <summary>One channel of a unit of neighbouring tiles of one image, transformed to 36 rows of slots.</summary>
    [SkipLocalsInit]
    public static void LoadRow<V>(WinogradPlan p, WinogradUnit unit, float* plane, float* zeros, float* to, nint productStride) where V : struct, ISimd<V>
    {
        float* lines = stackalloc float[6 * Line], parts = stackalloc float[4 * Part];
        int x = unit.X - p.Padding.X, length = 4 * unit.Count + 2;
        int skipped = Math.Min(length, Math.Max(0, -x)), there = Math.Clamp(p.Source.X - Math.Max(0, x), 0, length - skipped);
        float** rows = stackalloc float*[6];
        for (int i = 0; i < 6; i++)
        {
            int y = unit.Y - p.Padding.Y + i;
            rows[i] = (uint)y < (uint)p.Source.Y ? plane + (nint)y * p.Source.X + Math.Max(0, x) : zeros;
            new Span<float>(lines + i * Line, skipped).Clear();
            new Span<float>(lines + i * Line + skipped + there, length - skipped - there).Clear();
        }
        // Along the columns first: neighbouring places lie side by side there, before the lines are taken apart by fours.
        Columns<V>(rows, there, lines + skipped);
        for (int i = 0; i < 6; i++)
        {
            Quads.Part(lines + i * Line, parts, Part, unit.Count);
            (parts[unit.Count], parts[Part + unit.Count]) = (lines[i * Line + 4 * unit.Count], lines[i * Line + 4 * unit.Count + 1]);
            for (int t = 0; t < unit.Count; t += V.Count)
            {
                float* q = parts + t;
                WinogradMath.Input<V>(q, q + Part, q + 2 * Part, q + 3 * Part, q + 1, q + Part + 1, to + t, productStride);
            }
            to += 6 * productStride;
        }
    }

    private static void Columns<V>(float** rows, int count, float* lines) where V : struct, ISimd<V>
    {
        float* a = rows[0], b = rows[1], c = rows[2], d = rows[3], e = rows[4], f = rows[5];
        if (count < V.Count)
        {
            if (V.Count > 4) Columns<V128>(rows, count, lines);
            else ColumnsOneByOne(rows, count, lines);
            return;
        }
        for (int x = 0; x < count; x += V.Count)
        {
            int at = Math.Min(x, count - V.Count); // the last vector begins earlier, and writes some places twice
            WinogradMath.Input<V>(a + at, b + at, c + at, d + at, e + at, f + at, lines + at, Line);
        }
    }

    private static void ColumnsOneByOne(float** rows, int count, float* lines)
    {
        float* room = stackalloc float[6 * 4], results = stackalloc float[6 * 4];
        for (int i = 0; i < 6; i++)
            for (int x = 0; x < 4; x++) room[4 * i + x] = x < count ? rows[i][x] : 0;
        WinogradMath.Input<V128>(room, room + 4, room + 8, room + 12, room + 16, room + 20, results, 4);
        for (int i = 0; i < 6; i++)
            for (int x = 0; x < count; x++) lines[i * Line + x] = results[4 * i + x];
    }

    /// <summary>One channel of a unit from 36 rows of sums to its places.</summary>
    [SkipLocalsInit]
    public static void StoreRow<V>(WinogradPlan p, WinogradUnit unit, float* m, nint productStride, float bias, float* plane) where V : struct, ISimd<V>
    {
        float* parts = stackalloc float[4 * 4 * Part], half = stackalloc float[4 * 6 * V.Count], line = stackalloc float[Line];
        for (int t = 0; t < unit.Count; t += V.Count)
        {
            for (int j = 0; j < 6; j++) WinogradMath.Output<V>(m + t + j * productStride, 6 * productStride, half + j * V.Count, 6 * V.Count, V.Zero);
            for (int i = 0; i < 4; i++) WinogradMath.Output<V>(half + 6 * i * V.Count, V.Count, parts + 4 * i * Part + t, Part, V.All(bias));
        }
        int columns = Math.Min(4 * unit.Count, p.Target.X - unit.X);
        for (int i = 0; i < Math.Min(4, p.Target.Y - unit.Y); i++)
        {
            float* target = plane + (nint)(unit.Y + i) * p.Target.X + unit.X;
            if (columns == 4 * unit.Count) Quads.Join(parts + 4 * i * Part, Part, target, unit.Count);
            else
            {
                Quads.Join(parts + 4 * i * Part, Part, line, unit.Count);
                new ReadOnlySpan<float>(line, columns).CopyTo(new Span<float>(target, columns));
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
                WinogradMath.Input<V>(from[j] + t, from[6 + j] + t, from[12 + j] + t, from[18 + j] + t, from[24 + j] + t, from[30 + j] + t, half + j * V.Count, 6 * V.Count);
            for (int i = 0; i < 6; i++)
            {
                float* h = half + 6 * i * V.Count;
                WinogradMath.Input<V>(h, h + V.Count, h + 2 * V.Count, h + 3 * V.Count, h + 4 * V.Count, h + 5 * V.Count, to + t + 6 * i * productStride, productStride);
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
            for (int j = 0; j < 6; j++) WinogradMath.Output<V>(m + t + j * productStride, 6 * productStride, half + j * V.Count, 6 * V.Count, V.Zero);
            int count = Math.Min(V.Count, unit.Count - t);
            for (int i = 0; i < rows; i++)
            {
                float* target = plane + ((nint)(unit.Y + i) * p.Target.X + unit.X) * p.Depth + unit.First + t;
                WinogradMath.Output<V>(half + 6 * i * V.Count, V.Count, results, V.Count, V.All(bias));
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
