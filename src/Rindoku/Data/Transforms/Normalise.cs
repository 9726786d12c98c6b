namespace Rindoku.Data;

/// <summary>Shifts and scales every channel: <c>y = (x - mean[c]) / deviation[c]</c>.</summary>
public sealed class Normalise : Transform
{
    private readonly float[] mean, deviation;

    /// <summary>One mean and one standard deviation for each channel, or a single one for all.</summary>
    /// <exception cref="ArgumentException">The lengths differ, or a deviation is not above 0.</exception>
    public Normalise(ReadOnlySpan<float> mean, ReadOnlySpan<float> deviation)
    {
        if (mean.Length != deviation.Length || mean.Length == 0)
            throw new ArgumentException($"Normalise: {mean.Length} means and {deviation.Length} deviations; needed are as many of each, at least 1", nameof(deviation));
        foreach (float d in deviation)
        {
            if (!(d > 0)) throw new ArgumentException($"Normalise: deviation {d} is not above 0", nameof(deviation));
        }
        this.mean = mean.ToArray();
        this.deviation = deviation.ToArray();
    }

    /// <summary>The change that gives every channel of a set of images (N, C, H, W) the mean 0 and the deviation 1.</summary>
    /// <remarks>Take it from the training part, and use it for all parts. A channel that is the same everywhere is only shifted.</remarks>
    public static Normalise Fit(LabelledSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        ImageSize size = ImageSize.Of(set.InputShape);
        float[] mean = new float[size.Channels], deviation = new float[size.Channels];
        for (int channel = 0; channel < size.Channels; channel++)
        {
            double sum = 0, squares = 0, count = (double)set.Count * size.Plane;
            for (int i = 0; i < set.Count; i++)
                foreach (float x in set[i].Input.Slice(channel * size.Plane, size.Plane)) sum += x;
            double middle = count == 0 ? 0 : sum / count;
            for (int i = 0; i < set.Count; i++)
                foreach (float x in set[i].Input.Slice(channel * size.Plane, size.Plane)) squares += (x - middle) * (x - middle);
            mean[channel] = (float)middle;
            deviation[channel] = squares > 0 ? (float)Math.Sqrt(squares / count) : 1;
        }
        return new Normalise(mean, deviation);
    }

    /// <summary>The means, one for each channel or one for all.</summary>
    public ReadOnlySpan<float> Mean => mean;

    /// <summary>The standard deviations, one for each channel or one for all.</summary>
    public ReadOnlySpan<float> Deviation => deviation;

    /// <summary>All images of a set changed.</summary>
    public LabelledSet Apply(LabelledSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        return new LabelledSet(Apply(set.Inputs), set.Labels, set.ClassNames);
    }

    /// <summary>Images (N, C, H, W), changed.</summary>
    public Tensor Apply(Tensor images)
    {
        ArgumentNullException.ThrowIfNull(images);
        Shape image = images.Shape[1..];
        ImageSize size = Output(ImageSize.Of(image));
        int length = image.Length;
        float[] values = new float[images.Length];
        Rng unused = new(0);
        for (int i = 0; i < images.Shape[0]; i++) Apply(images.Span.Slice(i * length, length), size, values.AsSpan(i * length, length), unused);
        return Tensor.Own(values, images.Shape);
    }

    /// <inheritdoc/>
    public override ImageSize Output(ImageSize input)
    {
        ShapeException.Require(mean.Length == 1 || mean.Length == input.Channels, $"Normalise: {mean.Length} means for an image of {input}");
        return input;
    }

    /// <inheritdoc/>
    public override void Apply(ReadOnlySpan<float> source, ImageSize size, Span<float> destination, Rng rng)
    {
        for (int channel = 0; channel < size.Channels; channel++)
        {
            int c = mean.Length == 1 ? 0 : channel;
            float shift = mean[c], scale = deviation[c];
            for (int i = channel * size.Plane; i < (channel + 1) * size.Plane; i++) destination[i] = (source[i] - shift) / scale;
        }
    }
}
