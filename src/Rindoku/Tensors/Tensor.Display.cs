using System.Globalization;
using System.Text;

namespace Rindoku;

public partial class Tensor
{
    /// <summary>The shape and the first and last few numbers of every axis.</summary>
    public override string ToString()
    {
        StringBuilder text = new();
        text.Append("Tensor").Append(Shape).Append(' ');
        if (Storage.IsReleased) return text.Append("released").ToString();
        Append(text, Span, 0, Shape.Strides());
        return text.ToString();
    }

    private void Append(StringBuilder text, ReadOnlySpan<float> values, int axis, int[] strides)
    {
        const int edge = 3;
        if (axis == Rank)
        {
            text.Append(values[0].ToString("G5", CultureInfo.InvariantCulture));
            return;
        }
        text.Append('[');
        int size = Shape[axis];
        for (int i = 0; i < size; i++)
        {
            if (i > 0) text.Append(", ");
            if (size > 2 * edge + 1 && i == edge)
            {
                text.Append("..., ");
                i = size - edge;
            }
            Append(text, values.Slice(i * strides[axis], strides[axis]), axis + 1, strides);
        }
        text.Append(']');
    }
}
