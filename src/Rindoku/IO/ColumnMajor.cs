namespace Rindoku.IO;

/// <summary>The order of Fortran's and MATLAB's arrays, in which the first index moves fastest.</summary>
internal static class ColumnMajor
{
    /// <summary>Puts <paramref name="values"/>, stored with the first index moving fastest, in row-major order.</summary>
    public static void ToRows<T>(Span<T> values, Shape shape)
    {
        T[] columns = values.ToArray();
        int[] index = new int[shape.Rank], step = new int[shape.Rank];
        for (int axis = 0, product = 1; axis < shape.Rank; product *= shape[axis++]) step[axis] = product;

        for (int to = 0, from = 0; to < values.Length; to++)
        {
            values[to] = columns[from];
            // Count up like an odometer, last index first.
            for (int axis = shape.Rank - 1; axis >= 0; axis--)
            {
                from += step[axis];
                if (++index[axis] < shape[axis]) break;
                from -= step[axis] * shape[axis];
                index[axis] = 0;
            }
        }
    }
}
