namespace Rindoku.Data;

/// <summary>Companding by the μ-law: samples of a sound to a few classes, finer near silence than where it is loud.</summary>
/// <remarks>
/// <para>With K levels μ = K − 1. Coding: <c>f(x) = sign(x) ln(1 + μ|x|) / ln(1 + μ)</c>, class <c>⌊(f(x) + 1) / 2 · μ + 1/2⌋</c>. Decoding:
/// <c>s = 2k/μ − 1</c>, <c>x = sign(s) ((1 + μ)^|s| − 1) / μ</c>. Coding what was decoded gives the same class. For an even K
/// silence is class K / 2, which decodes to a little above 0: no class stands for 0 itself.</para>
/// <para>Source: ITU-T G.711 (1988); van den Oord et al. 2016, arXiv:1609.03499, section 2.2, with the rounding of ibab/tensorflow-wavenet.</para>
/// </remarks>
public sealed class MuLaw
{
    private readonly double mu, scale;
    private readonly float[] decoded;

    /// <summary>A coding of K levels.</summary>
    /// <param name="levels">K, from 2 to 65,536; the paper has 256.</param>
    public MuLaw(int levels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(levels, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(levels, 1 << 16);
        (Levels, mu, scale) = (levels, levels - 1, Math.Log(levels));
        decoded = [.. Enumerable.Range(0, levels).Select(k => (float)Expand(2 * k / mu - 1))];
    }

    /// <summary>K.</summary>
    public int Levels { get; }

    /// <summary>The class of silence.</summary>
    public int Silence => Encode(0);

    /// <summary>The class of a sample, from 0 to K − 1; samples beyond −1 and 1 are cut off.</summary>
    /// <exception cref="ArgumentException">The sample is not a number.</exception>
    public int Encode(float sample)
    {
        if (float.IsNaN(sample)) throw new ArgumentException("MuLaw.Encode: the sample is not a number (NaN)", nameof(sample));
        double x = Math.Clamp(sample, -1.0, 1.0), companded = Math.Sign(x) * Math.Log(1 + mu * Math.Abs(x)) / scale;
        return (int)((companded + 1) / 2 * mu + 0.5);
    }

    /// <summary>The classes of samples.</summary>
    public int[] Encode(ReadOnlySpan<float> samples)
    {
        int[] classes = new int[samples.Length];
        for (int i = 0; i < classes.Length; i++) classes[i] = Encode(samples[i]);
        return classes;
    }

    /// <summary>The sample that stands for a class, from −1 to 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    public float Decode(int level)
    {
        if (level < 0 || level >= Levels)
            throw new ArgumentOutOfRangeException(nameof(level), level, $"MuLaw.Decode: needs a class from 0 to {Levels - 1}");
        return decoded[level];
    }

    /// <summary>The samples that stand for classes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    public float[] Decode(ReadOnlySpan<int> levels)
    {
        float[] samples = new float[levels.Length];
        for (int i = 0; i < samples.Length; i++) samples[i] = Decode(levels[i]);
        return samples;
    }

    private double Expand(double companded) => Math.Sign(companded) * (Math.Exp(scale * Math.Abs(companded)) - 1) / mu;
}
