using Rindoku.Lab;
using Rindoku.Ops;

namespace Rindoku.Papers.FewLabels.FlowGmm;

/// <summary>From examples as they are stored to what models take, and back.</summary>
/// <remarks>
/// Pixels are whole numbers; a density of them needs noise that fills the gaps (dequantisation): <c>(L x + u) / (L + 1)</c>, for pixels x from
/// 0 to 1 in steps of 1 / L and u from [0, 1). A flow of images takes that; models of vectors take it flat, with mean 0 and deviation 1
/// over all pixels together: pixels that are never inked shall not become noise as loud as the others.
/// </remarks>
internal sealed class InputCode
{
    private readonly int levels;
    private readonly float mean, deviation = 1;
    private readonly Shape image;

    private InputCode() { }

    private InputCode(Tensor images, int levels, bool asImages)
    {
        (this.levels, image, AsImages) = (levels, images.Shape[1..], asImages);
        if (asImages) return;
        double average = Errors.Mean(images.Span), squares = 0;
        foreach (float pixel in images.Span) squares += (pixel - average) * (pixel - average);
        float scale = levels / (levels + 1f);
        (mean, deviation) = ((float)average * scale + 0.5f / (levels + 1), (float)Math.Sqrt(squares / images.Length) * scale);
    }

    /// <summary>For vectors, which models take as they are.</summary>
    public static InputCode None { get; } = new();

    /// <summary>Whether images stay images.</summary>
    public bool AsImages { get; }

    /// <summary>For images.</summary>
    /// <param name="images">Training images, (N, C, H, W), from 0 to 1.</param>
    /// <param name="levels">L: pixels lie at 0, 1 / L, ..., 1.</param>
    /// <param name="asImages">Whether images stay images; else they are laid flat and standardised.</param>
    public static InputCode Of(Tensor images, int levels, bool asImages) => new(images, levels, asImages);

    /// <summary>What models take.</summary>
    /// <param name="raw">Examples as they are stored.</param>
    /// <param name="rng">Where u comes from; null for ½ everywhere.</param>
    public Tensor Encode(Tensor raw, Rng? rng = null)
    {
        if (levels == 0) return raw;
        Tensor noise = rng is null ? Tensor.Scalar(0.5f) : rng.Uniform(raw.Shape);
        Tensor x = (raw * levels + noise) / (levels + 1f);
        return AsImages ? x : (x.Flatten(1) - mean) / deviation;
    }

    /// <summary>Pictures of what models take, pixels from 0 to 1 or a little beyond.</summary>
    public Tensor Picture(Tensor x) => AsImages ? x : (x * deviation + mean).Reshape(image.Insert(0, x.Shape[0]));
}
