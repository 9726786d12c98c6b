using Rindoku.Nn.Initialisers;
using Rindoku.Ops;

namespace Rindoku.Nn;

/// <summary>Affine map of the last axis: <c>y = x·Wᵀ + b</c>.</summary>
/// <remarks>
/// <para>Shapes: x <c>(*, In)</c>, W <c>(Out, In)</c>, b <c>(Out)</c> → y <c>(*, Out)</c>; <c>*</c> is any number of axes, or none.</para>
/// <para>Start: W and b from U(−k, k), k = 1/√In, the rule of PyTorch's layer of this name.</para>
/// <para>Checkpoint keys: <c>weight</c>, <c>bias</c>, in PyTorch's layout, so a safetensors file loads as it is.</para>
/// </remarks>
public sealed class Linear : Layer, IWeighted
{
    /// <summary>A layer with random start values; W is drawn before b.</summary>
    /// <param name="inputs">Size of the last axis of x; at least 1.</param>
    /// <param name="outputs">Size of the last axis of y; at least 1.</param>
    /// <param name="rng">Source of the start values.</param>
    /// <param name="bias">Whether to add b.</param>
    public Linear(int inputs, int outputs, Rng rng, bool bias = true)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(inputs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(outputs);
        Weight = Register("weight", Initialise.UniformByFanIn(rng, [outputs, inputs], inputs));
        Bias = bias ? Register("bias", Initialise.UniformByFanIn(rng, [outputs], inputs)) : null;
    }

    /// <summary>W, (Out, In).</summary>
    public Parameter Weight { get; }

    /// <summary>b, (Out), or null.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    public int OutputAxis => 0;

    /// <summary>Size of the last axis of the input.</summary>
    public int Inputs => Weight.Shape[1];

    /// <summary>Size of the last axis of the output.</summary>
    public int Outputs => Weight.Shape[0];

    /// <inheritdoc/>
    /// <exception cref="ShapeException">The last axis of <paramref name="x"/> is not <see cref="Inputs"/>.</exception>
    public override Tensor Forward(Tensor x) => Forward(x, Weight);

    /// <inheritdoc/>
    public Tensor Forward(Tensor x, Tensor weight)
    {
        Tensor y = x.Linear(weight, Bias);
        return LayerTrace.Note(this, x, y, multiplyAdds: (long)y.Length * Inputs);
    }

    /// <summary>Sizes.</summary>
    public override string ToString() => $"Linear({Inputs} → {Outputs}{(Bias is null ? ", no bias" : "")})";
}
