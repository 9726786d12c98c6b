namespace Rindoku.Data;

/// <summary>A change of an image, random or not, as it goes into a batch.</summary>
/// <remarks>A transform has no state: it can be used by several threads, and all its randomness is the argument's.</remarks>
public abstract class Transform
{
    /// <summary>The size of the result for an image of the given size.</summary>
    /// <exception cref="ShapeException">Images of this size cannot be changed so.</exception>
    public virtual ImageSize Output(ImageSize input) => input;

    /// <summary>Changes an image.</summary>
    /// <param name="source">The image, (C, H, W), plane by plane; it is not changed.</param>
    /// <param name="size">Its size.</param>
    /// <param name="destination">Where the result goes, of the size that <see cref="Output"/> gives; it must not overlap the source.</param>
    /// <param name="rng">The randomness.</param>
    public abstract void Apply(ReadOnlySpan<float> source, ImageSize size, Span<float> destination, Rng rng);

    /// <summary>Changes an image (C, H, W) into a new one.</summary>
    /// <exception cref="ShapeException">The tensor is not an image, or not one that can be changed so.</exception>
    public Tensor Apply(Tensor image, Rng rng)
    {
        ArgumentNullException.ThrowIfNull(image);
        ImageSize size = ImageSize.Of(image.Shape);
        Tensor y = Tensor.Uninitialized(Output(size).Shape);
        Apply(image.Span, size, y.Writable, rng);
        return y;
    }
}
