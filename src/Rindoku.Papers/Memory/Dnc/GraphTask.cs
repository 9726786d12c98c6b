using System.Globalization;
using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Nn;

namespace Rindoku.Papers.Memory.Dnc;

/// <summary>An edge of a graph: from a node to a node, with a label.</summary>
internal readonly record struct GraphEdge(int From, int To, int Label);

/// <summary>Questions about random graphs: walk along the edges of given labels, or find the shortest path.</summary>
/// <remarks>
/// <para>Nodes lie in the unit square, and from each go edges to its nearest neighbours. First comes every edge, in random order, as three labels (from, to, edge);
/// then the question; for shortest paths some silent steps to plan in; then the answer, an edge a step. Labels are numbers, new for every graph, given
/// by their digits, each one of ten. One more channel marks the steps at which a part begins, and one those at which an answer is due.</para>
/// <para>Source: the paper, Methods, "Graph task descriptions" and "Graph curriculum".</para>
/// </remarks>
internal sealed class GraphTask(DncSettings s) : SymbolTask
{
    public const string Whole = "% whole answers", Wrong = "% wrong edges";

    private const int Base = 10, Labels = 3, Lessons = 4;

    private int LabelWidth => Base * s.Digits;

    public override int Inputs => Labels * LabelWidth + 2;

    public override int Outputs => Labels * LabelWidth;

    protected override int Symbols => Base;

    private bool FindsPaths => s.Task == DncTask.ShortestPath;

    /// <summary>The lessons go from paths of one edge to the longest: nodes and edges of the path grow together.</summary>
    public override SequenceBatch Draw(int count, double progress, Rng rng)
    {
        double share = Math.Min(1, (1 + Math.Floor(progress * (Lessons + 1))) / Lessons); // the last lesson takes two of five parts of the time
        return Draw(count, Math.Max(3, (int)Math.Round(share * s.Nodes)), Math.Max(1, (int)Math.Round(share * s.PathEdges)), rng, longest: false);
    }

    public override SequenceBatch Validation(Rng rng) => Draw(64, s.Nodes, s.PathEdges, rng, longest: true);

    public override (SequenceBatch Sequence, IReadOnlyList<string> Steps) Shown()
    {
        Episode episode = Make(s.Nodes, s.PathEdges, new Rng(0).Split("shown"));
        return (Encode([episode]), [.. episode.Edges.Select(edge => $"{Name(edge.From)}{Name(edge.To)}"), .. episode.Question.Select(_ => "ask"),
            .. Enumerable.Repeat("plan", FindsPaths ? s.Planning : 0), .. episode.Answer.Select(edge => $"{Name(edge.From)}{Name(edge.To)}?")]);

        static string Name(int label) => label < 26 ? ((char)('A' + label)).ToString() : label.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>The last lesson: the largest graphs and longest answers.</summary>
    public override void Measure(Layer model, ArmResult result)
    {
        IReadOnlyList<(int, int)> answered = Answered(model, Draw(s.TestSequences, s.Nodes, s.PathEdges, new Rng(0).Split("test"), longest: true));
        (result[Whole], result[Wrong]) = (PercentWhole(answered), PercentWrong(answered));
    }

    private SequenceBatch Draw(int count, int nodes, int pathEdges, Rng rng, bool longest) =>
        Encode([.. Enumerable.Range(0, count).Select(_ => Make(nodes, longest ? pathEdges : 1 + rng.NextInt(pathEdges), rng))]);

    /// <summary>A graph with a question and its answer; a -1 in the question is a label that is not told.</summary>
    internal sealed record Episode(IReadOnlyList<GraphEdge> Edges, IReadOnlyList<GraphEdge> Question, IReadOnlyList<GraphEdge> Answer);

    /// <summary>One episode, its answer of <paramref name="pathEdges"/> edges, or of as many as the graph allows.</summary>
    internal Episode Make(int nodes, int pathEdges, Rng rng)
    {
        for (int attempt = 0; ; attempt++)
        {
            GraphEdge[] edges = Edges(nodes, rng);
            int start = edges[rng.NextInt(edges.Length)].From;
            IReadOnlyList<GraphEdge>? answer = FindsPaths ? ShortestPath(edges, start, pathEdges, rng) : Walk(edges, start, pathEdges, rng);
            // In a small graph there may be no shortest path so long: after some attempts a shorter one will do.
            if (answer is null)
            {
                if (attempt % 50 == 49 && pathEdges > 1) pathEdges--;
                continue;
            }
            rng.Shuffle(edges.AsSpan());
            GraphEdge[] question = FindsPaths ? [new(start, answer[^1].To, -1)]
                : [.. answer.Select((edge, i) => new GraphEdge(i == 0 ? edge.From : -1, -1, edge.Label))];
            return new Episode(edges, question, answer);
        }
    }

    // Each node is joined to its nearest neighbours. Labels: other ones for every graph; those of the edges that leave a node differ.
    private GraphEdge[] Edges(int nodes, Rng rng)
    {
        int labels = (int)Math.Pow(Base, s.Digits);
        (double X, double Y)[] places = [.. Enumerable.Range(0, nodes).Select(_ => (rng.NextDouble(), rng.NextDouble()))];
        int[] names = Some(labels, nodes, rng);
        List<GraphEdge> edges = [];
        for (int i = 0; i < nodes; i++)
        {
            int degree = 1 + rng.NextInt(Math.Min(s.Degree, nodes - 1));
            int[] near = [.. Enumerable.Range(0, nodes).Where(j => j != i)
                .OrderBy(j => Math.Pow(places[i].X - places[j].X, 2) + Math.Pow(places[i].Y - places[j].Y, 2)).Take(degree)];
            int[] edgeLabels = Some(labels, near.Length, rng);
            for (int k = 0; k < near.Length; k++) edges.Add(new GraphEdge(names[i], names[near[k]], edgeLabels[k]));
        }
        return [.. edges];
    }

    // Different numbers below a limit.
    private static int[] Some(int limit, int count, Rng rng)
    {
        List<int> some = [];
        while (some.Count < count)
            if (rng.NextInt(limit) is int number && !some.Contains(number)) some.Add(number);
        return [.. some];
    }

    private static GraphEdge[] Walk(GraphEdge[] edges, int node, int length, Rng rng)
    {
        GraphEdge[] walk = new GraphEdge[length];
        for (int i = 0; i < length; i++)
        {
            GraphEdge[] leaving = [.. edges.Where(edge => edge.From == node)];
            walk[i] = leaving[rng.NextInt(leaving.Length)];
            node = walk[i].To;
        }
        return walk;
    }

    /// <summary>A shortest path of a given length that is the only one between its ends; null where no node is so far, or all are by several paths.</summary>
    internal static IReadOnlyList<GraphEdge>? ShortestPath(IReadOnlyList<GraphEdge> edges, int start, int length, Rng rng)
    {
        Dictionary<int, (int Distance, int Paths, GraphEdge Last)> reached = new() { [start] = (0, 1, default) };
        for (int distance = 0; distance < length; distance++)
            foreach (GraphEdge edge in edges.Where(edge => reached.TryGetValue(edge.From, out var from) && from.Distance == distance).ToArray())
                if (!reached.TryGetValue(edge.To, out var to)) reached[edge.To] = (distance + 1, reached[edge.From].Paths, edge);
                else if (to.Distance == distance + 1) reached[edge.To] = to with { Paths = to.Paths + reached[edge.From].Paths };
        int[] ends = [.. reached.Where(node => node.Value.Distance == length && node.Value.Paths == 1).Select(node => node.Key).Order()];
        if (ends.Length == 0) return null;
        List<GraphEdge> path = [];
        for (int node = ends[rng.NextInt(ends.Length)]; node != start; node = path[^1].From) path.Add(reached[node].Last);
        path.Reverse();
        return path;
    }

    private SequenceBatch Encode(IReadOnlyList<Episode> episodes)
    {
        int planning = FindsPaths ? s.Planning : 0;
        int steps = episodes.Max(e => e.Edges.Count + e.Question.Count + planning + e.Answer.Count);
        float[] inputs = new float[episodes.Count * steps * Inputs], targets = new float[episodes.Count * steps * Outputs], mask = new float[episodes.Count * steps];
        for (int i = 0; i < episodes.Count; i++)
        {
            Episode e = episodes[i];
            int ask = i * steps + e.Edges.Count, plan = ask + e.Question.Count, answer = plan + planning;
            for (int k = 0; k < e.Edges.Count; k++) Write(e.Edges[k], inputs.AsSpan((i * steps + k) * Inputs));
            for (int k = 0; k < e.Question.Count; k++) Write(e.Question[k], inputs.AsSpan((ask + k) * Inputs));
            foreach (int begins in (int[])[i * steps, ask, plan, answer]) inputs[begins * Inputs + Outputs] = 1;
            for (int k = 0; k < e.Answer.Count; k++)
            {
                inputs[(answer + k) * Inputs + Outputs + 1] = mask[answer + k] = 1;
                Write(e.Answer[k], targets.AsSpan((answer + k) * Outputs));
            }
        }
        return new SequenceBatch(Tensor.Own(inputs, [episodes.Count, steps, Inputs]), Tensor.Own(targets, [episodes.Count, steps, Outputs]),
            Tensor.Own(mask, [episodes.Count, steps]));
    }

    private void Write(GraphEdge edge, Span<float> to)
    {
        Digits(edge.From, to);
        Digits(edge.To, to[LabelWidth..]);
        Digits(edge.Label, to[(2 * LabelWidth)..]);
    }

    // One-hot digits, the last digit first; nothing for a label that is not told.
    private void Digits(int label, Span<float> to)
    {
        if (label < 0) return;
        for (int digit = 0; digit < s.Digits; digit++, label /= Base) to[digit * Base + label % Base] = 1;
    }
}
