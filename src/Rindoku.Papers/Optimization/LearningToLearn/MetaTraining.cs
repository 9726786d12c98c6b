using Rindoku.Lab;
using Rindoku.Ops;
using Rindoku.Optim;

namespace Rindoku.Papers.Optimization.LearningToLearn;

/// <summary>Trains the learned optimizer.</summary>
internal static class MetaTraining
{
    // What stands for a loss that has run away: it must be told, and be worse than any other.
    private const double RunAway = 1e30;

    /// <summary>Trains by optimizations of new problems, in unrolls of some steps each, and takes the weights back that were best on validation problems.</summary>
    /// <param name="run">The run.</param>
    /// <param name="rule">The learned optimizer.</param>
    /// <param name="name">A name for checkpoints and metrics.</param>
    /// <param name="draw">Draws the problems of an optimization by its number.</param>
    /// <param name="validation">Other problems, to choose the best weights by.</param>
    /// <param name="epochs">How many optimizations.</param>
    public static TrainingOutcome Train(ArmRun<LearningToLearnSettings> run, LearnedOptimizer rule, string name, Func<long, Problems> draw,
        Problems validation, int epochs)
    {
        LearningToLearnSettings s = run.Settings;
        Adam adam = new(rule.Parameters, s.LearningRate);
        Trainer<long> trainer = new(run, new TrainingState().Add("rule", rule).Add("adam", adam), epoch => Epoch(s, rule, adam, draw(epoch)))
        {
            Name = name,
            EvaluateEvery = Every.Steps(s.ValidateEvery),
            Evaluate = () => new Dictionary<string, double> { ["validation loss"] = Final(rule, validation, s.Steps) },
            Best = new BestBy("validation loss", Better.Lower),
        };
        TrainingOutcome outcome = trainer.FitSteps(BatchSource.Steps(), epochs);
        trainer.RestoreBest();
        return outcome;
    }

    /// <summary>One optimization, cut into unrolls with a step of Adam after each: h and θ go on, gradients do not.</summary>
    private static StepReport Epoch(LearningToLearnSettings s, LearnedOptimizer rule, Adam adam, Problems problems)
    {
        Unrolling.Position at = Unrolling.Position.Of(rule, problems);
        double sum = 0;
        for (int taken = 0; taken < s.Steps; taken += s.Unroll)
        {
            using MemoryScope scope = MemoryScope.Open();
            rule.ZeroGrad();
            (Tensor metaLoss, _, Unrolling.Position to) = Unrolling.Run(rule, problems, at, s.Unroll, s.SecondDerivatives);
            metaLoss.Backward();
            double norm = GradientClipping.ByNorm(rule.Parameters, s.Clip);
            if (!float.IsFinite(metaLoss.Item()) || !double.IsFinite(norm)) return RunAway; // nothing can be learned from what comes after
            adam.Step();
            sum += metaLoss.Item();
            at = to.Cut();
            at.HandOver(scope);
        }
        return Math.Min(RunAway, sum / (s.Steps + s.Steps / s.Unroll)); // the mean loss of a step; the last of each unroll counts twice
    }

    private static double Final(IUpdateRule rule, Problems problems, int steps)
    {
        double loss = problems.Measure(Unrolling.Follow(rule, problems, steps).Theta).Mean().Item();
        return double.IsFinite(loss) ? loss : RunAway;
    }
}
