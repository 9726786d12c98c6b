namespace Rindoku.Ops;

/// <summary>An equation of <see cref="EinsteinSummation"/>, read and checked against its operands.</summary>
internal sealed class EinsumEquation
{
    private readonly string text;
    private readonly Dictionary<int, int> sizes = [];
    private int ellipsisAxes;

    private EinsumEquation(string text) => this.text = text;

    /// <summary>The operands without repeated labels and without axes of size 1 that broadcast.</summary>
    public EinsteinSummation.Labelled[] Operands { get; private set; } = [];

    /// <summary>The labels of the result.</summary>
    public int[] Result { get; private set; } = [];

    public static EinsumEquation Parse(string text, ReadOnlySpan<Tensor> operands)
    {
        EinsumEquation equation = new(text);
        string[] sides = text.Replace(" ", "", StringComparison.Ordinal).Split("->");
        if (sides.Length > 2) throw equation.Unreadable("it has more than one arrow");
        string[] groups = sides[0].Split(',');
        if (groups.Length != operands.Length) throw equation.Unreadable($"it names {groups.Length} operands, {operands.Length} are given");

        for (int i = 0; i < groups.Length; i++) equation.CountEllipsis(groups[i], operands[i], i);
        int[][] labels = new int[groups.Length][];
        for (int i = 0; i < groups.Length; i++) labels[i] = equation.Labels(groups[i], operands[i].Rank - groups[i].Count(char.IsAsciiLetter));
        for (int i = 0; i < groups.Length; i++) equation.Measure(labels[i], operands[i].Shape, groups[i], i);
        EinsteinSummation.Labelled[] read = new EinsteinSummation.Labelled[operands.Length];
        for (int i = 0; i < read.Length; i++) read[i] = equation.Stretchless(operands[i], labels[i]).WithoutRepeats();
        equation.Operands = read;
        equation.Result = sides.Length == 2 ? equation.Explicit(sides[1]) : equation.Implicit(labels);
        return equation;
    }

    private void CountEllipsis(string group, Tensor operand, int index)
    {
        ArgumentNullException.ThrowIfNull(operand);
        string letters = Letters(group, out bool dots);
        ShapeException.Require(dots ? operand.Rank >= letters.Length : operand.Rank == letters.Length,
            $"Einsum '{text}': operand {index} is {operand.Shape}, '{group}' names {letters.Length} axes");
        if (dots) ellipsisAxes = Math.Max(ellipsisAxes, operand.Rank - letters.Length);
    }

    private string Letters(string group, out bool dots)
    {
        int at = group.IndexOf("...", StringComparison.Ordinal);
        dots = at >= 0;
        string letters = dots ? group.Remove(at, 3) : group;
        char wrong = letters.FirstOrDefault(c => !char.IsAsciiLetter(c));
        return wrong == default ? letters : throw Unreadable($"'{wrong}' is no letter");
    }

    // Letters are their own labels; the axes of an ellipsis get the numbers up to the largest ellipsis, aligned at the right.
    private int[] Labels(string group, int axes)
    {
        int dots = group.IndexOf("...", StringComparison.Ordinal);
        if (dots < 0) return [.. group.Select(letter => (int)letter)];
        return [.. group[..dots].Select(letter => (int)letter), .. Enumerable.Range(ellipsisAxes - axes, axes), .. group[(dots + 3)..].Select(letter => (int)letter)];
    }

    private void Measure(int[] labels, Shape shape, string group, int index)
    {
        for (int axis = 0; axis < labels.Length; axis++)
        {
            int label = labels[axis], size = shape[axis];
            bool broadcasts = label < ellipsisAxes;
            if (!sizes.TryGetValue(label, out int known) || (broadcasts && known == 1)) sizes[label] = size;
            else
                ShapeException.Require(size == known || (broadcasts && size == 1),
                    $"Einsum '{text}': operand {index} {shape} has size {size} for {(broadcasts ? $"axis {axis} of '...'" : $"'{(char)label}' of '{group}'")}, another axis of that name has {known}");
        }
    }

    private EinsteinSummation.Labelled Stretchless(Tensor x, int[] labels)
    {
        int[] kept = [.. Enumerable.Range(0, labels.Length).Where(axis => labels[axis] >= ellipsisAxes || x.Shape[axis] == sizes[labels[axis]])];
        return new(x.Reshape(Shape.Own([.. kept.Select(axis => x.Shape[axis])])), [.. kept.Select(axis => labels[axis])]);
    }

    private int[] Explicit(string group)
    {
        Letters(group, out bool dots);
        int[] labels = Labels(group, dots ? ellipsisAxes : 0);
        foreach (int label in labels)
        {
            if (!sizes.ContainsKey(label)) throw Unreadable($"the result's '{(char)label}' is in no operand");
            if (labels.Count(other => other == label) > 1) throw Unreadable($"the result names '{(char)label}' twice");
        }
        return labels;
    }

    private int[] Implicit(int[][] labels) =>
        [.. Enumerable.Range(0, ellipsisAxes), .. labels.SelectMany(group => group).Where(label => label >= ellipsisAxes)
            .GroupBy(label => label).Where(group => group.Count() == 1).Select(group => group.Key).Order()];

    private FormatException Unreadable(string why) => new($"Einsum: the equation '{text}' cannot be read: {why}");
}
