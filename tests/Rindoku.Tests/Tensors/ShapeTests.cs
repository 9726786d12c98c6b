namespace Rindoku.Tests.Tensors;

public sealed class ShapeTests
{
    [Fact]
    public void A_shape_has_sizes_a_rank_a_length_and_strides()
    {
        Shape shape = [2, 3, 4];
        Assert.Equal(3, shape.Rank);
        Assert.Equal(24, shape.Length);
        Assert.Equal([12, 4, 1], shape.Strides());
        Assert.Equal(4, shape[^1]);
        Assert.Equal(12, shape.Count(1..));
        Assert.Equal("(2, 3, 4)", shape.ToString());
        Assert.Equal([3, 4], shape[1..]);
        Assert.Equal([2, 3, 4], shape.AsSpan().ToArray());
    }

    [Fact]
    public void Scalars_have_no_axes_and_one_element()
    {
        Assert.Equal(0, Shape.Scalar.Rank);
        Assert.Equal(1, Shape.Scalar.Length);
        Assert.Equal(Shape.Scalar, default);
        Assert.Equal(1, default(Shape).Length);
        Assert.Equal("()", default(Shape).ToString());
    }

    [Fact]
    public void Spreads_take_the_sizes_whatever_the_number_of_elements()
    {
        Shape ones = [1, 1, 1], large = [20, 30], none = [0, 5];
        Assert.Equal("(1, 1, 1, 7)", Shape.Create([.. ones, 7]).ToString());
        Assert.Equal("(20, 30, 7)", Shape.Create([.. large, 7]).ToString());
        Assert.Equal("(20, 7)", Shape.Create([.. large[..^1], 7]).ToString());
        Assert.Equal("(0, 5)", Shape.Create([.. none]).ToString());
    }

    [Fact]
    public void Equality_is_by_sizes()
    {
        Shape a = [2, 3], b = [2, 3], c = [3, 2];
        Assert.True(a == b && a != c && a.Equals((object)b) && !a.Equals("(2, 3)"));
        Assert.Equal(a.GetHashCode(), b.GetHashCode());
        Assert.NotEqual<Shape>([6], [2, 3]);
    }

    [Fact]
    public void Axes_count_from_both_ends_and_others_are_refused()
    {
        Shape shape = [2, 3];
        Assert.Equal(1, shape.Axis(-1));
        Assert.Equal(0, shape.Axis(0));
        Assert.Equal("Op: axis 2 does not exist in shape (2, 3); axes go from -2 to 1", Assert.Throws<ShapeException>(() => shape.Axis(2, "Op")).Message);
        Assert.Throws<ShapeException>(() => Shape.Scalar.Axis(0));
    }

    [Fact]
    public void Sizes_can_be_changed_taken_out_and_put_in()
    {
        Shape shape = [2, 3];
        Assert.Equal([2, 5], shape.With(-1, 5));
        Assert.Equal([3], shape.Without(0));
        Assert.Equal([2, 1, 3], shape.Insert(1, 1));
        Assert.Equal([2, 3, 1], shape.Insert(-1, 1));
        Assert.Throws<ShapeException>(() => shape.Insert(3, 1));
    }

    [Fact]
    public void Impossible_sizes_are_refused()
    {
        Assert.Equal("Shape: size -1 is negative in (2, -1)", Assert.Throws<ShapeException>(() => Shape.Create([2, -1])).Message);
        Assert.Contains("more than 2,147,483,647 elements", Assert.Throws<ShapeException>(() => Shape.Create([65536, 65536])).Message, StringComparison.Ordinal);
        Assert.Equal(0, Shape.Create([0, 1 << 30]).Length);
    }

    [Theory]
    [InlineData(new[] { 2, 3 }, new[] { 3 }, new[] { 2, 3 })]
    [InlineData(new[] { 4, 1, 3 }, new[] { 5, 1 }, new[] { 4, 5, 3 })]
    [InlineData(new int[0], new[] { 2 }, new[] { 2 })]
    [InlineData(new[] { 1 }, new[] { 0 }, new[] { 0 })]
    public void Shapes_broadcast_from_the_last_axis(int[] a, int[] b, int[] expected)
    {
        Assert.Equal(Shape.Create(expected), Shape.Broadcast(Shape.Create(a), Shape.Create(b)));
        Assert.Equal(Shape.Create(expected), Shape.Broadcast(Shape.Create(b), Shape.Create(a)));
    }
}
