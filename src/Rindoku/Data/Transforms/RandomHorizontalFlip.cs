namespace Rindoku.Data;

/// <summary>Mirrors an image left to right with a given probability.</summary>
public sealed class RandomHorizontalFlip : Transform
{
    private readonly double probability;

    /// <summary>Flips with the given probability, from 0 to 1.</summary>
    public RandomHorizontalFlip(double probability = 0.5)
    {
        if (!(probability is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(probability), probability, "RandomHorizontalFlip: the probability must lie between 0 and 1");
        this.probability = probability;
    }

    /// <inheritdoc/>
    public override void Apply(ReadOnlySpan<float> source, ImageSize size, Span<float> destination, Rng rng)
    {
        ArgumentNullException.ThrowIfNull(rng);
        source.CopyTo(destination);
        if (rng.NextDouble() >= probability) return;
        for (int start = 0; start < size.Length; start += size.Width) destination.Slice(start, size.Width).Reverse();
    }
}
