using Rindoku.Autograd;
using Rindoku.Kernels;

namespace Rindoku.Ops;

/// <summary>How the numbers between grid points are found.</summary>
public enum ResizeMode
{
    /// <summary>The grid point at or before the place.</summary>
    Nearest,

    /// <summary>On a straight line between the two grid points around: linear, bilinear, trilinear.</summary>
    Linear,

    /// <summary>On Keys' cubic (a = -0.75) through the four grid points around: bicubic for images.</summary>
    Cubic,
}

public static partial class TensorOps
{
    /// <summary>Changes the sizes of the last axes by interpolation: 1-D, 2-D (images) or 3-D, by how many sizes are given.</summary>
    /// <param name="x">(..., D1, ..., Dk); images are (N, C, H, W).</param>
    /// <param name="sizes">The new sizes of the last k axes, 1 to 3 of them.</param>
    /// <param name="mode">How numbers between grid points are found.</param>
    /// <param name="alignCorners">Whether the centres of the corner points, rather than their outer edges, stay in place.</param>
    /// <returns>(..., sizes).</returns>
    /// <exception cref="ShapeException">There are not 1 to 3 sizes, a size is not positive, or x has too few axes or an empty one there.</exception>
    /// <remarks>
    /// The places are those of PyTorch's <c>interpolate</c>: output i reads <c>(i + 1/2) · in/out - 1/2</c>, kept at or above 0 for
    /// linear; <c>i · (in - 1)/(out - 1)</c> with aligned corners; and <c>⌊i · in/out⌋</c> for nearest, which ignores the flag.
    /// Linear in x, so gradients of every order are exact; every axis is resized by itself. Source of the cubic: Keys 1981,
    /// "Cubic convolution interpolation for digital image processing".
    /// </remarks>
    public static Tensor Resize(this Tensor x, ReadOnlySpan<int> sizes, ResizeMode mode = ResizeMode.Linear, bool alignCorners = false)
    {
        ArgumentNullException.ThrowIfNull(x);
        RequireResizable(x.Shape, sizes.Length, $"sizes ({string.Join(", ", sizes.ToArray())})");
        double[] ratios = new double[sizes.Length];
        for (int i = 0; i < sizes.Length; i++)
        {
            ShapeException.Require(sizes[i] > 0, $"Resize: {x.Shape} to sizes ({string.Join(", ", sizes.ToArray())}): every size must be at least 1");
            ratios[i] = (double)x.Shape[x.Rank - sizes.Length + i] / sizes[i];
        }
        return Resize(x, sizes, ratios, mode, alignCorners);
    }

    /// <summary>Scales the sizes of the last axes by interpolation: <c>out = ⌊in · scale⌋</c>, with steps of <c>1 / scale</c>.</summary>
    /// <param name="x">(..., D1, ..., Dk); images are (N, C, H, W).</param>
    /// <param name="scales">The factors of the last k axes, 1 to 3 of them.</param>
    /// <param name="mode">How numbers between grid points are found.</param>
    /// <param name="alignCorners">Whether the centres of the corner points, rather than their outer edges, stay in place.</param>
    /// <exception cref="ShapeException">There are not 1 to 3 scales, a scale leaves nothing, or x has too few axes or an empty one there.</exception>
    /// <remarks>As <see cref="Resize(Tensor, ReadOnlySpan{int}, ResizeMode, bool)"/>; the same as PyTorch's <c>scale_factor</c>.</remarks>
    public static Tensor ResizeBy(this Tensor x, ReadOnlySpan<double> scales, ResizeMode mode = ResizeMode.Linear, bool alignCorners = false)
    {
        ArgumentNullException.ThrowIfNull(x);
        RequireResizable(x.Shape, scales.Length, $"scales ({string.Join(", ", scales.ToArray())})");
        int[] sizes = new int[scales.Length];
        double[] ratios = new double[scales.Length];
        for (int i = 0; i < scales.Length; i++)
        {
            double size = Math.Floor(x.Shape[x.Rank - scales.Length + i] * scales[i]);
            ShapeException.Require(size is >= 1 and <= int.MaxValue,
                $"Resize: {x.Shape} by scales ({string.Join(", ", scales.ToArray())}): axis {i - scales.Length} would have size {size}");
            (sizes[i], ratios[i]) = ((int)size, 1 / scales[i]);
        }
        return Resize(x, sizes, ratios, mode, alignCorners);
    }

    private static Tensor Resize(Tensor x, ReadOnlySpan<int> sizes, double[] ratios, ResizeMode mode, bool alignCorners)
    {
        int first = x.Rank - sizes.Length;
        int[] wanted = sizes.ToArray();
        // Shrinking axes go first and growing ones last, so that the passes see as few numbers as possible.
        foreach (int i in Enumerable.Range(0, wanted.Length).OrderBy(i => (double)wanted[i] / x.Shape[first + i]))
        {
            int size = x.Shape[first + i];
            if (size == wanted[i] && (alignCorners || ratios[i] == 1)) continue;
            (Taps taps, float[] weights) = ResizeTaps.Make(size, wanted[i], ratios[i], mode, alignCorners);
            x = SampleAxis(x, first + i, taps, weights);
        }
        return x;
    }

    private static Tensor SampleAxis(Tensor x, int axis, Taps taps, float[] weights)
    {
        Tensor y = Tensor.Uninitialized(x.Shape.With(axis, taps.Outputs));
        AxisSampling.Apply(taps, weights, x.Span, y.Writable, x.Shape.Count(..axis), x.Shape.Count((axis + 1)..));
        return Tape.Record("resize", y, new Edge(x, dy => SampleAxis(dy, axis, taps.Transposed, weights)));
    }

    private static void RequireResizable(Shape shape, int axes, string wanted)
    {
        ShapeException.Require(axes is >= 1 and <= 3, $"Resize: {wanted} for {shape}: give 1 to 3, one for each of the last axes");
        ShapeException.Require(shape.Rank >= axes, $"Resize: {wanted} for {shape}: there are not so many axes");
        for (int i = shape.Rank - axes; i < shape.Rank; i++)
            ShapeException.Require(shape[i] > 0, $"Resize: axis {i} of {shape} is empty: there is nothing to interpolate");
    }
}

/// <summary>The places and weights of an axis' interpolation, by PyTorch's rules.</summary>
internal static class ResizeTaps
{
    private const double KeysA = -0.75;

    public static (Taps Taps, float[] Weights) Make(int inputs, int outputs, double ratio, ResizeMode mode, bool alignCorners)
    {
        int count = mode switch { ResizeMode.Nearest => 1, ResizeMode.Linear => 2, _ => 4 };
        int[] sources = new int[outputs * count];
        float[] weights = new float[outputs * count];
        for (int i = 0; i < outputs; i++)
        {
            Span<int> from = sources.AsSpan(i * count, count);
            Span<float> weight = weights.AsSpan(i * count, count);
            if (mode == ResizeMode.Nearest)
            {
                // In float, like PyTorch: the rounding decides which neighbour a place on an edge belongs to.
                from[0] = Math.Min((int)MathF.Floor(i * (float)ratio), inputs - 1);
                weight[0] = 1;
                continue;
            }
            double place = alignCorners ? (outputs > 1 ? i * (double)(inputs - 1) / (outputs - 1) : 0) : (i + 0.5) * ratio - 0.5;
            if (mode == ResizeMode.Linear) Linear(Math.Max(place, 0), inputs, from, weight);
            else Cubic(place, inputs, from, weight);
        }
        return (new Taps(Taps.EvenStarts(outputs, count), sources, inputs), weights);
    }

    private static void Linear(double place, int inputs, Span<int> from, Span<float> weight)
    {
        int below = Math.Min((int)place, inputs - 1);
        double part = Math.Clamp(place - below, 0, 1);
        (from[0], from[1]) = (below, Math.Min(below + 1, inputs - 1));
        (weight[0], weight[1]) = ((float)(1 - part), (float)part);
    }

    private static void Cubic(double place, int inputs, Span<int> from, Span<float> weight)
    {
        double below = Math.Floor(place), part = place - below;
        for (int k = 0; k < 4; k++)
        {
            from[k] = Math.Clamp((int)below + k - 1, 0, inputs - 1);
            weight[k] = (float)Keys(Math.Abs(part - (k - 1)));
        }
    }

    private static double Keys(double d) => d <= 1
        ? ((KeysA + 2) * d - (KeysA + 3)) * d * d + 1
        : ((KeysA * d - 5 * KeysA) * d + 8 * KeysA) * d - 4 * KeysA;
}
