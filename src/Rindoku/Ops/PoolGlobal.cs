namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>The mean of every channel over all its places.</summary>
    /// <param name="x">(N, C, *), with one or more axes after the channels.</param>
    /// <returns>(N, C).</returns>
    /// <exception cref="ShapeException">x has fewer than three axes, or no places.</exception>
    public static Tensor GlobalAveragePool(this Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        ShapeException.Require(x.Rank > 2 && x.Shape.Count(2..) > 0, $"GlobalAveragePool: x must be (batch, channels, sizes), got {x.Shape}");
        int places = x.Shape.Count(2..);
        return x.Reshape(x.Shape[0], x.Shape[1], places).Sum([-1]) * (1f / places);
    }
}
