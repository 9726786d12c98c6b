namespace Rindoku;

/// <summary>A dense array of 32-bit integers in row-major order: class labels, token numbers, places to gather from.</summary>
public sealed class IntTensor
{
    private readonly int[] values;

    private IntTensor(int[] values, Shape shape)
    {
        this.values = values;
        Shape = shape;
    }

    /// <summary>The sizes of the axes.</summary>
    public Shape Shape { get; }

    /// <summary>How many integers there are.</summary>
    public int Length => values.Length;

    /// <summary>How many axes there are.</summary>
    public int Rank => Shape.Rank;

    /// <summary>The integers, row by row.</summary>
    public ReadOnlySpan<int> Span => values;

    /// <summary>The integers, to be written by the operation that makes this tensor.</summary>
    internal Span<int> Writable => values;

    /// <summary>An integer by its place, row by row.</summary>
    public int this[int place] => values[place];

    /// <summary>A tensor with one axis.</summary>
    public static IntTensor Of(params ReadOnlySpan<int> values) => new(values.ToArray(), [values.Length]);

    /// <summary>A copy of <paramref name="values"/>, read row by row, in the given shape.</summary>
    /// <exception cref="ShapeException">The number of values is not that of the shape.</exception>
    public static IntTensor From(ReadOnlySpan<int> values, Shape shape)
    {
        ShapeException.Require(values.Length == shape.Length, $"IntTensor.From: {values.Length} values for shape {shape}, which needs {shape.Length}");
        return new IntTensor(values.ToArray(), shape);
    }

    /// <summary>A tensor with the same integer everywhere.</summary>
    public static IntTensor Full(Shape shape, int value)
    {
        int[] values = new int[shape.Length];
        Array.Fill(values, value);
        return new IntTensor(values, shape);
    }

    /// <summary><c>0, 1, ..., count - 1</c>.</summary>
    public static IntTensor Range(int count) => new([.. Enumerable.Range(0, count)], [count]);

    /// <summary>The same integers in another shape of the same length.</summary>
    /// <exception cref="ShapeException">The lengths differ.</exception>
    public IntTensor Reshape(Shape shape)
    {
        ShapeException.Require(shape.Length == Length, $"IntTensor.Reshape: {Shape} has {Length} elements, {shape} has {shape.Length}");
        return new IntTensor(values, shape);
    }

    /// <summary>A copy of the integers, row by row.</summary>
    public int[] ToArray() => [.. values];

    /// <summary>The same numbers as floats.</summary>
    public Tensor ToTensor() => Tensor.Generate(Shape, i => values[i]);

    internal static IntTensor Uninitialized(Shape shape) => new(GC.AllocateUninitializedArray<int>(shape.Length), shape);

    /// <summary>The shape and the first integers.</summary>
    public override string ToString() => $"IntTensor{Shape} [{string.Join(", ", values.Take(12))}{(Length > 12 ? ", ..." : "")}]";
}
