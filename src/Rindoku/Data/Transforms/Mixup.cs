namespace Rindoku.Data;

/// <summary>Blends every example of a batch, and its target, with another: <c>x = λ x + (1 - λ) x'</c>, λ from Beta(α, α).</summary>
/// <remarks>Source: Zhang et al. 2018, arXiv:1710.09412, equation 1; one λ for a batch and partners by a permutation, as in the authors' code.</remarks>
public sealed class Mixup : BatchTransform
{
    private readonly double alpha;

    /// <summary>Blends with λ from Beta(alpha, alpha).</summary>
    /// <param name="alpha">Above 0; small values give λ near 0 or 1.</param>
    public Mixup(double alpha = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(alpha);
        this.alpha = alpha;
    }

    /// <inheritdoc/>
    public override Batch Apply(Batch batch, int classCount, Rng rng)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(rng);
        float keep = (float)Beta.Sample(alpha, alpha, rng);
        int[] partners = rng.Permutation(batch.Count);
        Tensor mixed = Tensor.Uninitialized(batch.X.Shape);
        int length = batch.X.Length / Math.Max(batch.Count, 1);
        for (int i = 0; i < batch.Count; i++)
        {
            ReadOnlySpan<float> a = batch.X.Span.Slice(i * length, length), b = batch.X.Span.Slice(partners[i] * length, length);
            Span<float> y = mixed.Writable.Slice(i * length, length);
            for (int j = 0; j < length; j++) y[j] = keep * a[j] + (1 - keep) * b[j];
        }
        return batch with { X = mixed, Targets = SoftTargets.Blend(batch, classCount, partners, keep) };
    }
}

/// <summary>Pastes a rectangle of another example into every example of a batch; targets are blended by the areas.</summary>
/// <remarks>
/// The rectangle has the image's proportions and, for λ from Beta(α, α), the part 1 - λ of its area; its centre is drawn evenly,
/// what lies outside is cut off, and λ is set to the part that is left. Source: Yun et al. 2019, arXiv:1905.04899, equation 2.
/// </remarks>
public sealed class CutMix : BatchTransform
{
    private readonly double alpha;

    /// <summary>Pastes with λ from Beta(alpha, alpha).</summary>
    /// <param name="alpha">Above 0; 1 draws areas evenly, as the paper does.</param>
    public CutMix(double alpha = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(alpha);
        this.alpha = alpha;
    }

    /// <inheritdoc/>
    public override Batch Apply(Batch batch, int classCount, Rng rng)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(rng);
        ImageSize size = ImageSize.Of(batch.X.Shape[1..]);
        double side = Math.Sqrt(1 - Beta.Sample(alpha, alpha, rng));
        Box box = Box.Around(rng.NextInt(size.Height), rng.NextInt(size.Width), (int)(size.Height * side), (int)(size.Width * side), size);
        int[] partners = rng.Permutation(batch.Count);
        Tensor mixed = Tensor.Uninitialized(batch.X.Shape);
        batch.X.Span.CopyTo(mixed.Writable);
        for (int i = 0; i < batch.Count; i++)
        {
            for (int channel = 0; channel < size.Channels; channel++)
            {
                for (int y = box.Top; y < box.Bottom; y++)
                {
                    int place = channel * size.Plane + y * size.Width + box.Left;
                    batch.X.Span.Slice(partners[i] * size.Length + place, box.Width).CopyTo(mixed.Writable[(i * size.Length + place)..]);
                }
            }
        }
        float keep = 1 - (float)box.Area / size.Plane;
        return batch with { X = mixed, Targets = SoftTargets.Blend(batch, classCount, partners, keep) };
    }
}

/// <summary>Targets that are shared between two classes.</summary>
internal static class SoftTargets
{
    /// <summary>(n, classes): <paramref name="keep"/> for an example's own class and the rest for its partner's.</summary>
    public static Tensor Blend(Batch batch, int classCount, int[] partners, float keep)
    {
        Tensor targets = Tensor.Zeros([batch.Count, classCount]);
        for (int i = 0; i < batch.Count; i++)
        {
            targets.Writable[i * classCount + batch.Y[i]] += keep;
            targets.Writable[i * classCount + batch.Y[partners[i]]] += 1 - keep;
        }
        return targets;
    }
}

/// <summary>Draws from the Beta distribution.</summary>
internal static class Beta
{
    /// <summary>One number from Beta(a, b), as the share of one of two Gamma numbers.</summary>
    public static double Sample(double a, double b, Rng rng)
    {
        // Shares of logarithms, because for small a and b both numbers may be too small for a double.
        double logX = LogGamma(a, rng), logY = LogGamma(b, rng);
        return 1 / (1 + Math.Exp(logY - logX));
    }

    // The logarithm of a number from Gamma(shape, 1). Source: Marsaglia and Tsang 2000, "A simple method for generating gamma
    // variables"; shapes below 1 by section 6: Gamma(a) = Gamma(a + 1) U^(1/a).
    private static double LogGamma(double shape, Rng rng)
    {
        if (shape < 1) return LogGamma(shape + 1, rng) + Math.Log(1 - rng.NextDouble()) / shape;
        double d = shape - 1.0 / 3, c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            double x = rng.NextNormal(), v = 1 + c * x;
            if (v <= 0) continue;
            v = v * v * v;
            if (Math.Log(1 - rng.NextDouble()) < 0.5 * x * x + d * (1 - v + Math.Log(v))) return Math.Log(d * v);
        }
    }
}
