using Rindoku.Data;
using Rindoku.IO;
using Rindoku.Lab.Tests.Tiny;
using Rindoku.Nn;
using Rindoku.Ops;
using Rindoku.Optim;
using Rindoku.Optim.Schedules;
using Rindoku.Testing;

namespace Rindoku.Lab.Tests.Training;

public sealed class TrainerTests
{
    private static readonly TinySettings Settings = new() { Epochs = 2 };

    [Fact]
    public void Training_lowers_the_loss_and_logs_it()
    {
        using TemporaryFolder folder = new();
        ArmRun<TinySettings> run = folder.Run(Settings with { LearningRate = 2e-3 });
        (Trainer<Batch> trainer, _, Loader loader) = TinyExperiment.Make(run, new TinyModel(run.Rng, 0));
        TrainingOutcome outcome = trainer.Fit(loader, epochs: 2);
        Assert.Equal(2 * loader.BatchCount, outcome.Steps);
        Assert.Equal(2, outcome.Epochs);
        IReadOnlyList<double> losses = outcome.History.Values("train/loss");
        Assert.True(losses[^1] < losses[0] / 2, string.Join(" ", losses));
        Assert.Equal([loader.BatchCount, 2L * loader.BatchCount], outcome.History.Steps("test/error"));
    }

    [Theory, InlineData(1), InlineData(17), InlineData(43), InlineData(44)]
    public void A_training_stopped_after_any_step_goes_on_to_the_same_bits(int stopAfter)
    {
        using TemporaryFolder quiet = new(), stopped = new();
        (TinyModel expected, TrainingOutcome whole) = Train(quiet, resume: false, int.MaxValue);
        Assert.Throws<OperationCanceledException>(() => Train(stopped, resume: false, stopAfter));
        (TinyModel actual, TrainingOutcome resumed) = Train(stopped, resume: true, int.MaxValue);

        foreach ((string name, Tensor tensor) in expected.State()) Check.Same(actual.State()[name], tensor, name);
        Assert.Equal(expected.Source.State, actual.Source.State);
        foreach (string metric in whole.History.Names)
        {
            Assert.Equal(whole.History.Steps(metric), resumed.History.Steps(metric));
            Assert.Equal(whole.History.Values(metric), resumed.History.Values(metric));
        }
        Assert.Equal((whole.Best, whole.BestStep), (resumed.Best, resumed.BestStep));
    }

    private static (TinyModel Model, TrainingOutcome Outcome) Train(TemporaryFolder folder, bool resume, int stopAfter)
    {
        using CancellationTokenSource stop = new();
        ArmRun<TinySettings> run = folder.Run(Settings, resume, stop: stop.Token);
        (_, LabelledSet test, Loader loader) = TinyExperiment.Make(run, new TinyModel(run.Rng, 0.1f));
        TinyModel model = new(run.Rng, 0.1f);
        Sgd optimizer = new(model.Parameters, 1e-4, momentum: 0.9);
        Trainer<Batch> trainer = new(run, model, optimizer, model.Loss)
        {
            Schedule = new Halving(),
            Accumulate = 2,
            Evaluate = () => new Dictionary<string, double> { ["mean"] = model.Mean.Span[0], ["sum"] = model.Forward(test.Inputs).Sum().Item() },
            EvaluateEvery = Every.Steps(7),
            Best = new BestBy("sum", Better.Lower),
            LogEvery = 5,
            AfterStep = step => { if (step + 1 == stopAfter) stop.Cancel(); },
        };
        return (model, trainer.Fit(loader, epochs: 3));
    }

    [Fact]
    public void A_finished_training_resumed_does_nothing_more()
    {
        using TemporaryFolder folder = new();
        (TinyModel first, _) = Train(folder, resume: false, int.MaxValue);
        (TinyModel again, TrainingOutcome outcome) = Train(folder, resume: true, int.MaxValue);
        Check.Same(again.Weight, first.Weight);
        Assert.Equal(66, outcome.Steps); // 43 batches an epoch in pairs: 22 steps, three times
    }

    [Fact]
    public void Accumulated_batches_give_the_gradient_of_their_mean()
    {
        using TemporaryFolder folder = new();
        Parameter weight = new(Tensor.Of(0));
        Holder model = new(weight);
        Trainer<long> trainer = new(folder.Run(Settings), model, new Sgd(model.Parameters, 1), i => (weight * (float)(i + 1)).Sum()) { Accumulate = 4 };
        // Six batches an epoch: a group of four with gradients 1, 2, 3, 4, and what is left, 5 and 6.
        trainer.Fit(BatchSource.Steps(6), epochs: 1);
        Assert.Equal(-(2.5f + 5.5f), weight.Span[0]);
    }

    [Fact]
    public void An_optimizer_that_looks_at_the_loss_is_told_the_mean_over_the_batches_of_its_step()
    {
        using TemporaryFolder folder = new();
        Parameter weight = new(Tensor.Of(0));
        Holder model = new(weight);
        Eve optimizer = new(model.Parameters, learningRate: 0); // the weight rests, so the losses are known
        List<double> told = [];
        Trainer<long> trainer = new(folder.Run(Settings), model, optimizer, i => (weight + (float)(i + 1)).Sum()) { Accumulate = 4, AfterStep = _ => told.Add(optimizer.Reference) };
        trainer.Fit(BatchSource.Steps(6), epochs: 1);
        Assert.Equal([2.5, 5.5], told); // losses 1, 2, 3, 4, and what is left, 5 and 6
    }

    [Fact]
    public void A_loss_that_is_no_number_stops_with_step_operation_and_the_last_good_checkpoint()
    {
        using TemporaryFolder folder = new();
        Parameter weight = new(Tensor.Of(1, 2));
        Holder model = new(weight);
        // At step 7 zero is divided by zero in the middle of the step.
        Trainer<long> trainer = new(folder.Run(Settings), model, new Sgd(model.Parameters, 0.01),
            i => (weight * weight / (i == 7 ? Tensor.Zeros([2]) : Tensor.Ones([2])) * (i == 7 ? Tensor.Zeros([2]) : Tensor.Ones([2]))).Sum())
        { CheckpointEvery = TimeSpan.Zero };
        DivergedException error = Assert.Throws<DivergedException>(() => trainer.Fit(BatchSource.Steps(20), epochs: 1));
        Assert.Equal(7, error.Step);
        Assert.Equal("multiply", error.Operation); // x / 0 is infinite, and infinity times zero the first NaN
        Assert.Contains("Step 7", error.Message, StringComparison.Ordinal);
        string last = Path.Combine(folder.Path, "checkpoints", "last.safetensors");
        Assert.Contains(last, error.Message, StringComparison.Ordinal);
        Assert.Equal(7, Safetensors.Read(last).Long("position")[0]);
        Assert.All(Safetensors.Read(last).Tensor("model.weight").ToArray(), w => Assert.True(float.IsFinite(w)));
    }

    [Fact]
    public void A_gradient_that_is_not_finite_stops_before_it_reaches_the_weights()
    {
        using TemporaryFolder folder = new();
        Parameter weight = new(Tensor.Of(1e-39f));
        Holder model = new(weight);
        // x / x is 1, but its derivative by the lower x is 1 / x, beyond the largest float.
        Trainer<long> trainer = new(folder.Run(Settings), model, new Sgd(model.Parameters, 1), _ => (Tensor.Of(1e-39f) / weight).Sum());
        DivergedException error = Assert.Throws<DivergedException>(() => trainer.Fit(BatchSource.Steps(3), epochs: 1));
        Assert.Contains("a gradient is not finite (the loss is 1)", error.Message, StringComparison.Ordinal);
        Assert.Equal(1e-39f, weight.Span[0]);
    }

    [Fact]
    public void Patience_ends_the_training_and_the_best_model_can_be_had_back()
    {
        using TemporaryFolder folder = new();
        Parameter weight = new(Tensor.Of(0));
        Holder model = new(weight);
        Trainer<long> trainer = new(folder.Run(Settings), model, new Sgd(model.Parameters, 1), _ => weight.Sum() * -1f)
        {
            Evaluate = () => new Dictionary<string, double> { ["distance"] = Math.Abs(weight.Span[0] - 5) },
            EvaluateEvery = Every.Steps(1),
            Best = new BestBy("distance", Better.Lower),
            Patience = 3,
        };
        TrainingOutcome outcome = trainer.FitSteps(BatchSource.Steps(10), steps: 100);
        Assert.True(outcome.StoppedEarly);
        Assert.Equal((0, 5, 8), (outcome.Best, outcome.BestStep, outcome.Steps));
        Assert.Equal(8, weight.Span[0]);
        trainer.RestoreBest();
        Assert.Equal(5, weight.Span[0]);
    }

    [Fact]
    public void A_step_of_ones_own_reports_what_it_likes()
    {
        using TemporaryFolder folder = new();
        Parameter a = new(Tensor.Of(1)), b = new(Tensor.Of(2));
        Sgd first = new([a], 0), second = new([b], 0);
        TrainingState state = new TrainingState().Add("generator", new Holder(a)).Add("critic", new Holder(b))
            .Add("generator", first, new Halving()).Add("critic", second);
        List<double> rates = [];
        Trainer<long> trainer = new(folder.Run(Settings), state, i =>
        {
            rates.Add(first.LearningRate);
            return new StepReport(1, new Dictionary<string, double> { ["critic"] = i });
        })
        { LogEvery = 2 };
        TrainingOutcome outcome = trainer.Fit(BatchSource.Steps(4), epochs: 1);
        Assert.Equal([0.5, 2.5], outcome.History.Values("train/critic"));
        Assert.Equal([0.01, 0.005, 0.0025, 0.00125], rates);
    }

    [Fact]
    public void A_source_with_too_few_batches_is_found_out()
    {
        using TemporaryFolder folder = new();
        Holder model = new(new Parameter(Tensor.Of(1)));
        Trainer<long> trainer = new(folder.Run(Settings), model, new Sgd(model.Parameters, 0), _ => model.Weight.Sum());
        var error = Assert.Throws<InvalidOperationException>(() => trainer.Fit(new BatchSource<long>(5, (_, _) => [1, 2]), epochs: 1));
        Assert.Equal("Trainer: epoch 0 gave 2 batches from batch 0 on; it should have 5 in all", error.Message);
    }

    [Fact]
    public void Progress_tells_the_fraction_and_the_time_left()
    {
        using TemporaryFolder folder = new();
        Watcher watcher = new();
        Holder model = new(new Parameter(Tensor.Of(1)));
        Trainer<long> trainer = new(folder.Run(Settings, progress: watcher), model, new Sgd(model.Parameters, 0), _ => model.Weight.Sum());
        trainer.Fit(BatchSource.Steps(5), epochs: 2);
        Assert.Equal([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0], watcher.Seen.Select(p => p.Fraction));
        Assert.Equal("epoch 1/2", watcher.Seen[0].Stage);
        Assert.Equal("epoch 2/2", watcher.Seen[^1].Stage);
        Assert.Equal(TimeSpan.Zero, watcher.Seen[^1].Remaining);
        Assert.Contains("train/loss 1", watcher.Seen[^1].Note, StringComparison.Ordinal);
    }

    [Fact]
    public void A_warm_training_takes_no_new_pooled_memory()
    {
        using TemporaryFolder folder = new();
        ArmRun<TinySettings> run = folder.Run(Settings);
        TinyModel model = new(run.Rng, 0.1f);
        (Trainer<Batch> trainer, _, Loader loader) = TinyExperiment.Make(run, model);
        trainer.Fit(loader, epochs: 2);
        long before = MemoryScope.PooledBytes;
        trainer.Fit(loader, epochs: 6);
        Assert.InRange(MemoryScope.PooledBytes, 0, before + (1 << 20)); // other tests share the pool
    }

    internal sealed class Holder : Module
    {
        public Holder(Parameter weight) => Weight = Register("weight", weight);

        public Parameter Weight { get; }
    }

    internal sealed class Halving : ISchedule
    {
        public double Rate(long step) => 0.01 * Math.Pow(0.5, Math.Min(step, 3));
    }

    private sealed class Watcher : IProgressSink
    {
        public List<Progress> Seen { get; } = [];

        public void Report(in Progress progress) => Seen.Add(progress);
    }
}
