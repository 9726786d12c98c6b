namespace Rindoku.Data;

/// <summary>A classification set in memory: inputs (N, ...), one class number for each, and the names of the classes.</summary>
public sealed class LabelledSet : IDataset<LabelledExample>
{
    /// <summary>A set over the given tensors; nothing is copied.</summary>
    /// <param name="inputs">(N, ...): the examples along the first axis. It is kept beyond any <see cref="MemoryScope"/>.</param>
    /// <param name="labels">(N): class numbers.</param>
    /// <param name="classNames">The name of each class, in the order of the class numbers.</param>
    /// <exception cref="ShapeException">The first axes differ, or the labels have more than one axis.</exception>
    /// <exception cref="ArgumentException">A label is not the number of a class.</exception>
    public LabelledSet(Tensor inputs, IntTensor labels, IReadOnlyList<string> classNames)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(classNames);
        ShapeException.Require(inputs.Rank >= 1 && labels.Rank == 1 && inputs.Shape[0] == labels.Length,
            $"LabelledSet: inputs {inputs.Shape} and labels {labels.Shape}; needed are inputs (N, ...) and labels (N)");
        for (int i = 0; i < labels.Length; i++)
        {
            if ((uint)labels[i] >= (uint)classNames.Count)
                throw new ArgumentException($"LabelledSet: label {labels[i]} of example {i} is not a class; there are {classNames.Count}, numbered from 0", nameof(labels));
        }

        Inputs = inputs.Keep();
        Labels = labels;
        ClassNames = classNames;
        InputShape = inputs.Shape[1..];
    }

    /// <summary>All inputs, (N, ...).</summary>
    public Tensor Inputs { get; }

    /// <summary>All class numbers, (N).</summary>
    public IntTensor Labels { get; }

    /// <summary>The names of the classes.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>How many classes there are, those without an example included.</summary>
    public int ClassCount => ClassNames.Count;

    /// <summary>The shape of one input.</summary>
    public Shape InputShape { get; }

    /// <summary>How many examples there are, N.</summary>
    public int Count => Labels.Length;

    /// <summary>One example, read where it lies.</summary>
    public LabelledExample this[int index]
    {
        get
        {
            if ((uint)index >= (uint)Count)
                throw new ArgumentOutOfRangeException(nameof(index), $"LabelledSet: no example {index}; there are {Count}, numbered from 0");
            return new LabelledExample(this, index);
        }
    }

    /// <summary>How many examples each class has.</summary>
    public int[] ClassCounts()
    {
        int[] counts = new int[ClassCount];
        foreach (int label in Labels.Span) counts[label]++;
        return counts;
    }

    /// <summary>The chosen examples, copied, in the given order; one may be chosen several times.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no example of a given number.</exception>
    public LabelledSet Subset(ReadOnlySpan<int> indices)
    {
        int length = InputShape.Length;
        Tensor inputs = new(Storage.Persistent(checked(indices.Length * length)), 0, InputShape.Insert(0, indices.Length));
        int[] labels = new int[indices.Length];
        for (int i = 0; i < indices.Length; i++)
        {
            LabelledExample example = this[indices[i]];
            example.Input.CopyTo(inputs.Writable.Slice(i * length, length));
            labels[i] = example.Label;
        }
        return new LabelledSet(inputs, IntTensor.Of(labels), ClassNames);
    }

    /// <summary>A run of neighbouring examples, <c>set[..1000]</c>, sharing their memory with this set.</summary>
    public LabelledSet this[Range range]
    {
        get
        {
            (int start, int count) = range.GetOffsetAndLength(Count);
            Tensor inputs = Inputs.View(InputShape.Insert(0, count), start * InputShape.Length);
            return new LabelledSet(inputs, IntTensor.Of(Labels.Span.Slice(start, count)), ClassNames);
        }
    }

    /// <summary>Cuts the set in two at random; both parts keep the order of this set.</summary>
    /// <param name="fraction">The part of the examples that goes to <c>First</c>, from 0 to 1; the count is rounded.</param>
    /// <param name="rng">The choice depends on its seed, stream and state only.</param>
    /// <param name="stratified">Whether every class is cut by the same fraction, as nearly as whole numbers allow.</param>
    public (LabelledSet First, LabelledSet Second) Split(double fraction, Rng rng, bool stratified = false)
    {
        ArgumentNullException.ThrowIfNull(rng);
        if (!(fraction is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(fraction), fraction, "LabelledSet.Split: the fraction must lie between 0 and 1");

        int wanted = (int)Math.Round(fraction * Count, MidpointRounding.AwayFromZero);
        int[] order = rng.Permutation(Count);
        int[] quotas = stratified ? Quotas(fraction, wanted) : [wanted];
        List<int> first = [], second = [];
        foreach (int index in order)
        {
            ref int left = ref quotas[stratified ? Labels[index] : 0];
            (left-- > 0 ? first : second).Add(index);
        }
        first.Sort();
        second.Sort();
        return (Subset([.. first]), Subset([.. second]));
    }

    // Largest remainders: each class gets its share rounded down, and the classes that lost most by it get one more
    // until the total is right.
    private int[] Quotas(double fraction, int total)
    {
        int[] counts = ClassCounts();
        int[] quotas = [.. counts.Select(count => (int)Math.Floor(count * fraction))];
        int missing = total - quotas.Sum();
        foreach (int c in Enumerable.Range(0, counts.Length).OrderByDescending(c => counts[c] * fraction - quotas[c]).Take(missing)) quotas[c]++;
        return quotas;
    }

    /// <summary>The examples of several sets of the same inputs and classes, one set after the other, copied.</summary>
    /// <exception cref="ShapeException">The inputs have different shapes.</exception>
    /// <exception cref="ArgumentException">No set was given, or the class names differ.</exception>
    public static LabelledSet Concat(params ReadOnlySpan<LabelledSet> sets)
    {
        if (sets.IsEmpty) throw new ArgumentException("LabelledSet.Concat: needs at least one set", nameof(sets));
        LabelledSet model = sets[0];
        int count = 0;
        foreach (LabelledSet set in sets)
        {
            ShapeException.Require(set.InputShape == model.InputShape, $"LabelledSet.Concat: inputs of {model.InputShape} and of {set.InputShape}");
            if (!set.ClassNames.SequenceEqual(model.ClassNames))
                throw new ArgumentException($"LabelledSet.Concat: the classes differ: {string.Join(", ", model.ClassNames)} and {string.Join(", ", set.ClassNames)}", nameof(sets));
            count = checked(count + set.Count);
        }

        int length = model.InputShape.Length;
        Tensor inputs = new(Storage.Persistent(checked(count * length)), 0, model.InputShape.Insert(0, count));
        int[] labels = new int[count];
        int at = 0;
        foreach (LabelledSet set in sets)
        {
            set.Inputs.Span.CopyTo(inputs.Writable[(at * length)..]);
            set.Labels.Span.CopyTo(labels.AsSpan(at));
            at += set.Count;
        }
        return new LabelledSet(inputs, IntTensor.Of(labels), model.ClassNames);
    }

    /// <summary>The size and the classes: <c>1352 x (1, 8, 8), 10 classes</c>.</summary>
    public override string ToString() => $"{Count} x {InputShape}, {ClassCount} classes";
}
