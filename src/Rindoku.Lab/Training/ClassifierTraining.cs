using Rindoku.Data;
using Rindoku.Lab.Reports;
using Rindoku.Nn;
using Rindoku.Ops;
using Rindoku.Optim;
using Rindoku.Optim.Schedules;

namespace Rindoku.Lab;

/// <summary>Trains a network to tell classes apart and measures it: a <see cref="Trainer{TBatch}"/> with all that is the same in most papers.</summary>
/// <remarks>
/// Batches are shuffled and whole, in an order that arms of one seed share; the loss is the cross-entropy; now and then, and at the end, the
/// test set is classified. What is special about a paper is set: its loss, how it answers at test, what is done after a step.
/// </remarks>
/// <example><code>
/// ClassificationTask task = ClassificationTask.Of(ImageTask.Load(s.Data, run.Data));
/// ResNet model = ResNet.Cifar(s.Depth, task.Classes, run.Rng.Split("weights"));
/// Sgd optimizer = new(model.Parameters, s.LearningRate, momentum: 0.9, weightDecay: 1e-4, nesterov: true);
/// TrainedClassifier trained = new ClassifierTraining(run, model, task, optimizer)
/// {
///     BatchSize = s.BatchSize,
///     Schedule = steps =&gt; new MultiStep(s.LearningRate, [steps / 2, steps * 3 / 4]),
///     EvaluateEvery = Every.Epochs(3),
/// }.Fit(s.Epochs);
/// return trained.Result().With(trained.Figures());
/// </code></example>
/// <param name="run">The run it belongs to.</param>
/// <param name="model">The network.</param>
/// <param name="task">What it learns from and is measured with.</param>
/// <param name="optimizer">The optimizer of its parameters.</param>
public sealed class ClassifierTraining(ArmRun run, Layer model, ClassificationTask task, Optimizer optimizer)
{
    /// <inheritdoc cref="Trainer{TBatch}.Name"/>
    public string Name { get; init; } = "";

    /// <summary>Examples in a batch; a last batch of fewer is left out.</summary>
    public required int BatchSize { get; init; }

    /// <summary>The randomness of the batches: their order and the random changes. If not given, that of the run for the purpose "batches".</summary>
    public Rng? Order { get; init; }

    /// <summary>From a batch to the loss; if not given, the cross-entropy of the network's output.</summary>
    public Func<Batch, Tensor>? Loss { get; init; }

    /// <summary>How test inputs are answered, from inputs (m, ...) to scores (m, classes); if not given, by the network's output.</summary>
    public Func<Tensor, Tensor>? Answer { get; init; }

    /// <summary>From the number of all steps to the learning rate over them; null leaves the rate alone.</summary>
    public Func<long, ISchedule>? Schedule { get; init; }

    /// <inheritdoc cref="Trainer{TBatch}.Clip"/>
    public Func<IReadOnlyList<Parameter>, double>? Clip { get; init; }

    /// <inheritdoc cref="Trainer{TBatch}.Accumulate"/>
    public int Accumulate { get; init; } = 1;

    /// <inheritdoc cref="Trainer{TBatch}.AfterStep"/>
    public Action<long>? AfterStep { get; init; }

    /// <summary>What the network is judged by.</summary>
    public ClassifierMeasure Measure { get; init; }

    /// <summary>What is measured during training, instead of the <see cref="Measure"/> on the test set.</summary>
    public Func<IReadOnlyDictionary<string, double>>? Evaluate { get; init; }

    /// <inheritdoc cref="Trainer{TBatch}.EvaluateEvery"/>
    public Every EvaluateEvery { get; init; } = Every.Epoch;

    /// <summary>What makes a network the best so far, by a metric of <see cref="Evaluate"/>; the best one is measured then, not the last.</summary>
    /// <remarks>Choose by held-out examples, never by the test set.</remarks>
    public BestBy? Best { get; init; }

    /// <summary>Further things that the training changes, for checkpoints to hold: sources of randomness, counts.</summary>
    public Action<TrainingState>? AlsoKeep { get; init; }

    /// <summary>Trains for a number of epochs, and measures.</summary>
    /// <exception cref="LabException">The training set does not fill a batch.</exception>
    /// <exception cref="DivergedException">A loss or gradient is not finite.</exception>
    /// <exception cref="OperationCanceledException">The run was asked to stop; a checkpoint has been written.</exception>
    public TrainedClassifier Fit(int epochs)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(epochs);
        BatchSource<Batch> batches = Batches();
        return FitSteps(batches, (batches.BatchesPerEpoch + Accumulate - 1L) / Accumulate * epochs);
    }

    /// <summary>Trains for a number of optimizer steps, and measures.</summary>
    /// <exception cref="LabException">The training set does not fill a batch.</exception>
    /// <exception cref="DivergedException">A loss or gradient is not finite.</exception>
    /// <exception cref="OperationCanceledException">The run was asked to stop; a checkpoint has been written.</exception>
    public TrainedClassifier FitSteps(long steps) => FitSteps(Batches(), steps);

    private TrainedClassifier FitSteps(BatchSource<Batch> batches, long steps)
    {
        Func<Tensor, Tensor> answer = Answer ?? model.Forward;
        Trainer<Batch> trainer = new(run, model, optimizer, Loss ?? (batch => model.Forward(batch.X).CrossEntropy(batch.Y)))
        {
            Name = Name,
            Schedule = Schedule?.Invoke(steps),
            Clip = Clip,
            Accumulate = Accumulate,
            AfterStep = AfterStep,
            EvaluateEvery = EvaluateEvery,
            Evaluate = Evaluate ?? (() => new Dictionary<string, double> { [Measure.Metric] = Measure.Of(task.Test(answer)) }),
            Best = Best,
        };
        AlsoKeep?.Invoke(trainer.State);
        TrainingOutcome outcome = trainer.FitSteps(batches, steps);
        if (Best is not null) trainer.RestoreBest();
        model.Eval();
        return new TrainedClassifier(model, outcome, task.Test(answer), Measure);
    }

    private BatchSource<Batch> Batches() => task.Batches(new LoaderOptions(BatchSize) { DropLast = true }, Order ?? run.Rng.Split("batches"));
}

/// <summary>A network that was trained to tell classes apart, with its answers to the test set.</summary>
/// <param name="Model">The network, in evaluation mode.</param>
/// <param name="Outcome">What the training came to.</param>
/// <param name="Answers">Its answers to the test set.</param>
/// <param name="Measure">What it is judged by.</param>
public sealed record TrainedClassifier(Layer Model, TrainingOutcome Outcome, Answers Answers, ClassifierMeasure Measure)
{
    /// <summary>The numbers: the accuracy or error with its units, <c>training seconds</c> and <c>parameters</c>.</summary>
    public ArmResult Result()
    {
        ArmResult result = new()
        {
            [Measure.Metric] = Measure.Of(Answers),
            ["training seconds"] = Outcome.Seconds,
            ["parameters"] = Model.ParameterCount,
        };
        (string units, float[] values) = Measure.Units(Answers);
        result.Units[units] = values;
        return result;
    }

    /// <summary>The usual pictures: the loss in training, the accuracy or error over the steps, and what was taken for what.</summary>
    public IEnumerable<Figure> Figures() =>
        [ClassifierFigures.Loss(Outcome.History), ClassifierFigures.Curve(Outcome.History, Measure), .. ClassifierFigures.Confusions(Answers)];
}
