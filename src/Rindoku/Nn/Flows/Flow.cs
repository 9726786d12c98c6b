using System.Globalization;
using Rindoku.Ops;

namespace Rindoku.Nn.Flows;

/// <summary>An invertible map z = f(x) with the logarithm of the volume it takes a small volume to: a normalizing flow, or a part of one.</summary>
/// <remarks>
/// With a density of z the density of x is <c>log p(x) = log p(z) + log |det ∂z/∂x|</c>. Layers with chance in them, such as dropout, make
/// of f another map at each call: take z and the logarithm from the same call, and invert in evaluation mode only.
/// </remarks>
public abstract class Flow : Module
{
    /// <summary>Takes x to z.</summary>
    /// <param name="x">Examples along the first axis, (N, *).</param>
    /// <returns>z, and <c>log |det ∂z/∂x|</c> of each example, (N).</returns>
    public abstract (Tensor Z, Tensor LogDeterminant) Forward(Tensor x);

    /// <summary>Takes z back to x; in evaluation mode <c>Inverse(Forward(x).Z)</c> is x but for rounding.</summary>
    /// <param name="z">What <see cref="Forward"/> gives, (N, *).</param>
    public abstract Tensor Inverse(Tensor z);
}

/// <summary>Flows one after the other: determinants multiply, so their logarithms add up.</summary>
/// <remarks>Checkpoint keys: those of the flows under 0, 1, 2, ...</remarks>
public sealed class FlowSequence : Flow
{
    private readonly Flow[] flows;

    /// <summary>Flows in the order in which they are applied, at least one.</summary>
    public FlowSequence(params IEnumerable<Flow> flows)
    {
        this.flows = [.. flows];
        if (this.flows.Length == 0) throw new ArgumentException("FlowSequence: there are no flows in it", nameof(flows));
        for (int i = 0; i < this.flows.Length; i++) Register(i.ToString(CultureInfo.InvariantCulture), this.flows[i]);
    }

    /// <inheritdoc/>
    public override (Tensor Z, Tensor LogDeterminant) Forward(Tensor x)
    {
        (Tensor z, Tensor sum) = flows[0].Forward(x);
        foreach (Flow flow in flows.AsSpan(1))
        {
            (z, Tensor logDeterminant) = flow.Forward(z);
            sum += logDeterminant;
        }
        return (z, sum);
    }

    /// <inheritdoc/>
    public override Tensor Inverse(Tensor z)
    {
        for (int i = flows.Length - 1; i >= 0; i--) z = flows[i].Inverse(z);
        return z;
    }

    /// <summary>The flows, one a line.</summary>
    public override string ToString() => $"FlowSequence(\n{string.Join('\n', flows.Select(flow => $"  {flow}"))}\n)";
}
