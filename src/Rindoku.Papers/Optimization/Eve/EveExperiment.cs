using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Lab.Reports;
using Rindoku.Nn;
using Rindoku.Ops;
using Rindoku.Optim;

namespace Rindoku.Papers.Optimization.Eve;

/// <summary>What can be set in a comparison of Eve with other optimizers.</summary>
public sealed record EveSettings : IValidatableObject
{
    /// <summary>The data set.</summary>
    [Description("digits (embedded), or mnist, fashion-mnist or cifar10 from the data folder")]
    public ImageSet Data { get; init; }

    /// <summary>How many of the training images are used; 0 for all.</summary>
    [Range(0, int.MaxValue), Description("training images used; 0 for all")]
    public int Images { get; init; }

    /// <summary>Filters of the first stage of the convolutional network.</summary>
    [Range(1, int.MaxValue), Description("filters of the first stage; the second has twice as many")]
    public int Width { get; init; } = 12;

    /// <summary>Convolutions of its second stage.</summary>
    [Range(1, int.MaxValue), Description("convolutions of the second stage")]
    public int SecondStage { get; init; } = 1;

    /// <summary>Units of its dense layer.</summary>
    [Range(1, int.MaxValue), Description("units of the dense layer")]
    public int Dense { get; init; } = 64;

    /// <summary>Passes over the training images.</summary>
    [Range(1, int.MaxValue), Description("passes over the training images")]
    public int Epochs { get; init; } = 30;

    /// <summary>Images in a batch.</summary>
    [Range(1, int.MaxValue), Description("images in a batch")]
    public int BatchSize { get; init; } = 64;

    /// <summary>The learning rates; each network is trained with each of them.</summary>
    [Description("learning rates; each network is trained with each, and the best is taken")]
    public IReadOnlyList<double> Rates { get; init; } = [1e-4, 3e-4, 1e-3, 3e-3, 1e-2];

    /// <summary>At which rate Eve is compared with Adam at the rate that Eve had on average; 0 for nowhere.</summary>
    [Range(0, double.MaxValue), Description("the arms of Eve also train Adam, with what Eve's rate was on average when it began with this one; 0 for not at all")]
    public double MatchedRate { get; init; } = 1e-3;

    /// <summary>For the algorithm of 2016: whether losses are compared with the raw loss, as in the code since February 2017.</summary>
    [Description("eve-v1 only: compare with the raw loss of the step before, as the authors' code does since February 2017")]
    public bool AgainstRawLoss { get; init; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Rates.Count == 0 || Rates.Any(rate => rate <= 0) || Rates.Distinct().Count() < Rates.Count)
            yield return new ValidationResult("needed one or more different rates above 0, such as 0.0001,0.001.", [nameof(Rates)]);
        if (MatchedRate > 0 && !Rates.Contains(MatchedRate))
            yield return new ValidationResult("needed one of the rates, or 0.", [nameof(MatchedRate)]);
    }
}

/// <summary>Eve in both forms against Adam and others: the same networks, start values, batches and dropout, at every rate of a grid.</summary>
public sealed class EveExperiment : Experiment<EveSettings>
{
    private const string Later = "eve", First = "eve-v1", Adam = "adam", Logistic = "logistic", Cnn = "cnn";

    private static readonly string[] Others = [Adam, "adamax", "rmsprop", "adagrad", "sgd"];

    /// <inheritdoc/>
    public override IReadOnlyList<Arm> Arms { get; } =
    [
        new(Later, "Eve as in the versions of 2017 and 2018: the rate divided by d"),
        new(First, "Eve as published in November 2016: the root multiplied by d, from a tracked loss"),
        new(Adam, "Adam"),
        new("adamax", "Adamax"),
        new("rmsprop", "RMSprop"),
        new("adagrad", "Adagrad"),
        new("sgd", "stochastic gradient descent with Nesterov's momentum of 0.9"),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<Claim> Claims(Profile profile) => profile == Profile.Quick
        ? [.. ClaimsOf(Later), .. ClaimsOf(First), .. Sensitivity(), .. Matched()]
        : [.. FullClaimsOf(Later), .. FullClaimsOf(First), .. Matched(), Headline(Cnn), Headline(Logistic)];

    private static IEnumerable<Claim> ClaimsOf(string eve) =>
    [
        EqualRates($"logistic-{eve}", $"Logistic regression: at every rate the training loss of {eve} is at most 0.95 times Adam's", eve, Logistic,
            upTo: double.PositiveInfinity, 0.95),
        EqualRates($"cnn-{eve}", $"Convolutional network: at rates up to 0.001 the training loss of {eve} is at most 0.85 times Adam's", eve, Cnn, 1e-3, 0.85),
        Claim.Ratio($"logistic-best-{eve}", $"Logistic regression, each at its best rate: at most 0.95 times Adam's ({eve})", $"{Logistic} best loss",
            Better.Lower, eve, Adam, 0.95),
        Claim.Ratio($"cnn-best-{eve}", $"Convolutional network, each at its best rate: no higher than Adam's ({eve})", $"{Cnn} best loss", Better.Lower, eve, Adam),
    ];

    private static IEnumerable<Claim> FullClaimsOf(string eve) =>
    [
        Claim.Ratio($"cnn-best-{eve}", $"Convolutional network, each at its best rate: at most 1.05 times Adam's ({eve})", $"{Cnn} best loss",
            Better.Lower, eve, Adam, 1.05),
        EqualRates($"cnn-{eve}", $"Convolutional network: at every rate up to 0.001 the training loss of {eve} is lower than Adam's", eve, Cnn, 1e-3, 1),
    ];

    private static IEnumerable<Claim> Sensitivity() => ((string[])[Logistic, Cnn]).Select(network =>
        Claim.Statistic($"{network}-sensitivity", $"The loss depends less on the rate than Adam's, up to the best rate ({network})", $"{network} best loss", Better.Lower,
            [Later, Adam], "worst / best, of eve / of adam", arms => WorstOverBest(arms[Later], network) / WorstOverBest(arms[Adam], network), 1));

    private static IEnumerable<Claim> Matched() => ((string[])[Logistic, Cnn]).Select(network =>
        Claim.Statistic($"{network}-matched", $"The loss is lower than that of Adam at the rate that Eve had on average ({network}): d is more than a larger rate",
            $"{network} matched loss", Better.Lower, [Later], "eve / adam at eve's mean rate", arms => arms[Later][$"{network} matched ratio"], 1));

    private static Claim Headline(string network) =>
        Claim.Statistic($"headline-{network}", $"Each at its best rate, Eve's training loss is lower than that of all five others (the paper's headline; {network})",
            $"{network} best loss", Better.Lower, [Later, .. Others], "eve / best of the others",
            arms => arms[Later][$"{network} best loss"] / Others.Min(other => arms[other][$"{network} best loss"]), 1);

    private static Claim EqualRates(string id, string statement, string eve, string network, double upTo, double bar) =>
        Claim.Statistic(id, statement, $"{network} best loss", Better.Lower, [eve, Adam], $"largest {eve} / {Adam} at equal rates",
            arms => Losses(arms[eve], network).Where(at => at.Rate <= upTo).Max(at => at.Loss / Losses(arms[Adam], network).First(a => a.Rate == at.Rate).Loss), bar);

    private static double WorstOverBest(ArmResult result, string network)
    {
        (double Rate, double Loss)[] losses = [.. Losses(result, network)];
        (double bestRate, double best) = losses.MinBy(at => at.Loss);
        return losses.Where(at => at.Rate <= bestRate).Max(at => at.Loss) / best;
    }

    private static IEnumerable<(double Rate, double Loss)> Losses(ArmResult result, string network)
    {
        string prefix = $"{network} loss, rate ";
        return result.Metrics.Where(m => m.Key.StartsWith(prefix, StringComparison.Ordinal))
            .Select(m => (double.Parse(m.Key[prefix.Length..], CultureInfo.InvariantCulture), m.Value));
    }

    /// <inheritdoc/>
    protected override EveSettings Settings(Profile profile, string arm)
    {
        EveSettings settings = profile switch
        {
            Profile.Quick => new(),
            Profile.Full => new() { Data = ImageSet.Mnist, Width = 8, Epochs = 8, BatchSize = 128 },
            _ => new() { Data = ImageSet.Cifar10, Width = 32, SecondStage = 2, Dense = 512, Epochs = 500, BatchSize = 128 },
        };
        return settings with { Rates = Rates(profile, arm), MatchedRate = arm == Later ? settings.MatchedRate : 0 };
    }

    // Around each optimizer's own scale, as many rates for each.
    private static double[] Rates(Profile profile, string arm) => (profile, arm) switch
    {
        (Profile.Paper, _) => [1e-6, 5e-6, 1e-5, 5e-5, 1e-4, 5e-4, 1e-3, 5e-3, 1e-2, 5e-2, 1e-1],
        (_, "adagrad" or "sgd") => [3e-3, 1e-2, 3e-2, 1e-1, 3e-1],
        _ => [1e-4, 3e-4, 1e-3, 3e-3, 1e-2],
    };

    /// <inheritdoc/>
    protected override EveSettings Smoke(EveSettings quick)
    {
        ArgumentNullException.ThrowIfNull(quick);
        double rate = quick.MatchedRate > 0 ? quick.MatchedRate : quick.Rates[2];
        return quick with { Epochs = 2, Width = 4, Images = 192, Rates = [rate] };
    }

    /// <inheritdoc/>
    protected override Probe Probe(ArmRun<EveSettings> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        (Tensor x, IntTensor y) = ImageTask.Sample(run.Settings.Data, count: 16, run.Rng.Split("images"));
        Layer logistic = Network(Logistic, run, x.Shape[1..], 10), cnn = Network(Cnn, run, x.Shape[1..], 10);
        return new Probe(new ModuleList(logistic, cnn), () => logistic.Forward(x).CrossEntropy(y) + cnn.Forward(x).CrossEntropy(y),
            () => Tensor.Concat([logistic.Forward(x), cnn.Forward(x)], 1))
        { Steps = 400 };
    }

    private static Layer Network(string network, ArmRun<EveSettings> run, Shape image, int classes)
    {
        EveSettings s = run.Settings;
        Rng weights = run.Rng.Split($"{network} weights");
        return network == Logistic ? EveNetworks.Logistic(image, classes, weights)
            : EveNetworks.DropoutCnn(image, classes, s.Width, s.SecondStage, s.Dense, weights);
    }

    private static Optimizer Optimizer(string arm, EveSettings s, IReadOnlyList<Parameter> parameters, double rate) => arm switch
    {
        Later => new Optim.Eve(parameters, rate),
        First => new EveV1(parameters, rate, againstRawLoss: s.AgainstRawLoss),
        Adam => new Adam(parameters, rate),
        "adamax" => new AdaMax(parameters, rate),
        "rmsprop" => new RmsProp(parameters, rate, smoothing: 0.9), // Keras' and the lecture's smoothing
        "adagrad" => new Adagrad(parameters, rate),
        _ => new Sgd(parameters, rate, momentum: 0.9, nesterov: true),
    };

    /// <inheritdoc/>
    protected override ArmResult Run(ArmRun<EveSettings> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        ImageTask task = ImageTask.Load(run.Settings.Data, run.Data);
        LabelledSet train = run.Settings.Images == 0 ? task.Train : task.Train[..Math.Min(task.Train.Count, run.Settings.Images)];
        ArmResult result = new();
        foreach (string network in (string[])[Logistic, Cnn]) Compare(run, train, network, result);
        result.Figures.Insert(0, new LineChart("Training loss after the last epoch, at each rate", new Axis("learning rate") { Logarithmic = true },
            new Axis("cross-entropy") { Logarithmic = true }, [.. ((string[])[Logistic, Cnn]).Select(network => new LineSeries(network,
                [.. Losses(result, network).Select(at => at.Rate)], [.. Losses(result, network).Select(at => at.Loss)]))]));
        return result;
    }

    private static void Compare(ArmRun<EveSettings> run, LabelledSet train, string network, ArmResult result)
    {
        List<(double Rate, Training Training)> trainings = [];
        foreach (double rate in run.Settings.Rates)
            if (Train(run, train, network, run.Arm, rate, $"{network}-{Text(rate)}") is { } training) trainings.Add((rate, training));
            else result.Notes.Add($"{network}: diverged at rate {Text(rate)}");
        if (trainings.Count == 0) throw new LabException($"The {network} network diverged at every rate; give lower ones, as in --set rates=0.0001,0.001.");

        foreach ((double rate, Training training) in trainings) result[$"{network} loss, rate {Text(rate)}"] = training.Loss;
        (double bestRate, Training best) = trainings.MinBy(t => t.Training.Loss);
        result[$"{network} best loss"] = best.Loss;
        result[$"{network} best rate"] = bestRate;
        List<LineSeries> curves = [.. trainings.Select(t => Curve($"rate {Text(t.Rate)}", t.Training))];
        if (trainings.FirstOrDefault(t => t.Rate == run.Settings.MatchedRate).Training is { Divisors: { } divisors } eve
            && Train(run, train, network, Adam, run.Settings.MatchedRate * divisors.MeanFactor, $"{network}-matched") is { } adam)
        {
            result[$"{network} eve's mean rate / its rate"] = divisors.MeanFactor;
            result[$"{network} matched loss"] = adam.Loss;
            result[$"{network} matched ratio"] = eve.Loss / adam.Loss;
            curves.Add(Curve("Adam at Eve's mean rate", adam));
        }
        result.Figures.Add(new LineChart($"Loss in training, {network}", "step", new Axis("cross-entropy") { Logarithmic = true }, curves));
        if (best.Divisors is not null)
            result.Figures.Add(new LineChart($"d over the steps, {network}", "step", "d", [.. trainings.Select(t => new LineSeries($"rate {Text(t.Rate)}",
                [.. Enumerable.Range(1, t.Training.Divisors!.Divisors.Count).Select(step => (double)step)], [.. t.Training.Divisors.Divisors.Select(d => (double)d)]))])
            { Caption = "Below 1 the rate is larger than Adam's." });
    }

    private static LineSeries Curve(string name, Training training) =>
        new(name, [.. training.History.Steps("train/loss").Select(step => (double)step)], training.History.Values("train/loss"));

    /// <summary>Trains a network with one optimizer at one rate; null where it diverges.</summary>
    private static Training? Train(ArmRun<EveSettings> run, LabelledSet train, string network, string arm, double rate, string name)
    {
        Layer model = Network(network, run, train.InputShape, train.ClassCount);
        Optimizer optimizer = Optimizer(arm, run.Settings, model.Parameters, rate);
        DivisorLog? divisors = optimizer is FeedbackAdam eve ? new DivisorLog(eve) : null;
        Loader batches = new(train, new LoaderOptions(run.Settings.BatchSize), run.Rng.Split("batches"));
        Trainer<Batch> trainer = new(run, model, optimizer, batch => model.Forward(batch.X).CrossEntropy(batch.Y)) { Name = name, AfterStep = _ => divisors?.Note() };
        if (divisors is not null) trainer.State.Add("divisors", divisors);
        try
        {
            MetricHistory history = trainer.Fit(batches, run.Settings.Epochs).History;
            model.Eval(); // the loss over all training images, without dropout: what the optimizer is for
            return new Training(Classification.Scores(model.Forward, train).CrossEntropy(train.Labels).Item(), history, divisors);
        }
        catch (DivergedException)
        {
            return null;
        }
    }

    private static string Text(double rate) => rate.ToString("0.##########", CultureInfo.InvariantCulture);

    private sealed record Training(double Loss, MetricHistory History, DivisorLog? Divisors);
}
