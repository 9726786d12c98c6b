using Rindoku.Lab;
using Rindoku.Nn.ResNets;

namespace Rindoku.Papers.Vision.StochasticDepth;

/// <summary>Keeps the count of a rule's computed blocks in checkpoints.</summary>
/// <param name="rule">The rule.</param>
public sealed class ComputedBlocks(StochasticDepthRule rule) : ICheckpointed
{
    private const long Base = 1 << 20;

    /// <inheritdoc/>
    /// <remarks>The count in two halves, each of which a float holds exactly.</remarks>
    public IReadOnlyDictionary<string, Tensor> State() =>
        new Dictionary<string, Tensor> { ["computed"] = Tensor.Of(rule.ComputedBlocks / Base, rule.ComputedBlocks % Base) };

    /// <inheritdoc/>
    public void Load(IReadOnlyDictionary<string, Tensor> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        rule.ComputedBlocks = (long)state["computed"][0] * Base + (long)state["computed"][1];
    }
}

/// <summary>A network with some of its residual blocks taken out: what is left shows how much it relied on them.</summary>
/// <param name="rule">The rule of the network that is whole.</param>
/// <param name="removed">The places of the blocks to take out, from 0.</param>
public sealed class Lesion(IResidualRule rule, IReadOnlySet<int> removed) : IResidualRule
{
    /// <inheritdoc/>
    public Tensor Join(int unit, Tensor shortcut, Func<Tensor> residual, bool training) =>
        removed.Contains(unit) ? shortcut : rule.Join(unit, shortcut, residual, training);

    /// <summary>Sets of so many blocks drawn at random, never the first block.</summary>
    /// <param name="blocks">L.</param>
    /// <param name="size">How many blocks each set takes out.</param>
    /// <param name="count">How many sets.</param>
    /// <param name="rng">The source of randomness.</param>
    public static IReadOnlyList<IReadOnlySet<int>> Draw(int blocks, int size, int count, Rng rng)
    {
        ArgumentNullException.ThrowIfNull(rng);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(size, blocks);
        return [.. Enumerable.Range(0, count).Select(_ => rng.Permutation(blocks - 1).Take(size).Select(block => block + 1).ToHashSet())];
    }
}
