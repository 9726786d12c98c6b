using Rindoku.Autograd;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>The largest number along some axes.</summary>
    /// <param name="x">Any shape with at least one number along the axes.</param>
    /// <param name="axes">The axes to look along; -1 is the last; none named means all.</param>
    /// <param name="keep">Whether those axes stay, with size 1.</param>
    /// <remarks>NaN if there is one. The gradient goes in equal shares to all that are largest.</remarks>
    /// <exception cref="ShapeException">An axis does not exist or is named twice, or there are no numbers.</exception>
    public static Tensor Max(this Tensor x, ReadOnlySpan<int> axes = default, bool keep = false) => Extreme<MaxFold>(x, axes, keep, nameof(Max), "max");

    /// <summary>The smallest number along some axes.</summary>
    /// <param name="x">Any shape with at least one number along the axes.</param>
    /// <param name="axes">The axes to look along; -1 is the last; none named means all.</param>
    /// <param name="keep">Whether those axes stay, with size 1.</param>
    /// <remarks>NaN if there is one. The gradient goes in equal shares to all that are smallest.</remarks>
    /// <exception cref="ShapeException">An axis does not exist or is named twice, or there are no numbers.</exception>
    public static Tensor Min(this Tensor x, ReadOnlySpan<int> axes = default, bool keep = false) => Extreme<MinFold>(x, axes, keep, nameof(Min), "min");

    private static Tensor Extreme<K>(Tensor x, ReadOnlySpan<int> axes, bool keep, string method, string operation) where K : struct, IFoldKernel
    {
        ArgumentNullException.ThrowIfNull(x);
        Over over = Over.Of(x.Shape, axes, method);
        over.RequireNumbers(x.Shape, method);
        Tensor y = Tensor.Uninitialized(over.Result(keep));
        (Tensor source, int outer, int reduced, int inner) = over.Arrange(x);
        Folds.Run(default(K), source.Span, y.Writable, outer, reduced, inner);
        return Tape.Record(operation, y, new Edge(x, dy => dy.Reshape(over.Kept).Expand(x.Shape) * TieShares(x, y.View(over.Kept))));
    }

    // Constant almost everywhere, so the shares carry no history; a number equal to the extreme counts as one of the tied.
    private static Tensor TieShares(Tensor x, Tensor extreme)
    {
        using NoGrad pause = NoGrad.Enter();
        Tensor tied = x.Equal(extreme);
        return tied / tied.SumTo(extreme.Shape);
    }
}
