using Rindoku.Autograd;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>1 where any number along some axes is not 0, else 0.</summary>
    /// <param name="x">Any shape; a NaN is not 0.</param>
    /// <param name="axes">The axes to go over; -1 is the last; none named means all.</param>
    /// <param name="keep">Whether those axes stay, with size 1.</param>
    /// <remarks>0 where there are no numbers. It has no gradient.</remarks>
    /// <exception cref="ShapeException">An axis does not exist or is named twice.</exception>
    public static Tensor Any(this Tensor x, ReadOnlySpan<int> axes = default, bool keep = false) => Truth(x, axes, keep, all: false, nameof(Any));

    /// <summary>1 where all numbers along some axes are not 0, else 0.</summary>
    /// <param name="x">Any shape; a NaN is not 0.</param>
    /// <param name="axes">The axes to go over; -1 is the last; none named means all.</param>
    /// <param name="keep">Whether those axes stay, with size 1.</param>
    /// <remarks>1 where there are no numbers. It has no gradient.</remarks>
    /// <exception cref="ShapeException">An axis does not exist or is named twice.</exception>
    public static Tensor All(this Tensor x, ReadOnlySpan<int> axes = default, bool keep = false) => Truth(x, axes, keep, all: true, nameof(All));

    private static Tensor Truth(Tensor x, ReadOnlySpan<int> axes, bool keep, bool all, string method)
    {
        ArgumentNullException.ThrowIfNull(x);
        Over over = Over.Of(x.Shape, axes, method);
        Tensor y = Tensor.Uninitialized(over.Result(keep));
        (Tensor source, int outer, int reduced, int inner) = over.Arrange(x.NotEqual(0));
        if (over.Count == 0) y.Writable.Fill(all ? 1 : 0);
        else if (all) Folds.Run(default(MinFold), source.Span, y.Writable, outer, reduced, inner);
        else Folds.Run(default(MaxFold), source.Span, y.Writable, outer, reduced, inner);
        return Tape.Record(all ? "all" : "any", y, Tape.NoGradient(method, x));
    }
}
