using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Lab.Reports;
using Rindoku.Nn;
using Rindoku.Ops;
using Rindoku.Optim;
using Rindoku.Optim.Schedules;
using Rindoku.Uncertainty;

namespace Rindoku.Papers.Uncertainty.GramOod;

/// <summary>A classifier that was trained as usual, with the detector on it and what that says of the test images and of the sets from outside.</summary>
internal sealed class Study
{
    /// <summary>The scores that are compared on the same network.</summary>
    public const string Gram = "gram", Softmax = "msp", Combined = "combined";

    private static readonly (string Name, Func<GramDetector, GramDeviations, float[]> Of)[] Scores =
    [
        (Gram, (detector, deviations) => detector.Score(deviations)),
        (Softmax, (_, deviations) => [.. deviations.Confidence.Select(p => (float)(1 - p))]),
        (Combined, (detector, deviations) => detector.ScoreWithConfidence(deviations)),
    ];

    private readonly GramOodSettings settings;
    private readonly GramDetector detector;
    private readonly LabelledSet test;
    private readonly GramDeviations inside;
    private readonly IReadOnlyList<(OutsideSet Set, GramDeviations Deviations)> outside;

    private Study(ArmRun<GramOodSettings> run, Layer network, LabelledSet train, LabelledSet test, IReadOnlyList<OutsideSet> outside, Func<Tensor, Tensor> prepare)
    {
        (settings, this.test) = (run.Settings, test);
        long start = run.Time.GetTimestamp();
        Tensor inputs = prepare(test.Inputs);
        // Every division of the test images sets the scale anew; this first tenth is only a beginning.
        detector = OutOfDistribution.FromGramMatrices(network, prepare(train.Inputs), inputs.Slice(0, ..(test.Count / 10)), settings.Options());
        inside = detector.Deviations(inputs);
        DetectorSeconds = run.Time.GetElapsedTime(start).TotalSeconds;
        this.outside = [.. outside.Select(set => (set, detector.Deviations(prepare(set.Inputs))))];
    }

    /// <summary>The classifier.</summary>
    public required TrainedClassifier Trained { get; init; }

    /// <summary>How long the ranges of the training images and the deviations of the test images took.</summary>
    public double DetectorSeconds { get; }

    /// <summary>Trains a classifier and examines it.</summary>
    /// <param name="run">The run.</param>
    /// <param name="name">The name of the training.</param>
    /// <param name="train">Training images, pixels from 0 to 1.</param>
    /// <param name="test">Test images.</param>
    /// <param name="outside">Images from outside.</param>
    public static Study Of(ArmRun<GramOodSettings> run, string name, LabelledSet train, LabelledSet test, IReadOnlyList<OutsideSet> outside)
    {
        GramOodSettings s = run.Settings;
        // All images go through one preparation: the detector would see the traces of another.
        Normalise? normalise = train.InputShape[0] == 3 ? Normalise.Fit(train) : null;
        Layer network = s.Build(train.InputShape, train.ClassCount, run.Rng.Split("weights"));
        TrainedClassifier trained = Train(run, name, network, normalise?.Apply(train) ?? train, normalise?.Apply(test) ?? test);
        return new Study(run, network, train, test, outside, images => normalise?.Apply(images) ?? images) { Trained = trained };
    }

    /// <summary>How well each score tells each set from the test images: means over divisions of the test images.</summary>
    /// <remarks>A tenth of the test images sets the detector's scale; it is measured on the others and on whole sets from outside (the paper's protocol).</remarks>
    public Dictionary<string, double> Metrics()
    {
        Dictionary<string, double> means = [];
        for (int division = 1; division <= settings.Divisions; division++)
        {
            (GramDetector calibrated, GramDeviations rest) = Divided(division);
            Add("inside let through", 100 * calibrated.Score(rest).Average(score => score <= calibrated.Threshold ? 1.0 : 0));
            foreach ((string score, Func<GramDetector, GramDeviations, float[]> of) in Scores)
            {
                float[] scores = of(calibrated, rest);
                foreach ((OutsideSet set, GramDeviations deviations) in outside)
                    foreach ((string metric, double value) in Detection.Of(scores, of(calibrated, deviations)).Metrics(set.Name))
                        if (!metric.StartsWith("aupr", StringComparison.Ordinal)) Add($"{score} {metric}", value);
            }
        }
        return means;

        void Add(string metric, double value) => means[metric] = means.GetValueOrDefault(metric) + value / settings.Divisions;
    }

    /// <summary>The scores of all sets, for each score, and how far the sets deviate in which layer.</summary>
    public IEnumerable<Figure> Figures(string about)
    {
        (GramDetector calibrated, GramDeviations rest) = Divided(1);
        (string Name, GramDeviations Deviations)[] sets = [("test images", rest), .. outside.Select(o => (o.Set.Name, o.Deviations))];
        yield return Detection.Histogram($"{about}: how far images deviate from the training images", "log10 (1 + Δ)",
            [.. sets.Select(set => (set.Name, Array.ConvertAll(calibrated.Score(set.Deviations), score => (float)Math.Log10(1 + score))))]) with
        { Caption = $"The Gram matrices' score. The threshold that lets 95 % of a tenth of the test images through is at {Math.Log10(1 + calibrated.Threshold):F2}." };
        yield return Detection.Histogram($"{about}: how unsure the same network is by its softmax", "1 - largest probability",
            [.. sets.Select(set => (set.Name, Array.ConvertAll([.. set.Deviations.Confidence], p => (float)(1 - p))))]);

        double[,] values = new double[sets.Length, calibrated.Layers.Count];
        for (int s = 0; s < sets.Length; s++)
        {
            double[] mean = sets[s].Deviations.Mean();
            for (int layer = 0; layer < mean.Length; layer++) values[s, layer] = Math.Log10(1 + mean[layer] / calibrated.Scale[layer]);
        }
        yield return new Heatmap($"{about}: in which layers they deviate", "layer", "set", [.. Enumerable.Range(1, calibrated.Layers.Count).Select(layer => $"{layer}")],
            [.. sets.Select(set => set.Name)], values)
        { Caption = $"log10 (1 + mean deviation / that of validation images), from the first layer to the last: {string.Join(", ", calibrated.Layers)}." };
    }

    /// <summary>A few images of each set with what the network takes them for, how sure it is, and how far they deviate.</summary>
    public Figure Pictures(string title)
    {
        const int each = 4;
        GramDetector calibrated = Divided(1).Calibrated;
        List<Tensor> images = [];
        List<string> labels = [];
        foreach ((string name, Tensor inputs, GramDeviations deviations) in (IEnumerable<(string, Tensor, GramDeviations)>)
            [("test", test.Inputs, inside), .. outside.Select(o => (o.Set.Name, o.Set.Inputs, o.Deviations))])
        {
            int shown = Math.Min(each, deviations.Count);
            images.Add(inputs.Slice(0, ..shown));
            float[] scores = calibrated.Score(deviations.Subset([.. Enumerable.Range(0, shown)]));
            labels.AddRange(scores.Select((score, i) => $"{name}: {test.ClassNames[deviations.Predicted[i]]} {100 * deviations.Confidence[i]:F0} %, Δ {score:G3}"));
        }
        return new ImageGrid(title, Tensor.Concat([.. images]).Keep(), labels)
        { Columns = each, Caption = $"Below each its predicted class with the softmax probability, and its score. Above {calibrated.Threshold:G3} it is told to be from outside." };
    }

    private (GramDetector Calibrated, GramDeviations Others) Divided(int division)
    {
        int[] order = new Rng(division).Permutation(inside.Count);
        int tenth = inside.Count / 10;
        return (detector.Calibrated(inside.Subset(order.AsSpan(..tenth))), inside.Subset(order.AsSpan(tenth..)));
    }

    private static TrainedClassifier Train(ArmRun<GramOodSettings> run, string name, Layer network, LabelledSet train, LabelledSet test)
    {
        GramOodSettings s = run.Settings;
        int side = train.InputShape[1];
        Transform? augmentation = s.ShiftsAndMirrors ? new Compose(new RandomCrop(side, side, padding: side / 8), new RandomHorizontalFlip()) : null;
        return new ClassifierTraining(run, network, ClassificationTask.Of(train, test, augmentation),
            new Sgd(network.Parameters, s.LearningRate, momentum: 0.9, weightDecay: s.WeightDecay))
        {
            Name = name,
            BatchSize = Math.Min(s.BatchSize, train.Count),
            Schedule = steps => new MultiStep(s.LearningRate, [steps / 2, steps * 3 / 4]),
            EvaluateEvery = Every.Steps(Math.Max(1, s.Steps / 3)),
        }.FitSteps(s.Steps);
    }
}
