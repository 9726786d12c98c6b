using Rindoku.Data;
using Rindoku.Lab.Reports;
using Rindoku.Lab.Tests.Tiny;
using Rindoku.Nn;
using Rindoku.Ops;
using Rindoku.Optim;
using Rindoku.Optim.Schedules;
using Rindoku.Testing;

namespace Rindoku.Lab.Tests.Training;

public sealed class ClassifierTrainingTests
{
    private static readonly ImageTask Images = ImageTask.Load(ImageSet.Digits, new DataDirectory("nowhere"));
    private static readonly ClassificationTask Task = ClassificationTask.Of(Images);

    private static Sequential Model(ArmRun run) => new(new Flatten(), new Linear(64, 10, run.Rng.Split("weights")));

    [Fact]
    public void It_trains_to_the_bits_of_a_trainer_told_the_same()
    {
        using TemporaryFolder one = new(), other = new();
        ArmRun<TinySettings> run = one.Run(new()), spelledOut = other.Run(new());
        Sequential model = Model(run), expected = Model(spelledOut);
        TrainedClassifier trained = new ClassifierTraining(run, model, Task, new Sgd(model.Parameters, 0.1, momentum: 0.9))
        {
            BatchSize = 64,
            Schedule = steps => new MultiStep(0.1, [steps / 2]),
            EvaluateEvery = Every.Epochs(2),
        }.Fit(epochs: 3);

        Loader batches = new(Images.Train, new LoaderOptions(64) { DropLast = true }, spelledOut.Rng.Split("batches"));
        Trainer<Batch> trainer = new(spelledOut, expected, new Sgd(expected.Parameters, 0.1, momentum: 0.9), batch => expected.Forward(batch.X).CrossEntropy(batch.Y))
        {
            Schedule = new MultiStep(0.1, [batches.BatchCount * 3 / 2]),
        };
        TrainingOutcome outcome = trainer.Fit(batches, epochs: 3);

        foreach ((string name, Tensor tensor) in expected.State()) Check.Same(model.State()[name], tensor, name);
        Assert.Equal(outcome.History.Values("train/loss"), trained.Outcome.History.Values("train/loss"));
        Assert.Equal([2L * batches.BatchCount, 3L * batches.BatchCount], trained.Outcome.History.Steps("test accuracy"));
        Assert.Equal(trained.Answers.PercentCorrect, trained.Outcome.History.Latest("test accuracy"));
        Assert.InRange(trained.Answers.PercentCorrect, 80, 100);
        Assert.False(model.IsTraining);
    }

    [Theory]
    [InlineData(ClassifierMeasure.Accuracy, "test accuracy", "correct", "Accuracy on the test images")]
    [InlineData(ClassifierMeasure.Error, "test error", "wrong", "Error on the test images")]
    public void The_result_has_the_numbers_units_and_pictures_of_its_measure(ClassifierMeasure measure, string metric, string units, string title)
    {
        using TemporaryFolder folder = new();
        ArmRun<TinySettings> run = folder.Run(new());
        Sequential model = Model(run);
        ArmResult result = Train();
        Assert.Equal(Images.Test.Count, result.Units[units].Length);
        Assert.Equal(100 * Errors.Mean(result.Units[units]), result[metric]);
        Assert.Equal(650, result["parameters"]);
        Assert.True(result["training seconds"] > 0);
        Assert.Equal(["Loss in training", title, "What the test images were taken for"], result.Figures.Select(figure => figure.Title));
        Assert.Equal(result[metric], ((LineChart)result.Figures[1]).Series.Single().Y[^1]);

        ArmResult Train()
        {
            TrainedClassifier trained = new ClassifierTraining(run, model, Task, new Sgd(model.Parameters, 0.1)) { BatchSize = 200, Measure = measure }.FitSteps(10);
            return trained.Result().With(trained.Figures());
        }
    }

    [Fact]
    public void What_is_special_about_a_paper_is_done()
    {
        using TemporaryFolder folder = new();
        ArmRun<TinySettings> run = folder.Run(new());
        Sequential model = Model(run);
        List<long> steps = [];
        int losses = 0, clipped = 0;
        Rng kept = new(1);
        TrainingState? state = null;
        TrainedClassifier trained = new ClassifierTraining(run, model, Task, new Sgd(model.Parameters, 0.1))
        {
            Name = "second",
            BatchSize = 100,
            Order = new Rng(7),
            Accumulate = 2,
            Loss = batch => { losses++; return model.Forward(batch.X).Square().Mean(); },
            Answer = x => Tensor.Zeros([x.Shape[0], 10]),
            AfterStep = steps.Add,
            Clip = _ => { clipped++; return 0; },
            Evaluate = () => new Dictionary<string, double> { ["own"] = 5 },
            AlsoKeep = s => state = s.Add("kept", kept),
        }.Fit(epochs: 2);
        Assert.Equal([.. Enumerable.Range(0, 14).Select(i => (long)i)], steps); // 13 batches an epoch in pairs
        Assert.Equal((26, 14), (losses, clipped));
        Assert.Equal(Images.Test.ClassCounts()[0], trained.Answers.Correct.Sum());
        Assert.Equal(5, trained.Outcome.History.Latest("own"));
        Assert.Null(trained.Outcome.History.Latest("test accuracy"));
        Assert.Contains(state!.Randomness, source => source.Key == "kept");
        Assert.True(Directory.Exists(Path.Combine(folder.Path, "checkpoints", "second")));
    }

    [Fact]
    public void The_best_network_is_measured_where_it_is_asked_for()
    {
        using TemporaryFolder folder = new();
        ArmRun<TinySettings> run = folder.Run(new());
        Sequential model = Model(run);
        int evaluations = 0;
        Tensor second = Tensor.Zeros([0]);
        TrainedClassifier trained = new ClassifierTraining(run, model, Task, new Sgd(model.Parameters, 0.1))
        {
            BatchSize = 200,
            EvaluateEvery = Every.Steps(1),
            Evaluate = () =>
            {
                if (++evaluations == 2) second = Tensor.From(model.NamedParameters.First().Parameter.Span, [model.NamedParameters.First().Parameter.Length]).Keep();
                return new Dictionary<string, double> { ["held out"] = Math.Abs(evaluations - 2) };
            },
            Best = new BestBy("held out", Better.Lower),
        }.FitSteps(4);
        Assert.Equal((0, 2), (trained.Outcome.Best, trained.Outcome.BestStep));
        Assert.Equal(second.ToArray(), model.NamedParameters.First().Parameter.ToArray());
        Assert.Equal(Answers.Of(model.Forward, Images.Test).PercentCorrect, trained.Answers.PercentCorrect);
    }

    [Fact]
    public void A_training_set_that_does_not_fill_a_batch_is_told()
    {
        using TemporaryFolder folder = new();
        ArmRun<TinySettings> run = folder.Run(new());
        Sequential model = Model(run);
        ClassifierTraining training = new(run, model, Task, new Sgd(model.Parameters, 0.1)) { BatchSize = 5000 };
        Assert.Contains("do not fill a single batch", Assert.Throws<LabException>(() => training.Fit(1)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => training.Fit(0));
    }
}
