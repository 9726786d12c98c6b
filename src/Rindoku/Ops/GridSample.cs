using Rindoku.Kernels;

namespace Rindoku.Ops;

/// <summary>What lies outside an image.</summary>
public enum GridPadding
{
    /// <summary>Zeros.</summary>
    Zeros,

    /// <summary>The nearest number of the image's border.</summary>
    Border,

    /// <summary>The image mirrored at its border, again and again.</summary>
    Reflection,
}

public static partial class TensorOps
{
    /// <summary>Reads images at given places: <c>y[n, c, i, j] = x[n, c] at grid[n, i, j]</c>.</summary>
    /// <param name="x">The images, (N, C, H, W).</param>
    /// <param name="grid">The places, (N, Ho, Wo, 2), as (horizontal, vertical) from -1 (left, top) to 1 (right, bottom).</param>
    /// <param name="nearest">Whether to take the nearest pixel (ties to the even one) instead of interpolating bilinearly.</param>
    /// <param name="padding">What lies outside the image.</param>
    /// <param name="alignCorners">Whether -1 and 1 are the centres of the outermost pixels, rather than their outer edges.</param>
    /// <returns>(N, C, Ho, Wo).</returns>
    /// <exception cref="ShapeException">The shapes are not as above, the batch sizes differ, or an image is empty.</exception>
    /// <remarks>
    /// Gradients of every order flow to x and, bilinear, to the grid; nearest has a zero gradient by the grid. A NaN place gives NaN.
    /// The rules are those of PyTorch's <c>grid_sample</c>. Source: Jaderberg et al. 2015, arXiv:1506.02025, section 3.3.
    /// </remarks>
    public static Tensor GridSample(this Tensor x, Tensor grid, bool nearest = false, GridPadding padding = GridPadding.Zeros, bool alignCorners = false)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(grid);
        ShapeException.Require(x.Rank == 4 && grid.Rank == 4 && grid.Shape[^1] == 2 && grid.Shape[0] == x.Shape[0],
            $"GridSample: images {x.Shape} and grid {grid.Shape}: needs (N, C, H, W) and (N, Ho, Wo, 2) with the same N");
        int height = x.Shape[2], width = x.Shape[3];
        ShapeException.Require(height > 0 && width > 0, $"GridSample: the images {x.Shape} are empty: there is nothing to read");

        Tensor across = PixelPlace(grid.Select(-1, 0), width, padding, alignCorners);
        Tensor down = PixelPlace(grid.Select(-1, 1), height, padding, alignCorners);
        (Taps taps, Tensor weights) = nearest ? NearestTaps(across, down, height, width) : BilinearTaps(across, down, height, width);
        Shape output = [x.Shape[0], x.Shape[1], grid.Shape[1], grid.Shape[2]];
        return new PlaneSampler(taps, x.Shape, output).Sample(x, weights);
    }

    // From -1 .. 1 to pixels. Padding bends the line: piece by piece it is slope * place + offset with constants.
    private static Tensor PixelPlace(Tensor grid, int size, GridPadding padding, bool alignCorners)
    {
        Tensor place = alignCorners ? (grid + 1) * 0.5f * (size - 1) : ((grid + 1) * size - 1) * 0.5f;
        if (padding == GridPadding.Zeros) return place;
        float[] slopes = new float[place.Length], offsets = new float[place.Length];
        for (int i = 0; i < slopes.Length; i++)
        {
            float at = place.Span[i];
            (float bent, slopes[i]) = padding == GridPadding.Reflection ? Reflect(at, size, alignCorners) : (at, 1);
            if (bent <= 0 || bent >= size - 1) (bent, slopes[i]) = (Math.Clamp(bent, 0, size - 1), 0);
            offsets[i] = slopes[i] == 1 && bent == at ? 0 : bent - slopes[i] * (slopes[i] == 0 ? 0 : at);
            if (slopes[i] == 0 && !float.IsFinite(at)) offsets[i] = float.NaN;
        }
        return place * Tensor.Own(slopes, place.Shape) + Tensor.Own(offsets, place.Shape);
    }

    private static (float Place, float Slope) Reflect(float place, int size, bool alignCorners)
    {
        float low = alignCorners ? 0 : -0.5f, span = alignCorners ? size - 1 : size;
        if (span == 0) return (0, 0);
        float slope = place < low ? -1 : 1, away = MathF.Abs(place - low);
        float extra = away % span;
        bool back = MathF.Floor(away / span) % 2 != 0;
        return back ? (span - extra + low, -slope) : (extra + low, slope);
    }

    private static (Taps Taps, Tensor Weights) BilinearTaps(Tensor across, Tensor down, int height, int width)
    {
        int points = across.Length, perItem = PointsPerItem(across);
        float[] left = new float[points], top = new float[points];
        int[] sources = new int[4 * points];
        for (int i = 0; i < points; i++)
        {
            (left[i], top[i]) = (MathF.Floor(across.Span[i]), MathF.Floor(down.Span[i]));
            for (int corner = 0; corner < 4; corner++)
                sources[4 * i + corner] = Source(i / perItem, top[i] + (corner >> 1), left[i] + (corner & 1), height, width);
        }
        Tensor right = across - Tensor.Own(left, across.Shape), bottom = down - Tensor.Own(top, down.Shape);
        Tensor leftPart = 1 - right, topPart = 1 - bottom;
        Tensor weights = Stack([topPart * leftPart, topPart * right, bottom * leftPart, bottom * right], -1).Reshape(-1);
        return (new Taps(Taps.EvenStarts(points, 4), sources, across.Shape[0] * height * width), weights);
    }

    private static (Taps Taps, Tensor Weights) NearestTaps(Tensor across, Tensor down, int height, int width)
    {
        int perItem = PointsPerItem(across);
        int[] sources = new int[across.Length];
        for (int i = 0; i < sources.Length; i++)
            sources[i] = Source(i / perItem, MathF.Round(down.Span[i]), MathF.Round(across.Span[i]), height, width);
        // The weight is 1 wherever the place is; written so that its zero gradient reaches the grid.
        Tensor weights = ((across + down) * 0 + 1).Reshape(-1);
        return (new Taps(Taps.EvenStarts(sources.Length, 1), sources, across.Shape[0] * height * width), weights);
    }

    private static int PointsPerItem(Tensor place) => Math.Max(1, place.Shape.Count(1..));

    // NaN reads the first pixel: its weight is NaN, and so is what is read.
    private static int Source(int item, float row, float column, int height, int width)
    {
        if (float.IsNaN(row) || float.IsNaN(column)) return item * height * width;
        bool inside = row >= 0 && row < height && column >= 0 && column < width;
        return inside ? (item * height + (int)row) * width + (int)column : -1;
    }
}
