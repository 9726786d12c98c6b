namespace Rindoku.Kernels;

/// <summary>The belief matching loss of (outer, classes, inner) logits with one label for each of the (outer, inner) items.</summary>
/// <remarks>
/// With α = exp(logits), α₀ = Σ α, r(x) = ln Γ(x) - x ψ(x) + x, prior β for each class and coefficient λ:
/// <c>loss = λ [r(α₀) - Σ r(α_k) - β Σ (ψ(α_k) - ψ(α₀))] - (ψ(α_y) - ψ(α₀))</c>. Double arithmetic inside. Aliasing: none.
/// Deterministic: items are independent.
/// </remarks>
internal static unsafe class BeliefMatchingKernel
{
    // Numbers to a chunk: each takes about 50 ns, so that a chunk is worth waking a thread for.
    private const int Grain = 512;

    // exp of more would leave no room for squares; of less it is 0, where the formulas have no value. No float can show the difference.
    private const double LargestLogit = 300;

    /// <summary>The sizes and constants of a call.</summary>
    /// <param name="Classes">Size of the middle axis.</param>
    /// <param name="Inner">Size of the last axis.</param>
    /// <param name="Coefficient">λ, 0 or more.</param>
    /// <param name="Prior">β, above 0.</param>
    public readonly record struct Settings(int Classes, int Inner, double Coefficient, double Prior);

    /// <summary>The loss of each item.</summary>
    public static void Forward(ReadOnlySpan<float> x, ReadOnlySpan<int> labels, Span<float> losses, Settings settings)
    {
        fixed (float* px = x, py = losses)
        fixed (int* pl = labels)
        {
            float* source = px, y = py;
            int* l = pl;
            Threads.RunChunks(labels.Length, Math.Max(1, Grain / settings.Classes), (from, to) =>
            {
                for (int item = from; item < to; item++) y[item] = (float)Loss(source + Start(item, settings), l[item], settings);
            });
        }
    }

    /// <summary>The gradient by the logits, with the gradient g of each item.</summary>
    public static void Backward(ReadOnlySpan<float> x, ReadOnlySpan<int> labels, ReadOnlySpan<float> g, Span<float> dx, Settings settings)
    {
        fixed (float* px = x, pg = g, pdx = dx)
        fixed (int* pl = labels)
        {
            float* source = px, gradient = pg, target = pdx;
            int* l = pl;
            Threads.RunChunks(labels.Length, Math.Max(1, Grain / settings.Classes), (from, to) =>
            {
                for (int item = from; item < to; item++)
                {
                    long start = Start(item, settings);
                    Slope(source + start, l[item], gradient[item], target + start, settings);
                }
            });
        }
    }

    private static double Loss(float* x, int label, Settings s)
    {
        (double whole, double digammaOfSum) = DirichletMath.Value(Sum(x, s));
        double parts = 0, logs = 0, own = 0;
        for (int k = 0; k < s.Classes; k++)
        {
            (double rest, double digamma) = DirichletMath.Value(Alpha(x, k, s));
            parts += rest;
            logs += digamma - digammaOfSum;
            if (k == label) own = digamma - digammaOfSum;
        }
        return s.Coefficient * (whole - parts - s.Prior * logs) - own;
    }

    // dx_k = g α_k { λ [(α_k - β) ψ'(α_k) - (α₀ - Kβ) ψ'(α₀)] - [k = y] ψ'(α_y) + ψ'(α₀) }.
    private static void Slope(float* x, int label, double g, float* dx, Settings s)
    {
        (double excessOfSum, double trigammaOfSum) = DirichletMath.Slope(Sum(x, s));
        double ofSum = excessOfSum - s.Classes * s.Prior * trigammaOfSum;
        for (int k = 0; k < s.Classes; k++)
        {
            double alpha = Alpha(x, k, s);
            (double excess, double trigamma) = DirichletMath.Slope(alpha);
            double slope = s.Coefficient * (excess - s.Prior * trigamma - ofSum) + trigammaOfSum;
            if (k == label) slope -= trigamma;
            dx[(long)k * s.Inner] = (float)(g * alpha * slope);
        }
    }

    private static double Sum(float* x, Settings s)
    {
        double sum = 0;
        for (int k = 0; k < s.Classes; k++) sum += Alpha(x, k, s);
        return sum;
    }

    private static double Alpha(float* x, int k, Settings s) => Math.Exp(Math.Clamp(x[(long)k * s.Inner], -LargestLogit, LargestLogit));

    private static long Start(int item, Settings settings)
    {
        (int outer, int inner) = Math.DivRem(item, settings.Inner);
        return (long)outer * settings.Classes * settings.Inner + inner;
    }
}
