using System.Runtime.CompilerServices;

namespace Rindoku.Kernels;

/// <summary>
/// A copy of channel planes with the zeros around them, and with rows cut into interleaved parts, so that every tap reads
/// neighbouring outputs from neighbouring places, whatever padding, stride and dilation are.
/// </summary>
/// <remarks>
/// For a stride of s along rows, place q lies in part <c>q mod s</c> at <c>q / s</c>; rows are then dealt out in the same way, so that those
/// that the outputs of one tap read lie below each other: a sheet for each part of the rows and of the columns.
/// </remarks>
internal readonly unsafe struct PaddedPlanes(AxisPlan d, AxisPlan h, AxisPlan w)
{
    /// <summary>Readers may read a whole vector that begins inside; the buffer must have as much room at its end.</summary>
    public const int Slack = 16;

    private readonly int part = (w.Padded + w.Step - 1) / w.Step;

    // Of the rows: into how many sheets they are dealt out, and how many there are in each.
    private readonly int rowStep = w.Step > 1 ? h.Step : 1, rows = w.Step > 1 ? (h.Padded + h.Step - 1) / h.Step : h.Padded;

    private int Sheet => rows * part;

    private int Slice => rowStep * w.Step * Sheet;

    /// <summary>Floats of a padded plane.</summary>
    public int Plane => d.Padded * Slice;

    /// <summary>Floats of a plane of the source.</summary>
    public int SourcePlane => d.Size * h.Size * w.Size;

    /// <summary>From the first source row of one output to that of the next along depth and height.</summary>
    public int DepthStep => d.Step * Slice;

    public int HeightStep => h.Step / rowStep * part;

    /// <summary>Whether the copy would be the source itself.</summary>
    public bool IsSource => w.Step == 1 && Whole(d) && Whole(h) && Whole(w);

    /// <summary>Whether rows are cut into parts, which takes longer than copying them.</summary>
    public bool TakesApart => w.Step > 1;

    private static bool Whole(AxisPlan axis) => axis.Before == 0 && axis.Padded == axis.Size;

    /// <summary>Where a place of the padded source lies.</summary>
    public int Place(int channel, int z, int y, int x) =>
        channel * Plane + z * Slice + (y % rowStep * w.Step + x % w.Step) * Sheet + y / rowStep * part + x / w.Step;

    /// <summary>Copies some channels' planes to their places.</summary>
    public void Fill(float* source, int firstChannel, int channels, float* target)
    {
        switch (Simd.Bits)
        {
            case 512: Fill<V512>(source, firstChannel, channels, target); break;
            case 256: Fill<V256>(source, firstChannel, channels, target); break;
            default: Fill<V128>(source, firstChannel, channels, target); break;
        }
    }

    private void Fill<V>(float* source, int firstChannel, int channels, float* target) where V : struct, ISimd<V>
    {
        int before = Math.Max(0, w.Before), skipped = Math.Max(0, -w.Before), there = Math.Max(0, Math.Min(w.Size - skipped, w.Padded - before));
        target += (long)firstChannel * Plane;
        source += skipped;
        for (int c = firstChannel; c < firstChannel + channels; c++)
            for (int z = 0; z < d.Padded; z++, target += Slice)
                for (int y = 0; y < rows * rowStep; y++)
                {
                    int atZ = z - d.Before, atY = y - h.Before;
                    float* from = source + ((long)(c * d.Size + atZ) * h.Size + atY) * w.Size;
                    float* to = target + y % rowStep * w.Step * Sheet + y / rowStep * part;
                    if ((uint)atZ >= (uint)d.Size || (uint)atY >= (uint)h.Size) ClearRow(to);
                    else if (w.Step == 1) RowCopy.Padded<V>(from, before, there, to, part);
                    else if (w.Step is 2 or 4) TakeApart<V>(from, to, before, there);
                    else TakeApart(from, to, before, there, part);
                }
    }

    private void ClearRow(float* target)
    {
        for (int i = 0; i < w.Step; i++, target += Sheet) new Span<float>(target, part).Clear();
    }

    /// <summary>So many places of each part of a row, one by one.</summary>
    private void TakeApart(float* source, float* target, int before, int there, int places)
    {
        for (int i = 0; i < w.Step; i++, target += Sheet)
        {
            int q = i - before, place = 0;
            for (; place < places && q < 0; place++, q += w.Step) target[place] = 0;
            for (int last = Math.Min(places, place + (there - q + w.Step - 1) / w.Step); place < last; place++, q += w.Step) target[place] = source[q];
            for (; place < places; place++) target[place] = 0;
        }
    }

    /// <summary>A row for a step of 2 or 4, by vectors from the first whole step within the source on.</summary>
    private void TakeApart<V>(float* source, float* target, int before, int there) where V : struct, ISimd<V>
    {
        int first = Math.Min(part, (before + w.Step - 1) / w.Step), start = first * w.Step - before;
        TakeApart(source, target, before, there, first);
        source += start;
        there -= start;
        target += first;
        for (int left = part - first; left > 0; left -= V.Count, there -= w.Step * V.Count)
        {
            bool whole = left >= V.Count && there >= w.Step * V.Count;
            V a = Take<V>(source, 0, there, whole), b = Take<V>(source, 1, there, whole);
            if (w.Step == 2)
            {
                Put(V.Evens(a, b), target, left, whole);
                Put(V.Odds(a, b), target + Sheet, left, whole);
            }
            else
            {
                V c = Take<V>(source, 2, there, whole), d = Take<V>(source, 3, there, whole);
                V evens = V.Evens(a, b), odds = V.Odds(a, b), laterEvens = V.Evens(c, d), laterOdds = V.Odds(c, d);
                Put(V.Evens(evens, laterEvens), target, left, whole);
                Put(V.Evens(odds, laterOdds), target + Sheet, left, whole);
                Put(V.Odds(evens, laterEvens), target + 2 * Sheet, left, whole);
                Put(V.Odds(odds, laterOdds), target + 3 * Sheet, left, whole);
            }
            source += w.Step * V.Count;
            target += V.Count;
        }
    }

    // The vector of this number from here on, with zeros where the source has ended.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Take<V>(float* source, int number, int there, bool whole) where V : struct, ISimd<V>
    {
        source += number * V.Count;
        return whole ? V.Load(ref *source) : V.LoadPart(source, Math.Clamp(there - number * V.Count, 0, V.Count), 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<V>(V v, float* target, int room, bool whole) where V : struct, ISimd<V>
    {
        if (whole) V.Store(v, ref *target);
        else V.StorePart(v, target, Math.Min(V.Count, room));
    }
}
