using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Ops;
using Rindoku.Optim;
using Rindoku.Papers.Optimization.LearningToLearn;
using Rindoku.Testing;

namespace Rindoku.Papers.Tests.Optimization;

/// <summary>The exact checks of the paper's sheet.</summary>
public sealed class LearningToLearnTests
{
    private static readonly Quadratics Some = new(3, 4, new Rng(5));

    [Fact]
    public void The_optimizer_has_the_published_number_of_parameters()
    {
        Assert.Equal(1760 + 3280 + 21, new LearnedOptimizer(new Rng(1)).ParameterCount);
        Assert.Equal(5141, new LearnedOptimizer(new Rng(1), preprocess: 5).ParameterCount);
    }

    [Theory]
    [InlineData(5, 1, 0, 1)]
    [InlineData(5, -0.01f, -0.921034f, -1)]
    [InlineData(5, 1e-5f, -1, 0.001484f)]
    [InlineData(5, 0, -1, 0)]
    [InlineData(10, -0.01f, -0.460517f, -1)]
    [InlineData(10, 1e-5f, -1, 0.220265f)]
    [InlineData(10, -1e-6f, -1, -0.022026f)]
    public void Gradients_are_read_as_magnitude_and_sign(double p, float gradient, float magnitude, float sign)
    {
        Tensor read = LearnedOptimizer.Preprocess(Tensor.Of(gradient), p);
        Assert.Equal([1, 2], read.Shape);
        Assert.Equal(magnitude, read[0, 0], 5e-7f);
        Assert.Equal(sign, read[0, 1], 5e-7f);
    }

    [Theory, InlineData(5), InlineData(10)]
    public void The_branches_of_the_reading_meet(double p)
    {
        float edge = (float)Math.Exp(-p);
        foreach (float factor in (float[])[0.9999f, 1.0001f])
            Check.Close(LearnedOptimizer.Preprocess(Tensor.Of(factor * edge, -factor * edge), p), Tensor.From([-1, 1, -1, -1], [2, 2]), rtol: 2e-4);
    }

    [Fact]
    public void With_zero_output_weights_theta_rests_and_the_meta_loss_is_twenty_one_times_the_first()
    {
        LearnedOptimizer rule = new(new Rng(1));
        rule.Output.Weight.Values.Clear();
        (Tensor metaLoss, Tensor last, Unrolling.Position to) = Unrolling.Run(rule, Some, Unrolling.Position.Of(rule, Some), steps: 20);
        Check.Same(to.Theta, Some.Start);
        float first = Some.Each(Some.Start, 0).Mean().Item();
        Assert.Equal(first, last.Item(), 1e-6f);
        Assert.Equal(21 * first, metaLoss.Item(), 1e-3f);
        Assert.Equal(20, to.Step);
    }

    [Fact]
    public void The_order_of_the_coordinates_plays_no_part()
    {
        LearnedOptimizer rule = new(new Rng(1), preprocess: 10);
        int[] order = new Rng(2).Permutation(9);
        Tensor Shuffled(Tensor x) => Tensor.Generate([9], i => x[order[i]]);
        IReadOnlyList<Tensor> state = rule.Start(9), shuffledState = rule.Start(9);
        for (int t = 0; t < 3; t++)
        {
            Tensor gradient = new Rng(3).Split(t).Normal([9]), step, shuffledStep;
            (step, state) = rule.Next(gradient, state);
            (shuffledStep, shuffledState) = rule.Next(Shuffled(gradient), shuffledState);
            Check.Close(shuffledStep, Shuffled(step), rtol: 1e-6, atol: 1e-8);
        }
    }

    [Fact]
    public void Gradient_descent_made_by_hand_goes_where_the_formula_says()
    {
        (double[] losses, Tensor theta) = Unrolling.Follow(new HandMade(w => new Sgd([w], 0.01)), Some, steps: 5);
        double[] x = [.. Some.Start.ToArray().Select(v => (double)v)];
        for (int t = 0; t < 5; t++)
        {
            Assert.Equal(Some.Each(Tensor.Generate([12], i => (float)x[i]), t).Mean().Item(), losses[t], 1e-4);
            double[] g = AnalyticGradient(x);
            for (int i = 0; i < x.Length; i++) x[i] -= 0.01 * g[i];
        }
        Check.Close(theta, Tensor.Generate([12], i => (float)x[i]), rtol: 1e-5, atol: 1e-6);
    }

    [Fact]
    public void Adam_made_by_hand_is_Adam()
    {
        Parameter w = new(Some.Start);
        Adam adam = new([w], 0.05);
        for (int t = 0; t < 20; t++)
        {
            adam.ZeroGrad();
            Some.Sum(w, t).Backward();
            adam.Step();
        }
        Check.Close(Unrolling.Follow(new HandMade(p => new Adam([p], 0.05)), Some, steps: 20).Theta, w, rtol: 1e-6, atol: 1e-6);
    }

    [Fact]
    public void The_gradient_of_a_quadratic_is_the_textbooks()
    {
        Tensor leaf = new Rng(4).Normal([12]).Tracked();
        double[] expected = AnalyticGradient([.. leaf.ToArray().Select(v => (double)v)]);
        Check.Close(Grad.Of(Some.Sum(leaf, 0), leaf), Tensor.Generate([12], i => (float)expected[i]), rtol: 1e-5, atol: 1e-5);
    }

    [Theory, InlineData(false, 3.6f), InlineData(true, 3.2f)]
    public void The_meta_gradient_stops_at_the_gradients_unless_second_derivatives_are_asked_for(bool second, float expected)
    {
        // f = x² with x0 = 1, the linear rule g = -0.1 ∇: 1, 0.8, 0.64.
        LearnedOptimizer rule = new(new Rng(1), layers: 0, scale: 1);
        rule.Output.Weight.Values[0] = -0.1f;
        Square problem = new();
        Unrolling.Position to = Unrolling.Run(rule, problem, Unrolling.Position.Of(rule, problem), steps: 2, second).To;
        Assert.Equal(0.64f, to.Theta.Item(), 1e-6f);
        Assert.Equal(expected, Grad.Of(to.Theta.Sum(), rule.Output.Weight).Item(), 1e-5f);
    }

    [Theory, InlineData(0), InlineData(2)]
    public void With_second_derivatives_the_meta_gradient_is_that_of_the_meta_loss(int layers)
    {
        LearnedOptimizer rule = new(new Rng(1), layers, units: 3, scale: 0.1);
        Tensor MetaLoss() => Unrolling.Run(rule, Some, Unrolling.Position.Of(rule, Some), steps: 4, secondDerivatives: true).MetaLoss;
        rule.ZeroGrad();
        MetaLoss().Backward();
        foreach ((string name, Parameter p) in rule.NamedParameters)
        {
            float before = p.Span[0], gradient = p.Grad!.Span[0];
            const float h = 1e-2f;
            p.Values[0] = before + h;
            float above = MetaLoss().Item();
            p.Values[0] = before - h;
            float below = MetaLoss().Item();
            p.Values[0] = before;
            Assert.True(Math.Abs((above - below) / (2 * h) - gradient) < 2e-3f + 0.02f * Math.Abs(gradient), $"{name}: {(above - below) / (2 * h)} and {gradient}");
        }
    }

    [Fact]
    public void Cut_into_unrolls_an_optimization_goes_the_same_way()
    {
        LearnedOptimizer rule = new(new Rng(1));
        Unrolling.Position at = Unrolling.Position.Of(rule, Some);
        for (int u = 0; u < 3; u++) at = Unrolling.Run(rule, Some, at, steps: 4).To.Cut();
        Check.Same(Unrolling.Follow(rule, Some, steps: 12).Theta, at.Theta);
        Assert.False(at.Theta.RequiresGrad);
    }

    [Fact]
    public void Networks_side_by_side_are_the_same_as_each_alone()
    {
        LabelledSet images = Digits.Load().Train[..40];
        Networks two = new(2, new NetworkShape([5]), images, batch: 16, new Rng(3));
        int each = Networks.ParametersOf(new NetworkShape([5]), images);
        Tensor theta = new Rng(4).Normal([2 * each]);
        Networks one = new(1, new NetworkShape([5]), images, batch: 16, new Rng(3));
        for (int k = 0; k < 2; k++)
        {
            Tensor own = theta.Narrow(0, k * each, each);
            Assert.Equal(one.Each(own, 7)[0], two.Each(theta, 7)[k], 1e-5f);
            Assert.Equal(one.Measure(own)[0], two.Measure(theta)[k], 1e-5f);
        }
        Assert.NotEqual(two.Each(theta, 7)[0], two.Each(theta, 8)[0]); // another step, another batch
    }

    [Fact]
    public void The_papers_network_has_15910_coordinates()
    {
        LabelledSet mnist = new(Tensor.Zeros([1, 1, 28, 28]), IntTensor.Of(0), [.. "0123456789".Select(c => c.ToString())]);
        Assert.Equal(15_910, Networks.ParametersOf(new NetworkShape([20]), mnist));
    }

    [Fact]
    public void An_unroll_that_does_not_divide_the_steps_is_refused() =>
        Assert.Contains("got 30; needed a divisor of steps (100), such as 20", Assert.Throws<LabException>(
            () => PaperCatalogue.Find("l2l").Settings(Profile.Quick, "lstm", [KeyValuePair.Create("unroll", "30")])).Message, StringComparison.Ordinal);

    // 2 Wᵀ (W x − y), in double.
    private static double[] AnalyticGradient(double[] x)
    {
        double[] g = new double[x.Length];
        for (int k = 0; k < 3; k++)
            for (int row = 0; row < 4; row++)
            {
                double error = -Some.Y[k, row];
                for (int j = 0; j < 4; j++) error += Some.W[k, row, j] * x[4 * k + j];
                for (int j = 0; j < 4; j++) g[4 * k + j] += 2 * Some.W[k, row, j] * error;
            }
        return g;
    }

    private sealed class Square() : Problems(1, 1)
    {
        public override Tensor Start { get; } = Tensor.Of(1);

        public override Tensor Each(Tensor theta, long step) => theta * theta;

        public override Tensor Measure(Tensor theta) => theta * theta;
    }
}
