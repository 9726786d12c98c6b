using System.Globalization;
using Rindoku.Ops;
using Rindoku.Testing;

namespace Rindoku.Tests.Ops;

/// <summary>Every elementwise operation against PyTorch: value, gradient by both ways, second gradient.</summary>
public sealed class ElementwiseTests
{
    private static readonly Golden Golden = Golden.Family("elementwise");

    private static readonly Dictionary<string, Func<Tensor[], Tensor>> Cases = new()
    {
        ["add_number"] = x => x[0] + 2.5f,
        ["subtract_number"] = x => x[0] - 2.5f,
        ["number_subtract"] = x => 2.5f - x[0],
        ["multiply_number"] = x => x[0] * -1.5f,
        ["divide_number"] = x => x[0] / 0.7f,
        ["number_divide"] = x => 1.5f / x[0],
        ["add_scaled"] = x => x[0].AddScaled(x[1], 0.3f),
        ["multiply_add"] = x => x[0].MultiplyAdd(x[1], x[2]),
        ["pow_negative_base"] = x => x[0].Pow(5f),
        ["pow"] = x => x[0].Pow(x[1]),
        ["pow_row"] = x => x[0].Pow(x[1]),
        ["pow_zero"] = x => x[0].Pow(x[1]),
        ["number_pow"] = x => Tensor.Pow(1.7f, x[0]),
        ["sqrt"] = x => x[0].Sqrt(),
        ["rsqrt"] = x => x[0].Rsqrt(),
        ["square"] = x => x[0].Square(),
        ["reciprocal"] = x => x[0].Reciprocal(),
        ["maximum"] = x => x[0].Maximum(x[1]),
        ["minimum"] = x => x[0].Minimum(x[1]),
        ["maximum_row"] = x => x[0].Maximum(x[1]),
        ["maximum_tie"] = x => x[0].Maximum(x[1]),
        ["minimum_tie"] = x => x[0].Minimum(x[1]),
        ["clamp"] = x => x[0].Clamp(-0.5f, 1),
        ["clamp_low"] = x => x[0].Clamp(low: 0.25f),
        ["clamp_tensors"] = x => x[0].Clamp(x[1], x[2]),
        ["where"] = x => Tensor.Where(x[0].Greater(0), x[1], x[2]),
        ["where_gradient"] = x => Tensor.Where(Golden["where_gradient", "condition"], x[0], x[1]),
        ["abs"] = x => x[0].Abs(),
        ["sign"] = x => x[0].Sign(),
        ["floor"] = x => x[0].Floor(),
        ["ceiling"] = x => x[0].Ceiling(),
        ["round"] = x => x[0].Round(),
        ["truncate"] = x => x[0].Truncate(),
        ["remainder"] = x => x[0].Remainder(x[1]),
        ["remainder_negative"] = x => x[0].Remainder(x[1]),
        ["remainder_number"] = x => x[0].Remainder(0.75f),
        ["exp"] = x => x[0].Exp(),
        ["expm1"] = x => x[0].Expm1(),
        ["log"] = x => x[0].Log(),
        ["log2"] = x => x[0].Log2(),
        ["log10"] = x => x[0].Log10(),
        ["log1p"] = x => x[0].Log1p(),
        ["sin"] = x => x[0].Sin(),
        ["cos"] = x => x[0].Cos(),
        ["tan"] = x => x[0].Tan(),
        ["asin"] = x => x[0].Asin(),
        ["acos"] = x => x[0].Acos(),
        ["atan"] = x => x[0].Atan(),
        ["atan2"] = x => x[0].Atan2(x[1]),
        ["atan2_row"] = x => x[0].Atan2(x[1]),
        ["sinh"] = x => x[0].Sinh(),
        ["cosh"] = x => x[0].Cosh(),
        ["tanh"] = x => x[0].Tanh(),
        ["atanh"] = x => x[0].Atanh(),
        ["erf"] = x => x[0].Erf(),
        ["erfc"] = x => x[0].Erfc(),
        ["erfinv"] = x => x[0].ErfInv(),
        ["lgamma"] = x => x[0].Lgamma(),
        ["lgamma_negative"] = x => x[0].Lgamma(),
        ["digamma"] = x => x[0].Digamma(),
        ["trigamma"] = x => x[0].Polygamma(1),
        ["polygamma_2"] = x => x[0].Polygamma(2),
        ["prelu"] = x => x[0].Prelu(x[1]),
        ["prelu_one"] = x => x[0].Prelu(x[1]),
        ["lerp"] = x => x[0].Lerp(x[1], 0.3f),
        ["lerp_tensor"] = x => x[0].Lerp(x[1], x[2]),
        ["mask_gt"] = x => x[0].Greater(x[1]),
        ["mask_ge"] = x => x[0].GreaterOrEqual(x[1]),
        ["mask_lt"] = x => x[0].Less(x[1]),
        ["mask_le"] = x => x[0].LessOrEqual(x[1]),
        ["mask_eq"] = x => x[0].Equal(x[1]),
        ["mask_ne"] = x => x[0].NotEqual(x[1]),
        ["mask_logical_and"] = x => x[0].LogicalAnd(x[1]),
        ["mask_logical_or"] = x => x[0].LogicalOr(x[1]),
        ["mask_logical_xor"] = x => x[0].LogicalXor(x[1]),
        ["mask_logical_not"] = x => x[0].LogicalNot(),
        ["mask_maximum"] = x => x[0].Maximum(x[1]),
        ["mask_minimum"] = x => x[0].Minimum(x[1]),
        ["mask_isnan"] = x => x[0].IsNaN(),
        ["mask_isfinite"] = x => x[0].IsFinite(),
        ["mask_isinf"] = x => x[0].IsInfinite(),
    };

    // Each has a second case, NAME_far, at its kinks and at ±1e4.
    private static readonly Dictionary<string, Func<Tensor, Tensor>> Activations = new()
    {
        ["silu"] = x => x.Silu(),
        ["sigmoid"] = x => x.Sigmoid(),
        ["relu"] = x => x.Relu(),
        ["relu6"] = x => x.Relu6(),
        ["leaky_relu"] = x => x.LeakyRelu(0.2f),
        ["threshold"] = x => x.Threshold(0.5f, -2),
        ["elu"] = x => x.Elu(1.5f),
        ["selu"] = x => x.Selu(),
        ["celu"] = x => x.Celu(1.5f),
        ["softplus"] = x => x.Softplus(2, 5),
        ["log_sigmoid"] = x => x.LogSigmoid(),
        ["mish"] = x => x.Mish(),
        ["gelu"] = x => x.Gelu(),
        ["gelu_tanh"] = x => x.GeluTanh(),
        ["softsign"] = x => x.Softsign(),
        ["hard_tanh"] = x => x.HardTanh(-1, 2),
        ["hard_sigmoid"] = x => x.HardSigmoid(),
        ["hard_swish"] = x => x.HardSwish(),
        ["hard_shrink"] = x => x.HardShrink(0.75f),
        ["soft_shrink"] = x => x.SoftShrink(0.75f),
    };

    public static TheoryData<string> CaseNames => new(Cases.Keys);
    public static TheoryData<string> ActivationNames => new(Activations.Keys);

    [Theory, MemberData(nameof(CaseNames))]
    public void Matches_PyTorch(string name) => Golden.Check(name, Cases[name], rtol: 2e-5, atol: 2e-6);

    [Theory, MemberData(nameof(ActivationNames))]
    public void Activation_matches_PyTorch(string name) => Golden.Check(name, Activations[name], rtol: 2e-5, atol: 2e-6);

    [Theory, MemberData(nameof(ActivationNames))]
    public void Activation_is_stable_far_out_and_has_PyTorchs_gradient_at_kinks(string name) =>
        Golden.Check(name + "_far", Activations[name], rtol: 2e-5, atol: 2e-6);

    [Theory]
    [InlineData(-2), InlineData(-1), InlineData(-0.5), InlineData(0), InlineData(0.5), InlineData(1), InlineData(2), InlineData(3)]
    [InlineData(2.5), InlineData(-1.7)]
    public void Pow_to_a_number_matches_PyTorch(double exponent) =>
        Golden.Check(string.Create(CultureInfo.InvariantCulture, $"pow_{exponent:0.0}"), x => x.Pow((float)exponent), rtol: 2e-5, atol: 2e-6);

    [Fact]
    public void Every_operation_takes_every_length_and_gives_each_number_the_same_bits_anywhere()
    {
        foreach (Func<Tensor, Tensor> f in Activations.Values.Concat([x => x.Exp(), x => x.Log(), x => x.Sin(), x => x.Erf(), x => x.Pow(1.3f)]))
            foreach (int length in Lengths.AroundVectorWidths)
            {
                Tensor x = new Rng(seed: 1).Uniform([length], -4, 4), y = f(x);
                Assert.Equal(x.Shape, y.Shape);
                for (int i = 0; i < length; i += 13) Check.Same(f(Tensor.Of(x[i])), Tensor.Of(y[i]));
            }
    }

    [Fact]
    public void Where_takes_numbers_and_any_broadcast()
    {
        Tensor mask = Tensor.Of(1, 0, 1);
        Check.Same(Tensor.Where(mask, 7, Tensor.Of(1, 2, 3)), Tensor.Of(7, 2, 7));
        Check.Same(Tensor.Where(mask, Tensor.Of(1, 2, 3), 7), Tensor.Of(1, 7, 3));
        Check.Same(Tensor.Where(mask.Reshape(3, 1), Tensor.Of(1, 2), Tensor.Scalar(-1)), Tensor.From([1, 2, -1, -1, 1, 2], [3, 2]));
        Check.Same(Tensor.Where(Tensor.Scalar(1), Tensor.Of(1, 2), Tensor.From([3], [1, 1, 1])), Tensor.From([1, 2], [1, 1, 2]));
        Assert.Equal(Shape.Create([0, 3]), Tensor.Where(mask, Tensor.Zeros([0, 3]), Tensor.Zeros([0, 1])).Shape);
    }

    [Fact]
    public void Where_keeps_a_NaN_of_the_side_not_chosen_out_of_the_gradient()
    {
        Tensor a = Tensor.Of(float.NaN, 2).Tracked();
        Tensor y = Tensor.Where(Tensor.Of(0, 1), a, 0);
        Check.Same(Grad.Vjp(y, Tensor.Of(float.NaN, 3), [a])[0], Tensor.Of(0, 3));
    }

    [Fact]
    public void StraightThrough_has_the_value_of_one_and_the_gradient_of_the_other()
    {
        Tensor x = Tensor.Of(0.2f, 0.7f).Tracked();
        Tensor y = Tensor.StraightThrough(x.Round(), x);
        Check.Same(y, Tensor.Of(0, 1));
        Check.Same(Grad.Vjp(y, Tensor.Of(3, 4), [x])[0], Tensor.Of(3, 4));
    }

    [Fact]
    public void Masks_have_no_history()
    {
        Tensor x = Tensor.Of(1, 2).Tracked();
        Assert.False(x.Greater(1).RequiresGrad);
        Assert.False(x.Equal(x).RequiresGrad);
        Assert.False(x.LogicalNot().RequiresGrad);
        Assert.False(x.IsNaN().RequiresGrad);
        Check.Same(x.NotEqual(1), Tensor.Of(0, 1));
        Check.Same(x.LessOrEqual(1), Tensor.Of(1, 0));
        Check.Same(x.Less(2), Tensor.Of(1, 0));
        Check.Same(x.GreaterOrEqual(2), Tensor.Of(0, 1));
    }

    public static TheoryData<string, string> Refusals => new()
    {
        { "maximum", "maximum: (2, 3) and (4) do not broadcast: sizes 3 and 4 differ at axis -1, and neither is 1" },
        { "pow", "pow: (2, 3) and (4) do not broadcast: sizes 3 and 4 differ at axis -1, and neither is 1" },
        { "greater", "greater: (2, 3) and (4) do not broadcast: sizes 3 and 4 differ at axis -1, and neither is 1" },
        { "where", "where: (2, 3) and (4) do not broadcast: sizes 3 and 4 differ at axis -1, and neither is 1" },
        { "clamp", "clamp: (2, 3) and (4) do not broadcast: sizes 3 and 4 differ at axis -1, and neither is 1" },
        { "prelu", "Prelu: (4) slopes for x (2, 3); needs one slope, or one for each channel (axis 1 of x)" },
        { "straight", "StraightThrough: value (2, 3) and x (4) must have the same shape" },
    };

    [Theory, MemberData(nameof(Refusals))]
    public void Shapes_that_do_not_fit_are_refused_with_both_shapes(string name, string message)
    {
        Tensor a = Tensor.Zeros([2, 3]), b = Tensor.Zeros([4]);
        var error = Assert.Throws<ShapeException>(() => name switch
        {
            "maximum" => a.Maximum(b),
            "pow" => a.Pow(b),
            "greater" => a.Greater(b),
            "where" => Tensor.Where(a, b, a),
            "clamp" => a.Clamp(b, b),
            "prelu" => a.Prelu(b),
            _ => Tensor.StraightThrough(a, b),
        });
        Assert.Equal(message, error.Message);
    }

    [Fact]
    public void Gelu_reaches_its_limits()
    {
        Tensor x = Tensor.Of([float.NegativeInfinity, -1e30f, -40, 0, 40, 1e30f, float.PositiveInfinity, float.NaN]);
        Assert.Equal([0, 0, 0, 0, 40, 1e30f, float.PositiveInfinity, float.NaN], x.Gelu().ToArray());
    }
}
