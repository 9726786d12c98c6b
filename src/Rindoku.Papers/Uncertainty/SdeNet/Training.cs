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
        TrainingState state = new TrainingState().Add("model", model).Add("noise", noise).Add("disturbance", disturbance)
            .Add("task", task, Falling(s.LearningRate, s.Drops, s.Steps)).Add("detection", detection, Falling(s.DiffusionLearningRate, s.DiffusionDrops, s.Steps));
        Trainer<(TBatch Batch, long Step)> trainer = new(run, state, at =>
        {
            Tensor x = inputsOf(at.Batch);
            model.ZeroGrad();
            Tensor taskLoss = loss(model.Forward(x, at.Step < s.Steps / 2 ? s.TrainingSigma : s.LaterSigma, noise), at.Batch);
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

    /// <summary>Networks that are no SDE-Nets, each with start values and an order of batches of its own; by SGD for images and by Adam for tables, as the authors do.</summary>
    /// <typeparam name="TBatch">What a step is given.</typeparam>
    /// <param name="run">The run.</param>
    /// <param name="members">The networks; they are in evaluation mode afterwards.</param>
    /// <param name="batches">From the source of an order to the batches.</param>
    /// <param name="loss">The loss of a network on a batch.</param>
    /// <returns>The seconds that all trainings took.</returns>
    public static double Plain<TBatch>(ArmRun<SdeNetSettings> run, IReadOnlyList<Layer> members, Func<Rng, BatchSource<TBatch>> batches, Func<Layer, TBatch, Tensor> loss)
    {
        SdeNetSettings s = run.Settings;
        double seconds = 0;
        for (int i = 0; i < members.Count; i++)
        {
            Layer member = members[i];
            Optimizer optimizer = s.Kind == Kind.Classification ? new Sgd(member.Parameters, s.LearningRate, Momentum, WeightDecay) : new Adam(member.Parameters, s.LearningRate);
            Trainer<TBatch> trainer = new(run, member, optimizer, batch => loss(member, batch))
            {
                Name = members.Count > 1 ? $"member {i + 1}" : "",
                Schedule = Falling(s.LearningRate, s.Drops, s.Steps),
                Clip = s.Clip > 0 ? parameters => GradientClipping.ByNorm(parameters, s.Clip) : null,
            };
            seconds += trainer.FitSteps(batches(Order(run.Rng, i)), s.Steps).Seconds;
            member.Eval();
        }
        return seconds;
    }

    /// <summary>The source of the order of batches: the first network of every arm has the same.</summary>
    public static Rng Order(Rng run, int member = 0) => member == 0 ? run.Split("batches") : run.Split("batches").Split(member);

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
