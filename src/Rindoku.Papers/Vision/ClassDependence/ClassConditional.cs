using Rindoku.Data;

namespace Rindoku.Papers.Vision.ClassDependence;

/// <summary>Streams a set as batches in which each class has a random change of its own.</summary>
/// <remarks>
/// With the same change for all classes it gives, bit for bit, the batches of a <see cref="Loader"/> of that change.
/// Source: Kirichenko et al. 2023, "Understanding the detrimental class-level effects of data augmentation", section 5.
/// </remarks>
/// <param name="set">The examples, images (C, H, W).</param>
/// <param name="options">How to make batches.</param>
/// <param name="rng">Orders and random changes are keyed by it.</param>
/// <param name="ofClass">The change of each class, which must keep the size of the images.</param>
public sealed class ClassConditionalLoader(LabelledSet set, LoaderOptions options, Rng rng, IReadOnlyList<Transform> ofClass)
    : Loader<LabelledExample, Batch>(set, options, rng, draft => Collate(set, draft, ofClass))
{
    private static Batch Collate(LabelledSet set, BatchDraft<LabelledExample> draft, IReadOnlyList<Transform> ofClass)
    {
        ImageSize size = ImageSize.Of(set.InputShape);
        float[] x = new float[draft.Count * size.Length];
        int[] labels = new int[draft.Count];
        for (int i = 0; i < labels.Length; i++)
        {
            LabelledExample example = draft[i];
            labels[i] = example.Label;
            ofClass[labels[i]].Apply(example.Input, size, x.AsSpan(i * size.Length, size.Length), draft.RngOf(i));
        }
        return new Batch(Tensor.Own(x, size.Shape.Insert(0, labels.Length)), IntTensor.Of(labels), draft.Indices, draft.Position);
    }
}

/// <summary>Two examples small enough to be worked by hand in which one strength cannot serve all classes.</summary>
public static class ClassBias
{
    /// <summary>
    /// The part of a ridge regression's answer that the penalty takes away, squared: <c>(λ / (s² + λ))²</c> for a class that lies in a direction of variance s².
    /// </summary>
    /// <param name="penalty">λ, for a loss that is a mean over examples.</param>
    /// <param name="variance">s².</param>
    public static double Ridge(double penalty, double variance) => Math.Pow(penalty / (variance + penalty), 2);

    /// <summary>
    /// How likely a crop keeps the label of a class whose evidence is the first fifth of a signal of length 1, half of which must be seen:
    /// <c>min(1, 0.1 / (1 − s))</c> for a crop of length s.
    /// </summary>
    /// <param name="length">s, from 0.1 to 1.</param>
    public static double KeptByCrop(double length) => length >= 1 ? 1 : Math.Min(1, 0.1 / (1 - length));
}
