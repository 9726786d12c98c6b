using Rindoku.Autograd;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    extension(Tensor)
    {
        /// <summary>One tensor's numbers with another's gradient: <c>y = value</c>, <c>∂y/∂x = 1</c>.</summary>
        /// <param name="value">The numbers of the result, computed from x in a way that has no useful gradient (rounding, a sign, an argmax).</param>
        /// <param name="x">What the gradient flows to, unchanged; of the shape of <paramref name="value"/>.</param>
        /// <returns>The numbers of <paramref name="value"/>; no copy.</returns>
        /// <exception cref="ShapeException">The shapes differ.</exception>
        /// <remarks>Source: Bengio, Léonard and Courville 2013, arXiv:1308.3432, section 4.</remarks>
        public static Tensor StraightThrough(Tensor value, Tensor x)
        {
            ArgumentNullException.ThrowIfNull(value);
            ArgumentNullException.ThrowIfNull(x);
            ShapeException.Require(value.Shape == x.Shape, $"StraightThrough: value {value.Shape} and x {x.Shape} must have the same shape");
            return Tape.Record("straight-through", value.Detach(), new Edge(x, dy => dy));
        }
    }
}
