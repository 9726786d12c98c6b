using Rindoku.Autograd;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>
    /// How gradients flow through every normalisation <c>y = x̂ · weight + bias</c> with <c>x̂ = (x - mean) / √(variance + ε)</c>,
    /// where mean and variance are taken over <paramref name="axes"/> of x seen in the shape <paramref name="view"/>.
    /// </summary>
    /// <param name="operation">The operation's name.</param>
    /// <param name="y">Its output.</param>
    /// <param name="x">Its input.</param>
    /// <param name="weight">The scale, or null for 1.</param>
    /// <param name="bias">The shift, or null for 0.</param>
    /// <param name="view">A shape of x's length in which the axes of the statistics stand apart.</param>
    /// <param name="axes">The axes of the statistics, in the view.</param>
    /// <param name="affine">The shape in which scale and shift broadcast to the view.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="centre">Whether the mean is subtracted; if not, the variance is the mean square (RMS normalisation).</param>
    /// <param name="fused">From dy and which of x, weight and bias are wanted to their gradients.</param>
    private static Tensor RecordNormalization(string operation, Tensor y, Tensor x, Tensor? weight, Tensor? bias,
        Shape view, int[] axes, Shape affine, float epsilon, bool centre, FusedGradient fused)
    {
        Edge byX = new(x, dy =>
        {
            Tensor g = dy.Reshape(view);
            if (weight is not null) g *= weight.Reshape(affine);
            (Tensor normal, Tensor rate) = Standardize(x.Reshape(view), axes, epsilon, centre);
            Tensor along = g - normal * MeanOver(g * normal, axes);
            return (rate * (centre ? along - MeanOver(g, axes) : along)).Reshape(x.Shape);
        });
        Edge byWeight = weight is null ? default : new(weight, dy =>
            (dy.Reshape(view) * Standardize(x.Reshape(view), axes, epsilon, centre).Normal).SumTo(affine).Reshape(weight.Shape));
        Edge byBias = bias is null ? default : new(bias, dy => dy.Reshape(view).SumTo(affine).Reshape(bias.Shape));
        FusedGradient all = (dy, wanted) => Placed(fused(dy, [wanted[0], weight is not null && wanted[1], bias is not null && wanted[^1]]), weight, bias);
        return (weight, bias) switch
        {
            (null, null) => Tape.RecordFused(operation, y, all, byX),
            (_, null) => Tape.RecordFused(operation, y, all, byX, byWeight),
            (null, _) => Tape.RecordFused(operation, y, all, byX, byBias),
            _ => Tape.RecordFused(operation, y, all, byX, byWeight, byBias),
        };
    }

    private static Tensor?[] Placed(Tensor?[] gradients, Tensor? weight, Tensor? bias) => (weight, bias) switch
    {
        (null, not null) => [gradients[0], gradients[2]],
        _ => gradients,
    };

    /// <summary><c>x̂</c> and <c>1 / √(variance + ε)</c> in differentiable operations.</summary>
    private static (Tensor Normal, Tensor Rate) Standardize(Tensor x, int[] axes, float epsilon, bool centre)
    {
        Tensor distance = centre ? x - MeanOver(x, axes) : x;
        Tensor rate = (MeanOver(distance * distance, axes) + epsilon).Rsqrt();
        return (distance * rate, rate);
    }

    private static Tensor MeanOver(Tensor x, int[] axes)
    {
        int count = 1;
        foreach (int axis in axes) count *= x.Shape[axis];
        return x.Sum(axes, keep: true) * (1f / count);
    }

    private static void RequireAffine(string operation, Tensor x, Tensor? weight, Tensor? bias, Shape needed)
    {
        ShapeException.Require(weight is null || weight.Shape == needed, $"{operation}: x {x.Shape} needs a weight of {needed}, got {weight!.Shape}");
        ShapeException.Require(bias is null || bias.Shape == needed, $"{operation}: x {x.Shape} needs a bias of {needed}, got {bias!.Shape}");
    }
}
