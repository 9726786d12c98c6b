using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>The place of the largest number, row by row; the first of equal ones.</summary>
    /// <remarks>A NaN counts as largest.</remarks>
    /// <exception cref="ShapeException">There are no numbers.</exception>
    public static int ArgMax(this Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return x.View([x.Length]).ArgMax(0)[0];
    }

    /// <summary>The place of the smallest number, row by row; the first of equal ones.</summary>
    /// <remarks>A NaN counts as smallest.</remarks>
    /// <exception cref="ShapeException">There are no numbers.</exception>
    public static int ArgMin(this Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return x.View([x.Length]).ArgMin(0)[0];
    }

    /// <summary>The places along an axis of the largest numbers; the first of equal ones.</summary>
    /// <param name="x">Any shape with at least one number along the axis.</param>
    /// <param name="axis">The axis; -1 is the last.</param>
    /// <param name="keep">Whether the axis stays, with size 1.</param>
    /// <remarks>A NaN counts as largest.</remarks>
    /// <exception cref="ShapeException">The axis does not exist or there are no numbers along it.</exception>
    public static IntTensor ArgMax(this Tensor x, int axis, bool keep = false) => ArgExtreme<MaxFold>(x, axis, keep, nameof(ArgMax));

    /// <summary>The places along an axis of the smallest numbers; the first of equal ones.</summary>
    /// <param name="x">Any shape with at least one number along the axis.</param>
    /// <param name="axis">The axis; -1 is the last.</param>
    /// <param name="keep">Whether the axis stays, with size 1.</param>
    /// <remarks>A NaN counts as smallest.</remarks>
    /// <exception cref="ShapeException">The axis does not exist or there are no numbers along it.</exception>
    public static IntTensor ArgMin(this Tensor x, int axis, bool keep = false) => ArgExtreme<MinFold>(x, axis, keep, nameof(ArgMin));

    /// <summary>The largest numbers along an axis and their places; the first of equal ones, which alone receives the gradient.</summary>
    /// <param name="x">Any shape with at least one number along the axis.</param>
    /// <param name="axis">The axis; -1 is the last.</param>
    /// <param name="keep">Whether the axis stays, with size 1.</param>
    /// <exception cref="ShapeException">The axis does not exist or there are no numbers along it.</exception>
    public static (Tensor Values, IntTensor Indices) Max(this Tensor x, int axis, bool keep = false) => AtPlaces(x, axis, x.ArgMax(axis, keep: true), keep);

    /// <summary>The smallest numbers along an axis and their places; the first of equal ones, which alone receives the gradient.</summary>
    /// <param name="x">Any shape with at least one number along the axis.</param>
    /// <param name="axis">The axis; -1 is the last.</param>
    /// <param name="keep">Whether the axis stays, with size 1.</param>
    /// <exception cref="ShapeException">The axis does not exist or there are no numbers along it.</exception>
    public static (Tensor Values, IntTensor Indices) Min(this Tensor x, int axis, bool keep = false) => AtPlaces(x, axis, x.ArgMin(axis, keep: true), keep);

    private static (Tensor, IntTensor) AtPlaces(Tensor x, int axis, IntTensor places, bool keep)
    {
        Tensor values = x.Gather(axis, places);
        if (keep) return (values, places);
        Shape shape = x.Shape.Without(axis);
        return (values.Reshape(shape), places.Reshape(shape));
    }

    private static IntTensor ArgExtreme<K>(Tensor x, int axis, bool keep, string method) where K : struct, IFoldKernel
    {
        ArgumentNullException.ThrowIfNull(x);
        Over over = Over.Of(x.Shape, [axis], method);
        over.RequireNumbers(x.Shape, method);
        (int outer, int size, int inner) = Around(x.Shape, over.Axes[0]);
        Tensor values = Tensor.Uninitialized(over.Kept);
        Folds.Run(default(K), x.Span, values.Writable, outer, size, inner);
        IntTensor places = IntTensor.Uninitialized(over.Result(keep));
        ArgExtremes.Find(x.Span, values.Span, places.Writable, outer, size, inner);
        return places;
    }
}
