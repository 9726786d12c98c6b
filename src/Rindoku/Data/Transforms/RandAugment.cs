namespace Rindoku.Data;

/// <summary>Applies N changes drawn evenly, with replacement, from a fixed list, all at the strength M; pixels go from 0 to 1.</summary>
/// <remarks>
/// <para>The list and the ranges are those of the paper and of torchvision: identity, shear and translation along either axis,
/// rotation, brightness, colour, contrast, sharpness, posterising, solarising, auto-contrast, equalising. M goes from 0 (weakest)
/// to 30. Geometric changes are bilinear here and fill with 0.</para>
/// <para>Source: Cubuk et al. 2020, arXiv:1909.13719, section 3.</para>
/// </remarks>
public sealed class RandAugment : Transform
{
    private const int Strengths = 30;

    private readonly int count;
    private readonly double strength; // from 0 to 1

    /// <summary>N changes of strength M.</summary>
    /// <param name="count">How many changes, N; 0 or more.</param>
    /// <param name="magnitude">How strong, M, from 0 to 30.</param>
    public RandAugment(int count = 2, int magnitude = 9)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfNegative(magnitude);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(magnitude, Strengths);
        this.count = count;
        strength = (double)magnitude / Strengths;
    }

    /// <inheritdoc/>
    public override ImageSize Output(ImageSize input)
    {
        ShapeException.Require(input.Channels is 1 or 3, $"RandAugment: an image has 1 or 3 channels, this is {input}");
        return input;
    }

    /// <inheritdoc/>
    public override void Apply(ReadOnlySpan<float> source, ImageSize size, Span<float> destination, Rng rng)
    {
        ArgumentNullException.ThrowIfNull(rng);
        source.CopyTo(destination);
        float[] rented = System.Buffers.ArrayPool<float>.Shared.Rent(size.Length);
        Span<float> copy = rented.AsSpan(0, size.Length);
        for (int i = 0; i < count; i++)
        {
            int change = rng.NextInt(14);
            double sign = rng.NextInt(2) == 0 ? 1 : -1;
            if (change < 5)
            {
                destination.CopyTo(copy);
                Move(change, copy, size, destination, sign);
            }
            else
            {
                Recolour(change, destination, size, sign);
            }
        }
        System.Buffers.ArrayPool<float>.Shared.Return(rented);
    }

    private void Move(int change, ReadOnlySpan<float> source, ImageSize size, Span<float> destination, double sign)
    {
        double shear = 0.3 * strength * sign, shift = 150.0 / 331 * strength * sign, degrees = 30 * strength * sign;
        switch (change)
        {
            case 0: Warp.Affine(source, size, destination, (1, shear, 0), (0, 1, 0), 0); break;
            case 1: Warp.Affine(source, size, destination, (1, 0, 0), (shear, 1, 0), 0); break;
            case 2: Warp.Affine(source, size, destination, (1, 0, Math.Truncate(shift * size.Width)), (0, 1, 0), 0); break;
            case 3: Warp.Affine(source, size, destination, (1, 0, 0), (0, 1, Math.Truncate(shift * size.Height)), 0); break;
            default: Warp.Rotate(source, size, destination, degrees, 0); break;
        }
    }

    private void Recolour(int change, Span<float> image, ImageSize size, double sign)
    {
        float factor = (float)(1 + 0.9 * strength * sign);
        switch (change)
        {
            case 5: ImageOps.Brightness(image, factor); break;
            case 6: ImageOps.Saturation(image, size, factor); break;
            case 7: ImageOps.Contrast(image, size, factor); break;
            case 8: ImageOps.Sharpness(image, size, factor); break;
            case 9: ImageOps.Posterise(image, 8 - (int)Math.Round(4 * strength)); break;
            case 10: ImageOps.Solarise(image, (float)(1 - strength)); break;
            case 11: ImageOps.AutoContrast(image, size); break;
            case 12: ImageOps.Equalise(image, size); break;
            default: break; // 13: identity
        }
    }
}
