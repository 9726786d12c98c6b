using System.Globalization;
using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Lab.Reports;
using Rindoku.Nn;
using Rindoku.Ops;
using Rindoku.Optim;
using Rindoku.Optim.Schedules;
using Rindoku.Uncertainty;

namespace Rindoku.Papers.Uncertainty.MarginalLikelihood;

/// <summary>Learns the classes of images with a prior chosen in one of the ways, and measures what comes out.</summary>
internal sealed class ImageRun
{
    public const string Evidence = "evidence per example", Accuracy = "accuracy";

    private readonly ArmRun<MarginalLikelihoodSettings> run;
    private readonly MarginalLikelihoodSettings s;
    private readonly OutsideTask task;

    private ImageRun(ArmRun<MarginalLikelihoodSettings> run)
    {
        (this.run, s) = (run, run.Settings);
        task = OutsideTask.Load(s.Data, run.Data, s.TrainingExamples, s.TestExamples, run.Rng.Split("task"));
    }

    /// <summary>A trained network with the prior it was trained with.</summary>
    private sealed record Trained(Layer Model, OnlineEvidence Prior, TrainingOutcome Outcome);

    public static ArmResult Run(ArmRun<MarginalLikelihoodSettings> run) => run.Settings.Selection switch
    {
        Selection.Online => new ImageRun(run).Online(),
        Selection.Grid => new ImageRun(run).Grid(),
        Selection.CrossValidation => new ImageRun(run).CrossValidated(),
        _ => new ImageRun(run).StoppedEarly(),
    };

    private ArmResult Online()
    {
        Trained trained = Train(task.Train, precision: null);
        return Measure(trained, trained.Prior.RestoreBest());
    }

    private ArmResult Grid()
    {
        ArmResult result = new();
        Trained online = Train(task.Train, precision: null, name: "online");
        LaplaceApproximation laplace = online.Prior.RestoreBest();
        double evidence = EvidencePerExample(online, laplace), accuracy = AccuracyOf(online.Model);
        List<double> evidences = [], accuracies = [];
        foreach (double precision in s.Precisions)
        {
            Trained trained = Train(task.Train, precision, Name(precision));
            evidences.Add(EvidencePerExample(trained, trained.Prior.Fit()));
            accuracies.Add(AccuracyOf(trained.Model));
            result[$"evidence, precision {Name(precision)}"] = evidences[^1];
            result[$"accuracy, precision {Name(precision)}"] = accuracies[^1];
        }
        (result[Evidence], result[Accuracy]) = (evidences.Max(), accuracies.Max()); // the best that a fixed precision can do, chosen with hindsight
        result["accuracy at the largest precision"] = accuracies[s.Precisions.Select((precision, i) => (precision, i)).Max().i];
        result.Figures.Add(Against("evidence per example", "nats", evidences, evidence, "The evidence tells good precisions from bad ones by the training images alone."));
        result.Figures.Add(Against("test accuracy", "%", accuracies, accuracy, "What the evidence chose, beside what each fixed precision would have given."));
        return result;
    }

    private ArmResult CrossValidated()
    {
        (LabelledSet held, LabelledSet rest) = Parts();
        Dictionary<double, double> losses = [];
        foreach (double precision in s.Precisions)
            losses[precision] = Calibration.Nll(Classification.Scores(Train(rest, precision, $"part {Name(precision)}").Model.Forward, held).Softmax(1), held.Labels);
        double chosen = losses.MinBy(loss => loss.Value).Key;
        Trained trained = Train(task.Train, chosen, "all");
        ArmResult result = Measure(trained, trained.Prior.Fit());
        result["chosen precision"] = chosen;
        return result;
    }

    private ArmResult StoppedEarly()
    {
        (LabelledSet held, LabelledSet rest) = Parts();
        return Measure(Train(rest, precision: null, held: held), laplace: null);
    }

    private (LabelledSet Held, LabelledSet Kept) Parts() => task.Train.Split(s.ValidationPart, run.Rng.Split("validation"), stratified: true);

    /// <summary>Trains a network.</summary>
    /// <param name="set">What it learns from.</param>
    /// <param name="precision">The fixed precision of the prior; null for one that is learned, or with <paramref name="held"/> for none.</param>
    /// <param name="name">The name of this training where a run has several.</param>
    /// <param name="held">The images by which to stop.</param>
    private Trained Train(LabelledSet set, double? precision, string name = "", LabelledSet? held = null)
    {
        Layer model = Networks.ForImages(s.Network, s.Width, set.InputShape, set.ClassCount, run.Rng.Split("weights"));
        OnlineEvidence prior = new(model, Observations.Of(set), s.Laplace, s.Online(precision));
        Loader batches = new(set, new LoaderOptions(Math.Min(s.BatchSize, set.Count)) { DropLast = true, Threads = 0 }, run.Rng.Split("batches"));
        long steps = (long)s.Epochs * batches.BatchCount;
        Trainer<Batch> trainer = new(run, model, new Adam(model.Parameters, s.LearningRate), Loss)
        {
            Name = name,
            Schedule = new Exponential(s.LearningRate, Math.Pow(0.01, 1.0 / steps)),
            AfterStep = step => { if (held is null && (step + 1) % batches.BatchCount == 0) prior.AfterEpoch((int)((step + 1) / batches.BatchCount)); },
            EvaluateEvery = held is null ? Every.Epochs(s.Every) : Every.Epoch,
            Evaluate = () => held is null
                ? new Dictionary<string, double> { ["geometric mean of the precisions"] = Math.Exp(prior.Hyperparameters.Precisions.Average(Math.Log)) }
                : new Dictionary<string, double> { ["validation nll"] = Calibration.Nll(Classification.Scores(model.Forward, held).Softmax(1), held.Labels) },
            Best = held is null ? null : new BestBy("validation nll", Better.Lower),
        };
        trainer.State.Add("prior", prior).Add("prior optimizer", prior.Optimizer);
        TrainingOutcome outcome = trainer.FitSteps(batches.ToSource(), steps);
        if (held is not null) trainer.RestoreBest();
        model.Eval();
        return new Trained(model, prior, outcome);

        Tensor Loss(Batch batch)
        {
            Tensor loss = model.Forward(batch.X).CrossEntropy(batch.Y);
            return held is null ? prior.Regularised(loss) : loss;
        }
    }

    private ArmResult Measure(Trained trained, LaplaceApproximation? laplace)
    {
        ArmResult result = new() { ["parameters"] = trained.Model.ParameterCount, ["training seconds"] = trained.Outcome.Seconds };
        Measure(result, "", x => Classification.Scores(trained.Model.Forward, x).Softmax(1));
        if (laplace is null) return result;
        Hyperparameters prior = trained.Prior.Hyperparameters;
        Rindoku.Uncertainty.Evidence found = laplace.Evidence(prior);
        Measure(result, "posterior ", x => laplace.Predict(x, prior).Probit());
        result[Evidence] = found.LogMarginalLikelihood / task.Train.Count;
        result["effective parameters"] = found.EffectiveParameters.Sum();
        for (int g = 0; g < laplace.GroupNames.Count; g++)
            result[$"precision {laplace.GroupNames[g]}"] = prior.Precisions[prior.Precisions.Count == 1 ? 0 : g];
        return result;
    }

    // Of the network itself, or of its linearised posterior.
    private void Measure(ArmResult result, string prefix, Func<Tensor, Tensor> probabilities)
    {
        Tensor test = probabilities(task.Test.Inputs);
        float[] entropies = PredictiveUncertainty.Entropy(test);
        result[$"{prefix}{Accuracy}"] = 100 * Classification.Accuracy(test, task.Test.Labels);
        result[$"{prefix}nll"] = Calibration.Nll(test, task.Test.Labels);
        result[$"{prefix}ece"] = 100 * Calibration.Ece(test, task.Test.Labels);
        result.Units[$"{prefix}correct"] = Classification.Correct(test, task.Test.Labels);
        result.Units[$"{prefix}nll"] = Calibration.NllUnits(test, task.Test.Labels);
        result[$"{prefix}entropy"] = Errors.Mean(entropies);
        foreach (OutsideSet outside in task.Outside.Where(set => set.Name is "permuted" or "letters"))
        {
            float[] others = PredictiveUncertainty.Entropy(probabilities(outside.Inputs));
            result[$"{prefix}entropy {outside.Name}"] = Errors.Mean(others);
            result[$"{prefix}auroc {outside.Name}"] = Detection.Of(entropies, others).Auroc;
        }
        result.Figures.Add(Calibration.Reliability(prefix.Length == 0 ? "Reliability of the network" : "Reliability of its posterior", test, task.Test.Labels));
    }

    private double EvidencePerExample(Trained trained, LaplaceApproximation laplace) => laplace.Evidence(trained.Prior.Hyperparameters).LogMarginalLikelihood / task.Train.Count;

    private double AccuracyOf(Layer model) => 100 * Classification.Accuracy(Classification.Scores(model.Forward, task.Test), task.Test.Labels);

    private LineChart Against(string what, string unit, List<double> values, double learned, string caption) =>
        new($"{char.ToUpperInvariant(what[0])}{what[1..]} against a fixed precision of the prior", new Axis("precision") { Logarithmic = true }, new Axis(what, unit),
        [
            new LineSeries("fixed precision", s.Precisions, values),
            new LineSeries("learned online", [s.Precisions.Min(), s.Precisions.Max()], [learned, learned]),
        ])
        { Caption = caption };

    private static string Name(double precision) => precision.ToString("G", CultureInfo.InvariantCulture);
}
