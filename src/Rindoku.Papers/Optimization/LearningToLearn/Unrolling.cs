using Rindoku.Autograd;
using Rindoku.Ops;

namespace Rindoku.Papers.Optimization.LearningToLearn;

/// <summary>Optimization as a computation that can itself be differentiated (paper, figure 2).</summary>
public static class Unrolling
{
    /// <summary>Where an optimization stands.</summary>
    /// <param name="Theta">θ, (n).</param>
    /// <param name="State">h.</param>
    /// <param name="Step">The number of the next step.</param>
    public sealed record Position(Tensor Theta, IReadOnlyList<Tensor> State, long Step)
    {
        /// <summary>The start of an optimization.</summary>
        public static Position Of(IUpdateRule rule, Problems problems) => new(problems.Start, rule.Start(problems.Coordinates), 0);

        /// <summary>The same place without its past: gradients stop here.</summary>
        public Position Cut() => new(Theta.Detach(), [.. State.Select(h => h.Detach())], Step);

        internal void HandOver(MemoryScope scope)
        {
            scope.HandOver(Theta);
            foreach (Tensor h in State) scope.HandOver(h);
        }
    }

    /// <summary>Takes some steps and adds up the losses on the way, f(θ) before each step and after the last: the meta-loss with all weights 1.</summary>
    /// <param name="rule">The optimizer.</param>
    /// <param name="problems">What it minimises.</param>
    /// <param name="from">Where it begins.</param>
    /// <param name="steps">How many steps.</param>
    /// <param name="secondDerivatives">
    /// Whether the meta-gradient also flows through ∇: how a step changes later gradients. The paper leaves that out, which saves the second derivatives
    /// of f and, it says, costs little.
    /// </param>
    /// <returns>The mean over the functions of the sum of losses, the loss after the last step alone, and where the optimization then stands.</returns>
    public static (Tensor MetaLoss, Tensor Last, Position To) Run(IUpdateRule rule, Problems problems, Position from, int steps, bool secondDerivatives = false)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(problems);
        ArgumentNullException.ThrowIfNull(from);
        (Tensor theta, IReadOnlyList<Tensor> state, long step) = from;
        Tensor sum = Tensor.Scalar(0);
        for (int t = 0; t < steps; t++, step++)
        {
            (Tensor loss, Tensor gradient) = secondDerivatives ? WithGraph(problems, ref theta, step) : LossAndGradient(problems, theta, step);
            sum += loss;
            (Tensor move, state) = rule.Next(gradient, state);
            theta += move;
        }
        Tensor last = problems.Sum(theta, step) * (1f / problems.Count);
        return (sum * (1f / problems.Count) + last, last, new Position(theta, state, step));
    }

    /// <summary>Follows an optimization to its end, without anything to be differentiated afterwards.</summary>
    /// <returns>The mean loss of the functions before each step, as the optimizer sees it, and θ at the end.</returns>
    public static (double[] Losses, Tensor Theta) Follow(IUpdateRule rule, Problems problems, int steps)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(problems);
        double[] losses = new double[steps];
        Position at = Position.Of(rule, problems);
        using NoGrad noGrad = NoGrad.Enter();
        for (int t = 0; t < steps; t++)
        {
            using MemoryScope scope = MemoryScope.Open();
            (Tensor loss, Tensor gradient) = LossAndGradient(problems, at.Theta, t);
            losses[t] = loss.Item() / problems.Count;
            (Tensor move, IReadOnlyList<Tensor> state) = rule.Next(gradient, at.State);
            at = new Position(at.Theta + move, state, t + 1);
            at.HandOver(scope);
        }
        return (losses, at.Theta);
    }

    // f and its gradient, computed together and once. For what comes after, f is a node whose gradient by theta is known already; the gradient itself
    // is a constant: that is where the paper's dotted edges are cut.
    private static (Tensor Loss, Tensor Gradient) LossAndGradient(Problems problems, Tensor theta, long step)
    {
        Tensor leaf = theta.Detach().Tracked();
        (Tensor loss, Tensor gradient) = Tape.Recorded(() =>
        {
            Tensor f = problems.Sum(leaf, step);
            return (f.Detach(), Grad.Of(f, leaf));
        });
        return (Tape.Record("optimizee", Tensor.Scalar(loss.Item()), new Edge(theta, dy => gradient * dy)), gradient);
    }

    private static (Tensor Loss, Tensor Gradient) WithGraph(Problems problems, ref Tensor theta, long step)
    {
        if (!theta.RequiresGrad) theta = theta.Tracked();
        Tensor f = problems.Sum(theta, step);
        return (f, Grad.Of(f, theta, createGraph: true));
    }
}
