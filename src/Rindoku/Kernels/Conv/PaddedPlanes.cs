namespace Rindoku.Kernels;

/// <summary>
/// A copy of channel planes with the zeros around them, and with rows cut into interleaved parts, so that every tap reads
/// neighbouring outputs from neighbouring places, whatever padding, stride and dilation are.
/// </summary>
/// <remarks>For a stride of s along rows, place q lies in part <c>q mod s</c> at <c>q / s</c>.</remarks>
internal sealed unsafe class PaddedPlanes(AxisPlan d, AxisPlan h, AxisPlan w)
{
    /// <summary>Readers may read a whole vector that begins inside; the buffer must have as much room at its end.</summary>
    public const int Slack = 16;

    private readonly int part = (w.Padded + w.Step - 1) / w.Step;

    private int Row => part * w.Step;

    /// <summary>Floats of a padded plane.</summary>
    public int Plane => d.Padded * h.Padded * Row;

    /// <summary>Floats of a plane of the source.</summary>
    public int SourcePlane => d.Size * h.Size * w.Size;

    /// <summary>From the first source row of one output to that of the next along depth and height.</summary>
    public int DepthStep => d.Step * h.Padded * Row;

    public int HeightStep => h.Step * Row;

    /// <summary>Whether the copy would be the source itself.</summary>
    public bool IsSource => w.Step == 1 && Whole(d) && Whole(h) && Whole(w);

    private static bool Whole(AxisPlan axis) => axis.Before == 0 && axis.Padded == axis.Size;

    /// <summary>Where a place of the padded source lies.</summary>
    public int Place(int channel, int z, int y, int x) => channel * Plane + (z * h.Padded + y) * Row + x % w.Step * part + x / w.Step;

    /// <summary>Copies some channels' planes to their places.</summary>
    public void Fill(float* source, int firstChannel, int channels, float* target)
    {
        target += (long)firstChannel * Plane;
        for (int c = firstChannel; c < firstChannel + channels; c++)
            for (int z = 0; z < d.Padded; z++)
                for (int y = 0; y < h.Padded; y++, target += Row)
                {
                    int atZ = z - d.Before, atY = y - h.Before;
                    if ((uint)atZ >= (uint)d.Size || (uint)atY >= (uint)h.Size) new Span<float>(target, Row).Clear();
                    else FillRow(source + ((long)(c * d.Size + atZ) * h.Size + atY) * w.Size, target);
                }
    }

    private void FillRow(float* source, float* target)
    {
        int before = Math.Max(0, w.Before), skipped = Math.Max(0, -w.Before);
        int there = Math.Max(0, Math.Min(w.Size - skipped, w.Padded - before));
        if (w.Step == 1)
        {
            if (before > 0) new Span<float>(target, Math.Min(before, part)).Clear();
            new ReadOnlySpan<float>(source + skipped, there).CopyTo(new Span<float>(target + before, there));
            int after = Math.Max(0, part - before - there);
            if (after > 0) new Span<float>(target + part - after, after).Clear();
            return;
        }
        new Span<float>(target, Row).Clear();
        for (int i = 0; i < w.Step; i++)
        {
            // The first place of this part that the source covers, and the source's number for it.
            int first = (Math.Max(0, before - i) + w.Step - 1) / w.Step, from = first * w.Step + i - w.Before;
            float* to = target + i * part + first;
            for (int q = from; q < skipped + there; q += w.Step) *to++ = source[q];
        }
    }
}
