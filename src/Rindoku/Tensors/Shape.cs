using System.Collections;
using System.Runtime.CompilerServices;

namespace Rindoku;

/// <summary>The sizes of a tensor's axes, outermost first: <c>(2, 3, 32, 32)</c>. A scalar has no axes: <c>()</c>.</summary>
/// <remarks>An immutable value; write <c>[2, 3]</c> wherever one is expected. Sizes are 0 or more; the product fits in an int.</remarks>
[CollectionBuilder(typeof(Shape), nameof(Create))]
public readonly struct Shape : IEquatable<Shape>, IReadOnlyList<int>
{
    private readonly int[]? sizes;

    // The array is not copied: only this assembly may hand over one that nobody else holds.
    internal Shape(int[] sizes, int length)
    {
        this.sizes = sizes;
        Elements = length;
    }

    /// <summary>Makes a shape from its sizes.</summary>
    /// <exception cref="ShapeException">A size is negative, or there are more than 2^31 - 1 elements.</exception>
    public static Shape Create(ReadOnlySpan<int> sizes) => Own(sizes.ToArray());

    internal static Shape Own(int[] sizes)
    {
        long length = 1;
        foreach (int size in sizes)
        {
            if (size < 0) throw new ShapeException($"Shape: size {size} is negative in ({string.Join(", ", sizes)})");
            length *= size;
            if (length > int.MaxValue)
                throw new ShapeException($"Shape: ({string.Join(", ", sizes)}) has more than {int.MaxValue:N0} elements, the most a tensor can hold");
        }
        return new Shape(sizes, (int)length);
    }

    /// <summary>The shape of a scalar, with no axes and one element.</summary>
    public static Shape Scalar { get; } = new([], 1);

    // default(Shape) is the scalar shape too.
    internal int Elements { get => sizes is null ? 1 : field; }

    /// <summary>How many axes there are.</summary>
    public int Rank => Sizes.Length;

    /// <summary>How many axes there are (for lists; the same as <see cref="Rank"/>).</summary>
    int IReadOnlyCollection<int>.Count => Rank;

    /// <summary>The sizes as an array that must not be changed.</summary>
    internal int[] Sizes => sizes ?? [];

    /// <summary>The sizes.</summary>
    public ReadOnlySpan<int> AsSpan() => Sizes;

    /// <summary>The size of an axis.</summary>
    public int this[int axis] => Sizes[axis];

    /// <summary>The size of an axis, counted from the end with <c>^</c>.</summary>
    public int this[Index axis] => Sizes[axis];

    /// <summary>The shape of some of the axes.</summary>
    public Shape this[Range axes] => Own(Sizes[axes]);

    /// <summary>Turns an axis that may count from the end (-1 is the last) into one that counts from the start.</summary>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    public int Axis(int axis, [CallerMemberName] string operation = "")
    {
        int rank = Rank;
        if (axis < -rank || axis >= rank)
            throw new ShapeException($"{operation}: axis {axis} does not exist in shape {this}; axes go from {-rank} to {rank - 1}");
        return axis < 0 ? axis + rank : axis;
    }

    /// <summary>This shape with another size for one axis.</summary>
    public Shape With(int axis, int size)
    {
        int[] copy = [.. Sizes];
        copy[Axis(axis)] = size;
        return Own(copy);
    }

    /// <summary>This shape without one axis.</summary>
    public Shape Without(int axis)
    {
        axis = Axis(axis);
        return Own([.. Sizes[..axis], .. Sizes[(axis + 1)..]]);
    }

    /// <summary>This shape with a new axis before <paramref name="axis"/> (which may be the rank, for the end).</summary>
    public Shape Insert(int axis, int size)
    {
        int at = axis < 0 ? axis + Rank + 1 : axis;
        if (at < 0 || at > Rank) throw new ShapeException($"Insert: no place {axis} in shape {this}; places go from {-Rank - 1} to {Rank}");
        return Own([.. Sizes[..at], size, .. Sizes[at..]]);
    }

    /// <summary>The product of the sizes of some axes: <c>Count(..^1)</c> is the number of rows.</summary>
    public int Count(Range axes)
    {
        int product = 1;
        foreach (int size in Sizes.AsSpan()[axes]) product *= size;
        return product;
    }

    /// <summary>How many elements apart neighbours along each axis lie.</summary>
    public int[] Strides()
    {
        int[] strides = new int[Rank];
        for (int axis = Rank - 1, step = 1; axis >= 0; step *= Sizes[axis--]) strides[axis] = step;
        return strides;
    }

    /// <summary>The shape that two shapes broadcast to: axes are matched from the last, and a size of 1 stretches.</summary>
    /// <exception cref="ShapeException">Two sizes differ and neither is 1.</exception>
    public static Shape Broadcast(Shape a, Shape b, [CallerMemberName] string operation = "")
    {
        if (a == b) return a;
        int rank = Math.Max(a.Rank, b.Rank);
        int[] sizes = new int[rank];
        for (int i = 1; i <= rank; i++)
        {
            int x = i <= a.Rank ? a[^i] : 1, y = i <= b.Rank ? b[^i] : 1;
            if (x != y && x != 1 && y != 1)
                throw new ShapeException($"{operation}: {a} and {b} do not broadcast: sizes {x} and {y} differ at axis {-i}, and neither is 1");
            sizes[^i] = x == 1 ? y : x;
        }
        return Own(sizes);
    }

    /// <summary>Whether the sizes are the same.</summary>
    public bool Equals(Shape other) => ReferenceEquals(sizes, other.sizes) || Sizes.AsSpan().SequenceEqual(other.Sizes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (int size in Sizes) hash.Add(size);
        return hash.ToHashCode();
    }

    /// <summary>Whether the sizes are the same.</summary>
    public static bool operator ==(Shape a, Shape b) => a.Equals(b);

    /// <summary>Whether the sizes differ.</summary>
    public static bool operator !=(Shape a, Shape b) => !a.Equals(b);

    /// <summary>The sizes in round brackets: <c>(2, 3)</c>.</summary>
    public override string ToString() => $"({string.Join(", ", Sizes)})";

    /// <inheritdoc/>
    public IEnumerator<int> GetEnumerator() => ((IEnumerable<int>)Sizes).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>What a shape has beside its sizes.</summary>
public static class ShapeMembers
{
    extension(Shape shape)
    {
        /// <summary>How many elements a tensor of this shape has: the product of the sizes.</summary>
        // No member of Shape itself, because the compiler would take it for the number of sizes in [.. shape, 3].
        public int Length => shape.Elements;
    }
}
