using Rindoku.Autograd;
using Rindoku.Nn;
using Rindoku.Ops;

namespace Rindoku.Uncertainty;

/// <summary>Some examples passed through a model, with what went into its layers, ready for gradients of single examples.</summary>
/// <remarks>
/// A layer's output is <c>z = W a + b</c> at each of L positions: 1 for a linear map of vectors, as many as output pixels for a
/// convolution, whose a are patches. The gradient of one example by W is then <c>Σ g aᵀ</c> over positions, by b it is <c>Σ g</c>,
/// where g is the gradient by z.
/// </remarks>
internal sealed class TracedBatch
{
    private readonly ParameterLayout layout;
    private readonly LayerPass[] passes;
    private readonly Tensor[] inputs;

    /// <summary>Passes examples through a model, which should be in evaluation mode.</summary>
    /// <param name="model">The model.</param>
    /// <param name="layout">Its parameters.</param>
    /// <param name="x">(n, ...).</param>
    /// <param name="outputs">C, or 0 if any number will do.</param>
    public TracedBatch(Layer model, ParameterLayout layout, Tensor x, int outputs = 0)
    {
        this.layout = layout;
        using LayerTrace trace = LayerTrace.Open(keepTensors: true);
        Outputs = Tape.Recorded(() => model.Forward(x));
        ShapeException.Require(Outputs.Rank == 2 && Outputs.Shape[0] == x.Shape[0] && (outputs == 0 || Outputs.Shape[1] == outputs),
            $"Laplace: for inputs {x.Shape} the model gave {Outputs.Shape}; needed are ({x.Shape[0]}, {(outputs == 0 ? "outputs" : $"{outputs}")})");
        passes = [.. layout.Layers.Select((layer, i) => OnlyPass(trace, layer, i))];
        inputs = [.. passes.Select(Positions)];
    }

    /// <summary>f, (n, C).</summary>
    public Tensor Outputs { get; }

    /// <summary>What went into a layer, (n, L, inputs).</summary>
    public Tensor Inputs(int layer) => inputs[layer];

    /// <summary>The gradients of <c>v · f</c> by what came out of each layer, (n, L, outputs).</summary>
    /// <param name="v">(n, C): for each example a direction.</param>
    public Tensor[] Gradients(Tensor v)
    {
        Tensor[] gradients = Grad.Vjp(Outputs, v, [.. passes.Select(pass => pass.Y!)], allowUnused: true);
        for (int i = 0; i < gradients.Length; i++)
        {
            Tensor g = gradients[i];
            int n = g.Shape[0];
            gradients[i] = passes[i].Layer is Conv2d ? g.Reshape(n, g.Shape[1], g.Shape.Count(2..)).Transpose(1, 2) : g.Reshape(n, g.Shape.Count(1..^1), g.Shape[^1]);
        }
        return gradients;
    }

    /// <summary>The gradients of <c>v · f</c> by all parameters, example by example: (n, P).</summary>
    /// <param name="v">(n, C).</param>
    public Tensor ParameterGradients(Tensor v)
    {
        using NoGrad noGrad = NoGrad.Enter();
        Tensor[] gradients = Gradients(v);
        return Tensor.Concat([.. layout.Tensors.Select(tensor => tensor.IsBias
            ? gradients[tensor.Layer].Sum([1])
            : gradients[tensor.Layer].MatMul(inputs[tensor.Layer], transposeA: true).Reshape(v.Shape[0], tensor.Length))], axis: 1);
    }

    /// <summary>The Jacobians of all outputs, (n, C, P).</summary>
    public Tensor Jacobians()
    {
        using NoGrad noGrad = NoGrad.Enter();
        Tensor unit = Tensor.Eye(Outputs.Shape[1]);
        return Tensor.Stack([.. Enumerable.Range(0, Outputs.Shape[1])
            .Select(c => ParameterGradients(unit.Slice(0, c..(c + 1)).Expand(Outputs.Shape)))], axis: 1);
    }

    private LayerPass OnlyPass(LayerTrace trace, Layer layer, int index)
    {
        LayerPass[] own = [.. trace.Passes.Where(pass => pass.Layer == layer)];
        if (own.Length == 1) return own[0];
        string name = layout.Tensors.First(t => t.Layer == index).Name;
        throw new NotSupportedException($"Laplace: {layer}, to which '{name}' belongs, was passed {own.Length} times; " +
            "each layer must be passed once in a forward pass, by its own Forward");
    }

    private static Tensor Positions(LayerPass pass)
    {
        using NoGrad noGrad = NoGrad.Enter();
        Tensor x = pass.X!.Detach();
        int n = x.Shape[0];
        return pass.Layer is Conv2d convolution
            ? x.Unfold((convolution.Weight.Shape[2], convolution.Weight.Shape[3]), convolution.Dilation, convolution.Padding, convolution.Stride).Transpose(1, 2)
            : x.Reshape(n, x.Shape.Count(1..^1), x.Shape[^1]);
    }
}
