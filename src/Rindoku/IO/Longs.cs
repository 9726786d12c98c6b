using System.Runtime.CompilerServices;

namespace Rindoku.IO;

/// <summary>An array of 64-bit integers as files hold them: steps, seeds, random-number states. No operation computes with it.</summary>
public sealed class Longs
{
    private readonly long[] values;

    /// <summary>An array over <paramref name="values"/>, which the caller gives away.</summary>
    /// <exception cref="ShapeException">The number of values is not that of the shape.</exception>
    public Longs(long[] values, Shape shape)
    {
        ArgumentNullException.ThrowIfNull(values);
        ShapeException.Require(values.Length == shape.Length,
            $"Longs: {values.Length} values for shape {shape}, which needs {shape.Length}");
        this.values = values;
        Shape = shape;
    }

    /// <summary>The sizes of the axes.</summary>
    public Shape Shape { get; }

    /// <summary>How many integers there are.</summary>
    public int Length => values.Length;

    /// <summary>The integers, row by row.</summary>
    public ReadOnlySpan<long> Span => values;

    /// <summary>An integer by its place, row by row.</summary>
    [IndexerName("At")]
    public long this[int place] => values[place];

    /// <summary>An array with one axis.</summary>
    public static Longs Of(params ReadOnlySpan<long> values) => new(values.ToArray(), [values.Length]);

    /// <summary>A single integer without axes.</summary>
    public static Longs Scalar(long value) => new([value], Shape.Scalar);

    /// <summary>The one integer of an array with one element.</summary>
    /// <exception cref="ShapeException">There are more or fewer.</exception>
    public long Item()
    {
        ShapeException.Require(Length == 1, $"Item: needs one integer, got {Shape}");
        return values[0];
    }

    /// <summary>A copy of the integers, row by row.</summary>
    public long[] ToArray() => [.. values];

    /// <summary>The shape and the first integers.</summary>
    public override string ToString() => $"Longs{Shape} [{string.Join(", ", values.Take(12))}{(Length > 12 ? ", ..." : "")}]";
}
