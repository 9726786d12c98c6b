using Rindoku.Autograd;
using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Nn;
using Rindoku.Ops;
using Rindoku.Optim;
using Rindoku.Papers.Uncertainty.Duq;
using Rindoku.Testing;
using Rindoku.Uncertainty;

namespace Rindoku.Papers.Tests.Uncertainty;

/// <summary>The exact checks of the paper's sheet.</summary>
public sealed class DuqTests
{
    private static readonly RbfOptions Small = new(EmbeddingSize: 3, LengthScale: 0.5, Memory: 0.9, ProjectionDeviation: 1, StartCount: 4);

    [Fact]
    public void The_worked_kernels()
    {
        RbfNetwork model = new(new Identity(), features: 1, classes: 2, Small with { EmbeddingSize = 2 }, new Rng(1));
        Set(model, "m", 12, 0, 24, 0);
        Set(model, "N", 12, 12);
        Check.Same(model.Centroids, Tensor.Of(1, 0, 2, 0).Reshape(2, 2)); // e_1 = (1, 2), e_2 = (0, 0)
        Tensor embedded = Tensor.Of(1, 0, 2, -1).Reshape(1, 2, 2); // z_1 = (1, 2), z_2 = (0, -1): mean squares 0 and 0.5
        Close([1, 0.778801f], RbfNetwork.Kernels(embedded, model.Centroids, 1));
        Tensor narrow = RbfNetwork.Kernels(embedded, model.Centroids, 0.1);
        Assert.Equal(1, narrow[0, 0]);
        Assert.Equal(1.3888e-11, narrow[0, 1], 1e-15);
    }

    [Fact]
    public void The_loss_is_the_mean_of_the_classes_cross_entropies()
    {
        Tensor kernels = Tensor.Of(0.9f, 0.2f).Reshape(1, 2), target = IntTensor.Of(0).OneHot(2);
        Assert.Equal(0.164252, kernels.BinaryCrossEntropy(target).Item(), 5);
        Assert.Equal(0.328504, kernels.BinaryCrossEntropy(target, reduction: Reduction.Sum).Item(), 5);
        (RbfNetwork model, Tensor x, IntTensor y) = Example();
        Assert.Equal(model.Forward(x).BinaryCrossEntropy(y.OneHot(3)).Item(), model.Loss(x, y, penalty: 0).Item());
    }

    [Fact]
    public void Shapes_are_the_sheets_and_kernels_lie_between_0_and_1()
    {
        DuqSettings s = PaperSettings("duq");
        RbfNetwork model = Networks.WithKernels(s, new Rng(1));
        Tensor x = new Rng(2).Normal([2, 1, 28, 28]);
        Assert.Equal([2, 256, 10], model.Embed(x).Shape);
        Assert.Equal([256, 10], model.Centroids.Shape);
        Tensor kernels = model.Forward(x);
        Assert.Equal([2, 10], kernels.Shape);
        Assert.All(kernels.ToArray(), k => Assert.InRange(k, 0, 1));
        Assert.Equal(["W", "m", "N"], model.State().Keys.Where(name => !name.StartsWith("trunk", StringComparison.Ordinal)));
        Assert.Equal(354_048, model.NamedParameters.Where(p => p.Name != "W").Sum(p => p.Parameter.Length));
    }

    [Theory, InlineData("duq", 1_009_408), InlineData("duq-no-penalty", 1_009_408), InlineData("softmax", 356_618), InlineData("ensemble", 1_783_090)]
    public void Arms_have_the_published_sizes(string arm, long expected)
    {
        DuqExperiment paper = new();
        Assert.Equal(expected, paper.Probe(paper.Settings(Profile.Paper, arm), seed: 1)!.Model.ParameterCount);
    }

    [Fact]
    public void The_worked_move_of_a_centroid()
    {
        RbfNetwork model = new(new Identity(), 1, 1, new RbfOptions(1, 0.1, 0.999, 1, 12), new Rng(1));
        Set(model, "W", 1);
        Set(model, "m", 12);
        model.MoveCentroids(Tensor.Full([7, 1], 1.5f), IntTensor.Of(0, 0, 0, 0, 0, 0, 0));
        Assert.Equal(11.995, model.State()["N"].Item(), 5);
        Assert.Equal(11.9985, model.State()["m"].Item(), 5);
        Assert.Equal(1.000292, model.Centroids.Item(), 5);
    }

    [Fact]
    public void Without_memory_a_centroid_is_the_mean_of_its_class_in_the_batch()
    {
        (RbfNetwork model, Tensor x, IntTensor y) = Example(memory: 0);
        Tensor before = model.Centroids, embedded = model.Embed(x);
        model.MoveCentroids(x, y); // classes 0, 1, 0, 0: there is none of class 2
        for (int m = 0; m < 3; m++)
        {
            Assert.Equal((embedded[0, m, 0] + embedded[2, m, 0] + embedded[3, m, 0]) / 3, model.Centroids[m, 0], 5);
            Assert.Equal(embedded[1, m, 1], model.Centroids[m, 1], 5);
            Assert.Equal(before[m, 2], model.Centroids[m, 2]);
        }
    }

    [Fact]
    public void A_class_that_the_batch_lacks_keeps_its_centroid_and_loses_weight()
    {
        (RbfNetwork model, Tensor x, IntTensor y) = Example();
        Tensor before = model.Centroids;
        model.MoveCentroids(x, y);
        for (int m = 0; m < 3; m++) Assert.Equal(before[m, 2], model.Centroids[m, 2], 1e-6f);
        Assert.Equal(0.9 * 4, model.State()["N"][2], 5);
        Assert.NotEqual(before[0, 0], model.Centroids[0, 0]);
    }

    [Fact]
    public void Centroids_move_by_what_the_network_sees_at_test_and_leave_it_in_training()
    {
        BatchNorm norm = new(2);
        RbfNetwork model = new(norm, 2, 3, Small with { Memory = 0 }, new Rng(1));
        Tensor x = new Rng(2).Normal([4, 2], 5);
        Tensor statistics = Tensor.From(norm.RunningMean.Span, [2]);
        model.MoveCentroids(x, IntTensor.Of(1, 1, 1, 1));
        Assert.True(model.IsTraining && norm.IsTraining);
        Check.Same(norm.RunningMean, statistics);
        model.Eval();
        Close(model.Embed(x).Mean([0]).Select(1, 1).ToArray(), model.Centroids.Select(1, 1));
        model.MoveCentroids(x, IntTensor.Of(0, 0, 0, 0));
        Assert.False(model.IsTraining);
    }

    [Fact]
    public void The_worked_penalty_in_one_dimension_and_its_own_gradient()
    {
        Tensor x = Tensor.Of(0.5f).Reshape(1, 1).Tracked();
        Tensor kernel = (x.Square() * -0.5f).Exp();
        Assert.Equal(-0.441248, Grad.Of(kernel.Sum(), x).Item(), 5);
        Tensor penalty = RbfNetwork.GradientPenalty(kernel, x);
        Assert.Equal(0.312203, penalty.Item(), 5);
        Assert.Equal(-0.739645, Grad.Of(penalty, x).Item(), 5);
    }

    [Fact]
    public void The_gradient_of_the_whole_loss_is_that_of_differences()
    {
        (RbfNetwork model, Tensor x, IntTensor y) = Example();
        model.Loss(x, y, penalty: 0.7).Backward();
        foreach ((string name, Parameter parameter) in model.NamedParameters)
            for (int i = 0; i < parameter.Length; i += 2)
            {
                const float step = 1e-2f;
                double slope = (At(parameter, i, step) - At(parameter, i, -step)) / (2 * step);
                Assert.True(Math.Abs(slope - parameter.Grad!.Span[i]) < 2e-3 + 2e-2 * Math.Abs(slope), $"{name}[{i}]: {parameter.Grad.Span[i]}, by differences {slope}");
            }

        double At(Parameter parameter, int i, float by)
        {
            parameter.Values[i] += by;
            double loss = model.Loss(x, y, penalty: 0.7).Item();
            parameter.Values[i] -= by;
            return loss;
        }
    }

    [Fact]
    public void Without_a_penalty_no_gradient_is_taken_before_the_backward_pass()
    {
        // The rule of a layer's gradient runs when a gradient is taken, and only then.
        int taken = 0;
        Lambda watched = new("Watched", x => Tape.Record("watched", x * 1, new Edge(x, dy => { taken++; return dy; })));
        RbfNetwork model = new(new Sequential(new Linear(2, 2, new Rng(1)), watched), 2, 3, Small, new Rng(2));
        (_, Tensor x, IntTensor y) = Example();
        Tensor plain = model.Loss(x, y, penalty: 0);
        Assert.Equal(0, taken);
        plain.Backward();
        Assert.Equal(1, taken);
        Tensor penalised = model.Loss(x, y, penalty: 1);
        Assert.Equal(2, taken);
        Assert.NotEqual(plain.Item(), penalised.Item());
        penalised.Backward();
        Assert.True(taken > 2);
    }

    [Fact]
    public void Classes_can_change_places_and_embeddings_move_together_with_their_centroids()
    {
        (RbfNetwork model, Tensor x, _) = Example();
        Tensor kernels = model.Forward(x), embedded = model.Embed(x), centroids = model.Centroids, shift = new Rng(5).Normal([3, 3]);
        Close(kernels.ToArray(), RbfNetwork.Kernels(embedded + shift, centroids + shift, 0.5));

        IReadOnlyDictionary<string, Tensor> state = model.State();
        int[] order = [2, 0, 1];
        Dictionary<string, Tensor> turned = new()
        {
            ["trunk.weight"] = state["trunk.weight"],
            ["trunk.bias"] = state["trunk.bias"],
            ["W"] = Tensor.Stack([.. order.Select(c => state["W"].Select(1, c))], 1),
            ["m"] = Tensor.Stack([.. order.Select(c => state["m"].Select(1, c))], 1),
            ["N"] = state["N"],
        };
        (RbfNetwork other, _, _) = Example(seed: 9);
        other.Load(turned);
        for (int c = 0; c < 3; c++) Check.Same(other.Forward(x).Select(1, c), kernels.Select(1, order[c]));
    }

    [Fact]
    public void Embeddings_far_from_all_centroids_leave_no_certainty_in_a_trained_model()
    {
        DuqSettings s = (DuqSettings)new DuqExperiment().Settings(Profile.Quick, "duq").Values with { Steps = 100 };
        Rng rng = new(3);
        TwoMoons moons = TwoMoons.Make(s, rng);
        RbfNetwork model = Networks.WithKernels(s, rng.Split("weights"));
        Sgd optimizer = new(model.Parameters, s.LearningRate, momentum: 0.9, weightDecay: s.WeightDecay);
        Loader batches = new(moons.Train, new LoaderOptions(64) { DropLast = true, Threads = 0 }, rng.Split("batches"));
        for (int epoch = 0; epoch < 10; epoch++)
            foreach (Batch batch in batches.Epoch(epoch))
            {
                optimizer.ZeroGrad();
                model.Loss(batch.X, batch.Y, s.Penalty).Backward();
                optimizer.Step();
                model.MoveCentroids(batch.X, batch.Y);
            }
        Assert.True(Errors.Mean(Predictor.Certainty(model.Forward(moons.Test.Inputs))) > 0.5, "it has not learned");
        Tensor away = RbfNetwork.Kernels(model.Embed(moons.Test.Inputs) * 1e3f, model.Centroids, s.LengthScale);
        Assert.All(away.ToArray(), k => Assert.True(k < 1e-6f, $"a kernel of {k}"));
    }

    [Fact]
    public void Far_points_are_far_from_every_training_point_and_inside_the_area()
    {
        TwoMoons moons = TwoMoons.Make(new DuqSettings { TrainingExamples = 50 }, new Rng(1));
        for (int i = 0; i < moons.Far.Shape[0]; i++)
        {
            (float x, float y) = (moons.Far[i, 0], moons.Far[i, 1]);
            Assert.InRange(x, -2.5, 3.5);
            Assert.InRange(y, -3, 3);
            for (int t = 0; t < 50; t++) Assert.True(MathF.Pow(moons.Train.Inputs[t, 0] - x, 2) + MathF.Pow(moons.Train.Inputs[t, 1] - y, 2) > 0.25f);
        }
    }

    [Fact]
    public void The_ensembles_first_member_is_the_network_of_the_softmax_arm_and_members_differ()
    {
        DuqExperiment paper = new();
        Module one = paper.Probe(paper.SmokeSettings("softmax"), seed: 4)!.Model, five = paper.Probe(paper.SmokeSettings("ensemble"), seed: 4)!.Model;
        foreach ((string name, Tensor tensor) in one.State()) Check.Same(five.State()[name], tensor, name);
        string second = one.State().Keys.First(name => name.EndsWith("weight", StringComparison.Ordinal)).Replace("0.", "1.", StringComparison.Ordinal);
        Assert.Equal(5, five.Children.Count);
        Assert.False(five.Children[0].Module.State().First().Value.Span.SequenceEqual(five.Children[1].Module.State().First().Value.Span), second);
    }

    [Fact]
    public void Mixtures_and_means_of_members_are_the_sheets()
    {
        (Tensor mean, Tensor variance) = Ensemble.Mixture([Tensor.Of(0), Tensor.Of(2)], [Tensor.Of(1), Tensor.Of(1)]);
        Assert.Equal((1, 2), (mean.Item(), variance.Item()));
        Tensor member = new Rng(1).Normal([6, 4]).Softmax(1), other = new Rng(2).Normal([6, 4]).Softmax(1);
        Check.Same(Ensemble.Mean([member, member, member]), member);
        Assert.All(PredictiveUncertainty.Disagreement([member, other]), d => Assert.True(d > 0));
    }

    [Fact]
    public void Refusing_the_most_uncertain_leaves_the_accuracy_of_the_rest()
    {
        float[] correct = [1, 1, 1, 0, 1, 1, 1, 1, 1, 1], inside = [.. Enumerable.Range(0, 10).Select(i => i / 10f)], outside = [.. Enumerable.Range(0, 10).Select(i => 1 + i / 10f)];
        double[] accuracy = [.. Measures.Rejection("t", correct, inside, outside).Series[0].Y];
        Assert.Equal(45, accuracy[0], 9); // none refused: 9 right of 20
        Assert.Equal(90, accuracy[10], 9); // half refused: all from outside
        Assert.Equal(100, accuracy[^1], 9);
    }

    [Theory]
    [InlineData("duq", "members=3", "answers alone"), InlineData("softmax", "penalty=0.1", "no kernels"), InlineData("duq", "batch-size=2000", "1500 training examples")]
    [InlineData("duq", "length-scale=0", "or more"), InlineData("duq", "memory=1.5", "from 0 to 1"), InlineData("duq", "task=three-moons", "needed one of")]
    public void Settings_that_make_no_sense_are_refused_in_a_line(string arm, string setting, string words)
    {
        string[] parts = setting.Split('=');
        LabException error = Assert.Throws<LabException>(() => new DuqExperiment().Settings(Profile.Quick, arm, [KeyValuePair.Create(parts[0], parts[1])]));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    private static DuqSettings PaperSettings(string arm) => (DuqSettings)new DuqExperiment().Settings(Profile.Paper, arm).Values;

    private static (RbfNetwork Model, Tensor X, IntTensor Y) Example(double memory = 0.9, long seed = 1) =>
        (new RbfNetwork(new Linear(2, 4, new Rng(seed)), 4, 3, Small with { Memory = memory }, new Rng(seed + 1)), new Rng(7).Normal([4, 2]), IntTensor.Of(0, 1, 0, 0));

    private static void Set(RbfNetwork model, string name, params float[] values)
    {
        Dictionary<string, Tensor> state = new(model.State());
        state[name] = Tensor.From(values, state[name].Shape);
        model.Load(state);
    }

    private static void Close(float[] expected, Tensor actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual.Span[i], 5);
    }
}
