using Rindoku.Nn;
using Rindoku.Nn.ResNets;
using Rindoku.Ops;
using Rindoku.Testing;
using Rindoku.Uncertainty;

namespace Rindoku.Tests.Uncertainty;

/// <summary>The detector on the classifiers of the house, none of which knows of it.</summary>
public sealed class GramDetectorTests
{
    private static readonly Tensor Training = Images(1, 60), Validation = Images(2, 40);

    // How many steps are looked at: of a unit its shortcut, convolutions, activations (and the last norm where none follows) and output.
    public static TheoryData<string, int> Classifiers => new()
    {
        { "convolutions", 6 },     // 3 × (convolution, ReLU)
        { "post-activation", 20 }, // stem 2, 3 units of 6
        { "projections", 40 },     // stem 2, 6 units of 6 and the convolutions of two shortcuts
        { "pre-activation", 26 },  // stem 1, 3 units of 8, ReLU
        { "wide", 19 },            // 3 units of 6, the first of which has the stem as its shortcut, and ReLU
        { "bottleneck", 29 },      // stem 2, 3 units of 8 and the convolutions of their shortcuts
        { "perceptron", 4 },       // 2 × (linear map, activation)
        { "sequence", 4 },         // a linear map and its activation over a sequence, then two over the whole
    };

    [Theory, MemberData(nameof(Classifiers))]
    public void Every_classifier_can_be_watched_as_it_is(string kind, int layers)
    {
        Layer model = Build(kind);
        Dictionary<string, Tensor> before = Copy(model);
        GramDetector detector = Detector(model);
        Assert.Equal(layers, detector.Layers.Count);
        Assert.Distinct(detector.Layers);
        foreach ((string name, Tensor tensor) in model.State()) Check.Same(tensor, before[name], name);

        GramDeviations training = detector.Deviations(Training);
        for (int i = 0; i < training.Count; i++)
            for (int layer = 0; layer < layers; layer++) Assert.Equal(0, training[i, layer]); // exactly: the same arithmetic as for the ranges
        Assert.All(detector.Score(Training), score => Assert.Equal(0, score));

        Tensor loud = Validation * 50;
        Assert.All(detector.IsOutside(loud), Assert.True);
        Assert.True(detector.Score(loud).Min() > detector.Score(Validation).Max());
    }

    [Fact]
    public void Layers_are_named_as_in_the_model()
    {
        Assert.Equal(["0.0", "0.2", "0.3", "0.5", "0.7", "0.9"], Detector(Build("convolutions")).Layers);
        Assert.Equal(["conv1", "relu", "layer1.0.shortcut", "layer1.0.conv1", "layer1.0.relu1", "layer1.0.conv2", "layer1.0.bn2", "layer1.0.output"],
            Detector(Build("post-activation")).Layers.Take(8));
        GramOptions units = new() { Layers = name => name.StartsWith("layer2", StringComparison.Ordinal) };
        Assert.Equal(["layer2.0.relu1", "layer2.0.shortcut", "layer2.0.conv1", "layer2.0.relu2", "layer2.0.conv2", "layer2.0.output"], Detector(Build("wide"), units).Layers);
    }

    [Fact]
    public void The_worked_example_of_two_classes_and_two_layers()
    {
        // Logits are the ReLU of the inputs. Row sums of order 1 of features (a, b) are a (a + b) and b (a + b).
        Layer model = Identities();
        GramDetector detector = OutOfDistribution.FromGramMatrices(model, Tensor.From([2, 1, 4, 1], [2, 2]), Tensor.From([1, 3], [1, 2]), new GramOptions { Orders = 1 });
        Assert.Equal([0], detector.PredictedClasses);
        GramDeviations deviations = detector.Deviations(Tensor.From([1, 3, 5, 1, 3, 1], [3, 2]));
        Assert.Equal([1, 0, 0], deviations.Predicted);
        // (1, 3): 4 and 12 outside [6, 20] and [3, 5], those of all training inputs, for none was taken for class 1. The confidence is that of a difference of 2.
        double confidence = 1 / (1 + Math.Exp(-2));
        Assert.Equal(confidence, deviations.Confidence[0], 1e-7);
        Assert.Equal((2.0 / 6 + 7.0 / 5) / confidence, deviations[0, 0], 1e-5);
        // (5, 1): 30 and 6 outside of the same, by 10/20 and 1/5; (3, 1): 12 and 4 within.
        Assert.Equal((0.5 + 0.2) * (1 + Math.Exp(-4)), deviations[1, 1], 1e-5);
        Assert.Equal((0, 0), (deviations[2, 0], deviations[2, 1]));
        Assert.Equal(2 * 2, detector.NumbersPerClass / 2);
        // The one validation input sets the scale: each layer deviates as usual, by 1.
        Assert.Equal(2, detector.Score(Tensor.From([1, 3], [1, 2]))[0], 1e-5f);
        Assert.Equal(2, detector.Threshold, 1e-5);
        Assert.Equal(1 - confidence, detector.ScoreWithConfidence(deviations)[0], 1e-5f);
    }

    [Fact]
    public void A_value_below_or_above_the_range_deviates_by_its_share_of_the_bound()
    {
        GramRange range = new([1]);
        range.Widen(0, [2]);
        range.Widen(0, [4]);
        Assert.Equal(0.5, range.Deviation(0, [1]), 1e-6);
        Assert.Equal(0.25, range.Deviation(0, [5]), 1e-6);
        foreach (double within in (double[])[2, 3, 4]) Assert.Equal(0, range.Deviation(0, [within]));
    }

    [Fact]
    public void A_bound_of_minus_epsilon_does_not_divide_by_zero()
    {
        GramRange range = new([1]);
        range.Widen(0, [-1e-6]);
        Assert.Equal(0.5, range.Deviation(0, [-2e-6]), 1e-9); // the authors' |min + ε| would be 0 here
    }

    [Fact]
    public void More_training_inputs_can_only_bring_an_input_nearer()
    {
        Layer model = Build("convolutions");
        GramDetector few = OutOfDistribution.FromGramMatrices(model, Part(Training, 30), Validation), many = Detector(model);
        GramDeviations before = few.Deviations(Validation), after = many.Deviations(Validation);
        bool nearer = false;
        for (int i = 0; i < before.Count; i++)
            for (int layer = 0; layer < before.LayerCount && few.PredictedClasses.Contains(before.Predicted[i]); layer++)
            {
                Assert.True(after[i, layer] <= before[i, layer] * (1 + 1e-4) + 1e-6);
                nearer |= after[i, layer] < before[i, layer];
            }
        Assert.True(nearer);
    }

    [Theory, InlineData(1), InlineData(7), InlineData(33)]
    public void How_many_inputs_go_together_does_not_matter(int batchSize)
    {
        Layer model = Build("convolutions");
        float[] expected = Detector(model).Score(Validation), scores = Detector(model, new GramOptions { BatchSize = batchSize }).Score(Validation);
        for (int i = 0; i < scores.Length; i++) Assert.Equal(expected[i], scores[i], 1e-3f * (1 + expected[i]));
    }

    [Fact]
    public void The_threshold_lets_the_part_of_the_validation_inputs_through_that_was_asked_for()
    {
        Layer model = Build("convolutions");
        Assert.Equal(2, Detector(model).IsOutside(Validation).Count(outside => outside)); // 5 % of 40
        Assert.Equal(10, Detector(model, new GramOptions { KeptInside = 0.75 }).IsOutside(Validation).Count(outside => outside));
        Assert.DoesNotContain(true, Detector(model, new GramOptions { KeptInside = 1 }).IsOutside(Validation));
    }

    [Fact]
    public void With_other_validation_inputs_scale_and_threshold_are_theirs_and_the_ranges_stay()
    {
        Layer model = Build("convolutions");
        GramDetector detector = Detector(model);
        GramDeviations deviations = detector.Deviations(Validation), second = deviations.Subset([.. Enumerable.Range(20, 20)]);
        GramDetector calibrated = detector.Calibrated(second);
        GramDetector direct = OutOfDistribution.FromGramMatrices(model, Training, Tensor.From(Validation.Span[(20 * 64)..], [20, 1, 8, 8]));
        for (int layer = 0; layer < 6; layer++) Assert.Equal(direct.Scale[layer], calibrated.Scale[layer], 1e-4 * (1 + direct.Scale[layer]));
        Assert.NotEqual(detector.Threshold, calibrated.Threshold);
        Assert.Equal(deviations.Confidence.Skip(20), second.Confidence);
        Assert.Equal(deviations[25, 3], second[5, 3]);
    }

    [Fact]
    public void The_upper_triangle_is_another_detector_with_more_numbers()
    {
        Layer model = Build("convolutions");
        GramDetector rows = Detector(model), triangle = Detector(model, new GramOptions { Statistic = GramStatistic.UpperTriangle });
        Assert.Equal(2 * 10 * (4 + 4 + 8 * 4), rows.NumbersPerClass);
        Assert.Equal(2 * 10 * (2 * (4 * 5 / 2) + 4 * (8 * 9 / 2)), triangle.NumbersPerClass);
        Assert.All(triangle.Score(Training), score => Assert.Equal(0, score));
        Assert.NotEqual(rows.Score(Validation), triangle.Score(Validation));
    }

    [Fact]
    public void Features_that_overflow_are_outside_and_no_ranges_can_be_made_of_them()
    {
        Layer model = Identities(weight: 1e10f);
        Tensor training = Tensor.From([2, 1, 4, 1], [2, 2]), validation = Tensor.From([1, 3], [1, 2]), broken = Tensor.From([1, 2, 1e35f, 1], [2, 2]);
        GramDetector detector = OutOfDistribution.FromGramMatrices(model, training, validation);
        Assert.Equal(float.PositiveInfinity, detector.Score(broken)[1]);
        Assert.True(detector.IsOutside(broken)[1]);
        Assert.Contains("training input 1 in '0' are not finite",
            Assert.Throws<ArgumentException>(() => OutOfDistribution.FromGramMatrices(model, broken, validation)).Message, StringComparison.Ordinal);
        Assert.Contains("validation input 1",
            Assert.Throws<ArgumentException>(() => OutOfDistribution.FromGramMatrices(model, training, broken)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_watched_is_refused()
    {
        Rng rng = new(1);
        Layer model = Build("convolutions"), regression = new Sequential(new Flatten(), new Linear(64, 3, rng));
        Refused("has no layer to look at;", () => Detector(regression));
        Refused("among those that options.Layers chooses", () => Detector(model, new GramOptions { Layers = _ => false }));
        Refused("KeptInside is 1.5", () => Detector(model, new GramOptions { KeptInside = 1.5 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Detector(model, new GramOptions { Orders = 0 }));
        Assert.Contains("gives (60, 1) for 60 inputs", Assert.Throws<ShapeException>(() =>
            Detector(new Sequential(new Flatten(), new Linear(64, 4, rng), Activation.Relu, new Linear(4, 1, rng)))).Message, StringComparison.Ordinal);
        GramDetector detector = Detector(model);
        Refused("deviations of 4 layers", () => detector.Score(Detector(Build("perceptron")).Deviations(Validation)));
        Refused("no validation inputs", () => detector.Calibrated(detector.Deviations(Validation).Subset()));
    }

    private static void Refused(string words, Action act) =>
        Assert.Contains(words, Assert.Throws<ArgumentException>(act).Message, StringComparison.Ordinal);

    private static GramDetector Detector(Layer model, GramOptions? options = null) => OutOfDistribution.FromGramMatrices(model, Training, Validation, options);

    private static Layer Build(string kind)
    {
        Rng rng = new(5);
        return kind switch
        {
            "convolutions" => new Sequential(ConvTrunk.Small(1, 4, rng), new Linear(ConvTrunk.SmallFeatures(4), 3, rng)),
            "post-activation" => ResNet.Cifar(8, 3, rng, width: 4, channels: 1),
            "projections" => ResNet.Cifar(14, 3, rng, width: 4, channels: 1, Shortcut.Projection),
            "pre-activation" => ResNet.PreActivation(11, 3, rng, channels: 1),
            "wide" => ResNet.Wide(10, 1, 3, rng, channels: 1),
            "bottleneck" => ResNet.CifarBottleneck(11, 3, rng, width: 4, channels: 1),
            "sequence" => new Sequential(new Flatten(2), new Linear(64, 6, rng), Activation.Gelu, new Flatten(), new Linear(6, 5, rng), Activation.Tanh, new Linear(5, 3, rng)),
            _ => new Sequential(new Flatten(), new Linear(64, 12, rng), Activation.Relu, new Linear(12, 12, rng), Activation.Tanh, new Linear(12, 3, rng)),
        };
    }

    private static Sequential Identities(float weight = 1)
    {
        Linear first = new(2, 2, new Rng(1), bias: false), last = new(2, 2, new Rng(1), bias: false);
        new float[] { weight, 0, 0, weight }.CopyTo(first.Weight.Values);
        new float[] { 1, 0, 0, 1 }.CopyTo(last.Weight.Values);
        return new Sequential(first, Activation.Relu, last);
    }

    private static Dictionary<string, Tensor> Copy(Layer model) => model.State().ToDictionary(s => s.Key, s => Tensor.From(s.Value.Span, s.Value.Shape));

    private static Tensor Images(long seed, int count) => new Rng(seed).Normal([count, 1, 8, 8]).Keep();

    private static Tensor Part(Tensor images, int count) => Tensor.From(images.Span[..(count * 64)], [count, 1, 8, 8]);
}
