namespace Rindoku.Optim;

/// <summary>Eve as first published, in November 2016: Adam whose root is multiplied by d, a running mean of the tracked loss's relative change.</summary>
/// <remarks>
/// <para>The loss f is tracked by f̂, whose change from step to step is kept within bounds (k = 0.1, K = 10). With <c>f̂₁ = f₁, d₁ = 1</c>:
/// <c>c = clip(fₜ / f̂ₜ₋₁, k + 1, K + 1)</c> where fₜ ≥ f̂ₜ₋₁, else <c>clip(fₜ / f̂ₜ₋₁, 1 / (K + 1), 1 / (k + 1))</c>;
/// <c>f̂ₜ = c f̂ₜ₋₁</c>;
/// <c>r = |f̂ₜ − f̂ₜ₋₁| / min(f̂ₜ, f̂ₜ₋₁)</c>, which is <c>|c − 1| / min(c, 1)</c> and from k to K; <c>dₜ = β₃ dₜ₋₁ + (1 − β₃) r</c>;
/// <c>w ← w − η m̂ / (dₜ √v̂ + ε)</c> with m̂, v̂ as in <see cref="Adam"/>. β₃ = 1 is Adam.</para>
/// <para>The authors' code changed on 20 February 2017: fₜ is compared with the raw loss fₜ₋₁, strictly, and f̂ no longer has a part in d.
/// That is <c>againstRawLoss</c>. What they published in 2016 was made with the code before it.</para>
/// <para>Source: Koushik and Hayashi 2016, arXiv:1611.01505v1, algorithm 1. For the algorithm of the later versions see <see cref="Eve"/>.</para>
/// </remarks>
public sealed class EveV1 : FeedbackAdam
{
    /// <summary>An optimizer of groups of parameters.</summary>
    public EveV1(IEnumerable<ParameterGroup> groups, double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double beta3 = 0.999,
        double least = 0.1, double most = 10, bool againstRawLoss = false, double epsilon = 1e-8, double weightDecay = 0)
        : base(groups, learningRate, beta1, beta2, beta3, epsilon, weightDecay)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(least);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, least);
        (Least, Most, AgainstRawLoss) = (least, most, againstRawLoss);
    }

    /// <summary>An optimizer of parameters with the same settings.</summary>
    public EveV1(IEnumerable<Parameter> parameters, double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double beta3 = 0.999,
        double least = 0.1, double most = 10, bool againstRawLoss = false, double epsilon = 1e-8, double weightDecay = 0)
        : this([new ParameterGroup(parameters)], learningRate, beta1, beta2, beta3, least, most, againstRawLoss, epsilon, weightDecay) { }

    /// <summary>The least relative change that counts, k.</summary>
    public double Least { get; }

    /// <summary>The largest relative change that counts, K.</summary>
    public double Most { get; }

    /// <summary>Whether losses are compared with the raw loss of the step before, as in the code since February 2017, not with the tracked one.</summary>
    public bool AgainstRawLoss { get; }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The loss is negative or no finite number: it is compared by its ratio.</exception>
    public override void Observe(double loss)
    {
        if (loss < 0)
            throw new ArgumentOutOfRangeException(nameof(loss), loss, "EveV1.Observe: losses are compared by their ratio, so none may be negative; Eve takes their least value");
        base.Observe(loss);
    }

    private protected override (double Change, double Reference) Compare(double loss, double reference)
    {
        bool grows = AgainstRawLoss ? loss > reference : loss >= reference;
        (double low, double high) = grows ? (Least + 1, Most + 1) : (1 / (Most + 1), 1 / (Least + 1));
        double ratio = (loss + double.Epsilon) / (reference + double.Epsilon), factor = Math.Clamp(ratio, low, high); // 0 / 0 is no change
        return (Math.Abs(factor - 1) / Math.Min(factor, 1), AgainstRawLoss || factor == ratio ? loss : factor * reference);
    }

    /// <inheritdoc/>
    protected override void Update(Parameter parameter, ReadOnlySpan<float> gradient, ParameterGroup group, int index)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        ArgumentNullException.ThrowIfNull(group);
        Update(parameter, gradient, group, index, rateDivisor: 1, rootFactor: Divisor);
    }
}
