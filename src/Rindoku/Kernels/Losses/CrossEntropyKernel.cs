namespace Rindoku.Kernels;

/// <summary>Cross-entropy of (outer, classes, inner) logits with one label for each of the (outer, inner) items.</summary>
/// <remarks>
/// The target of an item is the distribution <c>T_c = w_c ((1 - ε) [c = label] + ε / classes)</c>, with class weights w and
/// smoothing ε, and 0 everywhere for an ignored item. Aliasing: none. Deterministic: items are independent.
/// </remarks>
internal static unsafe class CrossEntropyKernel
{
    private const int Grain = 16384;

    /// <summary>The sizes and constants of a call.</summary>
    /// <param name="Classes">Size of the middle axis.</param>
    /// <param name="Inner">Size of the last axis.</param>
    /// <param name="Smoothing">ε, 0 to 1.</param>
    /// <param name="Ignored">The label of items that do not count.</param>
    /// <param name="Weights">One for each class, or null for 1.</param>
    public sealed record Settings(int Classes, int Inner, float Smoothing, int Ignored, float[]? Weights)
    {
        /// <summary>The weight of a class.</summary>
        public double WeightOf(int label) => Weights is null ? 1 : Weights[label];

        /// <summary>The part of <c>Σ T</c> that smoothing brings.</summary>
        public double SmoothSum { get; } = Smoothing / Classes * (Weights?.Sum(w => (double)w) ?? Classes);
    }

    /// <summary><c>loss = Σ_c T_c (max + logSum - x_c)</c> for each item.</summary>
    public static void Forward(ReadOnlySpan<float> x, ReadOnlySpan<int> labels, ReadOnlySpan<float> maxima, ReadOnlySpan<float> logSums,
        Span<float> losses, Settings settings)
    {
        fixed (float* px = x, pm = maxima, ps = logSums, py = losses)
        fixed (int* pl = labels)
        {
            float* source = px, m = pm, s = ps, y = py;
            int* l = pl;
            Threads.RunChunks(labels.Length, Math.Max(1, Grain / settings.Classes), (from, to) =>
            {
                for (int item = from; item < to; item++)
                    y[item] = l[item] == settings.Ignored ? 0 : Loss(source + Start(item, settings), l[item], m[item], s[item], settings);
            });
        }
    }

    /// <summary><c>dx_c = g (Σ T · softmax_c - T_c)</c> for each item, with its gradient g.</summary>
    public static void Backward(ReadOnlySpan<float> x, ReadOnlySpan<int> labels, ReadOnlySpan<float> maxima, ReadOnlySpan<float> logSums,
        ReadOnlySpan<float> g, Span<float> dx, Settings settings)
    {
        float[] factors = new float[labels.Length];
        for (int item = 0; item < factors.Length; item++)
            factors[item] = labels[item] == settings.Ignored ? 0 : (float)(g[item] * TargetSum(labels[item], settings));
        SoftmaxKernel.Scaled(x, maxima, logSums, factors, dx, labels.Length / settings.Inner, settings.Classes, settings.Inner);
        fixed (float* pg = g, pdx = dx)
        fixed (int* pl = labels)
        {
            float* gradient = pg, target = pdx;
            int* l = pl;
            Threads.RunChunks(labels.Length, Math.Max(1, Grain / settings.Classes), (from, to) =>
            {
                for (int item = from; item < to; item++) AddTarget(target + Start(item, settings), l[item], -gradient[item], settings);
            });
        }
    }

    /// <summary>Writes the distributions T, (outer, classes, inner), into zeros.</summary>
    public static void Targets(ReadOnlySpan<int> labels, Span<float> targets, Settings settings)
    {
        fixed (float* target = targets)
            for (int item = 0; item < labels.Length; item++) AddTarget(target + Start(item, settings), labels[item], 1, settings);
    }

    private static double TargetSum(int label, Settings settings) => (1 - settings.Smoothing) * settings.WeightOf(label) + settings.SmoothSum;

    private static long Start(int item, Settings settings)
    {
        (int outer, int inner) = Math.DivRem(item, settings.Inner);
        return (long)outer * settings.Classes * settings.Inner + inner;
    }

    private static float Loss(float* x, int label, float max, float logSum, Settings settings)
    {
        int stride = settings.Inner;
        // The maximum is taken from each logit before the log-sum is added: both differences are exact or small.
        double loss = (1 - settings.Smoothing) * settings.WeightOf(label) * ((double)max - x[(long)label * stride] + logSum);
        if (settings.Smoothing == 0) return (float)loss;
        double smooth = 0;
        for (int c = 0; c < settings.Classes; c++) smooth += settings.WeightOf(c) * ((double)max - x[(long)c * stride] + logSum);
        return (float)(loss + settings.Smoothing / settings.Classes * smooth);
    }

    private static void AddTarget(float* y, int label, float factor, Settings settings)
    {
        if (label == settings.Ignored) return;
        y[(long)label * settings.Inner] += (float)(factor * (1 - settings.Smoothing) * settings.WeightOf(label));
        if (settings.Smoothing == 0) return;
        for (int c = 0; c < settings.Classes; c++)
            y[(long)c * settings.Inner] += (float)(factor * settings.Smoothing / settings.Classes * settings.WeightOf(c));
    }
}
