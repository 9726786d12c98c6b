using System.Buffers;

namespace Rindoku.Data;

/// <summary>Several changes, one after the other.</summary>
/// <example><c>new Compose(new RandomCrop(32, 32, padding: 4), new RandomHorizontalFlip(), new Normalise(mean, deviation))</c></example>
public sealed class Compose : Transform
{
    private readonly Transform[] steps;

    /// <summary>The changes, in their order; none means that images stay as they are.</summary>
    public Compose(params ReadOnlySpan<Transform> steps) => this.steps = steps.ToArray();

    /// <inheritdoc/>
    public override ImageSize Output(ImageSize input)
    {
        foreach (Transform step in steps) input = step.Output(input);
        return input;
    }

    /// <inheritdoc/>
    public override void Apply(ReadOnlySpan<float> source, ImageSize size, Span<float> destination, Rng rng)
    {
        if (steps.Length == 0)
        {
            source.CopyTo(destination);
            return;
        }

        int greatest = 0;
        ImageSize at = size;
        foreach (Transform step in steps.AsSpan(..^1)) greatest = Math.Max(greatest, (at = step.Output(at)).Length);
        float[] rented = ArrayPool<float>.Shared.Rent(2 * greatest);
        Span<float> here = rented.AsSpan(0, greatest), there = rented.AsSpan(greatest, greatest);
        ReadOnlySpan<float> from = source;
        for (int i = 0; i < steps.Length; i++)
        {
            ImageSize next = steps[i].Output(size);
            Span<float> to = i == steps.Length - 1 ? destination : (i % 2 == 0 ? here : there)[..next.Length];
            steps[i].Apply(from, size, to, rng);
            from = to;
            size = next;
        }
        ArrayPool<float>.Shared.Return(rented);
    }
}
