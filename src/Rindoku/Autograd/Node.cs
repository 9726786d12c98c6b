namespace Rindoku.Autograd;

/// <summary>One input of a recorded operation and the rule for its gradient, written in differentiable operations.</summary>
/// <param name="Input">The input.</param>
/// <param name="Gradient">From the gradient of the output (its shape) to the gradient of the input (its shape).</param>
public readonly record struct Edge(Tensor Input, Func<Tensor, Tensor> Gradient);

/// <summary>A faster way to all gradients of an operation at once, used when no second derivative is wanted.</summary>
/// <param name="dy">The gradient of the output.</param>
/// <param name="wanted">For each edge, whether its gradient is needed.</param>
/// <returns>For each edge its gradient; what stands where none is wanted is ignored.</returns>
public delegate Tensor?[] FusedGradient(Tensor dy, bool[] wanted);

/// <summary>The record of an operation whose output needs a gradient.</summary>
internal sealed class Node
{
    private static long created;

    private readonly int[] versions;

    public Node(string operation, Shape shape, Edge[] edges, FusedGradient? fused)
    {
        Operation = operation;
        Shape = shape;
        Edges = edges;
        Fused = fused;
        Sequence = Interlocked.Increment(ref created);
        versions = new int[edges.Length];
        for (int i = 0; i < edges.Length; i++) versions[i] = VersionOf(edges[i].Input);
    }

    /// <summary>The sequence number of the newest node.</summary>
    public static long Newest => Interlocked.Read(ref created);

    public string Operation { get; }

    /// <summary>The shape of the output.</summary>
    public Shape Shape { get; }

    public Edge[] Edges { get; }

    public FusedGradient? Fused { get; }

    /// <summary>Grows with every node: inputs always come before outputs.</summary>
    public long Sequence { get; }

    /// <summary>Refuses to differentiate with parameters that have other values now than in the forward pass.</summary>
    public void RequireUnchangedParameters()
    {
        for (int i = 0; i < Edges.Length; i++)
            if (VersionOf(Edges[i].Input) != versions[i])
                throw new InvalidOperationException(
                    $"{Operation}: its parameter {Edges[i].Input.Shape} was written (by an optimizer step?) after the forward pass, so its gradient " +
                    "would be wrong. Take all gradients of a graph before the step, or run the forward pass again.");
    }

    private static int VersionOf(Tensor t) => t is Parameter p ? p.Version : 0;
}
