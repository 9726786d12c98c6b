namespace Rindoku.Papers.Vision.FractalNet;

/// <summary>The ways of one batch through a FractalNet: which inputs each join keeps.</summary>
public abstract class Paths
{
    /// <summary>All of them.</summary>
    public static Paths All { get; } = new AllPaths();

    /// <summary>Only one column, in every block: global drop-path.</summary>
    /// <param name="column">c, from 1.</param>
    public static Paths Column(int column) => new OneColumn(column);

    /// <summary>Each input of each join kept with a probability, and one of them in any case: local drop-path.</summary>
    /// <param name="drop">How likely an input is dropped.</param>
    /// <param name="rng">Where the draws come from, join after join.</param>
    public static Paths Local(double drop, Rng rng) => new LocalPaths(drop, rng);

    /// <summary>Whether a column has to be computed at all.</summary>
    public abstract bool Computes(int column);

    /// <summary>For each input of a join whether it is kept; one at least is.</summary>
    /// <param name="columns">The columns that the inputs come from.</param>
    public abstract IReadOnlyList<bool> Keep(IReadOnlyList<int> columns);

    private sealed class AllPaths : Paths
    {
        public override bool Computes(int column) => true;

        public override IReadOnlyList<bool> Keep(IReadOnlyList<int> columns) => [.. columns.Select(_ => true)];
    }

    private sealed class OneColumn(int kept) : Paths
    {
        public override bool Computes(int column) => column == kept;

        public override IReadOnlyList<bool> Keep(IReadOnlyList<int> columns) => [.. columns.Select(column => column == kept)];
    }

    // What is dropped is computed all the same, as in the authors' code: its convolution's statistics go on.
    private sealed class LocalPaths(double drop, Rng rng) : Paths
    {
        public override bool Computes(int column) => true;

        public override IReadOnlyList<bool> Keep(IReadOnlyList<int> columns)
        {
            if (columns.Count == 1) return [true];
            bool[] kept = [.. columns.Select(_ => rng.NextDouble() >= drop)];
            if (!kept.Contains(true)) kept[rng.NextInt(kept.Length)] = true;
            return kept;
        }
    }
}

/// <summary>Drop-path: for each batch local or global paths are drawn (paper, §3).</summary>
public sealed class DropPath
{
    /// <summary>A rule.</summary>
    /// <param name="randomness">Where the draws come from.</param>
    /// <param name="drop">In local paths, how likely an input of a join is dropped.</param>
    /// <param name="globalShare">How likely a batch goes through one column only.</param>
    public DropPath(Rng randomness, double drop = 0.15, double globalShare = 0.5)
    {
        ArgumentNullException.ThrowIfNull(randomness);
        if (!(drop is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(drop), drop, "DropPath: the probability must lie from 0 to 1");
        if (!(globalShare is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(globalShare), globalShare, "DropPath: the share must lie from 0 to 1");
        (Randomness, Drop, GlobalShare) = (randomness, drop, globalShare);
    }

    /// <summary>Where the draws come from.</summary>
    public Rng Randomness { get; }

    /// <summary>In local paths, how likely an input of a join is dropped.</summary>
    public double Drop { get; }

    /// <summary>How likely a batch goes through one column only.</summary>
    public double GlobalShare { get; }

    /// <summary>The paths of one batch through a network of so many columns.</summary>
    public Paths Draw(int columns) =>
        Randomness.NextDouble() < GlobalShare ? Paths.Column(1 + Randomness.NextInt(columns)) : Paths.Local(Drop, Randomness);
}
