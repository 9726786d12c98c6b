using Rindoku.Kernels;

namespace Rindoku;

public partial class Tensor
{
    /// <summary>A tensor of zeros.</summary>
    public static Tensor Zeros(Shape shape) => Full(shape, 0);

    /// <summary>A tensor of ones.</summary>
    public static Tensor Ones(Shape shape) => Full(shape, 1);

    /// <summary>A tensor with the same number everywhere.</summary>
    public static Tensor Full(Shape shape, float value)
    {
        Tensor y = Uninitialized(shape);
        VectorMath.Fill(y.Writable, value);
        return y;
    }

    /// <summary>A tensor of one element and no axes.</summary>
    public static Tensor Scalar(float value) => new(Storage.Own([value]), 0, Shape.Scalar);

    /// <summary>A tensor with one axis.</summary>
    public static Tensor Of(params ReadOnlySpan<float> values) => From(values, [values.Length]);

    /// <summary>A copy of <paramref name="values"/>, read row by row, in the given shape.</summary>
    /// <exception cref="ShapeException">The number of values is not that of the shape.</exception>
    public static Tensor From(ReadOnlySpan<float> values, Shape shape)
    {
        ShapeException.Require(values.Length == shape.Length, $"Tensor.From: {values.Length} values for shape {shape}, which needs {shape.Length}");
        Tensor y = Uninitialized(shape);
        values.CopyTo(y.Writable);
        return y;
    }

    /// <summary>A tensor over an array that the caller gives away and must not change any more; no copy.</summary>
    /// <exception cref="ShapeException">The number of values is not that of the shape.</exception>
    public static Tensor Own(float[] values, Shape shape)
    {
        ArgumentNullException.ThrowIfNull(values);
        ShapeException.Require(values.Length == shape.Length, $"Tensor.Own: {values.Length} values for shape {shape}, which needs {shape.Length}");
        return new Tensor(Storage.Own(values), 0, shape);
    }

    /// <summary>The tensor whose element at place i (row by row) is <c>value(i)</c>.</summary>
    public static Tensor Generate(Shape shape, Func<int, float> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Tensor y = Uninitialized(shape);
        Span<float> span = y.Writable;
        for (int i = 0; i < span.Length; i++) span[i] = value(i);
        return y;
    }

    /// <summary><c>start, start + step, ...</c>: <paramref name="count"/> numbers.</summary>
    public static Tensor Range(int count, float start = 0, float step = 1) => Generate([count], i => start + step * i);

    /// <summary><paramref name="count"/> numbers evenly from <paramref name="first"/> to <paramref name="last"/>, both included.</summary>
    public static Tensor Linspace(float first, float last, int count) =>
        Generate([count], i => count == 1 ? first : (float)(first + (double)(last - first) * i / (count - 1)));

    /// <summary>The identity matrix, (n, n).</summary>
    public static Tensor Eye(int n)
    {
        Tensor y = Zeros([n, n]);
        Span<float> span = y.Writable;
        for (int i = 0; i < n; i++) span[i * n + i] = 1;
        return y;
    }
}
