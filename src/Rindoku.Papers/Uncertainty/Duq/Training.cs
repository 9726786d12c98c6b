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
        DuqSettings s = run.Settings;
        Rng rng = RngOf(run, 0);
        RbfNetwork model = Networks.WithKernels(s, rng);
        Sgd optimizer = OptimizerOf(model, s);
        Trainer<Batch> trainer = new(run, new TrainingState().Add("model", model).Add("optimizer", optimizer, Schedule(s)), Step)
        {
            EvaluateEvery = EveryFifth(s),
            Evaluate = () => Accuracy(model, test),
        };
        TrainingOutcome outcome = trainer.FitSteps(Batches(train, s, rng), s.Steps);
        model.Eval();
        // 1 − K would be 1 for all kernels below 1e-8, and take those far away for one another.
        return new Predictor(x => Classification.Scores(model.Forward, x), kernels => [.. Predictor.Certainty(kernels).Select(k => -k)],
            PredictiveUncertainty.OfMaximum, "1 - largest kernel", 1, model.ParameterCount, outcome.Seconds);

        // The centroids of a step's loss are those from before it.
        StepReport Step(Batch batch)
        {
            optimizer.ZeroGrad();
            Tensor loss = model.Loss(batch.X, batch.Y, s.Penalty);
            loss.Backward();
            optimizer.Step();
            model.MoveCentroids(batch.X, batch.Y);
            return loss.Item();
        }
    }

    private static Predictor TrainMembers(ArmRun<DuqSettings> run, LabelledSet train, LabelledSet test)
    {
        List<Sequential> members = [];
        double seconds = 0;
        for (int m = 0; m < run.Settings.Members; m++)
        {
            (Sequential member, TrainingOutcome outcome) = TrainMember(run, m, train, test);
            members.Add(member);
            seconds += outcome.Seconds;
        }
        return new Predictor(x => Ensemble.Mean([.. members.Select(member => Classification.Scores(part => member.Forward(part).Softmax(1), x))]),
            PredictiveUncertainty.Entropy, PredictiveUncertainty.Entropy, "entropy in nats", Math.Log(test.ClassCount), members.Sum(m => m.ParameterCount), seconds);
    }

    private static (Sequential Member, TrainingOutcome Outcome) TrainMember(ArmRun<DuqSettings> run, int number, LabelledSet train, LabelledSet test)
    {
        DuqSettings s = run.Settings;
        Rng rng = RngOf(run, number);
        Sequential model = Networks.WithLogits(s, rng);
        Trainer<Batch> trainer = new(run, model, OptimizerOf(model, s), batch => model.Forward(batch.X).CrossEntropy(batch.Y))
        {
            Name = s.Members == 1 ? "" : $"member {number + 1}",
            Schedule = Schedule(s),
            EvaluateEvery = EveryFifth(s),
            Evaluate = () => Accuracy(model, test),
        };
        TrainingOutcome outcome = trainer.FitSteps(Batches(train, s, rng), s.Steps);
        model.Eval();
        return (model, outcome);
    }

    private static BatchSource<Batch> Batches(LabelledSet train, DuqSettings s, Rng rng) =>
        new Loader(train, new LoaderOptions(s.BatchSize) { DropLast = true, Threads = s.Task == DuqTask.FashionMnist ? 1 : 0 }, rng.Split("batches")).ToSource();

    private static Sgd OptimizerOf(Module model, DuqSettings s) => new(model.Parameters, s.LearningRate, momentum: 0.9, weightDecay: s.WeightDecay);

    private static MultiStep Schedule(DuqSettings s) => new(s.LearningRate, s.RateFalls, s.RateFactor);

    private static Every EveryFifth(DuqSettings s) => Every.Steps(Math.Max(1, s.Steps / 5));

    private static Dictionary<string, double> Accuracy(Layer model, LabelledSet test) =>
        new() { [Measures.Accuracy] = 100 * Classification.Accuracy(Classification.Scores(model.Forward, test), test.Labels) };
}
