namespace Rindoku.Kernels;

/// <summary>How a 3 x 3 convolution of stride 1, or its input gradient, is cut into tiles of 4 x 4 outputs, and those into blocks.</summary>
/// <remarks>
/// A unit is a run of neighbouring tiles: part of a row of tiles of one image or, where the batch lies last, one place's tiles of many images.
/// Each has <see cref="UnitSlots"/> slots in a block; the slots are the columns of the 36 matrix products.
/// </remarks>
internal sealed class WinogradPlan
{
    private const int MostUnitSlots = 64;

    private WinogradPlan() { }

    /// <summary>Whether tiles lie along the first two axes, and neighbouring slots along the last: images with the batch innermost.</summary>
    public required bool BatchLast { get; init; }

    /// <summary>Images; 1 where the batch lies last.</summary>
    public required int Images { get; init; }

    /// <summary>Source channels and target channels.</summary>
    public required int Channels { get; init; }

    public required int Rows { get; init; }

    /// <summary>The tiled axes of source and target, and zeros in front of the source.</summary>
    public required (int Y, int X) Source { get; init; }

    public required (int Y, int X) Target { get; init; }

    public required (int Y, int X) Padding { get; init; }

    /// <summary>Numbers at every place: 1, or the batch where it lies last.</summary>
    public required int Depth { get; init; }

    /// <summary>From the weights of one target channel to the next, and of one source channel to the next; taps in reverse for the gradient.</summary>
    public required int WeightRowStride { get; init; }

    public required int WeightChannelStride { get; init; }

    public required bool Flipped { get; init; }

    public int TilesY => (Target.Y + 3) / 4;

    public int TilesX => (Target.X + 3) / 4;

    /// <summary>Runs that a row of tiles (or a place's images) is cut into.</summary>
    public int Segments => (Line + MostUnitSlots - 1) / MostUnitSlots;

    public int UnitSlots => (Line + Segments - 1) / Segments;

    private int Line => BatchLast ? Depth : TilesX;

    public int Units => Images * TilesY * (BatchLast ? TilesX : 1) * Segments;

    public long SourcePlane => (long)Source.Y * Source.X * Depth;

    public long TargetPlane => (long)Target.Y * Target.X * Depth;

    /// <summary>The plan for y from x, or null where this way does not apply.</summary>
    public static WinogradPlan? Forward(ConvGeometry g) => Applies(g) is { } batchLast ? Create(g, batchLast, backward: false) : null;

    /// <summary>The plan for dx from dy, or null where this way does not apply.</summary>
    public static WinogradPlan? Backward(ConvGeometry g) => Applies(g) is { } batchLast ? Create(g, batchLast, backward: true) : null;

    // Null: not at all; else whether the batch lies last.
    private static bool? Applies(ConvGeometry g)
    {
        Triple flat = new(1, 3, 3), turned = new(3, 3, 1);
        if (g.Groups != 1 || g.Stride.Product != 1 || g.Dilation.Product != 1) return null;
        if (g.Kernel == flat && g.Input.D == 1 && g.Padding is { D: 0, H: <= 2, W: <= 2 }) return false;
        return g.Kernel == turned && g.Padding is { D: <= 2, H: <= 2, W: 0 } ? true : null;
    }

    private static WinogradPlan Create(ConvGeometry g, bool batchLast, bool backward)
    {
        (int Y, int X) input = batchLast ? (g.Input.D, g.Input.H) : (g.Input.H, g.Input.W);
        (int Y, int X) output = batchLast ? (g.Output.D, g.Output.H) : (g.Output.H, g.Output.W);
        (int Y, int X) padding = batchLast ? (g.Padding.D, g.Padding.H) : (g.Padding.H, g.Padding.W);
        return new WinogradPlan
        {
            BatchLast = batchLast,
            Images = g.Batch,
            Depth = batchLast ? g.Input.W : 1,
            Channels = backward ? g.OutChannels : g.InChannels,
            Rows = backward ? g.InChannels : g.OutChannels,
            Source = backward ? output : input,
            Target = backward ? input : output,
            Padding = backward ? (2 - padding.Y, 2 - padding.X) : padding,
            WeightRowStride = backward ? 9 : 9 * g.InChannels,
            WeightChannelStride = backward ? 9 * g.InChannels : 9,
            Flipped = backward,
        };
    }

    /// <summary>Units of a block: as many as keep its transformed inputs in the second-level cache and its last vectors full.</summary>
    public int BlockUnits(int slotsAtOnce)
    {
        int most = Math.Clamp(4096 / Math.Max(1, Channels), 32, 96) / UnitSlots, best = 1;
        double fullest = 0;
        for (int units = 1; units <= Math.Min(most, Units); units++)
        {
            int slots = units * UnitSlots, padded = (slots + slotsAtOnce - 1) / slotsAtOnce * slotsAtOnce;
            double full = (double)slots / padded;
            if (full >= fullest - 0.02) (best, fullest) = (units, Math.Max(full, fullest));
        }
        return best;
    }

    /// <summary>
    /// What this way costs, in multiply-adds of 16 numbers. It must not depend on the processor, because the two ways differ in their last bits.
    /// </summary>
    public double Cost
    {
        get
        {
            const int slotsAtOnce = 32;
            (int blocks, int left) = Math.DivRem(Units, BlockUnits(slotsAtOnce));
            double slots = (double)blocks * Filled(BlockUnits(slotsAtOnce)) + Filled(left);
            double products = WinogradMath.Products * Channels * Rows * slots / 16;
            // Measured, of a channel and a slot: vectors of 16, 8 and 4 tiles.
            double transform = UnitSlots >= 12 ? 25 : UnitSlots >= 6 ? 45 : 145;
            return products + (Channels + Rows) * slots * transform + 25.0 * Channels * Rows;

            int Filled(int units) => (units * UnitSlots + slotsAtOnce - 1) / slotsAtOnce * slotsAtOnce;
        }
    }

    /// <summary>What the direct way costs.</summary>
    public double DirectCost => 9.0 * Channels * Rows * Images * TargetPlane / 16;

    /// <summary>What it costs to turn source and target so that the batch lies last, and back.</summary>
    public double TurningCost => 2.0 * Images * (Channels * SourcePlane + Rows * TargetPlane);

    /// <summary>Whether this way is faster than the direct one.</summary>
    public bool Pays => Cost < 0.9 * DirectCost;

    /// <summary>The place of a unit.</summary>
    public WinogradUnit Unit(int number)
    {
        (int place, int segment) = Math.DivRem(number, Segments);
        int first = segment * UnitSlots, count = Math.Min(UnitSlots, Line - first);
        if (BatchLast) return new WinogradUnit(0, place / TilesX * 4, place % TilesX * 4, first, count);
        return new WinogradUnit(place / TilesY, place % TilesY * 4, first * 4, first, count);
    }
}

/// <summary>Neighbouring tiles.</summary>
/// <param name="Image">The image.</param>
/// <param name="Y">The target row of the tiles' first row.</param>
/// <param name="X">The target column of the first tile's first column.</param>
/// <param name="First">The first tile of the row of tiles or, where the batch lies last, the first image.</param>
/// <param name="Count">How many tiles there are.</param>
internal readonly record struct WinogradUnit(int Image, int Y, int X, int First, int Count);
