namespace Rindoku.Kernels;

/// <summary>Some neighbouring outputs of one image: whole lines, or a part of one.</summary>
/// <param name="Image">The image.</param>
/// <param name="Z">Where the strip begins along each axis.</param>
/// <param name="Y">See Z.</param>
/// <param name="X">See Z.</param>
/// <param name="Start">Its first place in an output plane, from where its places follow without gaps.</param>
/// <param name="Lines">How many lines it has.</param>
/// <param name="Width">How long they are.</param>
internal readonly record struct Strip(int Image, int Z, int Y, int X, int Start, int Lines, int Width);

/// <summary>How the outputs of a convolution are cut into <see cref="Strip"/>s, and how each strip's taps read x.</summary>
internal sealed unsafe class Strips
{
    private static readonly PlanCache<Strips> InPlaceIfPossible = new(g => new Strips(g, true)), Copied = new(g => new Strips(g, false));

    private const int LeastPlaces = 64, GoodPlaces = 1024, EnoughStrips = 16;

    private readonly ConvGeometry g;
    private readonly AxisPlan d, h, w;
    private readonly PaddedPlanes planes;
    private readonly int lines, width, down, across;

    /// <summary>Cuts the outputs: strips are large enough to be worth their steps, small enough to stay in a cache, and enough for all tasks.</summary>
    /// <param name="g">The convolution.</param>
    /// <param name="mayReadInPlace">Whether x may be read where it lies, if no zeros around it and no stride forbid it.</param>
    public static Strips For(ConvGeometry g, bool mayReadInPlace = true) => (mayReadInPlace ? InPlaceIfPossible : Copied).Of(g);

    private Strips(ConvGeometry g, bool mayReadInPlace)
    {
        this.g = g;
        int places = (int)Math.Clamp((long)g.Batch * g.Output.Product / EnoughStrips, LeastPlaces, GoodPlaces);
        across = (g.Output.W + places - 1) / places;
        width = across == 1 ? g.Output.W : (g.Output.W / across + 15) / 16 * 16; // whole vectors
        across = (g.Output.W + width - 1) / width;
        down = across > 1 ? g.Output.H : (g.Output.H - 1) / Math.Max(1, places / width) + 1;
        lines = (g.Output.H + down - 1) / down;

        (AxisPlan D, AxisPlan H, AxisPlan W) whole = Plans(g);
        InPlace = mayReadInPlace && new PaddedPlanes(whole.D, whole.H, whole.W).IsSource;
        ConvGeometry one = g with { Output = new(1, lines, width) };
        (d, h, w) = Plans(one);
        Correlation read = Correlation.Forward(InPlace ? g : one);
        Offsets = read.Phases[0].SourceOffsets;
        planes = read.Planes;
    }

    private static (AxisPlan D, AxisPlan H, AxisPlan W) Plans(ConvGeometry g) => (
        AxisPlan.Forward(g.Input.D, g.Output.D, g.Kernel.D, g.Stride.D, g.Padding.D, g.Dilation.D),
        AxisPlan.Forward(g.Input.H, g.Output.H, g.Kernel.H, g.Stride.H, g.Padding.H, g.Dilation.H),
        AxisPlan.Forward(g.Input.W, g.Output.W, g.Kernel.W, g.Stride.W, g.Padding.W, g.Dilation.W));

    public int Count => g.Batch * g.Output.D * down * across;

    /// <summary>Lines of the largest strip, and how long they are.</summary>
    public int MostLines => lines;

    public int MostWidth => width;

    /// <summary>Whether x is read where it lies; else a strip's part of it is copied, with the zeros around it.</summary>
    public bool InPlace { get; }

    /// <summary>Floats of a channel's copy.</summary>
    public int Plane => planes.Plane;

    /// <summary>For each (channel, tap) where it reads, from a strip's source on, and from one line of a strip to the next.</summary>
    public int[] Offsets { get; }

    public int LineStep => planes.HeightStep;

    public Strip At(int number)
    {
        (int rest, int column) = Math.DivRem(number, across);
        (rest, int row) = Math.DivRem(rest, down);
        (int image, int z) = Math.DivRem(rest, g.Output.D);
        int y = row * lines, x = column * width;
        return new Strip(image, z, y, x, (z * g.Output.H + y) * g.Output.W + x, Math.Min(lines, g.Output.H - y), Math.Min(width, g.Output.W - x));
    }

    /// <summary>
    /// Where the strip's first output reads the first channel: in x (a group's channels of its image), or in <paramref name="room"/>, where
    /// <paramref name="channels"/> are copied to.
    /// </summary>
    public float* Source(in Strip strip, float* x, (int From, int To) channels, float* room)
    {
        if (InPlace) return x + (long)strip.Z * planes.DepthStep + strip.Y * planes.HeightStep + strip.X;
        PaddedPlanes part = new(
            d with { Before = d.Before - strip.Z * d.Step }, h with { Before = h.Before - strip.Y * h.Step }, w with { Before = w.Before - strip.X * w.Step });
        part.Fill(x, channels.From, channels.To - channels.From, room);
        return room;
    }
}
