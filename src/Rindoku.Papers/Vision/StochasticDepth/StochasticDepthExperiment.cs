using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Lab.Reports;
using Rindoku.Nn.ResNets;
using Rindoku.Ops;
using Rindoku.Optim;
using Rindoku.Optim.Schedules;

namespace Rindoku.Papers.Vision.StochasticDepth;

/// <summary>What can be set in a run of stochastic depth.</summary>
public sealed record StochasticDepthSettings : IValidatableObject
{
    /// <summary>The data set.</summary>
    [Description("digits (embedded), or mnist, fashion-mnist, cifar10 or cifar10-half from the data folder")]
    public ImageSet Data { get; init; }

    /// <summary>The depth of the network, 6n + 2.</summary>
    [Description("layers, 6n + 2")]
    public int Depth { get; init; } = 38;

    /// <summary>Channels of the first stage.</summary>
    [Range(1, int.MaxValue), Description("channels of the first stage; the next two have twice and four times as many")]
    public int Width { get; init; } = 8;

    /// <summary>The survival probability of the last block, p_L; 1 is constant depth.</summary>
    [Range(0.0, 1.0), Description("survival probability of the last block; 1 is constant depth")]
    public double LastSurvival { get; init; } = 0.5;

    /// <summary>How survival falls with depth.</summary>
    [Description("linear or uniform")]
    public SurvivalDecay Decay { get; init; }

    /// <summary>Passes over the training images.</summary>
    [Range(1, int.MaxValue), Description("passes over the training images")]
    public int Epochs { get; init; } = 30;

    /// <summary>Images in a batch.</summary>
    [Range(1, int.MaxValue), Description("images in a batch")]
    public int BatchSize { get; init; } = 64;

    /// <summary>The learning rate at the start; a tenth from half of the epochs, a hundredth from three quarters.</summary>
    [Range(0, double.MaxValue), Description("at the start; a tenth from half of the epochs on, a hundredth from three quarters")]
    public double LearningRate { get; init; } = 0.05;

    /// <summary>Weight decay.</summary>
    [Range(0, double.MaxValue), Description("weight decay, on all parameters")]
    public double WeightDecay { get; init; } = 1e-4;

    /// <summary>How many sets of blocks are taken out of the trained network.</summary>
    [Range(1, int.MaxValue), Description("sets of a third of the blocks taken out of the trained network")]
    public int Lesions { get; init; } = 30;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Depth < 8 || Depth % 6 != 2) yield return new ValidationResult($"got '{Depth}'; needed 6n + 2, such as 20, 38 or 110.", [nameof(Depth)]);
    }
}

/// <summary>Stochastic against constant depth: the same network, start values, batches and steps.</summary>
public sealed class StochasticDepthExperiment : Experiment<StochasticDepthSettings>
{
    private const string Stochastic = "stochastic", Constant = "constant";

    /// <inheritdoc/>
    public override IReadOnlyList<Arm> Arms { get; } =
    [
        new(Stochastic, "blocks left out at random in training, survival falling linearly to one half"),
        new(Constant, "the same network with all blocks, always"),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<Claim> Claims(Profile profile) =>
    [
        Claim.Statistic("blocks", "Training computes (3L - 1) / 4 of L blocks on average, within 2 %", "blocks per step", Better.Lower, [Stochastic],
            "|blocks / ((3L - 1) / 4) - 1|", arms => Math.Abs(arms[Stochastic]["blocks per step"] / arms[Stochastic]["expected blocks"] - 1), 0.02),
        Claim.Statistic("time", "A training step takes at most 0.92 times as long", "milliseconds per step", Better.Lower, [Stochastic], "stochastic / constant",
            arms => arms[Stochastic]["milliseconds per step"] / arms[Stochastic]["constant milliseconds per step"], 0.92),
        Claim.Paired("lesions", "With a third of the blocks taken out, accuracy is at least 5 points higher", "lesion accuracy", Better.Higher,
            Stochastic, Constant, 5, units: "lesion correct", unitScale: 100),
        Claim.Paired("not-worse", "Test accuracy is at most 1 point lower", "test accuracy", Better.Higher, Stochastic, Constant, -1,
            units: "correct", unitScale: 100),
        Claim.Paired("headline", "Test accuracy is higher (the paper's headline: CIFAR-10 error 6.41 to 5.25 % with 110 layers)", "test accuracy", Better.Higher,
            Stochastic, Constant, 0, units: "correct", unitScale: 100),
        Claim.Exact("parameters", "The 110-layer network has 1,727,962 parameters", "parameters", 1_727_962, () => ResNet.Cifar(110, 10, new Rng(0)).ParameterCount),
        Claim.Exact("expected-depth", "Of its 54 blocks 40.25 survive on average", "blocks", 40.25, () => new StochasticDepthRule(54, 0.5, new Rng(0)).ExpectedBlocks, 1e-9),
    ];

    /// <inheritdoc/>
    public override int Seeds(Profile profile) => profile == Profile.Quick ? 4 : 3; // what a minute and a quarter of an hour allow

    /// <inheritdoc/>
    protected override StochasticDepthSettings Settings(Profile profile, string arm)
    {
        double lastSurvival = arm == Constant ? 1 : 0.5;
        return profile switch
        {
            Profile.Quick => new() { LastSurvival = lastSurvival },
            Profile.Full => new() { Data = ImageSet.Cifar10, LastSurvival = lastSurvival, Depth = 20, Epochs = 20, BatchSize = 128, LearningRate = 0.1 },
            _ => new()
            {
                Data = ImageSet.Cifar10,
                LastSurvival = lastSurvival,
                Depth = 110,
                Width = 16,
                Epochs = 500,
                BatchSize = 128,
                LearningRate = 0.1,
            },
        };
    }

    /// <inheritdoc/>
    protected override ArmResult Run(ArmRun<StochasticDepthSettings> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        StochasticDepthSettings s = run.Settings;
        ImageTask images = Data(run);
        Rng gates = run.Rng.Split("gates");
        (ResNet model, StochasticDepthRule rule) = Model(s, run.Rng, images.Classes, images.Channels, gates);
        TrainedClassifier trained = new ClassifierTraining(run, model, ClassificationTask.Of(images), Optimizer(s, model))
        {
            BatchSize = s.BatchSize,
            Schedule = steps => new MultiStep(s.LearningRate, [steps / 2, steps * 3 / 4]),
            EvaluateEvery = Every.Epochs(3),
            AlsoKeep = state => state.Add("gates", gates).Add("blocks", new ComputedBlocks(rule)),
        }.Fit(s.Epochs);

        ArmResult result = trained.Result().With(trained.Figures());
        result["blocks per step"] = (double)rule.ComputedBlocks / trained.Outcome.Steps;
        result["expected blocks"] = rule.ExpectedBlocks;
        result.Figures.Add(ClassifierFigures.Examples(trained.Answers, images.Test));
        result.Figures.Add(SurvivalFigure(rule));
        MeasureLesions(run, model, rule, images.Test, result);
        if (s.LastSurvival < 1) TimeSteps(run, images.Train, result);
        return result;
    }

    private static (ResNet Model, StochasticDepthRule Rule) Model(StochasticDepthSettings s, Rng rng, int classes, int channels, Rng gates)
    {
        ResNet model = ResNet.Cifar(s.Depth, classes, rng.Split("weights"), s.Width, channels, Shortcut.PoolAndPad);
        StochasticDepthRule rule = new(model.Units.Count, s.LastSurvival, gates, s.Decay);
        model.Rule = rule;
        return (model, rule);
    }

    private static Sgd Optimizer(StochasticDepthSettings s, ResNet model) =>
        new(model.Parameters, s.LearningRate, momentum: 0.9, weightDecay: s.WeightDecay, nesterov: true);

    /// <summary>Times training steps of two networks of their own by turns, one with blocks left out and one with all.</summary>
    private static void TimeSteps(ArmRun<StochasticDepthSettings> run, LabelledSet train, ArmResult result)
    {
        LabelledSet batch = train[..Math.Min(train.Count, run.Settings.BatchSize)];
        Action Step(StochasticDepthSettings s)
        {
            Rng rng = run.Rng.Split("timing");
            ResNet model = Model(s, rng, train.ClassCount, train.InputShape[0], rng.Split("gates")).Model;
            Sgd optimizer = Optimizer(s, model);
            return () =>
            {
                optimizer.ZeroGrad();
                model.Forward(batch.Inputs).CrossEntropy(batch.Labels).Backward();
                optimizer.Step();
            };
        }

        const int rounds = 40; // the number of blocks in a step varies by a seventh: the mean of 40 by about 2 %
        (double stochastic, double constant) = PairedTiming.MeanSeconds(Step(run.Settings), Step(run.Settings with { LastSurvival = 1 }), rounds, run.Time, run.Stop);
        result["milliseconds per step"] = 1000 * stochastic;
        result["constant milliseconds per step"] = 1000 * constant;
    }

    /// <inheritdoc/>
    protected override StochasticDepthSettings Smoke(StochasticDepthSettings quick)
    {
        ArgumentNullException.ThrowIfNull(quick);
        return quick with { Epochs = 1, Depth = 14, Width = 4, Lesions = 2 };
    }

    /// <inheritdoc/>
    protected override Probe Probe(ArmRun<StochasticDepthSettings> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        (Tensor X, IntTensor Y) images = ImageTask.Sample(run.Settings.Data, count: 16, run.Rng.Split("images"));
        return Lab.Probe.OfClassifier(Model(run.Settings, run.Rng, classes: 10, images.X.Shape[1], run.Rng.Split("gates")).Model, images);
    }

    /// <inheritdoc/>
    public override long? PublishedParameters(string arm) => 1_727_962;

    /// <summary>Takes a third of the blocks out of the trained network, some at a time, and asks it again.</summary>
    private static void MeasureLesions(ArmRun<StochasticDepthSettings> run, ResNet model, StochasticDepthRule rule, LabelledSet test, ArmResult result)
    {
        float[] correct = new float[test.Count];
        int blocks = model.Units.Count;
        // The same sets for every arm and seed: the lesions are part of the test, not of the training.
        IReadOnlyList<IReadOnlySet<int>> lesions = Lesion.Draw(blocks, blocks / 3, run.Settings.Lesions, new Rng(0).Split("lesions"));
        foreach (IReadOnlySet<int> lesion in lesions)
        {
            model.Rule = new Lesion(rule, lesion);
            float[] still = Answers.Of(model.Forward, test).Correct;
            for (int i = 0; i < still.Length; i++) correct[i] += still[i] / lesions.Count;
        }
        model.Rule = rule;
        result["lesion accuracy"] = 100 * Errors.Mean(correct);
        result.Units["lesion correct"] = correct;
    }

    private static LineChart SurvivalFigure(StochasticDepthRule rule) =>
        new("How likely each block is computed in a training step", "block", "survival probability",
            [new LineSeries("survival", [.. Enumerable.Range(1, rule.Survival.Count).Select(l => (double)l)], rule.Survival)])
        { Caption = "The paper's figure 2: linear decay." };

    private static ImageTask Data(ArmRun<StochasticDepthSettings> run)
    {
        ImageTask task = ImageTask.Load(run.Settings.Data, run.Data, standardise: false);
        if (run.Settings.Data == ImageSet.Digits) return task;
        (LabelledSet train, LabelledSet test) = Standardise(task.Train, task.Test);
        return task with { Train = train, Test = test };
    }

    // Paper, §4 and code: the mean image is subtracted, then everything is divided by one deviation.
    private static (LabelledSet Train, LabelledSet Test) Standardise(LabelledSet train, LabelledSet test)
    {
        Tensor mean = train.Inputs.Mean([0]).Keep();
        Tensor centred = train.Inputs - mean;
        float scale = 1 / MathF.Sqrt((centred * centred).Mean().Item());
        return (new LabelledSet((centred * scale).Keep(), train.Labels, train.ClassNames),
            new LabelledSet(((test.Inputs - mean) * scale).Keep(), test.Labels, test.ClassNames));
    }
}
