namespace Rindoku.Data;

/// <summary>Changes brightness, contrast, saturation and hue by random amounts, in a random order; pixels go from 0 to 1.</summary>
/// <remarks>
/// As torchvision's layer of this name: a factor is drawn evenly from [max(0, 1 - s), 1 + s] for the strength s of each, the shift
/// of the hue from [-h, h] turns. Results are clamped to 0 and 1. Grey images have no saturation or hue to change.
/// </remarks>
public sealed class ColourJitter : Transform
{
    private readonly double brightness, contrast, saturation, hue;

    /// <summary>Changes by up to the given strengths; 0 leaves a property alone.</summary>
    /// <param name="brightness">0 or more.</param>
    /// <param name="contrast">0 or more.</param>
    /// <param name="saturation">0 or more.</param>
    /// <param name="hue">From 0 to 0.5, half a turn of the colour circle.</param>
    public ColourJitter(double brightness = 0, double contrast = 0, double saturation = 0, double hue = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(brightness);
        ArgumentOutOfRangeException.ThrowIfNegative(contrast);
        ArgumentOutOfRangeException.ThrowIfNegative(saturation);
        ArgumentOutOfRangeException.ThrowIfNegative(hue);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(hue, 0.5);
        (this.brightness, this.contrast, this.saturation, this.hue) = (brightness, contrast, saturation, hue);
    }

    /// <inheritdoc/>
    public override ImageSize Output(ImageSize input)
    {
        ShapeException.Require(input.Channels is 1 or 3, $"ColourJitter: an image has 1 or 3 channels, this is {input}");
        return input;
    }

    /// <inheritdoc/>
    public override void Apply(ReadOnlySpan<float> source, ImageSize size, Span<float> destination, Rng rng)
    {
        ArgumentNullException.ThrowIfNull(rng);
        source.CopyTo(destination);
        Span<int> order = [0, 1, 2, 3];
        rng.Shuffle(order);
        foreach (int change in order)
        {
            double drawn = 2 * rng.NextDouble() - 1;
            if (change == 0 && brightness > 0) ImageOps.Brightness(destination, Factor(drawn, brightness));
            if (change == 1 && contrast > 0) ImageOps.Contrast(destination, size, Factor(drawn, contrast));
            if (change == 2 && saturation > 0) ImageOps.Saturation(destination, size, Factor(drawn, saturation));
            if (change == 3 && hue > 0) ImageOps.Hue(destination, size, drawn * hue);
        }
    }

    // An even draw from [-1, 1) becomes one from [max(0, 1 - strength), 1 + strength).
    private static float Factor(double drawn, double strength)
    {
        double low = Math.Max(0, 1 - strength), high = 1 + strength;
        return (float)(low + (high - low) * (drawn + 1) / 2);
    }
}
