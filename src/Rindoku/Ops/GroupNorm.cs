using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>Group normalisation: <c>y = (x - mean) / √(variance + ε) · weight + bias</c>, statistics of each sample's groups of channels.</summary>
    /// <param name="x">(N, C, *).</param>
    /// <param name="groups">How many groups the channels are cut into; divides C.</param>
    /// <param name="weight">Scale, (C), or null for 1.</param>
    /// <param name="bias">Shift, (C), or null for 0.</param>
    /// <param name="epsilon">ε, added to the variance (divided by n, not n - 1).</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <exception cref="ShapeException">x has fewer than two axes, groups do not divide C, or weight or bias are not of shape (C).</exception>
    /// <remarks>Source: Wu and He 2018, arXiv:1803.08494.</remarks>
    public static Tensor GroupNorm(this Tensor x, int groups, Tensor? weight = null, Tensor? bias = null, float epsilon = 1e-5f)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(groups);
        (int samples, int channels, int length) = ByChannel("GroupNorm", x, weight, bias);
        ShapeException.Require(channels % groups == 0, $"GroupNorm: {groups} groups do not divide the {channels} channels of x {x.Shape}");
        int size = channels / groups;
        if (x.Length == 0) return x.Reshape(x.Shape);

        Tensor y = Tensor.Uninitialized(x.Shape), means = Tensor.Uninitialized([samples, channels]), rates = Tensor.Uninitialized([samples, channels]);
        GroupNormKernel.Forward(x.Span, SpanOf(weight), SpanOf(bias), y.Writable, means.Writable, rates.Writable, size, channels, length, epsilon);
        return RecordNormalization("group_norm", y, x, weight, bias, [samples, groups, size, length], [2, 3], [groups, size, 1], epsilon, centre: true,
            (dy, wanted) =>
            {
                Tensor? dx = wanted[0] ? Tensor.Uninitialized(x.Shape) : null;
                Tensor dweight = Tensor.Uninitialized([channels]), dbias = Tensor.Uninitialized([channels]);
                GroupNormKernel.Backward(dy.Span, x.Span, means.Span, rates.Span, SpanOf(weight), dx is null ? default : dx.Writable,
                    dweight.Writable, dbias.Writable, size, channels, length);
                return [dx, dweight, dbias];
            });
    }

    /// <summary>Instance normalisation: every channel of every sample by its own mean and variance, <c>y = (x - mean) / √(variance + ε) · weight + bias</c>.</summary>
    /// <param name="x">(N, C, *) with at least one axis after the channels.</param>
    /// <param name="weight">Scale, (C), or null for 1.</param>
    /// <param name="bias">Shift, (C), or null for 0.</param>
    /// <param name="epsilon">ε, added to the variance.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <exception cref="ShapeException">x has fewer than three axes or a single number to a channel, or weight or bias are not of shape (C).</exception>
    /// <remarks>Source: Ulyanov, Vedaldi and Lempitsky 2016, arXiv:1607.08022.</remarks>
    public static Tensor InstanceNorm(this Tensor x, Tensor? weight = null, Tensor? bias = null, float epsilon = 1e-5f)
    {
        ArgumentNullException.ThrowIfNull(x);
        ShapeException.Require(x.Rank >= 3 && x.Shape.Count(2..) != 1,
            $"InstanceNorm: x must be (N, C, *) with more than one number to a channel, got {x.Shape}");
        return x.GroupNorm(Math.Max(1, x.Shape[1]), weight, bias, epsilon);
    }
}
