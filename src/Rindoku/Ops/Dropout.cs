namespace Rindoku.Ops;

public static partial class TensorOps
{
    // The value that SELU saturates at, -λα: alpha dropout puts it in the place of what it drops (Klambauer et al. 2017, section 3).
    private const double SeluFloor = -1.0507009873554805 * 1.6732632423543772;

    /// <summary>Dropout: each number is 0 with the given probability, else divided by what is left: <c>y = x · m / (1 - p)</c>.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="probability">p, from 0 to 1.</param>
    /// <param name="rng">Where the draws come from; not moved outside training.</param>
    /// <param name="training">Otherwise x itself is returned.</param>
    /// <returns>A tensor of the shape of <paramref name="x"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">p lies outside 0 to 1.</exception>
    /// <remarks>Source: Srivastava et al. 2014, JMLR 15, with the scaling done in training ("inverted").</remarks>
    public static Tensor Dropout(this Tensor x, float probability, Rng rng, bool training = true)
    {
        ArgumentNullException.ThrowIfNull(x);
        return DropoutBy(x, x.Shape, probability, rng, training);
    }

    /// <summary>Dropout of whole channels: one draw for each channel of each sample.</summary>
    /// <param name="x">(N, C, *).</param>
    /// <param name="probability">p, from 0 to 1.</param>
    /// <param name="rng">Where the draws come from; not moved outside training.</param>
    /// <param name="training">Otherwise x itself is returned.</param>
    /// <returns>A tensor of the shape of <paramref name="x"/>.</returns>
    /// <exception cref="ShapeException">x has fewer than two axes.</exception>
    /// <exception cref="ArgumentOutOfRangeException">p lies outside 0 to 1.</exception>
    /// <remarks>Source: Tompson et al. 2015, arXiv:1411.4280, "spatial dropout".</remarks>
    public static Tensor ChannelDropout(this Tensor x, float probability, Rng rng, bool training = true)
    {
        ArgumentNullException.ThrowIfNull(x);
        ShapeException.Require(x.Rank >= 2, $"ChannelDropout: x must be (N, C, *), got {x.Shape}");
        return DropoutBy(x, LeadingShape(x.Shape, 2), probability, rng, training);
    }

    /// <summary>Drop-path (stochastic depth by sample): each sample is 0 with the given probability, else divided by what is left.</summary>
    /// <param name="x">(N, *).</param>
    /// <param name="probability">p, from 0 to 1.</param>
    /// <param name="rng">Where the draws come from; not moved outside training.</param>
    /// <param name="training">Otherwise x itself is returned.</param>
    /// <returns>A tensor of the shape of <paramref name="x"/>.</returns>
    /// <exception cref="ShapeException">x has no axes.</exception>
    /// <exception cref="ArgumentOutOfRangeException">p lies outside 0 to 1.</exception>
    /// <remarks>Source: Larsson, Maire and Shakhnarovich 2017, arXiv:1605.07648; by sample as in Huang et al. 2016, arXiv:1603.09382.</remarks>
    public static Tensor DropPath(this Tensor x, float probability, Rng rng, bool training = true)
    {
        ArgumentNullException.ThrowIfNull(x);
        ShapeException.Require(x.Rank >= 1, $"DropPath: x must be (N, *), got {x.Shape}");
        return DropoutBy(x, LeadingShape(x.Shape, 1), probability, rng, training);
    }

    /// <summary>Alpha dropout, for SELU networks: what is dropped becomes SELU's floor, and scale and shift keep mean 0 and variance 1.</summary>
    /// <param name="x">Any shape; mean 0 and variance 1 are what it keeps.</param>
    /// <param name="probability">p, from 0 to 1 (not 1 itself).</param>
    /// <param name="rng">Where the draws come from; not moved outside training.</param>
    /// <param name="training">Otherwise x itself is returned.</param>
    /// <returns><c>a (x m + α' (1 - m)) + b</c> with <c>a = ((1 - p)(1 + p α'²))^-1/2</c> and <c>b = -a p α'</c>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">p lies outside 0 to 1, or is 1.</exception>
    /// <remarks>Source: Klambauer et al. 2017, arXiv:1706.02515, section 3.</remarks>
    public static Tensor AlphaDropout(this Tensor x, float probability, Rng rng, bool training = true)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(rng);
        RequireProbability(probability);
        ArgumentOutOfRangeException.ThrowIfEqual(probability, 1f);
        if (!training || probability == 0) return x;
        double p = probability, a = 1 / Math.Sqrt((1 - p) * (1 + p * SeluFloor * SeluFloor)), b = -a * p * SeluFloor;
        Tensor kept = rng.Bernoulli(x.Shape, 1 - probability);
        Tensor shift = (1 - kept) * (float)(a * SeluFloor) + (float)b;
        return x * (kept * (float)a) + shift;
    }

    private static Tensor DropoutBy(Tensor x, Shape draws, float probability, Rng rng, bool training)
    {
        ArgumentNullException.ThrowIfNull(rng);
        RequireProbability(probability);
        if (!training || probability == 0) return x;
        Tensor kept = rng.Bernoulli(draws, 1 - probability);
        return x * (probability == 1 ? kept : kept * (1 / (1 - probability)));
    }

    /// <summary>The first axes of a shape, and 1 for the others.</summary>
    private static Shape LeadingShape(Shape shape, int axes)
    {
        int[] sizes = [.. shape.Sizes];
        Array.Fill(sizes, 1, axes, sizes.Length - axes);
        return Shape.Own(sizes);
    }

    private static void RequireProbability(float probability)
    {
        if (!(probability is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(probability), probability, "Dropout: the probability must lie from 0 to 1");
    }
}
