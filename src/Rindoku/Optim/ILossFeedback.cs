namespace Rindoku.Optim;

/// <summary>An optimizer that looks at the loss as well as at the gradients, such as <see cref="Eve"/>. The lab's trainer tells it by itself.</summary>
/// <example><code>
/// Tensor loss = ...;
/// loss.Backward();
/// eve.Observe(loss.Item());
/// eve.Step();
/// </code></example>
public interface ILossFeedback
{
    /// <summary>Tells the loss of the next step: the one whose gradients that step uses, measured at the parameters before it.</summary>
    /// <param name="loss">The loss; where several batches make one step, their mean, as their gradients are.</param>
    void Observe(double loss);
}
