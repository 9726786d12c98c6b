namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>The mean along some axes: <c>y = Σ x / n</c> over them.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="axes">The axes to average over; -1 is the last; none named means all.</param>
    /// <param name="keep">Whether those axes stay, with size 1.</param>
    /// <remarks>The mean of no numbers is NaN.</remarks>
    /// <exception cref="ShapeException">An axis does not exist or is named twice.</exception>
    public static Tensor Mean(this Tensor x, ReadOnlySpan<int> axes = default, bool keep = false)
    {
        ArgumentNullException.ThrowIfNull(x);
        int count = Over.Of(x.Shape, axes, nameof(Mean)).Count;
        return x.Sum(axes, keep) / count;
    }
}
