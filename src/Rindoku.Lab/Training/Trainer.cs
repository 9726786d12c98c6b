using System.Globalization;
using Rindoku.Autograd;
using Rindoku.Data;
using Rindoku.Nn;
using Rindoku.Optim;
using Rindoku.Optim.Schedules;

namespace Rindoku.Lab;

/// <summary>Trains: batches, steps, schedule, evaluation, early stopping, checkpoints, resuming, and a clean end when asked to stop.</summary>
/// <remarks>
/// <para>Each step runs in a memory scope. Evaluations run in evaluation mode and without recording gradients.</para>
/// <para>A training that was interrupted at any instant, by Ctrl-C or by losing power, goes on from its last checkpoint and ends with
/// bitwise the weights it would have had: the checkpoint holds modules, optimizers, schedules, sources of randomness, the place in
/// the data, the best metric and the history.</para>
/// <para>A loss or gradient that is not finite ends the training with the step and the first operation that made a NaN; the last
/// good checkpoint stays.</para>
/// </remarks>
/// <example><code>
/// Trainer&lt;Batch&gt; trainer = new(run, model, optimizer, batch =&gt; CrossEntropy(model.Forward(batch.X), batch.Y))
/// {
///     Schedule = new MultiStep(0.1, ...),
///     Evaluate = () =&gt; new() { ["accuracy"] = Accuracy(model, test) },
/// };
/// TrainingOutcome outcome = trainer.Fit(loader, epochs: 30);
/// </code></example>
/// <typeparam name="TBatch">What a step is given.</typeparam>
public sealed class Trainer<TBatch>
{
    private readonly ArmRun run;
    private readonly TrainingState state;
    private readonly ITrainingStep<TBatch> step;
    private readonly Optimizer? main;

    private TrainerPosition position = new();
    private CheckpointFolder checkpoints = null!;
    private Rng[] randomness = [];
    private (long, long, long)[] statesBefore = [];
    private BatchSource<TBatch> source = null!;
    private long totalSteps;
    private long lastCheckpoint;
    private TrainingClock clock = null!;

    /// <summary>A trainer of one model by one loss.</summary>
    /// <param name="run">The run it belongs to.</param>
    /// <param name="model">The model, "model" in checkpoints.</param>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="loss">From a batch to the loss, a tensor of one element.</param>
    public Trainer(ArmRun run, Module model, Optimizer optimizer, Func<TBatch, Tensor> loss)
        : this(run, new TrainingState().Add("model", model).Add("optimizer", optimizer), new GradientStep<TBatch>(model, optimizer, loss)) => main = optimizer;

    /// <summary>A trainer of whatever the step spells out: adversaries with an optimizer each, reinforcement learning.</summary>
    /// <param name="run">The run it belongs to.</param>
    /// <param name="state">All that the step changes.</param>
    /// <param name="step">Computes losses and gradients, steps the optimizers, and reports.</param>
    public Trainer(ArmRun run, TrainingState state, Func<TBatch, StepReport> step) : this(run, state, new CustomStep<TBatch>(step)) { }

    private Trainer(ArmRun run, TrainingState state, ITrainingStep<TBatch> step)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(state);
        (this.run, this.state, this.step) = (run, state, step);
    }

    /// <summary>The name of this training, where a run has several: it names the checkpoints and stands before the metrics.</summary>
    public string Name { get; init; } = "";

    /// <summary>Modules, optimizers and the rest that checkpoints hold; add to it before fitting.</summary>
    public TrainingState State => state;

    /// <summary>The learning rate over the steps; null leaves it alone.</summary>
    public ISchedule? Schedule { get; init; }

    /// <summary>Clips the gradients before the optimizer's step and returns their norm; null does nothing.</summary>
    public Func<IReadOnlyList<Parameter>, double>? Clip { get; init; }

    /// <summary>How many batches make one optimizer step; the loss is their mean.</summary>
    public int Accumulate { get; init; } = 1;

    /// <summary>Called after each optimizer step with its number, from 0: averages of weights, constraints.</summary>
    public Action<long>? AfterStep { get; init; }

    /// <summary>Measures the model: metrics by name; null for no evaluation.</summary>
    public Func<IReadOnlyDictionary<string, double>>? Evaluate { get; init; }

    /// <summary>How often to evaluate; always at the end, too.</summary>
    public Every EvaluateEvery { get; init; } = Every.Epoch;

    /// <summary>What makes a model the best so far, of which a checkpoint is kept; null keeps none.</summary>
    public BestBy? Best { get; init; }

    /// <summary>After how many evaluations without a new best to stop; 0 for never.</summary>
    public int Patience { get; init; }

    /// <summary>How often to write a checkpoint; it makes no difference to the result.</summary>
    public TimeSpan CheckpointEvery { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Over how many steps logged losses are averaged; 0 chooses, for about 200 points.</summary>
    public int LogEvery { get; init; }

    /// <summary>Trains for a number of epochs.</summary>
    /// <exception cref="DivergedException">A loss or gradient is not finite.</exception>
    /// <exception cref="OperationCanceledException">The run was asked to stop; a checkpoint has been written.</exception>
    public TrainingOutcome Fit<TExample>(Loader<TExample, TBatch> loader, int epochs) => Fit(loader.ToSource(), epochs);

    /// <summary>Trains for a number of epochs.</summary>
    /// <exception cref="DivergedException">A loss or gradient is not finite.</exception>
    /// <exception cref="OperationCanceledException">The run was asked to stop; a checkpoint has been written.</exception>
    public TrainingOutcome Fit(BatchSource<TBatch> batches, int epochs)
    {
        ArgumentNullException.ThrowIfNull(batches);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(epochs);
        return FitSteps(batches, (long)epochs * StepsPerEpoch(batches));
    }

    /// <summary>Trains for a number of optimizer steps.</summary>
    /// <exception cref="DivergedException">A loss or gradient is not finite.</exception>
    /// <exception cref="OperationCanceledException">The run was asked to stop; a checkpoint has been written.</exception>
    public TrainingOutcome FitSteps(BatchSource<TBatch> batches, long steps)
    {
        ArgumentNullException.ThrowIfNull(batches);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(steps);
        Prepare(batches, steps);
        while (position.Step < totalSteps && !position.Finished) TrainEpoch();
        if (!position.Finished)
        {
            position.Finished = true;
            SaveLast();
        }
        run.Metrics.Flush();
        return position.Outcome();
    }

    /// <summary>Takes the modules back to where they were best.</summary>
    /// <exception cref="InvalidOperationException">No best was kept: set <see cref="Best"/> and <see cref="Evaluate"/>, and fit.</exception>
    public void RestoreBest()
    {
        if (Best is null || checkpoints is null || double.IsNaN(position.Best))
            throw new InvalidOperationException("Trainer.RestoreBest: no best model was kept; set Best and Evaluate, and fit first");
        checkpoints.LoadBest(state, Manifest());
    }

    private void Prepare(BatchSource<TBatch> batches, long steps)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Accumulate);
        if (Accumulate > 1 && step is not GradientStep<TBatch>)
            throw new InvalidOperationException("Trainer: Accumulate works with a loss; a step of your own must accumulate by itself");
        if (step is GradientStep<TBatch> gradient) gradient.Clip = Clip;
        (source, totalSteps, position) = (batches, steps, new TrainerPosition());
        randomness = [.. state.Randomness.Select(r => r.Value)];
        statesBefore = new (long, long, long)[randomness.Length];
        checkpoints = new CheckpointFolder(Path.Combine(run.Folder, "checkpoints", Name));
        foreach (Module module in state.Modules.Values) module.Train();

        if (run.Resume && checkpoints.LoadLast(state, Manifest()) is { } resumed) position = resumed;
        else checkpoints.Clear();
        clock = new TrainingClock(run.Time, position.Step);
        lastCheckpoint = run.Time.GetTimestamp();
    }

    private void TrainEpoch()
    {
        int first = position.Batch;
        clock.Start();
        foreach (TBatch batch in source.Epoch(position.Epoch, position.Batch))
        {
            bool stepped = TrainBatch(batch);
            if (!stepped) continue;
            bool epochEnds = position.Batch == source.BatchesPerEpoch;
            if (epochEnds) (position.Epoch, position.Batch) = (position.Epoch + 1, 0);
            position.Seconds += clock.Stop();
            AfterStepDone(epochEnds);
            if (epochEnds || position.Finished || position.Step >= totalSteps) return;
            clock.Start();
        }
        throw new InvalidOperationException(
            $"Trainer: epoch {position.Epoch} gave {position.Batch - first} batches from batch {first} on; it should have {source.BatchesPerEpoch} in all");
    }

    /// <summary>Works on a batch; true if it completes an optimizer step.</summary>
    private bool TrainBatch(TBatch batch)
    {
        int part = position.Batch % Accumulate;
        int parts = Math.Min(Accumulate, source.BatchesPerEpoch - (position.Batch - part));
        if (part == 0) SetRates();
        for (int i = 0; i < randomness.Length; i++) statesBefore[i] = randomness[i].State;

        using (MemoryScope.Open())
        {
            (StepReport report, bool finite) = step.Run(batch, part, parts);
            if (!double.IsFinite(report.Loss) || !finite) throw Diverged(batch, report.Loss);
            Note(report);
        }
        position.Batch++;
        if (part + 1 < parts) return false;
        AfterStep?.Invoke(position.Step);
        position.Step++;
        return true;
    }

    private void AfterStepDone(bool epochEnds)
    {
        int window = LogEvery > 0 ? LogEvery : (int)Math.Max(1, totalSteps / 200);
        bool ends = position.Step >= totalSteps;
        if (position.Step % window == 0 || ends) LogTraining();
        if (Evaluate is not null && (IsDue(EvaluateEvery, epochEnds) || ends)) EvaluateNow();
        if (run.Stop.IsCancellationRequested) StopHere();
        if (run.Time.GetElapsedTime(lastCheckpoint) >= CheckpointEvery && !ends) SaveLast();
        run.Progress.Report(clock.Progress(position, totalSteps, Stage(), LatestFigures()));
    }

    private bool IsDue(Every every, bool epochEnds) =>
        (every.EpochCount > 0 && epochEnds && position.Epoch % every.EpochCount == 0)
        || (every.StepCount > 0 && position.Step % every.StepCount == 0);

    private void EvaluateNow()
    {
        foreach (Module module in state.Modules.Values) module.Eval();
        IReadOnlyDictionary<string, double> metrics;
        using (MemoryScope.Open())
        using (NoGrad.Enter()) metrics = Evaluate!();
        foreach (Module module in state.Modules.Values) module.Train();

        foreach ((string metric, double value) in metrics) Log(metric, value);
        if (Best is null) return;
        if (!metrics.TryGetValue(Best.Metric, out double now))
            throw new LabException($"Trainer.Best: {Suggest.Unknown("metric", Best.Metric, metrics.Keys)}");
        JudgeBest(now);
    }

    private void JudgeBest(double now)
    {
        foreach (ISchedule schedule in AllSchedules()) (schedule as IFeedbackSchedule)?.Observe(now);
        bool better = double.IsNaN(position.Best) || (Best!.Better == Better.Higher ? now > position.Best : now < position.Best);
        if (better && !double.IsNaN(now))
        {
            (position.Best, position.BestStep, position.EvaluationsSinceBest) = (now, position.Step, 0);
            checkpoints.SaveBest(state, position, Manifest());
            return;
        }
        position.EvaluationsSinceBest++;
        if (Patience == 0 || position.EvaluationsSinceBest < Patience) return;
        (position.StoppedEarly, position.Finished) = (true, true);
        SaveLast();
    }

    private void SetRates()
    {
        foreach ((string name, ISchedule schedule) in state.Schedules) state.Optimizers[name].LearningRate = schedule.Rate(position.Step);
        if (Schedule is null) return;
        if (main is null) throw new InvalidOperationException("Trainer: with a step of your own, give each optimizer its schedule in TrainingState.Add");
        main.LearningRate = Schedule.Rate(position.Step);
    }

    private IEnumerable<ISchedule> AllSchedules() => Schedule is null ? state.Schedules.Values : state.Schedules.Values.Append(Schedule);

    private void Note(StepReport report)
    {
        Add("train/loss", report.Loss);
        foreach ((string name, double value) in report.More ?? new Dictionary<string, double>()) Add($"train/{name}", value);
        position.SumCount++;

        void Add(string name, double value) => position.Sums[name] = position.Sums.GetValueOrDefault(name) + value;
    }

    private void LogTraining()
    {
        foreach ((string name, double sum) in position.Sums) Log(name, sum / position.SumCount);
        if (Schedule is not null) Log("train/rate", main!.LearningRate);
        position.Sums.Clear();
        position.SumCount = 0;
    }

    private void Log(string metric, double value)
    {
        position.History.Add(metric, position.Step, value);
        run.Metrics.Record(Name.Length == 0 ? metric : $"{Name}/{metric}", position.Step, value);
    }

    private void SaveLast()
    {
        run.Metrics.Flush(); // before the checkpoint: what a resumed run will not repeat must be on disk
        checkpoints.SaveLast(state, position, Manifest());
        lastCheckpoint = run.Time.GetTimestamp();
    }

    private void StopHere()
    {
        SaveLast();
        throw new OperationCanceledException($"Stopped after step {position.Step} of {totalSteps}; a checkpoint has been written", run.Stop);
    }

    private DivergedException Diverged(TBatch batch, double loss)
    {
        string operation = "", how = "Run again, the step made no NaN";
        for (int i = 0; i < randomness.Length; i++) randomness[i].State = statesBefore[i];
        try
        {
            using (Anomaly.Detect()) step.Replay(batch);
        }
        catch (AnomalyException found)
        {
            (operation, how) = (found.Operation, $"First of all, {found.Message}");
        }
        string what = double.IsFinite(loss) ? $"a gradient is not finite (the loss is {loss.ToString("G5", CultureInfo.InvariantCulture)})" : $"the loss is {loss.ToString(CultureInfo.InvariantCulture)}";
        string kept = checkpoints.Newest is { } file ? $"The last good checkpoint is kept: {file}." : "There is no checkpoint yet.";
        return new DivergedException($"Step {position.Step} (epoch {position.Epoch}, batch {position.Batch}): {what}. {how}. {kept} " +
            "Try a lower learning rate, a warm-up or gradient clipping.")
        { Step = position.Step, Operation = operation };
    }

    private CheckpointManifest Manifest() => CheckpointManifest.Of(run, state, Schedule);

    private long StepsPerEpoch(BatchSource<TBatch> batches) => (batches.BatchesPerEpoch + Accumulate - 1L) / Accumulate;

    private string Stage()
    {
        long perEpoch = StepsPerEpoch(source), epochs = (totalSteps + perEpoch - 1) / perEpoch;
        long now = Math.Min(epochs, (position.Step + perEpoch - 1) / perEpoch);
        return $"{(Name.Length == 0 ? "" : $"{Name}, ")}epoch {now}/{epochs}";
    }

    private string LatestFigures() => string.Join(", ", position.History.Names.Where(n => n != "train/rate").Take(4)
        .Select(n => string.Create(CultureInfo.InvariantCulture, $"{n} {position.History.Latest(n):G4}")));
}
