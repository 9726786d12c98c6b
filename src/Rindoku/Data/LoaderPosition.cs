namespace Rindoku.Data;

/// <summary>A place in the sequence of a loader's batches, to be stored in checkpoints.</summary>
/// <param name="Epoch">The epoch, from 0.</param>
/// <param name="Batch">The batch in the epoch, from 0.</param>
public readonly record struct LoaderPosition(int Epoch, int Batch);
