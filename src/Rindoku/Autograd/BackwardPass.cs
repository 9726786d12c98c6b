using Rindoku.Kernels;

namespace Rindoku.Autograd;

/// <summary>One walk from an output back to what it depends on, adding gradients up on the way.</summary>
/// <remarks>
/// Without a second graph, gradients live only as long as they are needed: each node runs in a memory scope of its own, and its
/// incoming gradient goes back to the pool as soon as it is used up.
/// </remarks>
internal sealed class BackwardPass
{
    private readonly bool createGraph;
    private readonly MemoryScope? scope;
    private readonly long floor;
    private readonly Dictionary<object, Tensor> pending = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<object> targets = new(ReferenceEqualityComparer.Instance);

    private BackwardPass(bool createGraph, MemoryScope? scope, long floor)
    {
        this.createGraph = createGraph;
        this.scope = scope;
        this.floor = floor;
    }

    /// <summary>Calls <paramref name="result"/> with the gradient of <c>sum(y · dy)</c> by each target that y depends on.</summary>
    /// <param name="y">The output.</param>
    /// <param name="dy">The gradient to start with, of y's shape.</param>
    /// <param name="targets">What to differentiate by, or null for every <see cref="Parameter"/>.</param>
    /// <param name="createGraph">Whether the gradients can be differentiated again.</param>
    /// <param name="result">Takes a target and its gradient; what it wants to keep it hands over or copies.</param>
    /// <param name="floor">Nodes up to this sequence number count as leaves: the walk does not go beyond them.</param>
    public static void Run(Tensor y, Tensor dy, IReadOnlyList<Tensor>? targets, bool createGraph, Action<Tensor, Tensor, MemoryScope?> result,
        long floor = 0)
    {
        if (createGraph)
        {
            new BackwardPass(createGraph, null, floor).Run(y, dy, targets, result);
            return;
        }
        using MemoryScope scope = MemoryScope.Open();
        using (NoGrad.Enter()) new BackwardPass(createGraph, scope, floor).Run(y, dy, targets, result);
    }

    private void Run(Tensor y, Tensor dy, IReadOnlyList<Tensor>? wanted, Action<Tensor, Tensor, MemoryScope?> result)
    {
        List<Node> nodes = Reachable(y, floor, out List<Tensor> leaves);
        wanted ??= [.. leaves.Where(leaf => leaf is Parameter)];
        foreach (Tensor target in wanted) targets.Add(KeyOf(target));
        HashSet<Node> onTheWay = NodesLeadingToTargets(nodes);

        Put(KeyOf(y), dy);
        for (int i = nodes.Count - 1; i >= 0; i--)
            if (onTheWay.Contains(nodes[i])) Unwind(nodes[i], onTheWay);

        foreach (Tensor target in wanted)
            if (pending.TryGetValue(KeyOf(target), out Tensor? gradient)) result(target, gradient, scope);
        foreach (Tensor left in pending.Values) left.Storage.PendingUses--;
    }

    private static object KeyOf(Tensor tensor) => (object?)tensor.Node ?? tensor;

    /// <summary>All nodes after <paramref name="floor"/> that y depends on, inputs before outputs, and the leaves below them.</summary>
    internal static List<Node> Reachable(Tensor y, long floor, out List<Tensor> leaves)
    {
        List<Node> nodes = [];
        leaves = [];
        HashSet<object> seen = new(ReferenceEqualityComparer.Instance);
        Stack<Node> open = new();
        Visit(y, leaves);
        while (open.TryPop(out Node? node))
        {
            nodes.Add(node);
            foreach (Edge edge in node.Edges) Visit(edge.Input, leaves);
        }
        nodes.Sort(static (a, b) => a.Sequence.CompareTo(b.Sequence));
        return nodes;

        void Visit(Tensor tensor, List<Tensor> leaves)
        {
            if (!tensor.RequiresGrad || !seen.Add(KeyOf(tensor))) return;
            if (tensor.Node is { } node && node.Sequence > floor) open.Push(node);
            else leaves.Add(tensor);
        }
    }

    private HashSet<Node> NodesLeadingToTargets(List<Node> nodes)
    {
        HashSet<Node> leading = new(nodes.Count);
        foreach (Node node in nodes)
            foreach (Edge edge in node.Edges)
                if (IsWanted(edge.Input, leading))
                {
                    leading.Add(node);
                    break;
                }
        return leading;
    }

    private bool IsWanted(Tensor input, HashSet<Node> leading) =>
        input.RequiresGrad && (targets.Contains(KeyOf(input)) || (input.Node is { } node && leading.Contains(node)));

    private void Unwind(Node node, HashSet<Node> leading)
    {
        if (!pending.TryGetValue(node, out Tensor? dy)) return; // no gradient reaches it
        node.RequireUnchangedParameters();

        bool[] wanted = new bool[node.Edges.Length];
        for (int i = 0; i < wanted.Length; i++) wanted[i] = IsWanted(node.Edges[i].Input, leading);
        Tensor?[] gradients = createGraph ? Rules(node, dy, wanted) : InScope(node, dy, wanted);

        for (int i = 0; i < wanted.Length; i++)
            if (wanted[i]) Put(KeyOf(node.Edges[i].Input), gradients[i]!);
        if (!targets.Contains(node))
        {
            pending.Remove(node);
            Drop(dy);
        }
    }

    private Tensor?[] InScope(Node node, Tensor dy, bool[] wanted)
    {
        using MemoryScope own = MemoryScope.Open();
        Tensor?[] gradients = node.Fused is { } fused ? Checked(node, fused(dy, wanted), wanted) : Rules(node, dy, wanted);
        for (int i = 0; i < wanted.Length; i++)
            if (wanted[i]) own.HandOver(gradients[i]!);
        return gradients;
    }

    private static Tensor?[] Rules(Node node, Tensor dy, bool[] wanted)
    {
        Tensor?[] gradients = new Tensor?[wanted.Length];
        for (int i = 0; i < wanted.Length; i++)
            if (wanted[i]) gradients[i] = node.Edges[i].Gradient(dy);
        return Checked(node, gradients, wanted);
    }

    // A rule that gives nothing, or another shape, is a defect of the operation: it must never lose a gradient quietly.
    private static Tensor?[] Checked(Node node, Tensor?[] gradients, bool[] wanted)
    {
        for (int i = 0; i < wanted.Length; i++)
        {
            if (!wanted[i]) continue;
            Shape needed = node.Edges[i].Input.Shape;
            if (gradients[i] is not { } gradient || gradient.Shape != needed)
                throw new InvalidOperationException(
                    $"{node.Operation}: the gradient rule of input {i} gave {gradients[i]?.Shape.ToString() ?? "nothing"}, needed {needed}");
            if (Anomaly.IsDetecting) Anomaly.CheckGradient(node.Operation, gradient);
        }
        return gradients;
    }

    private void Put(object key, Tensor gradient)
    {
        if (pending.TryGetValue(key, out Tensor? sum)) gradient = Add(sum, gradient);
        else gradient.Storage.PendingUses++;
        pending[key] = gradient;
    }

    private Tensor Add(Tensor sum, Tensor gradient)
    {
        if (createGraph)
        {
            Tensor y = Tensor.Uninitialized(sum.Shape);
            VectorMath.Add(sum.Span, gradient.Span, y.Writable);
            return Tape.Record("add", y, new(sum, dy => dy), new(gradient, dy => dy));
        }
        if (IsOurs(sum) && sum.Storage.PendingUses == 1)
        {
            VectorMath.Add(sum.Span, gradient.Span, sum.Writable);
            if (gradient.Storage.PendingUses == 0 && IsOurs(gradient)) gradient.Storage.Release();
            return sum;
        }
        Tensor total = Tensor.Uninitialized(sum.Shape);
        VectorMath.Add(sum.Span, gradient.Span, total.Writable);
        total.Storage.PendingUses = 1;
        Drop(sum);
        if (gradient.Storage.PendingUses == 0 && IsOurs(gradient)) gradient.Storage.Release();
        return total;
    }

    // Small buffers have no owner and are never given back, but may be written if this pass alone can know them.
    private bool IsOurs(Tensor tensor) => scope is not null && tensor.Storage.Owner == scope;

    private void Drop(Tensor gradient)
    {
        Storage storage = gradient.Storage;
        if (--storage.PendingUses == 0 && IsOurs(gradient)) storage.Release();
    }
}
