using System.Globalization;
using Rindoku.Kernels;
using Rindoku.Ops;
using Rindoku.Testing;

namespace Rindoku.Tests.Kernels;

/// <summary>Holds every vector function to the error that its comment states, at floats of every size, in every vector width.</summary>
[Collection(nameof(KernelSettings))]
public sealed class SimdMathTests
{
    private static readonly float[] Specials =
        [0, -0f, 1, -1, 0.5f, -0.5f, 2, -2, float.Epsilon, -float.Epsilon, 1e-40f, -1e-40f, 1.17549435e-38f, float.MaxValue, float.MinValue,
         float.PositiveInfinity, float.NegativeInfinity, float.NaN, 88.72284f, 88.7229f, -103.97f, -103.98f, 1e6f, -1e6f, 3.4e10f, 131072, 131073];

    private sealed record Function(Func<Tensor, Tensor> Value, Func<double, double> Truth, double Ulps, float Low = -1e38f, float High = 1e38f);

    private static readonly Dictionary<string, Function> Functions = new()
    {
        ["exp"] = new(x => x.Exp(), Math.Exp, 1.5, -110, 95),
        ["expm1"] = new(x => x.Expm1(), x => x == 0 ? x : Math.Abs(x) < 1e-5 ? x + x * x / 2 : Math.Exp(x) - 1, 2, -110, 95),
        ["sigmoid"] = new(x => x.Sigmoid(), x => 1 / (1 + Math.Exp(-x)), 3, -87, 110),
        ["sinh"] = new(x => x.Sinh(), Math.Sinh, 3, -95, 95),
        ["cosh"] = new(x => x.Cosh(), Math.Cosh, 2, -95, 95),
        ["tanh"] = new(x => x.Tanh(), Math.Tanh, 3, -30, 30),
        ["log"] = new(x => x.Log(), Math.Log, 1.5, 0),
        ["log2"] = new(x => x.Log2(), Math.Log2, 2.5, 0),
        ["log10"] = new(x => x.Log10(), Math.Log10, 2.5, 0),
        ["log1p"] = new(x => x.Log1p(), x => x == 0 ? x : Math.Abs(x) < 1e-5 ? x - x * x / 2 + x * x * x / 3 : Math.Log(1 + x), 2, -1),
        ["atanh"] = new(x => x.Atanh(), Math.Atanh, 4, -1, 1),
        ["sin"] = new(x => x.Sin(), Math.Sin, 2),
        ["cos"] = new(x => x.Cos(), Math.Cos, 2),
        ["tan"] = new(x => x.Tan(), Math.Tan, 3),
        ["asin"] = new(x => x.Asin(), Math.Asin, 3, -1, 1),
        ["acos"] = new(x => x.Acos(), Math.Acos, 3, -1, 1),
        ["atan"] = new(x => x.Atan(), Math.Atan, 2),
        ["sqrt"] = new(x => x.Sqrt(), Math.Sqrt, 0.5, 0),
        ["rsqrt"] = new(x => x.Rsqrt(), x => 1 / Math.Sqrt(x), 1.5, 0),
        ["pow 1.7"] = new(x => x.Pow(1.7f), x => Math.Pow(x, 1.7f), 3, 0),
        ["pow -33.3"] = new(x => x.Pow(-33.3f), x => Math.Pow(x, -33.3f), 3, 0),
        ["pow 7"] = new(x => x.Pow(7f), x => Math.Pow(x, 7), 3),
        ["pow 1000.5"] = new(x => x.Pow(1000.5f), x => Math.Pow(x, 1000.5f), 3, 0.8f, 1.2f),
        ["2 pow"] = new(x => Tensor.Pow(2, x), x => Math.Pow(2, x), 3, -160, 140),
        ["softplus"] = new(x => x.Softplus(), x => x > 20 ? x : LogOnePlusExp(x), 3, -87, 1e4f),
        ["log sigmoid"] = new(x => x.LogSigmoid(), x => -LogOnePlusExp(-x), 3, -1e4f, 87),
        ["mish"] = new(x => x.Mish(), x => x * Math.Tanh(LogOnePlusExp(x)), 5, -80, 1e4f),
    };

    private static double LogOnePlusExp(double x)
    {
        double e = Math.Exp(-Math.Abs(x)), u = 1 + e;
        return Math.Max(x, 0) + (u == 1 ? e : Math.Log(u) * e / (u - 1));
    }

    public static TheoryData<string> Names => new(Functions.Keys);
    public static TheoryData<string, double> Tables => new()
    {
        { "erf", 2 }, { "erfc", 5 }, { "erfinv", 5 }, { "erfinv_tail", 5 }, { "lgamma", 2 }, { "digamma", 2 }, { "trigamma", 2 },
        { "polygamma2", 2 }, { "polygamma5", 2 }, { "gelu", 7 },
    };

    [Theory, MemberData(nameof(Names))]
    public void Error_stays_below_what_is_stated(string name)
    {
        Function f = Functions[name];
        float[] x = [.. Sweep(f.Low, f.High)];
        Tensor expected = f.Value(Tensor.Of(x));
        string? bad = Worst(x, expected.Span, [.. x.Select(v => f.Truth(v))], f.Ulps);
        Assert.True(bad is null, bad);
        InOtherWidths(f.Value, Tensor.Of(x), expected);
    }

    [Theory, MemberData(nameof(Tables))]
    public void Error_stays_below_what_is_stated_for_special_functions(string name, double ulps)
    {
        Golden table = Golden.Family("special");
        Func<Tensor, Tensor> f = name switch
        {
            "erf" => x => x.Erf(),
            "erfc" => x => x.Erfc(),
            "lgamma" => x => x.Lgamma(),
            "digamma" => x => x.Digamma(),
            "trigamma" => x => x.Polygamma(1),
            "polygamma2" => x => x.Polygamma(2),
            "polygamma5" => x => x.Polygamma(5),
            "gelu" => x => x.Gelu(),
            _ => x => x.ErfInv(),
        };
        Tensor points = table[name, "x"], y = f(points);
        // The table is itself rounded: half an ulp.
        string? bad = Worst(points.Span, y.Span, [.. table[name, "y"].ToArray().Select(v => (double)v)], ulps + 0.5);
        Assert.True(bad is null, bad);
        InOtherWidths(f, points, y);
    }

    [Fact]
    public void Special_values_are_those_of_the_double_functions()
    {
        foreach ((string name, Function f) in Functions)
            foreach (float x in Specials)
            {
                if (name is "softplus" or "log sigmoid" or "mish") continue; // composites: their zeros and infinities are tested with PyTorch's
                float y = f.Value(Tensor.Of(x))[0];
                double truth = f.Truth(x);
                float rounded = (float)truth;
                bool inside = x >= f.Low && x <= f.High;
                if (float.IsFinite(rounded) && rounded != 0 && !inside) continue;
                if (rounded == 0 && Math.Abs(truth) > 0) continue;
                Assert.True(float.IsFinite(rounded) && rounded != 0 ? Ulps(y, truth) <= f.Ulps : y.Equals(rounded) && float.IsNegative(y) == float.IsNegative(rounded) || float.IsNaN(y) && float.IsNaN(rounded),
                    string.Create(CultureInfo.InvariantCulture, $"{name}({x:R}) = {y:R}, not {rounded:R}"));
            }
    }

    [Fact]
    public void Atan2_and_Pow_have_the_special_values_of_IEEE_754()
    {
        Tensor a = Tensor.Of(Specials).Reshape(-1, 1), b = Tensor.Of(Specials);
        Tensor angle = a.Atan2(b), power = a.Pow(b);
        for (int i = 0; i < Specials.Length; i++)
            for (int j = 0; j < Specials.Length; j++)
            {
                Require("atan2", angle[i, j], Math.Atan2(Specials[i], Specials[j]), i, j);
                Require("pow", power[i, j], Math.Pow(Specials[i], Specials[j]), i, j);
            }

        static void Require(string name, float y, double truth, int i, int j)
        {
            bool same = double.IsNaN(truth) ? float.IsNaN(y) : Ulps(y, truth) <= 3 && float.IsNegative(y) == double.IsNegative(truth);
            Assert.True(same, string.Create(CultureInfo.InvariantCulture, $"{name}({Specials[i]:R}, {Specials[j]:R}) = {y:R}, not {truth:R}"));
        }
    }

    [Fact]
    public void Pow_and_Atan2_stay_below_their_errors_at_random_points()
    {
        Rng rng = new(seed: 3);
        const int count = 200_000;
        Tensor a = rng.Uniform([count], -20, 20).Exp(), b = rng.Uniform([count], -6, 6), u = rng.Normal([count]), v = rng.Normal([count]);
        Tensor power = a.Pow(b), angle = u.Atan2(v);
        double worstPower = 0, worstAngle = 0;
        for (int i = 0; i < count; i++)
        {
            worstPower = Math.Max(worstPower, Ulps(power.Span[i], Math.Pow(a.Span[i], b.Span[i])));
            worstAngle = Math.Max(worstAngle, Ulps(angle.Span[i], Math.Atan2(u.Span[i], v.Span[i])));
        }
        Assert.True(worstPower <= 3, $"pow: {worstPower} ulp");
        Assert.True(worstAngle <= 3, $"atan2: {worstAngle} ulp");
    }

    [Fact]
    public void Remainder_is_exact_for_floats_of_every_size()
    {
        float[] all = [.. Sweep(-1e38f, 1e38f)];
        Rng rng = new(seed: 5);
        float[] b = [.. all];
        rng.Shuffle(b.AsSpan());
        Tensor y = Tensor.Of(all).Remainder(Tensor.Of(b));
        for (int i = 0; i < all.Length; i++)
        {
            double r = (double)all[i] % b[i];
            float expected = (float)(r != 0 && (r < 0) != (b[i] < 0) ? r + b[i] : r);
            Assert.True(y.Span[i] == expected || float.IsNaN(expected) && float.IsNaN(y.Span[i]), $"{all[i]:R} % {b[i]:R} = {y.Span[i]:R}, not {expected:R}");
        }
    }

    // All bit patterns at a stride that is no multiple of anything, and evenly in value.
    private static IEnumerable<float> Sweep(float low, float high)
    {
        for (long bits = 0; bits < 1L << 32; bits += 49_999)
        {
            float x = BitConverter.UInt32BitsToSingle((uint)bits);
            if (x >= low && x <= high) yield return x;
        }
        double from = Math.Max(low, -1e6), to = Math.Min(high, 1e6);
        for (int i = 0; i <= 60_000; i++) yield return (float)(from + (to - from) * i / 60_000);
        for (int i = 0; i <= 30_000; i++)
            if ((i - 15_000) / 1000f is float x && x >= low && x <= high) yield return x;
    }

    private static string? Worst(ReadOnlySpan<float> x, ReadOnlySpan<float> y, double[] truth, double allowed)
    {
        double worst = 0;
        int at = 0;
        for (int i = 0; i < x.Length; i++)
        {
            double error = Ulps(y[i], truth[i]);
            if (error > worst) (worst, at) = (error, i);
        }
        return worst <= allowed ? null
            : string.Create(CultureInfo.InvariantCulture, $"{worst:0.##} ulp at {x[at]:R}: {y[at]:R}, not {truth[at]:R}");
    }

    private static double Ulps(float y, double truth)
    {
        if (double.IsNaN(truth)) return float.IsNaN(y) ? 0 : double.PositiveInfinity;
        float rounded = (float)truth;
        if (float.IsInfinity(rounded)) return y == rounded || Math.Abs(truth) < 3.4029e38 && Math.Abs(y) > 3.4028e38f ? 0 : double.PositiveInfinity;
        if (float.IsInfinity(y)) return Math.Abs(truth) > 3.4028e38 ? 0 : double.PositiveInfinity;
        double ulp = Math.Max(BitConverter.Int32BitsToSingle(1), Math.Abs((double)MathF.BitIncrement(MathF.Abs(rounded)) - MathF.Abs(rounded)));
        if (double.IsInfinity(ulp)) ulp = Math.Pow(2, 104);
        return Math.Abs(y - truth) / ulp;
    }

    private static void InOtherWidths(Func<Tensor, Tensor> f, Tensor x, Tensor expected)
    {
        foreach (int bits in (int[])[512, 256, 128])
        {
            if (bits > Simd.Bits) continue;
            using Settings _ = new(bits, Threads.Count);
            Check.Same(f(x), expected, $"in {bits} bits");
        }
    }
}
