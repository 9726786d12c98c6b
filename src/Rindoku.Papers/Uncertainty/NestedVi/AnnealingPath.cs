using Rindoku.Nn;
using Rindoku.Ops;

namespace Rindoku.Papers.Uncertainty.NestedVi;

/// <summary>The two ends of a path at some points: ln γ_0 and ln γ_{K−1}, (S) each.</summary>
/// <param name="Broad">ln γ_0, the broad normal density.</param>
/// <param name="Ring">ln γ_{K−1}, the ring of modes.</param>
public readonly record struct PathEnds(Tensor Broad, Tensor Ring)
{
    /// <summary>The same numbers, through which no gradient flows to the points.</summary>
    public PathEnds Detach() => new(Broad.Detach(), Ring.Detach());

    /// <summary>Those of some of the points.</summary>
    public PathEnds Of(IntTensor points) => new(Broad.IndexSelect(0, points), Ring.IndexSelect(0, points));
}

/// <summary>Densities of the plane from a broad normal one to a ring of eight modes: <c>γ_k = γ_0^(1−β_k) γ_{K−1}^β_k</c>.</summary>
/// <remarks>
/// <para>γ_0 is N(0, 25 I). γ_{K−1} is the sum, not the mean, of eight normal densities of variance 1/2 around points at distance 10, so its
/// constant is Z = 8: ln Z = 2.0794.</para>
/// <para>The steps β_k − β_{k−1} are equal, or a learned softmax that starts there: so β stays in order and its ends stay 0 and 1.</para>
/// <para>Source: the paper, section 5.1 and appendix E.1.</para>
/// </remarks>
public sealed class AnnealingPath : Module
{
    /// <summary>How many modes the ring has.</summary>
    public const int Modes = 8;

    /// <summary>How far from the origin they are.</summary>
    public const float Radius = 10;

    /// <summary>The deviation of γ_0.</summary>
    public const float BroadDeviation = 5;

    private const float BroadVariance = BroadDeviation * BroadDeviation, ModeVariance = 0.5f;

    // Mode j lies at 10 (sin a, cos a), a = 2π j / 8.
    private static readonly Tensor Centres = Tensor.Generate([Modes, 2], i => (float)(Radius * (i % 2 == 0 ? Math.Sin(Angle(i / 2)) : Math.Cos(Angle(i / 2)))));
    private static readonly float LogBroadVolume = MathF.Log(2 * MathF.PI * BroadVariance), LogModeVolume = MathF.Log(2 * MathF.PI * ModeVariance);

    private readonly Parameter? steps;

    /// <summary>A path.</summary>
    /// <param name="densities">K, the ends included; at least 2.</param>
    /// <param name="learned">Whether β is learned; with two densities there is nothing to learn.</param>
    public AnnealingPath(int densities, bool learned)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(densities, 2);
        Densities = densities;
        if (learned && densities > 2) steps = Register("steps", Tensor.Zeros([densities - 1]));
    }

    /// <summary>The logarithm of the ring's constant.</summary>
    public static double LogConstant { get; } = Math.Log(Modes);

    /// <summary>K, how many densities there are.</summary>
    public int Densities { get; }

    /// <summary>β_1 to β_{K−1}, (K − 1); β_0 is 0.</summary>
    public Tensor Betas() => steps is null ? Tensor.Linspace(1f / (Densities - 1), 1, Densities - 1) : steps.Softmax().CumSum(0);

    /// <summary>Both ends at points (S, 2).</summary>
    public static PathEnds Ends(Tensor points)
    {
        ArgumentNullException.ThrowIfNull(points);
        ShapeException.Require(points.Rank == 2 && points.Shape[1] == 2, $"AnnealingPath: needs points (S, 2), got {points.Shape}");
        Tensor squares = points.Square().Sum([-1]);                                         // |z|², (S)
        Tensor nearness = points.MatMul(Centres, transposeB: true) * (1 / ModeVariance);    // z·m_j / v, (S, 8)
        // All centres lie at the distance R, so that |z − m|² = |z|² + R² − 2 z·m: what is common to them stands outside of the sum.
        Tensor ring = nearness.LogSumExp([-1]) - (squares + Radius * Radius) * (0.5f / ModeVariance) - LogModeVolume;
        return new PathEnds(squares * (-0.5f / BroadVariance) - LogBroadVolume, ring);
    }

    /// <summary>ln γ_k at the points whose ends are given.</summary>
    /// <param name="k">From 0 to K − 1.</param>
    /// <param name="ends">Both ends at the points.</param>
    /// <param name="betas">What <see cref="Betas"/> gave.</param>
    public Tensor LogDensity(int k, PathEnds ends, Tensor betas)
    {
        ArgumentNullException.ThrowIfNull(betas);
        ArgumentOutOfRangeException.ThrowIfNegative(k);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(k, Densities);
        if (k == 0) return ends.Broad;
        return k == Densities - 1 ? ends.Ring : ends.Broad.Lerp(ends.Ring, betas.Select(0, k - 1));
    }

    /// <summary>The number of the mode that a point lies within a distance of, or -1.</summary>
    public static int NearestMode(double x, double y, double within = 2)
    {
        double turn = Math.Atan2(x, y) / Angle(1); // from the first mode on, in steps between modes
        int mode = ((int)Math.Round(turn) + Modes) % Modes;
        double dx = x - Centres[mode, 0], dy = y - Centres[mode, 1];
        return dx * dx + dy * dy <= within * within ? mode : -1;
    }

    private static double Angle(int mode) => 2 * Math.PI * mode / Modes;
}
