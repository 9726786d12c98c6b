using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>Cuts boxes out of feature maps at one size: each output is the mean of bilinear readings in its cell of the box.</summary>
    /// <param name="x">The feature maps, (N, C, H, W).</param>
    /// <param name="boxes">(K, 4) as x1, y1, x2, y2 in the coordinates of the picture; no gradient flows to them.</param>
    /// <param name="images">(K): which of the N maps each box lies in.</param>
    /// <param name="height">Cells from top to bottom.</param>
    /// <param name="width">Cells from left to right.</param>
    /// <param name="scale">Size of the feature map over size of the picture, such as 1/16.</param>
    /// <param name="samplingRatio">Readings along each side of a cell; 0 for as many as pixels it covers, rounded up.</param>
    /// <param name="aligned">Whether pixel centres lie at half numbers (right); false is Mask R-CNN's original, half a pixel off.</param>
    /// <returns>(K, C, height, width).</returns>
    /// <exception cref="ShapeException">The shapes are not as above, or a box names a map that does not exist.</exception>
    /// <exception cref="NotSupportedException">A gradient is wanted by the boxes.</exception>
    /// <remarks>As torchvision's <c>roi_align</c>. Source: He et al. 2017, arXiv:1703.06870, section 3.</remarks>
    public static Tensor RoiAlign(this Tensor x, Tensor boxes, IntTensor images, int height, int width,
        double scale = 1, int samplingRatio = 0, bool aligned = true)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(boxes);
        ArgumentNullException.ThrowIfNull(images);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegative(samplingRatio);
        ShapeException.Require(x.Rank == 4 && boxes.Rank == 2 && boxes.Shape[1] == 4 && images.Rank == 1 && images.Length == boxes.Shape[0],
            $"RoiAlign: maps {x.Shape}, boxes {boxes.Shape}, images {images.Shape}: needs (N, C, H, W), (K, 4) and (K)");
        if (Autograd.Tape.Needs(boxes))
            throw new NotSupportedException($"RoiAlign has no gradient by its boxes {boxes.Shape}: pass boxes.Detach().");

        RoiTaps taps = new(x.Shape[2], x.Shape[3], height, width, scale, samplingRatio, aligned);
        for (int k = 0; k < images.Length; k++)
        {
            ShapeException.Require((uint)images[k] < (uint)x.Shape[0], $"RoiAlign: box {k} lies in map {images[k]}, but there are {x.Shape[0]} of them in {x.Shape}");
            taps.AddBox(images[k], boxes.Span.Slice(4 * k, 4));
        }
        (Taps map, float[] weights) = taps.Finish(x.Shape[0]);
        return new PlaneSampler(map, x.Shape, [images.Length, x.Shape[1], height, width]).Sample(x, Tensor.Own(weights, [weights.Length]));
    }
}

/// <summary>Collects where the cells of boxes read a feature map.</summary>
internal sealed class RoiTaps(int mapHeight, int mapWidth, int height, int width, double scale, int samplingRatio, bool aligned)
{
    private readonly List<int> starts = [0], sources = [];
    private readonly List<float> weights = [];

    public (Taps Taps, float[] Weights) Finish(int maps) => (new Taps([.. starts], [.. sources], maps * mapHeight * mapWidth), [.. weights]);

    public void AddBox(int image, ReadOnlySpan<float> box)
    {
        double shift = aligned ? 0.5 : 0;
        double left = box[0] * scale - shift, top = box[1] * scale - shift;
        double boxWidth = box[2] * scale - shift - left, boxHeight = box[3] * scale - shift - top;
        if (!aligned) (boxWidth, boxHeight) = (Math.Max(boxWidth, 1), Math.Max(boxHeight, 1));
        double cellWidth = boxWidth / width, cellHeight = boxHeight / height;
        int across = Readings(cellWidth), down = Readings(cellHeight);
        for (int i = 0; i < height; i++)
            for (int j = 0; j < width; j++)
            {
                for (int r = 0; r < down; r++)
                    for (int c = 0; c < across; c++)
                        AddReading(image, top + cellHeight * (i + (r + 0.5) / down), left + cellWidth * (j + (c + 0.5) / across), 1.0 / (down * across));
                starts.Add(sources.Count);
            }
    }

    private int Readings(double cell)
    {
        if (samplingRatio > 0) return samplingRatio;
        if (!(cell <= 1 << 10)) throw new ShapeException($"RoiAlign: a cell of {cell} pixels is not finite, or too large to read pixel by pixel; give a sampling ratio");
        return (int)Math.Max(0, Math.Ceiling(cell));
    }

    // Up to one pixel outside counts as the border, further out as zero.
    private void AddReading(int image, double y, double x, double weight)
    {
        if (!(y >= -1 && y <= mapHeight && x >= -1 && x <= mapWidth)) return;
        (int top, double down) = Cell(y, mapHeight);
        (int left, double right) = Cell(x, mapWidth);
        Add(top, left, (1 - down) * (1 - right));
        if (right > 0) Add(top, left + 1, (1 - down) * right);
        if (down > 0) Add(top + 1, left, down * (1 - right));
        if (right > 0 && down > 0) Add(top + 1, left + 1, down * right);

        void Add(int row, int column, double part)
        {
            sources.Add((image * mapHeight + row) * mapWidth + column);
            weights.Add((float)(part * weight));
        }
    }

    private static (int Below, double Part) Cell(double place, int size)
    {
        place = Math.Max(place, 0);
        int below = (int)place;
        return below >= size - 1 ? (size - 1, 0) : (below, place - below);
    }
}
