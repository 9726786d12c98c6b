using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Nn;
using Rindoku.Ops;
using Rindoku.Optim;
using Rindoku.Optim.Schedules;

namespace Rindoku.Papers.Uncertainty.SdeNet;

/// <summary>Trains the networks of the experiment.</summary>
internal static class Training
{
    private const double Momentum = 0.9, WeightDecay = 5e-4;

    /// <summary>The paper's two optimizers by turns: the task for h₁, f and h₂, then the diffusion for g.</summary>
    /// <typeparam name="TBatch">What a step is given.</typeparam>
    /// <param name="run">The run.</param>
    /// <param name="model">The network.</param>
    /// <param name="batches">The batches.</param>
    /// <param name="inputsOf">The inputs of a batch.</param>
    /// <param name="loss">The loss of the task, from answers and batch.</param>
    public static TrainingOutcome SdeNet<TBatch>(ArmRun<SdeNetSettings> run, SdeNet model, BatchSource<TBatch> batches,
        Func<TBatch, Tensor> inputsOf, Func<Tensor, TBatch, Tensor> loss)
    {
        SdeNetSettings s = run.Settings;
        Sgd task = new(model.TaskParameters, s.LearningRate, Momentum, WeightDecay), detection = new(model.Diffusion.Parameters, s.DiffusionLearningRate, Momentum, WeightDecay);
        Rng noise = run.Rng.Split("Brownian motion"), disturbance = run.Rng.Split("disturbance");
        long step = 0;
        TrainingState state = new TrainingState().Add("model", model).Add("noise", noise).Add("disturbance", disturbance)
            .Add("task", task, Falling(s.LearningRate, s.Drops, s.Steps)).Add("detection", detection, Falling(s.DiffusionLearningRate, s.DiffusionDrops, s.Steps));
        Trainer<(TBatch Batch, long Step)> trainer = new(run, state, at =>
        {
            step = at.Step;
            Tensor x = inputsOf(at.Batch);
            model.ZeroGrad();
            Tensor taskLoss = loss(model.Forward(x, step < s.Steps / 2 ? s.TrainingSigma : s.LaterSigma, noise), at.Batch);
            taskLoss.Backward();
            if (s.Clip > 0) GradientClipping.ByNorm(model.TaskParameters, s.Clip);
            task.Step();

            model.ZeroGrad(); // the task's loss had gradients for g as well, which are not its business
            Tensor detectionLoss = model.DetectionLoss(x, x + disturbance.Normal(x.Shape) * (float)s.PseudoDeviation);
            detectionLoss.Backward();
            detection.Step();
            return new StepReport(taskLoss.Item(), new Dictionary<string, double> { ["detection loss"] = detectionLoss.Item() });
        });
        return trainer.FitSteps(Numbered(batches), s.Steps);
    }

    /// <summary>One network that is no SDE-Net, by SGD for images and by Adam for tables, as the authors do.</summary>
    /// <typeparam name="TBatch">What a step is given.</typeparam>
    /// <param name="run">The run.</param>
    /// <param name="name">A name for checkpoints and metrics.</param>
    /// <param name="model">The network.</param>
    /// <param name="batches">The batches.</param>
    /// <param name="loss">The loss of a batch.</param>
    public static TrainingOutcome Plain<TBatch>(ArmRun<SdeNetSettings> run, string name, Layer model, BatchSource<TBatch> batches, Func<TBatch, Tensor> loss)
    {
        SdeNetSettings s = run.Settings;
        Optimizer optimizer = s.Kind == Kind.Classification ? new Sgd(model.Parameters, s.LearningRate, Momentum, WeightDecay) : new Adam(model.Parameters, s.LearningRate);
        Trainer<TBatch> trainer = new(run, model, optimizer, loss)
        {
            Name = name,
            Schedule = Falling(s.LearningRate, s.Drops, s.Steps),
            Clip = s.Clip > 0 ? parameters => GradientClipping.ByNorm(parameters, s.Clip) : null,
        };
        return trainer.FitSteps(batches, s.Steps);
    }

    /// <summary>Batches of rows in a new random order each epoch; what does not fill a batch is left out.</summary>
    public static BatchSource<RegressionSet> Rows(RegressionSet set, int size, Rng rng)
    {
        int batch = Math.Min(size, set.Count), perEpoch = set.Count / batch;
        return BatchSource.Make(perEpoch, step =>
        {
            int[] order = rng.Split(step / perEpoch).Permutation(set.Count);
            return set.Subset(order.AsSpan((int)(step % perEpoch) * batch, batch));
        });
    }

    private static MultiStep Falling(double rate, IReadOnlyList<double> parts, int steps) => new(rate, [.. parts.Select(part => (long)(part * steps))]);

    private static BatchSource<(TBatch, long)> Numbered<TBatch>(BatchSource<TBatch> batches) => new(batches.BatchesPerEpoch,
        (epoch, first) => batches.Epoch(epoch, first).Select((batch, i) => (batch, (long)epoch * batches.BatchesPerEpoch + first + i)));
}
