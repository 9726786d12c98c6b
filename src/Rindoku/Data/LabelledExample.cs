namespace Rindoku.Data;

/// <summary>One example of a <see cref="LabelledSet"/>, read where it lies: making one copies nothing.</summary>
public readonly struct LabelledExample
{
    private readonly LabelledSet set;
    private readonly int index;

    internal LabelledExample(LabelledSet set, int index)
    {
        this.set = set;
        this.index = index;
    }

    /// <summary>The numbers of the input, row by row; their shape is <see cref="LabelledSet.InputShape"/>.</summary>
    public ReadOnlySpan<float> Input
    {
        get
        {
            int length = set.InputShape.Length;
            return set.Inputs.Span.Slice(index * length, length);
        }
    }

    /// <summary>The number of the class.</summary>
    public int Label => set.Labels[index];
}
