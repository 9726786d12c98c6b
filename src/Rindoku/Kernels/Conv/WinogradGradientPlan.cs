namespace Rindoku.Kernels;

/// <summary>How the weight gradient of a 3 x 3 convolution of stride 1 is cut: outputs into tiles of 4 x 4, those into units, blocks and chunks.</summary>
/// <remarks>
/// A unit is a run of neighbouring tiles of one row; units that follow each other lie below each other. A block of units is transformed and
/// multiplied while it is in the cache, and a chunk of blocks has sums of its own. All of it depends on the shapes alone.
/// </remarks>
internal sealed class WinogradGradientPlan
{
    /// <summary>Channels side by side in everything that is transformed; groups of them lie apart.</summary>
    public const int GroupWidth = 16;

    private const int MostUnitTiles = 32;

    private readonly int segments, unitTiles;

    private WinogradGradientPlan(ConvGeometry g)
    {
        Geometry = g;
        int line = (g.Output.W + 3) / 4;
        TilesY = (g.Output.H + 3) / 4;
        segments = (line + MostUnitTiles - 1) / MostUnitTiles;
        unitTiles = (line + segments - 1) / segments;
        segments = (line + unitTiles - 1) / unitTiles;
        Units = g.Batch * segments * TilesY;
        InputGroups = (g.InChannels + GroupWidth - 1) / GroupWidth;
        OutputGroups = (g.OutChannels + GroupWidth - 1) / GroupWidth;
        BlockUnits = Math.Clamp(BlockTiles / unitTiles, 1, Math.Max(1, Units));
    }

    public ConvGeometry Geometry { get; }

    public int TilesY { get; }

    public int Units { get; }

    public int InputGroups { get; }

    public int OutputGroups { get; }

    public int BlockUnits { get; }

    public static int Tuned = 4096;
    // Tiles of a block: few enough for its transformed numbers to stay in the second-level cache, enough to be worth reading the sums again.
    private int BlockTiles => Math.Clamp(Tuned / (GroupWidth * (InputGroups + OutputGroups)), 32, 128);

    /// <summary>Tiles of a whole block.</summary>
    public int MostTiles => BlockUnits * unitTiles;

    /// <summary>Tiles of a whole unit.</summary>
    public int UnitTiles => unitTiles;

    public int Blocks => (Units + BlockUnits - 1) / BlockUnits;

    /// <summary>The plan, or null where this way does not apply.</summary>
    public static WinogradGradientPlan? For(ConvGeometry g)
    {
        if (g.Groups != 1 || g.Stride.Product != 1 || g.Dilation.Product != 1 || g.Kernel != new Triple(1, 3, 3) || g.Input.D != 1) return null;
        return g.Padding is { D: 0, H: <= 2, W: <= 2 } && g.Batch * g.Output.Product > 0 ? new WinogradGradientPlan(g) : null;
    }

    /// <summary>The place of a unit.</summary>
    public WinogradUnit Unit(int number)
    {
        (int rest, int row) = Math.DivRem(number, TilesY);
        (int image, int segment) = Math.DivRem(rest, segments);
        int first = segment * unitTiles;
        return new WinogradUnit(image, 4 * row, 4 * first, first, Math.Min(unitTiles, (Geometry.Output.W + 3) / 4 - first));
    }

    /// <summary>Units of a block from this one on that lie below each other in one image.</summary>
    public int Band(int unit, int last) => Math.Min(last - unit, TilesY - unit % TilesY);
}
