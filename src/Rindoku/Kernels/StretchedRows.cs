using static Rindoku.Kernels.SimdMemory;

namespace Rindoku.Kernels;

/// <summary>A source of short rows that is stretched along some of its axes, or along none.</summary>
/// <param name="source">Its first number.</param>
/// <param name="strides">One for each axis, 0 where it stretches; the last is 0 or 1.</param>
/// <param name="whole">Whether it stretches nowhere, so that its rows lie one after the other already.</param>
internal readonly unsafe struct StretchedRows(float* source, int[] strides, bool whole)
{
    private const int Numbers = 1024; // with the other source's and the result, within the first-level cache

    /// <summary>Numbers that <see cref="Take"/> needs room for: its last vector may be written beyond the rows.</summary>
    public const int Room = Numbers + 16;

    /// <summary>How many rows of this length <see cref="Take"/> can take.</summary>
    public static int Fitting(int length) => Numbers / length;

    /// <summary>Rows one after the other, in their place or written to <paramref name="room"/>.</summary>
    /// <param name="sizes">Of the axes; the last is the length of a row.</param>
    /// <param name="row">The first row.</param>
    /// <param name="count">How many rows, at most as many as fit.</param>
    /// <param name="room">Of <see cref="Room"/> numbers.</param>
    public float* Take(int[] sizes, int row, int count, float* room)
    {
        if (whole) return source + (long)row * sizes[^1];
        if (Simd.Bits == 512) Write<V512>(sizes, row, count, room);
        else if (Simd.Bits == 256) Write<V256>(sizes, row, count, room);
        else Write<V128>(sizes, row, count, room);
        return room;
    }

    private void Write<V>(int[] sizes, int row, int count, float* room) where V : struct, ISimd<V>
    {
        int length = sizes[^1], stride = strides[^2]; // two axes at least: along one alone nothing stretches but single numbers
        while (count > 0)
        {
            (int outer, int place) = Math.DivRem(row, sizes[^2]);
            int run = Math.Min(count, sizes[^2] - place);
            float* from = source + Offset(sizes, outer) + (long)place * stride;
            if (strides[^1] == 0) Fill<V>(from, stride, run, length, room);
            else Copy<V>(from, stride, run, length, room);
            room += run * length;
            row += run;
            count -= run;
        }
    }

    private int Offset(int[] sizes, int outer)
    {
        int offset = 0;
        for (int axis = sizes.Length - 3; axis >= 0; axis--)
        {
            (outer, int place) = Math.DivRem(outer, sizes[axis]);
            offset += place * strides[axis];
        }
        return offset;
    }

    // Whole vectors are written: what is too much of a row is overwritten by the next.
    private static void Fill<V>(float* from, int stride, int rows, int length, float* to) where V : struct, ISimd<V>
    {
        for (int row = 0; row < rows; row++, from += stride, to += length)
        {
            V value = V.All(*from);
            for (int i = 0; i < length; i += V.Count) V.Store(value, ref to[i]);
        }
    }

    private static void Copy<V>(float* from, int stride, int rows, int length, float* to) where V : struct, ISimd<V>
    {
        for (int row = 0; row < rows; row++, from += stride, to += length)
            for (int i = 0; i < length; i += V.Count) V.Store(Load<V>(from + i, length - i), ref to[i]);
    }
}
