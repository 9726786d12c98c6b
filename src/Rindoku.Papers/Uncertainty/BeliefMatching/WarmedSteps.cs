using Rindoku.Optim.Schedules;

namespace Rindoku.Papers.Uncertainty.BeliefMatching;

/// <summary>
/// The learning rate of the authors' recipe, the same within an epoch: a tenth in epoch 0, then e / warm-up in epoch e up to the whole rate; a
/// tenth of it from half of the epochs on, a hundredth from three quarters.
/// </summary>
/// <param name="LearningRate">The rate after the warm-up.</param>
/// <param name="StepsPerEpoch">Steps in an epoch.</param>
/// <param name="Epochs">Epochs in all.</param>
/// <param name="WarmUpEpochs">Epochs of warming up after epoch 0; 5 in the authors' code.</param>
public sealed record WarmedSteps(double LearningRate, long StepsPerEpoch, int Epochs, int WarmUpEpochs) : ISchedule
{
    /// <inheritdoc/>
    public double Rate(long step)
    {
        long epoch = step / StepsPerEpoch;
        double warm = epoch == 0 ? 0.1 : Math.Min(1, (double)epoch / WarmUpEpochs);
        int passed = (epoch >= Epochs / 2 ? 1 : 0) + (epoch >= Epochs * 3L / 4 ? 1 : 0);
        return LearningRate * warm * Math.Pow(0.1, passed);
    }
}
