using Rindoku.Nn;
using Rindoku.Ops;
using Rindoku.Optim;
using Rindoku.Testing;

namespace Rindoku.Tests.Optim;

public sealed class OptimizerTests
{
    private const int GoldenSteps = 6;
    private static readonly double[] Losses = [2.0, 1.5, 1.8, 1.8, 0.1, 5.0];
    private static readonly Golden Golden = Golden.Family("optim");

    private static readonly Dictionary<string, Func<Parameter[], Optimizer>> Makers = new()
    {
        ["sgd"] = p => new Sgd(p, 0.1),
        ["sgd_decay"] = p => new Sgd(p, 0.1, weightDecay: 0.01),
        ["sgd_momentum"] = p => new Sgd(p, 0.1, momentum: 0.9, weightDecay: 0.01),
        ["sgd_dampening"] = p => new Sgd(p, 0.1, momentum: 0.9, dampening: 0.5),
        ["sgd_nesterov"] = p => new Sgd(p, 0.1, momentum: 0.9, weightDecay: 0.01, nesterov: true),
        ["adam"] = p => new Adam(p, 0.01),
        ["adam_decay"] = p => new Adam(p, 0.01, beta1: 0.8, beta2: 0.95, weightDecay: 0.1),
        ["adamw"] = p => new AdamW(p, 0.01, weightDecay: 0.1),
        ["adamax"] = p => new AdaMax(p, 0.01, weightDecay: 0.1),
        ["radam"] = p => new RAdam(p, 0.01, weightDecay: 0.1),
        ["radam_short"] = p => new RAdam(p, 0.01, beta2: 0.8),
        ["nadam"] = p => new NAdam(p, 0.01, weightDecay: 0.1),
        ["adagrad"] = p => new Adagrad(p, 0.1, rateDecay: 0.1, weightDecay: 0.1),
        ["adadelta"] = p => new Adadelta(p, 1, weightDecay: 0.1),
        ["rmsprop"] = p => new RmsProp(p, 0.01),
        ["rmsprop_full"] = p => new RmsProp(p, 0.01, smoothing: 0.9, weightDecay: 0.1, momentum: 0.9, centred: true),
        ["lamb"] = p => new Lamb(p, 0.01, weightDecay: 0.1),
        ["eve_v1"] = p => new EveV1(p, 0.01, beta3: 0.5),
        ["eve_fixed"] = p => new EveV1(p, 0.01, beta3: 0.5, againstRawLoss: true),
        ["eve_later"] = p => new Eve(p, 0.01, beta3: 0.5),
    };

    public static TheoryData<string> Names => [.. Makers.Keys];

    [Theory, MemberData(nameof(Names))]
    public void Weights_after_every_step_match_PyTorch(string name)
    {
        Parameter w = new(Golden["start", "w"]);
        Optimizer optimizer = Makers[name]([w]);
        for (int i = 0; i < GoldenSteps; i++)
        {
            w.Grad = Golden["gradients", $"{i}"];
            (optimizer as ILossFeedback)?.Observe(Losses[i]);
            optimizer.Step();
            Check.Close(w, Golden[name, $"{i}"], rtol: 1e-5, atol: 2e-6, $"{name}, step {i}");
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Saved_after_three_steps_and_loaded_it_goes_on_bitwise_the_same(string name)
    {
        Parameter whole = new(Golden["start", "w"]);
        Optimizer uninterrupted = Makers[name]([whole]);
        Run(whole, uninterrupted, 0, GoldenSteps);

        Parameter before = new(Golden["start", "w"]);
        Optimizer first = Makers[name]([before]);
        Run(before, first, 0, 3);
        Parameter after = new(before);
        Optimizer second = Makers[name]([after]);
        second.Load(first.State(), first.Steps);
        Run(after, second, 3, GoldenSteps);
        Check.Same(after, whole);
    }

    [Fact]
    public void A_parameter_without_gradient_is_left_alone()
    {
        Parameter w = new(Tensor.Of(1, 2, 3));
        new Adam([w], weightDecay: 0.1).Step();
        Check.Same(w, Tensor.Of(1, 2, 3));
    }

    [Fact]
    public void Groups_have_rates_and_decays_of_their_own()
    {
        Parameter a = new(Tensor.Of(1)), b = new(Tensor.Of(1));
        Sgd optimizer = new([new ParameterGroup([a]), new ParameterGroup([b]) { LearningRateFactor = 0.1, WeightDecay = 0 }], learningRate: 1, weightDecay: 0.5);
        a.Grad = b.Grad = Tensor.Of(0.25f);
        optimizer.Step();
        Assert.Equal(1 - (0.25f + 0.5f), a.Item());
        Assert.Equal(1 - 0.1f * 0.25f, b.Item());
    }

    [Fact]
    public void A_state_of_other_parameters_is_refused()
    {
        Parameter a = new(Tensor.Of(1, 2)), b = new(Tensor.Of(1, 2, 3));
        Adam first = new([a]), second = new([b]);
        a.Grad = Tensor.Of(1, 1);
        first.Step();
        var error = Assert.Throws<StateException>(() => second.Load(first.State(), first.Steps));
        Assert.Equal("Adam: '0.mean' has 2 numbers, the parameter (3) has 3", error.Message);
    }

    [Fact]
    public void A_parameter_listed_twice_is_refused()
    {
        Parameter a = new(Tensor.Of(1));
        Assert.Throws<ArgumentException>(() => new Sgd([a, a], 0.1));
    }

    [Fact]
    public void Lbfgs_finds_the_minimum_of_Rosenbrocks_valley()
    {
        Parameter x = new(Tensor.Of(-1.2f)), y = new(Tensor.Of(1));
        Lbfgs optimizer = new([x, y]);
        for (int i = 0; i < 60; i++)
            optimizer.Step(() =>
            {
                Tensor across = y - x * x, along = 1 - x;
                return (100 * across * across + along * along).Sum();
            });
        Check.Close(x, Tensor.Of(1), atol: 1e-3);
        Check.Close(y, Tensor.Of(1), atol: 1e-3);
        Assert.InRange(optimizer.Evaluations, 1, 120);
    }

    [Fact]
    public void Clipping_by_norm_scales_all_gradients_together()
    {
        Parameter a = new(Tensor.Of(0)), b = new(Tensor.Of(0));
        (a.Grad, b.Grad) = (Tensor.Of(3), Tensor.Of(4));
        Assert.Equal(5, GradientClipping.ByNorm([a, b], 1), 6);
        Assert.Equal(0.6f, a.Grad.Item(), 6);
        Assert.Equal(0.8f, b.Grad.Item(), 6);
        Assert.Equal(1, GradientClipping.ByNorm([a, b], 2), 6); // within bounds: left alone
        Assert.Equal(0.6f, a.Grad.Item(), 6);
    }

    [Fact]
    public void Clipping_each_by_norm_scales_a_gradient_by_its_own_length_alone()
    {
        Parameter a = new(Tensor.Of(0, 0)), b = new(Tensor.Of(0)), none = new(Tensor.Of(0));
        (a.Grad, b.Grad) = (Tensor.Of(6, 8), Tensor.Of(0.5f));
        Assert.Equal(Math.Sqrt(100.25), GradientClipping.EachByNorm([a, b, none], 1), 6);
        Check.Close(a.Grad, Tensor.Of(0.6f, 0.8f));
        Assert.Equal(0.5f, b.Grad.Item()); // within its bound, however long the other was
        b.Grad = Tensor.Of(float.NaN);
        Assert.True(double.IsNaN(GradientClipping.EachByNorm([a, b], 1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => GradientClipping.EachByNorm([a], 0));
    }

    [Fact]
    public void Clipping_by_value_bounds_every_number()
    {
        Parameter a = new(Tensor.Of(0, 0)) { Grad = Tensor.Of(-3, 0.5f) };
        GradientClipping.ByValue([a], 1);
        Check.Same(a.Grad, Tensor.Of(-1, 0.5f));
    }

    private static void Run(Parameter w, Optimizer optimizer, int from, int to)
    {
        for (int i = from; i < to; i++)
        {
            w.Grad = Golden["gradients", $"{i}"];
            (optimizer as ILossFeedback)?.Observe(Losses[i]);
            optimizer.Step();
        }
    }
}
