namespace Rindoku.Data;

/// <summary>Streams a <see cref="LabelledSet"/> as batches, changed at random on the way if wanted.</summary>
/// <example><code>
/// Loader loader = new(train, new LoaderOptions(64), new Rng(seed), new RandomCrop(32, padding: 4));
/// foreach (Batch batch in loader.Epoch(0)) { ... }
/// </code></example>
public sealed class Loader : Loader<LabelledExample, Batch>
{
    /// <summary>A loader over a set in memory.</summary>
    /// <param name="set">The examples.</param>
    /// <param name="options">How to make batches.</param>
    /// <param name="rng">Orders and random changes are keyed by its seed and stream; it is not moved. Null means seed 0.</param>
    /// <param name="transform">What is done to every example, which must be an image (C, H, W); null for nothing.</param>
    /// <param name="mix">What is done to every batch after that; null for nothing.</param>
    /// <exception cref="ShapeException">The examples are not images, or not ones that <paramref name="transform"/> can change.</exception>
    public Loader(LabelledSet set, LoaderOptions options, Rng? rng = null, Transform? transform = null, BatchTransform? mix = null)
        : base(set, options, rng, draft => Collate(set, draft, transform, mix))
    {
        transform?.Output(ImageSize.Of(set.InputShape)); // refuses what does not fit now, not in the middle of an epoch
    }

    private static Batch Collate(LabelledSet set, BatchDraft<LabelledExample> draft, Transform? transform, BatchTransform? mix)
    {
        ImageSize size = transform is null ? default : ImageSize.Of(set.InputShape);
        Shape shape = transform is null ? set.InputShape : transform.Output(size).Shape;
        Tensor x = Tensor.Uninitialized(shape.Insert(0, draft.Count));
        int[] labels = new int[draft.Count];
        for (int i = 0; i < draft.Count; i++)
        {
            LabelledExample example = draft[i];
            Span<float> place = x.Writable.Slice(i * shape.Length, shape.Length);
            if (transform is null) example.Input.CopyTo(place);
            else transform.Apply(example.Input, size, place, draft.RngOf(i));
            labels[i] = example.Label;
        }

        Batch batch = new(x, IntTensor.Of(labels), draft.Indices, draft.Position);
        return mix is null ? batch : mix.Apply(batch, set.ClassCount, draft.RngOfBatch());
    }
}
