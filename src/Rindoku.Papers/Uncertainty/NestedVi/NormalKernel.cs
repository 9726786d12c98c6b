using Rindoku.Distributions;
using Rindoku.Nn;
using Rindoku.Ops;

namespace Rindoku.Papers.Uncertainty.NestedVi;

/// <summary>A normal distribution of a point of the plane, given another: <c>N(x + m(x), softplus(s(x)))</c>, m and s being heads over 50 ReLU units.</summary>
/// <remarks>
/// The heads start at weights of 0: the mean is x and each variance 1. As in the authors' code the second head gives variances; a later version of
/// the task takes them for deviations. Source: the paper, appendix E.1; probtorch/combinators.
/// </remarks>
public sealed class NormalKernel : Module
{
    private static readonly float VarianceOfOne = MathF.Log(MathF.E - 1); // softplus(ln(e − 1)) = 1

    // A float's softplus is 0 from about -104 on; a variance must not be.
    private const float LeastVariance = 1e-6f;

    private readonly Linear hidden, shift, spread;

    /// <summary>A kernel.</summary>
    /// <param name="units">Hidden units.</param>
    /// <param name="rng">Source of the start values.</param>
    public NormalKernel(int units, Rng rng)
    {
        hidden = Register("hidden", new Linear(2, units, rng));
        shift = Register("shift", Head(units, bias: 0, rng));
        spread = Register("spread", Head(units, VarianceOfOne, rng));
    }

    /// <summary>The distributions for points (S, 2); each number of a point is independent of the other.</summary>
    public Normal Given(Tensor points)
    {
        Tensor features = hidden.Forward(points).Relu();
        return new Normal(points + shift.Forward(features), (spread.Forward(features).Softplus() + LeastVariance).Sqrt());
    }

    /// <summary>ln N(to), (S), of points (S, 2).</summary>
    public static Tensor LogDensity(Normal distribution, Tensor to)
    {
        ArgumentNullException.ThrowIfNull(distribution);
        return distribution.LogProb(to).Sum([-1]);
    }

    private static Linear Head(int units, float bias, Rng rng)
    {
        Linear head = new(units, 2, rng);
        head.Weight.Values.Clear();
        head.Bias!.Values.Fill(bias);
        return head;
    }
}
