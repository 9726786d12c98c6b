using System.Globalization;

namespace Rindoku.Testing;

/// <summary>Thrown by a check that finds a difference.</summary>
public sealed class CheckException : Exception
{
    /// <summary>An exception with a general message.</summary>
    public CheckException() : base("A check found a difference.") { }

    /// <summary>An exception with the given message.</summary>
    public CheckException(string message) : base(message) { }

    /// <summary>An exception with the given message and cause.</summary>
    public CheckException(string message, Exception innerException) : base(message, innerException) { }
}

/// <summary>Comparisons of tensors, and of gradients with finite differences.</summary>
public static class Check
{
    /// <summary>Requires equal shapes and, place by place, <c>|actual - expected| ≤ atol + rtol · |expected|</c>; NaN equals NaN.</summary>
    /// <exception cref="CheckException">They differ; the message names the first place and the largest difference.</exception>
    public static void Close(Tensor actual, Tensor expected, double rtol = 1e-5, double atol = 1e-6, string what = "tensor")
    {
        ArgumentNullException.ThrowIfNull(actual);
        ArgumentNullException.ThrowIfNull(expected);
        if (actual.Shape != expected.Shape) throw new CheckException($"{what}: shape {actual.Shape}, expected {expected.Shape}");
        int first = -1, bad = 0;
        double worst = 0;
        for (int i = 0; i < actual.Length; i++)
        {
            double a = actual.Span[i], e = expected.Span[i];
            if (a.Equals(e) || a == e || Math.Abs(a - e) <= atol + rtol * Math.Abs(e)) continue;
            if (first < 0) first = i;
            bad++;
            worst = Math.Max(worst, double.IsNaN(a - e) ? double.PositiveInfinity : Math.Abs(a - e));
        }
        if (bad > 0)
            throw new CheckException(string.Create(CultureInfo.InvariantCulture,
                $"{what} {actual.Shape}: {bad} of {actual.Length} differ, by up to {worst:G3}; first at {first}: {actual.Span[first]:R}, expected {expected.Span[first]:R}"));
    }

    /// <summary>Requires the same shape and the same bits everywhere.</summary>
    /// <exception cref="CheckException">They differ.</exception>
    public static void Same(Tensor actual, Tensor expected, string what = "tensor")
    {
        ArgumentNullException.ThrowIfNull(actual);
        ArgumentNullException.ThrowIfNull(expected);
        if (actual.Shape != expected.Shape) throw new CheckException($"{what}: shape {actual.Shape}, expected {expected.Shape}");
        for (int i = 0; i < actual.Length; i++)
            if (BitConverter.SingleToInt32Bits(actual.Span[i]) != BitConverter.SingleToInt32Bits(expected.Span[i]))
                throw new CheckException($"{what} {actual.Shape}: first difference in bits at {i}: {actual.Span[i]:R}, expected {expected.Span[i]:R}");
    }

    /// <summary>Compares the gradient of <c>sum(f(x) · w)</c>, for fixed random w, with central differences in every place.</summary>
    /// <param name="f">The function; differentiable at x and nearby.</param>
    /// <param name="x">The point.</param>
    /// <param name="step">How far to go to each side.</param>
    /// <param name="tolerance">The largest difference allowed, relative to the largest gradient.</param>
    /// <exception cref="CheckException">They differ.</exception>
    public static void Gradient(Func<Tensor, Tensor> f, Tensor x, double step = 1e-2, double tolerance = 2e-2)
    {
        ArgumentNullException.ThrowIfNull(f);
        ArgumentNullException.ThrowIfNull(x);
        Tensor leaf = x.Tracked();
        Tensor y = f(leaf);
        Tensor w = new Rng(seed: 7).Normal(y.Shape);
        Tensor gradient = Grad.Vjp(y, w, [leaf], allowUnused: true)[0];

        float[] numeric = new float[x.Length], point = x.ToArray();
        for (int i = 0; i < point.Length; i++)
        {
            float centre = point[i], up = (float)(centre + step), down = (float)(centre - step);
            point[i] = up;
            double above = Weighted(f(Tensor.From(point, x.Shape).Tracked()), w);
            point[i] = down;
            double below = Weighted(f(Tensor.From(point, x.Shape).Tracked()), w);
            point[i] = centre;
            numeric[i] = (float)((above - below) / ((double)up - down));
        }
        double scale = 1e-3;
        foreach (float g in numeric) scale = Math.Max(scale, Math.Abs(g));
        Close(gradient, Tensor.From(numeric, x.Shape), rtol: 0, atol: tolerance * scale, "gradient against central differences");
    }

    private static double Weighted(Tensor y, Tensor w)
    {
        double sum = 0;
        for (int i = 0; i < y.Length; i++) sum += (double)y.Span[i] * w.Span[i];
        return sum;
    }
}

/// <summary>Lengths that put the end of a vector loop in every place.</summary>
public static class Lengths
{
    /// <summary>0, 1 and lengths around 4, 8, 16, 32, 64 and 128.</summary>
    public static IReadOnlyList<int> AroundVectorWidths { get; } =
        [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 23, 31, 32, 33, 47, 63, 64, 65, 100, 127, 128, 129];
}
