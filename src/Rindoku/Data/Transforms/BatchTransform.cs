namespace Rindoku.Data;

/// <summary>A change of a whole batch, in which examples are mixed with each other.</summary>
public abstract class BatchTransform
{
    /// <summary>Changes a batch; the inputs of the given batch may be overwritten.</summary>
    /// <param name="batch">The batch, X being (n, C, H, W).</param>
    /// <param name="classCount">The number of classes: the columns of the soft targets.</param>
    /// <param name="rng">The randomness.</param>
    /// <returns>A batch with <see cref="Batch.Targets"/>.</returns>
    public abstract Batch Apply(Batch batch, int classCount, Rng rng);
}
