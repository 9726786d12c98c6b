using Rindoku.Data;
using Rindoku.Ops;

namespace Rindoku.Uncertainty;

/// <summary>A training set with the likelihood that its model is to have: classes by softmax, or numbers with normal noise.</summary>
public abstract class Observations
{
    private protected Observations(Tensor inputs) => Inputs = inputs.Keep();

    /// <summary>Classes; the model gives logits, (n, classes).</summary>
    /// <param name="set">The examples, at least one.</param>
    public static Observations Of(LabelledSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        ShapeException.Require(set.Count > 0, $"Observations: there are no examples in {set}");
        return new ClassObservations(set);
    }

    /// <summary>Numbers with normal noise of one deviation σ; the model gives their means.</summary>
    /// <param name="inputs">(N, ...), N at least 1.</param>
    /// <param name="targets">(N, outputs).</param>
    /// <exception cref="ShapeException">The shapes are not as above.</exception>
    public static Observations Of(Tensor inputs, Tensor targets)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(targets);
        ShapeException.Require(inputs.Rank >= 1 && targets.Rank == 2 && inputs.Shape[0] == targets.Shape[0] && targets.Length > 0,
            $"Observations: inputs {inputs.Shape} and targets {targets.Shape}; needed are (N, ...) and (N, outputs)");
        return new NumberObservations(inputs, targets);
    }

    /// <summary>All inputs, (N, ...).</summary>
    public Tensor Inputs { get; }

    /// <summary>How many examples there are, N.</summary>
    public int Count => Inputs.Shape[0];

    /// <summary>How many numbers the model gives for an example, C.</summary>
    public abstract int Outputs { get; }

    /// <summary>Whether there is noise to be learned.</summary>
    public abstract bool HasNoise { get; }

    /// <summary>What is summed over examples: cross-entropies, or squared errors.</summary>
    internal abstract double Loss(Tensor outputs, int from);

    /// <summary>The columns s_c of a root of the Hessian by the outputs, <c>Λ = Σ s_c s_cᵀ</c>, for σ = T = 1: each (n, C).</summary>
    internal abstract IEnumerable<Tensor> Roots(Tensor outputs);

    /// <summary>The gradients of the log-likelihood by the outputs, for σ = T = 1, (n, C).</summary>
    internal abstract Tensor Slopes(Tensor outputs, int from);

    /// <summary>ln p(data | θ, σ)^(1/T) from the sum of losses, and its derivative by ln σ.</summary>
    internal abstract (double Value, double SlopeByLogNoise) LogLikelihood(double loss, double noise, double temperature);

    /// <summary>What σ and T make of the gradient of the log-likelihood: 1/(σ² T).</summary>
    internal abstract double SlopeScale(double noise, double temperature);

    /// <summary>By what <c>Σ δ θ²/2</c> is multiplied beside a mean loss, so that their sum is the negative log joint up to a factor.</summary>
    internal abstract double PenaltyWeight(double noise, double temperature);
}

/// <summary>Cross-entropy.</summary>
internal sealed class ClassObservations(LabelledSet set) : Observations(set.Inputs)
{
    public override int Outputs => set.ClassCount;

    public override bool HasNoise => false;

    internal override double Loss(Tensor outputs, int from)
    {
        double loss = 0;
        for (int i = 0; i < outputs.Shape[0]; i++)
        {
            ReadOnlySpan<float> row = outputs.Span.Slice(i * Outputs, Outputs);
            double largest = System.Numerics.Tensors.TensorPrimitives.Max(row), sum = 0;
            foreach (float logit in row) sum += Math.Exp(logit - largest);
            loss += largest + Math.Log(sum) - row[set.Labels[from + i]];
        }
        return loss;
    }

    internal override IEnumerable<Tensor> Roots(Tensor outputs)
    {
        Tensor p = outputs.Softmax(1), unit = Tensor.Eye(Outputs);
        for (int c = 0; c < Outputs; c++) yield return p.Narrow(1, c, 1).Sqrt() * (unit.Slice(0, c..(c + 1)) - p);
    }

    internal override Tensor Slopes(Tensor outputs, int from) => IntTensor.Of(set.Labels.Span.Slice(from, outputs.Shape[0])).OneHot(Outputs) - outputs.Softmax(1);

    internal override (double Value, double SlopeByLogNoise) LogLikelihood(double loss, double noise, double temperature) => (-loss / temperature, 0);

    internal override double SlopeScale(double noise, double temperature) => 1 / temperature;

    internal override double PenaltyWeight(double noise, double temperature) => temperature / Count;
}

/// <summary>Squared errors.</summary>
internal sealed class NumberObservations : Observations
{
    private readonly Tensor targets;

    public NumberObservations(Tensor inputs, Tensor targets) : base(inputs) => this.targets = targets.Keep();

    public override int Outputs => targets.Shape[1];

    public override bool HasNoise => true;

    internal override double Loss(Tensor outputs, int from)
    {
        double loss = 0;
        for (int i = 0; i < outputs.Length; i++)
        {
            double error = (double)outputs.Span[i] - targets.Span[from * Outputs + i];
            loss += error * error;
        }
        return loss;
    }

    internal override IEnumerable<Tensor> Roots(Tensor outputs)
    {
        Tensor unit = Tensor.Eye(Outputs);
        for (int c = 0; c < Outputs; c++) yield return unit.Slice(0, c..(c + 1)).Expand(outputs.Shape);
    }

    internal override Tensor Slopes(Tensor outputs, int from) => targets.Slice(0, from..(from + outputs.Shape[0])) - outputs;

    internal override (double Value, double SlopeByLogNoise) LogLikelihood(double loss, double noise, double temperature)
    {
        double scaled = loss / (noise * noise);
        return ((-scaled / 2 - targets.Length * Math.Log(noise * Math.Sqrt(2 * Math.PI))) / temperature, (scaled - targets.Length) / temperature);
    }

    internal override double SlopeScale(double noise, double temperature) => 1 / (noise * noise * temperature);

    // The mean squared error is one over all N · C numbers.
    internal override double PenaltyWeight(double noise, double temperature) => 2 * noise * noise * temperature / targets.Length;
}
