namespace Rindoku.Data;

/// <summary>How a loader makes its batches. Only the first three settings change what the batches hold.</summary>
/// <param name="BatchSize">Examples in a batch; at least 1.</param>
public sealed record LoaderOptions(int BatchSize)
{
    /// <summary>Whether every epoch has a random order of its own; otherwise the order of the set.</summary>
    public bool Shuffle { get; init; } = true;

    /// <summary>Whether a last batch that would be smaller than the others is left out.</summary>
    public bool DropLast { get; init; }

    /// <summary>How many background threads make batches; with 0 they are made by the loop itself, when it asks for them.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>How many batches may be made ahead of the loop; at least 1.</summary>
    public int Prefetch { get; init; } = 2;

    internal LoaderOptions Checked()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(BatchSize);
        ArgumentOutOfRangeException.ThrowIfNegative(Threads);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Prefetch);
        return this;
    }
}
