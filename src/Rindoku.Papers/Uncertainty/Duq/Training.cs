using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Nn;
using Rindoku.Ops;
using Rindoku.Optim;
using Rindoku.Optim.Schedules;
using Rindoku.Uncertainty;

namespace Rindoku.Papers.Uncertainty.Duq;

/// <summary>What an arm answers with after its training, and how uncertain it is.</summary>
/// <param name="Scores">From inputs (n, ...) to kernels or probabilities (n, C).</param>
/// <param name="Uncertainty">From scores to what examples are ranked by; the higher, the further from the data.</param>
/// <param name="Shade">The same uncertainty on a scale from 0 to <paramref name="MostShade"/>, for pictures.</param>
/// <param name="ShadeName">What that scale is.</param>
/// <param name="MostShade">Its greatest value.</param>
/// <param name="Parameters">How many parameters were trained.</param>
/// <param name="Seconds">How long it took.</param>
internal sealed record Predictor(Func<Tensor, Tensor> Scores, Func<Tensor, float[]> Uncertainty, Func<Tensor, float[]> Shade, string ShadeName, double MostShade,
    long Parameters, double Seconds)
{
    /// <summary>The largest kernel or probability of each example.</summary>
    public static float[] Certainty(Tensor scores) => scores.Max([1]).ToArray();
}

/// <summary>Trains the networks of an arm.</summary>
internal static class Training
{
    /// <summary>Trains an arm's network or networks.</summary>
    /// <param name="run">The run.</param>
    /// <param name="train">What to learn from.</param>
    /// <param name="test">What the accuracy on the way is measured with.</param>
    public static Predictor Train(ArmRun<DuqSettings> run, LabelledSet train, LabelledSet test) =>
        run.Settings.Head == Head.Kernels ? TrainKernels(run, train, test) : TrainMembers(run, train, test);

    /// <summary>The randomness of a network: the first of an ensemble has that of the arms with one network, which makes them pairs.</summary>
    public static Rng RngOf(ArmRun run, int member) => run.Rng.Split("member").Split(member);

    private static Predictor TrainKernels(ArmRun<DuqSettings> run, LabelledSet train, LabelledSet test)
    {
        RbfNetwork model = Networks.WithKernels(run.Settings, RngOf(run, 0));
        Batch? seen = null;
        TrainedClassifier trained = Fit(run, 0, model, train, test, Loss, _ => model.MoveCentroids(seen!.X, seen.Y));
        // 1 − K would be 1 for all kernels below 1e-8, and take those far away for one another.
        return new Predictor(x => Classification.Scores(model.Forward, x), kernels => [.. Predictor.Certainty(kernels).Select(k => -k)],
            PredictiveUncertainty.OfMaximum, "1 - largest kernel", 1, model.ParameterCount, trained.Outcome.Seconds);

        // The centroids of a step's loss are those from before it; they move after it, by the same batch.
        Tensor Loss(Batch batch)
        {
            seen = batch;
            return model.Loss(batch.X, batch.Y, run.Settings.Penalty);
        }
    }

    private static Predictor TrainMembers(ArmRun<DuqSettings> run, LabelledSet train, LabelledSet test)
    {
        TrainedClassifier[] members =
            [.. Enumerable.Range(0, run.Settings.Members).Select(m => Fit(run, m, Networks.WithLogits(run.Settings, RngOf(run, m)), train, test))];
        return new Predictor(x => Ensemble.Mean([.. members.Select(member => Classification.Scores(part => member.Model.Forward(part).Softmax(1), x))]),
            PredictiveUncertainty.Entropy, PredictiveUncertainty.Entropy, "entropy in nats", Math.Log(test.ClassCount),
            members.Sum(m => m.Model.ParameterCount), members.Sum(m => m.Outcome.Seconds));
    }

    private static TrainedClassifier Fit(ArmRun<DuqSettings> run, int member, Layer model, LabelledSet train, LabelledSet test,
        Func<Batch, Tensor>? loss = null, Action<long>? afterStep = null)
    {
        DuqSettings s = run.Settings;
        Sgd optimizer = new(model.Parameters, s.LearningRate, momentum: 0.9, weightDecay: s.WeightDecay);
        return new ClassifierTraining(run, model, ClassificationTask.Of(train, test), optimizer)
        {
            Name = s.Members == 1 ? "" : $"member {member + 1}",
            BatchSize = s.BatchSize,
            Order = RngOf(run, member).Split("batches"),
            Loss = loss,
            AfterStep = afterStep,
            Schedule = _ => new MultiStep(s.LearningRate, s.RateFalls, s.RateFactor),
            EvaluateEvery = Every.Steps(Math.Max(1, s.Steps / 5)),
        }.FitSteps(s.Steps);
    }
}
