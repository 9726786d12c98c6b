using Rindoku.Ops;

namespace Rindoku.Nn.ResNets;

/// <summary>How the survival probability of a residual block depends on its depth.</summary>
public enum SurvivalDecay
{
    /// <summary>p_l = 1 − (l / L)(1 − p_L): from almost 1 at the first block down to p_L at the last (paper, equation 4).</summary>
    Linear,

    /// <summary>p_l = p_L for every block.</summary>
    Uniform,
}

/// <summary>
/// Stochastic depth: in training each residual block is left out of a whole mini-batch with probability 1 − p_l; in evaluation every
/// block is there, and what it adds is multiplied by p_l.
/// </summary>
/// <remarks>
/// <para>With b_l = 1 with probability p_l, else 0, one draw a block and mini-batch (paper, equations 2 and 5):
/// training <c>H_l = ReLU(b_l f_l(H_{l−1}) + id(H_{l−1}))</c>, evaluation <c>H_l = ReLU(p_l f_l(H_{l−1}) + id(H_{l−1}))</c>.</para>
/// <para>A block that is left out is neither computed nor differentiated, and its running statistics stay as they are.</para>
/// <para>Source: Huang et al. 2016, arXiv:1603.09382, §3.</para>
/// </remarks>
public sealed class StochasticDepthRule : IResidualRule
{
    private readonly double[] survival;
    private readonly Rng gates;

    /// <summary>A rule for a network of so many residual blocks.</summary>
    /// <param name="blocks">L.</param>
    /// <param name="lastSurvival">p_L, from 0 to 1; 1 is constant depth.</param>
    /// <param name="gates">Where the b_l are drawn from.</param>
    /// <param name="decay">How p_l depends on l.</param>
    public StochasticDepthRule(int blocks, double lastSurvival, Rng gates, SurvivalDecay decay = SurvivalDecay.Linear)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(blocks);
        ArgumentOutOfRangeException.ThrowIfNegative(lastSurvival);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lastSurvival, 1);
        ArgumentNullException.ThrowIfNull(gates);
        this.gates = gates;
        survival = new double[blocks];
        for (int l = 1; l <= blocks; l++)
            survival[l - 1] = decay == SurvivalDecay.Linear ? 1 - (double)l / blocks * (1 - lastSurvival) : lastSurvival;
    }

    /// <summary>p_1 ... p_L.</summary>
    public IReadOnlyList<double> Survival => survival;

    /// <summary>How many blocks are computed in a training step on average: Σ p_l, which is (3L − 1) / 4 for linear decay to ½.</summary>
    public double ExpectedBlocks => survival.Sum();

    /// <summary>How many blocks have been computed in training so far; a training that is resumed sets it again.</summary>
    public long ComputedBlocks { get; set; }

    /// <inheritdoc/>
    public Tensor Join(int unit, Tensor shortcut, Func<Tensor> residual, bool training)
    {
        ArgumentNullException.ThrowIfNull(residual);
        if (!training) return shortcut + residual() * (float)survival[unit];

        // The official rule: the gate is open unless the draw is below the death rate (l / L)(1 − p_L).
        bool open = gates.NextDouble() >= 1 - survival[unit];
        if (!open) return shortcut;
        ComputedBlocks++;
        return shortcut + residual();
    }
}
