using Rindoku.Autograd;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>
    /// Records a fused operation whose differentiable rule is the same function written in smaller operations: only when a second
    /// graph is wanted are these run, and their gradients taken.
    /// </summary>
    /// <param name="operation">The operation's name.</param>
    /// <param name="y">Its output.</param>
    /// <param name="fused">All gradients at once.</param>
    /// <param name="parts">The same output from the same inputs, in differentiable operations.</param>
    /// <param name="inputs">The inputs.</param>
    private static Tensor RecordByParts(string operation, Tensor y, FusedGradient fused, Func<Tensor[], Tensor> parts, params Tensor[] inputs)
    {
        if (!Tape.Needs(inputs)) return y;
        PartsRule rule = new(parts, inputs);
        return Tape.RecordFused(operation, y, fused, [.. inputs.Select((x, i) => new Edge(x, dy => rule.Gradient(i, dy)))]);
    }

    /// <summary>Gradients through the parts, taken once for all inputs.</summary>
    private sealed class PartsRule(Func<Tensor[], Tensor> parts, Tensor[] inputs)
    {
        private Tensor? lastGradient;
        private Tensor?[] found = [];

        public Tensor Gradient(int place, Tensor dy)
        {
            if (!ReferenceEquals(dy, lastGradient) || found[place] is null) Differentiate(dy);
            Tensor gradient = found[place]!;
            found[place] = null;
            if (Array.TrueForAll(found, f => f is null)) lastGradient = null;
            return gradient;
        }

        // The parts are run on stand-ins, so that a gradient counts only what flows through this operation: one input may itself
        // have been computed from another.
        private void Differentiate(Tensor dy)
        {
            Tensor[] standIns = [.. inputs.Select(x => x.RequiresGrad ? Tape.Record("same", x.View(x.Shape), new Edge(x, d => d)) : x)];
            int[] wanted = [.. Enumerable.Range(0, inputs.Length).Where(i => inputs[i].RequiresGrad)];
            Tensor[] gradients = Grad.Vjp(parts(standIns), dy, [.. wanted.Select(i => standIns[i])], createGraph: true, allowUnused: true);
            found = new Tensor?[inputs.Length];
            for (int i = 0; i < wanted.Length; i++) found[wanted[i]] = gradients[i];
            lastGradient = dy;
        }
    }
}
