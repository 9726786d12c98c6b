namespace Rindoku.Data;

/// <summary>Some examples of a <see cref="LabelledSet"/> put together for one training step.</summary>
/// <param name="X">The inputs, (n, ...).</param>
/// <param name="Y">The class numbers, (n).</param>
/// <param name="Indices">The number in the set of each example.</param>
/// <param name="Position">The place of this batch in the loader's sequence.</param>
/// <remarks>
/// A batch belongs to its turn of the loop: its memory is used again for later batches, and reading <see cref="X"/> after the
/// turn throws. <see cref="Tensor.Keep"/> takes it out.
/// </remarks>
public sealed record Batch(Tensor X, IntTensor Y, int[] Indices, LoaderPosition Position)
{
    /// <summary>Soft targets, (n, classes), rows adding up to 1, where a <see cref="BatchTransform"/> has mixed the examples; else null.</summary>
    public Tensor? Targets { get; init; }

    /// <summary>How many examples the batch holds, n.</summary>
    public int Count => Y.Length;
}
