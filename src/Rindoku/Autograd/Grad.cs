using Rindoku.Autograd;

namespace Rindoku;

/// <summary>Derivatives of what was computed from what it was computed from.</summary>
public static class Grad
{
    /// <summary>The gradient of the scalar <paramref name="y"/> by <paramref name="x"/>: <c>∂y/∂x</c>, of x's shape.</summary>
    /// <param name="y">A tensor of one element.</param>
    /// <param name="x">A leaf (<see cref="Tensor.Tracked"/>, a <see cref="Parameter"/>) or anything y was computed from.</param>
    /// <param name="createGraph">Whether the gradient can be differentiated again.</param>
    /// <exception cref="ShapeException">y has more than one element.</exception>
    /// <exception cref="InvalidOperationException">y does not depend on x.</exception>
    public static Tensor Of(Tensor y, Tensor x, bool createGraph = false) => Of(y, [x], createGraph)[0];

    /// <summary>The gradients of the scalar <paramref name="y"/> by several tensors.</summary>
    /// <exception cref="ShapeException">y has more than one element.</exception>
    /// <exception cref="InvalidOperationException">y does not depend on one of them.</exception>
    public static Tensor[] Of(Tensor y, IReadOnlyList<Tensor> xs, bool createGraph = false)
    {
        ArgumentNullException.ThrowIfNull(y);
        ShapeException.Require(y.Length == 1, $"Grad.Of: the output must have one element, got {y.Shape}; sum it, or use Grad.Vjp");
        return Vjp(y, Tensor.Ones(y.Shape), xs, createGraph);
    }

    /// <summary>Vector-Jacobian products: for each x the gradient of <c>sum(y · dy)</c>.</summary>
    /// <param name="y">The output, of any shape.</param>
    /// <param name="dy">The weights, of y's shape.</param>
    /// <param name="xs">What to differentiate by.</param>
    /// <param name="createGraph">Whether the gradients can be differentiated again.</param>
    /// <param name="allowUnused">Whether an x that y does not depend on has a gradient of zeros; otherwise it is an error.</param>
    /// <exception cref="InvalidOperationException">y does not depend on one of the xs.</exception>
    public static Tensor[] Vjp(Tensor y, Tensor dy, IReadOnlyList<Tensor> xs, bool createGraph = false, bool allowUnused = false)
    {
        ArgumentNullException.ThrowIfNull(y);
        ArgumentNullException.ThrowIfNull(dy);
        ArgumentNullException.ThrowIfNull(xs);
        ShapeException.Require(dy.Shape == y.Shape, $"Grad: the output is {y.Shape}, its gradient {dy.Shape}");
        Dictionary<Tensor, Tensor> found = Found(y, dy, xs, createGraph, floor: 0);
        Tensor[] gradients = new Tensor[xs.Count];
        for (int i = 0; i < gradients.Length; i++)
            gradients[i] = found.TryGetValue(xs[i], out Tensor? gradient) ? gradient
                : allowUnused ? Tensor.Zeros(xs[i].Shape)
                : throw new InvalidOperationException($"Grad: the output {y.Shape} does not depend on input {i} {xs[i].Shape}" +
                    (xs[i].RequiresGrad ? "" : ", which no gradient flows to: make it a leaf with Tracked()"));
        return gradients;
    }

    /// <summary>Vector-Jacobian products of what was recorded after a node with the sequence number <paramref name="floor"/> only.</summary>
    internal static Tensor[] Since(long floor, Tensor y, Tensor dy, IReadOnlyList<Tensor> xs, bool createGraph)
    {
        Dictionary<Tensor, Tensor> found = Found(y, dy, xs, createGraph, floor);
        return [.. xs.Select(x => found.TryGetValue(x, out Tensor? gradient) ? gradient : Tensor.Zeros(x.Shape))];
    }

    private static Dictionary<Tensor, Tensor> Found(Tensor y, Tensor dy, IReadOnlyList<Tensor> xs, bool createGraph, long floor)
    {
        Dictionary<Tensor, Tensor> found = new(ReferenceEqualityComparer.Instance);
        BackwardPass.Run(y, dy, xs, createGraph, (x, gradient, scope) =>
        {
            scope?.HandOver(gradient);
            found[x] = gradient;
        }, floor);
        return found;
    }

    /// <summary>Adds the gradient of the scalar <paramref name="loss"/> to <see cref="Parameter.Grad"/> of every parameter it depends on.</summary>
    /// <exception cref="ShapeException">The loss has more than one element.</exception>
    /// <exception cref="InvalidOperationException">The loss depends on no parameter.</exception>
    public static void Backward(this Tensor loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        ShapeException.Require(loss.Length == 1, $"Backward: the loss must have one element, got {loss.Shape}; take its mean or sum");
        if (!loss.RequiresGrad)
            throw new InvalidOperationException("Backward: the loss depends on no parameter that requires a gradient (was it computed under NoGrad, or detached?)");
        BackwardPass.Run(loss, Tensor.Ones(loss.Shape), null, createGraph: false, static (target, gradient, _) => ((Parameter)target).Accumulate(gradient));
    }

    /// <summary>Jacobian-vector product: the derivative of <paramref name="f"/> at <paramref name="x"/> in direction <paramref name="v"/>.</summary>
    /// <returns>f's value and <c>J v</c>, both of the output's shape.</returns>
    /// <remarks>Two backward passes: <c>J v = ∂(Jᵀw · v)/∂w</c>, which is linear in w.</remarks>
    public static (Tensor Value, Tensor Tangent) Jvp(Func<Tensor, Tensor> f, Tensor x, Tensor v)
    {
        ArgumentNullException.ThrowIfNull(f);
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(v);
        ShapeException.Require(v.Shape == x.Shape, $"Grad.Jvp: the point is {x.Shape}, the direction {v.Shape}");
        Tensor leaf = x.Tracked();
        Tensor y = f(leaf);
        Tensor w = Tensor.Zeros(y.Shape).Tracked();
        Tensor transposed = Vjp(y, w, [leaf], createGraph: true)[0];
        return (y.Detach(), Vjp(transposed, v, [w], allowUnused: true)[0]);
    }

    /// <summary>Hessian-vector product of a scalar function: <c>H v</c>, of x's shape.</summary>
    public static Tensor Hvp(Func<Tensor, Tensor> f, Tensor x, Tensor v)
    {
        ArgumentNullException.ThrowIfNull(f);
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(v);
        ShapeException.Require(v.Shape == x.Shape, $"Grad.Hvp: the point is {x.Shape}, the direction {v.Shape}");
        Tensor leaf = x.Tracked();
        Tensor gradient = Of(f(leaf), leaf, createGraph: true);
        return gradient.RequiresGrad ? Vjp(gradient, v, [leaf], allowUnused: true)[0] : Tensor.Zeros(x.Shape);
    }
}
