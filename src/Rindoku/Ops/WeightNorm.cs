using Rindoku.Autograd;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>Weight normalisation: <c>w = g · v / ‖v‖</c>, the norm over all axes but one.</summary>
    /// <param name="direction">v, any shape of at least one axis.</param>
    /// <param name="magnitude">g, of v's shape with 1 for every axis but <paramref name="axis"/>.</param>
    /// <param name="axis">The axis along which each place has a norm of its own; 0 for the outputs of PyTorch's layers.</param>
    /// <returns>A new tensor of the shape of <paramref name="direction"/>.</returns>
    /// <exception cref="ShapeException">There is no such axis, or the magnitude has another shape.</exception>
    /// <remarks>Source: Salimans and Kingma 2016, arXiv:1602.07868. PyTorch's checkpoint keys: <c>weight_v</c> and <c>weight_g</c>.</remarks>
    public static Tensor WeightNorm(this Tensor direction, Tensor magnitude, int axis = 0)
    {
        ArgumentNullException.ThrowIfNull(direction);
        ArgumentNullException.ThrowIfNull(magnitude);
        axis = direction.Shape.Axis(axis, "WeightNorm");
        int[] needed = [.. Enumerable.Repeat(1, direction.Rank)];
        needed[axis] = direction.Shape[axis];
        ShapeException.Require(magnitude.Shape == Shape.Create(needed),
            $"WeightNorm: direction {direction.Shape} along axis {axis} needs a magnitude of {Shape.Create(needed)}, got {magnitude.Shape}");
        int[] others = [.. Enumerable.Range(0, direction.Rank).Where(i => i != axis)];
        Tensor square = direction.Square();
        if (others.Length > 0) square = square.Sum(others, keep: true); // no axes named would mean all of them
        return direction * (magnitude * square.Rsqrt());
    }

    /// <summary>Spectral normalisation: <c>w / σ</c> with <c>σ = uᵀ W v</c>, an estimate of W's largest singular value by power iteration.</summary>
    /// <param name="weight">w, any shape of at least one axis; W is w as (first axis, all others).</param>
    /// <param name="u">Left singular vector, (rows of W): written in place by each iteration. Start it with random numbers of length 1.</param>
    /// <param name="v">Right singular vector, (columns of W): written in place by each iteration.</param>
    /// <param name="iterations">Power iterations to make first: 1 in training, 0 in evaluation.</param>
    /// <param name="epsilon">The least length that u and v are divided by.</param>
    /// <returns>A new tensor of the shape of <paramref name="weight"/>; u and v count as constants in its gradient.</returns>
    /// <exception cref="ShapeException">u or v has another shape.</exception>
    /// <remarks>Source: Miyato et al. 2018, arXiv:1802.05957. PyTorch's checkpoint keys: <c>weight_orig</c>, <c>weight_u</c> and <c>weight_v</c>.</remarks>
    public static Tensor SpectralNorm(this Tensor weight, BufferTensor u, BufferTensor v, int iterations = 1, float epsilon = 1e-12f)
    {
        ArgumentNullException.ThrowIfNull(weight);
        ArgumentNullException.ThrowIfNull(u);
        ArgumentNullException.ThrowIfNull(v);
        ShapeException.Require(weight.Rank >= 1, $"SpectralNorm: the weight must have at least one axis, got {weight.Shape}");
        int rows = weight.Shape[0], columns = weight.Shape.Count(1..);
        ShapeException.Require(u.Shape == [rows] && v.Shape == [columns],
            $"SpectralNorm: weight {weight.Shape} needs u of ({rows}) and v of ({columns}), got {u.Shape} and {v.Shape}");

        Tensor matrix = weight.Reshape(rows, columns);
        Tensor outer;
        using (NoGrad.Enter())
        {
            for (int i = 0; i < iterations; i++)
            {
                WriteUnit((matrix * u.Reshape(rows, 1)).Sum([0]), v, epsilon);
                WriteUnit((matrix * v).Sum([1]), u, epsilon);
            }
            outer = u.Reshape(rows, 1) * v; // a copy: u and v are written again before the gradient is taken
        }
        return weight / (matrix * outer).Sum();
    }

    private static void WriteUnit(Tensor vector, BufferTensor unit, float epsilon)
    {
        double length = 0;
        foreach (float number in vector.Span) length += (double)number * number;
        float scale = (float)(1 / Math.Max(Math.Sqrt(length), epsilon));
        Span<float> target = unit.Values;
        for (int i = 0; i < target.Length; i++) target[i] = vector.Span[i] * scale;
    }
}
