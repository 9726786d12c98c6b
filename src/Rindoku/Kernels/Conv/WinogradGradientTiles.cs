using System.Runtime.CompilerServices;

namespace Rindoku.Kernels;

/// <summary>Brings tiles of x and dy into transformed form, with channels side by side, and sums of products back to weights.</summary>
internal static unsafe class WinogradGradientTiles
{
    private const int Width = WinogradGradientPlan.GroupWidth;

    /// <summary>A part of an image's planes with channels side by side: <c>to[(y · columns + x) · 16 + c]</c>, zeros outside.</summary>
    /// <param name="plane">The first channel's plane.</param>
    /// <param name="size">Its rows and columns.</param>
    /// <param name="channels">How many channels there are, up to 16.</param>
    /// <param name="from">The first row and column of the part, maybe outside.</param>
    /// <param name="part">How many rows and columns.</param>
    /// <param name="to">Written.</param>
    public static void Turn(float* plane, (int Y, int X) size, int channels, (int Y, int X) from, (int Y, int X) part, float* to)
    {
        if (channels < Width) new Span<float>(to, part.Y * part.X * Width).Clear();
        int skipped = Math.Clamp(-from.X, 0, part.X), there = Math.Clamp(size.X - Math.Max(0, from.X), 0, part.X - skipped);
        int stride = size.Y * size.X;
        for (int y = 0; y < part.Y; y++, to += part.X * Width)
        {
            bool inside = (uint)(from.Y + y) < (uint)size.Y && there > 0;
            if (!inside)
            {
                new Span<float>(to, part.X * Width).Clear();
                continue;
            }
            new Span<float>(to, skipped * Width).Clear();
            TurnRow(plane + (nint)(from.Y + y) * size.X + Math.Max(0, from.X), stride, there, channels, to + skipped * Width);
            new Span<float>(to + (skipped + there) * Width, (part.X - skipped - there) * Width).Clear();
        }
    }

    private static void TurnRow(float* row, int stride, int count, int channels, float* to)
    {
        // The last block begins earlier, and writes some places twice.
        int step = count >= 16 ? 16 : count >= 8 ? 8 : count;
        for (int x = 0; x < count; x += step)
        {
            int at = Math.Min(x, count - step);
            TransposeTile.Run(row + at, stride, to + at * Width, Width, step, channels);
        }
    }

    /// <summary>A unit of tiles of x: 36 products apart by <paramref name="productStride"/>, in each for every tile 16 channels.</summary>
    /// <param name="x">The first tile's first place, turned, in lines of 4 · tiles + 2 places.</param>
    /// <param name="tiles">How many tiles.</param>
    /// <param name="lines">Room for 6 lines of 4 · tiles + 2 places.</param>
    /// <param name="to">The first tile of the first product.</param>
    /// <param name="productStride">From one product to the next.</param>
    public static void Inputs<V>(float* x, int tiles, float* lines, float* to, nint productStride) where V : struct, ISimd<V>
    {
        int length = (4 * tiles + 2) * Width;
        for (int i = 0; i < length; i += V.Count)
            WinogradMath.Input(V.Load(ref x[i]), V.Load(ref x[length + i]), V.Load(ref x[2 * length + i]), V.Load(ref x[3 * length + i]),
                V.Load(ref x[4 * length + i]), V.Load(ref x[5 * length + i]), lines + i, length);
        for (int i = 0; i < 6; i++, lines += length, to += 6 * productStride)
            for (int tile = 0; tile < tiles; tile++)
                for (int c = 0; c < Width; c += V.Count)
                {
                    float* p = lines + tile * 4 * Width + c;
                    WinogradMath.Input(V.Load(ref p[0]), V.Load(ref p[Width]), V.Load(ref p[2 * Width]), V.Load(ref p[3 * Width]), V.Load(ref p[4 * Width]),
                        V.Load(ref p[5 * Width]), to + tile * Width + c, productStride);
                }
    }

    /// <summary>The same for tiles of dy; in each product the channels lie in panels as wide as a vector, apart by <paramref name="panelStride"/>.</summary>
    public static void Outputs<V>(float* dy, int tiles, float* lines, float* to, nint productStride, nint panelStride)
        where V : struct, ISimd<V>
    {
        int length = 4 * tiles * Width;
        for (int i = 0; i < length; i += V.Count)
            WinogradMath.Expand(V.Load(ref dy[i]), V.Load(ref dy[length + i]), V.Load(ref dy[2 * length + i]), V.Load(ref dy[3 * length + i]), lines + i, length);
        for (int i = 0; i < 6; i++, lines += length, to += 6 * productStride)
            for (int tile = 0; tile < tiles; tile++)
                for (int c = 0; c < Width; c += V.Count)
                {
                    float* p = lines + tile * 4 * Width + c, place = to + c / V.Count * panelStride + tile * V.Count;
                    WinogradMath.Expand(V.Load(ref p[0]), V.Load(ref p[Width]), V.Load(ref p[2 * Width]), V.Load(ref p[3 * Width]), place, productStride);
                }
    }

    /// <summary>The weights of one output channel and up to two vectors of input channels, from some chunks' sums.</summary>
    /// <param name="sums">The first chunk's sums of the first product.</param>
    /// <param name="productStride">From one product to the next.</param>
    /// <param name="chunks">How many chunks are added up.</param>
    /// <param name="chunkStride">From one chunk to the next.</param>
    /// <param name="channels">How many input channels there are.</param>
    /// <param name="dw">The first weight; those of an input channel follow each other.</param>
    [SkipLocalsInit]
    public static void Weights<V>(float* sums, nint productStride, int chunks, nint chunkStride, int channels, float* dw) where V : struct, ISimd<V>
    {
        float* total = stackalloc float[36 * V.Count], half = stackalloc float[18 * V.Count], taps = stackalloc float[9 * V.Count];
        for (int first = 0; first < channels; first += V.Count, sums += V.Count)
        {
            for (int product = 0; product < WinogradMath.Products; product++)
            {
                float* from = sums + product * productStride;
                V sum = V.Load(ref *from);
                for (int chunk = 1; chunk < chunks; chunk++) sum += V.Load(ref from[chunk * chunkStride]);
                V.Store(sum, ref total[product * V.Count]);
            }
            for (int i = 0; i < 6; i++) WinogradMath.Taps<V>(total + i * V.Count, 6 * V.Count, half + i * V.Count, 6 * V.Count);
            for (int i = 0; i < 3; i++) WinogradMath.Taps<V>(half + 6 * i * V.Count, V.Count, taps + 3 * i * V.Count, V.Count);
            int count = Math.Min(V.Count, channels - first);
            for (int c = 0; c < count; c++)
                for (int tap = 0; tap < 9; tap++) *dw++ = taps[tap * V.Count + c];
        }
    }
}
