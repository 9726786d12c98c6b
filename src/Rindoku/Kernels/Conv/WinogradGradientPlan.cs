namespace Rindoku.Kernels;

/// <summary>How the weight gradient of a 3 x 3 convolution of stride 1 is cut: outputs into tiles of 4 x 4, those into units, blocks and chunks.</summary>
/// <remarks>
/// A unit is a run of neighbouring tiles of one row; units that follow each other lie below each other. A block of units is transformed and
/// multiplied while it is in the cache; a chunk of blocks has sums of its own, if those are small enough. All of it depends on the shapes alone.
/// </remarks>
internal sealed class WinogradGradientPlan
{
    /// <summary>Channels that lie side by side in everything that is transformed.</summary>
    public const int GroupWidth = 16;

    private const int MostUnitTiles = 32;

    // Sums that stay in the second-level cache beside a block are kept for each chunk; larger ones once, and all threads share a block.
    private const int MostChunkSums = 1 << 18, MostChunks = 16, LeastChunkTiles = 64;
    private const int MostSharedTiles = 256, MostSharedFloats = 1 << 23; // of a block that all share: it should stay in the third-level cache

    private const int MostSums = 1 << 24; // all memory for sums

    private readonly int segments, unitTiles;

    private WinogradGradientPlan(ConvGeometry g)
    {
        Geometry = g;
        TilesY = (g.Output.H + 3) / 4;
        segments = (TilesX + MostUnitTiles - 1) / MostUnitTiles;
        unitTiles = (TilesX + segments - 1) / segments;
        segments = (TilesX + unitTiles - 1) / unitTiles;
        InputGroups = (g.InChannels + GroupWidth - 1) / GroupWidth;
        OutputGroups = (g.OutChannels + GroupWidth - 1) / GroupWidth;

        int channels = GroupWidth * (InputGroups + OutputGroups), cached = Math.Clamp(4096 / channels, 32, 128); // tiles that stay in the second-level cache
        BlockUnits = BlockOf(cached);
        Chunks = Sums > MostChunkSums ? 1 : Math.Clamp((int)(Tiles / LeastChunkTiles), 1, Math.Min(MostChunks, Blocks));
        if (Chunks == 1) BlockUnits = BlockOf(Math.Min(MostSharedTiles, MostSharedFloats / (WinogradMath.Products * channels)));
    }

    public ConvGeometry Geometry { get; }

    /// <summary>Rows of tiles of an image.</summary>
    public int TilesY { get; }

    private int TilesX => (Geometry.Output.W + 3) / 4;

    private long Tiles => (long)Geometry.Batch * TilesY * TilesX;

    public int Units => Geometry.Batch * segments * TilesY;

    /// <summary>Groups of channels of x, and of dy; the last one is filled up with zeros.</summary>
    public int InputGroups { get; }

    public int OutputGroups { get; }

    private long Sums => (long)WinogradMath.Products * InputGroups * OutputGroups * GroupWidth * GroupWidth;

    public int BlockUnits { get; }

    public int Blocks => (Units + BlockUnits - 1) / BlockUnits;

    /// <summary>How many chunks the blocks are cut into.</summary>
    public int Chunks { get; }

    /// <summary>Tiles of a whole unit, and of a whole block.</summary>
    public int UnitTiles => unitTiles;

    public int BlockTiles => BlockUnits * unitTiles;

    private int BlockOf(int tiles) => Math.Clamp(tiles / unitTiles, 1, Units);

    /// <summary>The plan, or null where this way does not apply.</summary>
    public static WinogradGradientPlan? For(ConvGeometry g)
    {
        bool flat = g.Kernel == new Triple(1, 3, 3) && g.Input.D == 1 && g.Padding.D == 0;
        bool some = g.Batch * g.Output.Product > 0 && g.InChannels * g.OutChannels > 0;
        return flat && some && g.Groups == 1 && g.Stride.Product == 1 && g.Dilation.Product == 1 ? new WinogradGradientPlan(g) : null;
    }

    /// <summary>The place of a unit.</summary>
    public WinogradUnit Unit(int number)
    {
        (int rest, int row) = Math.DivRem(number, TilesY);
        (int image, int segment) = Math.DivRem(rest, segments);
        int first = segment * unitTiles;
        return new WinogradUnit(image, 4 * row, 4 * first, first, Math.Min(unitTiles, TilesX - first));
    }

    /// <summary>How many units from this one on, and before <paramref name="last"/>, lie below each other in one image.</summary>
    public int Band(int unit, int last) => Math.Min(last - unit, TilesY - unit % TilesY);

    /// <summary>How many tiles some units have.</summary>
    public int TilesOf(int from, int to)
    {
        int tiles = 0;
        for (int i = from; i < to; i++) tiles += Unit(i).Count;
        return tiles;
    }

    /// <summary>
    /// What this way costs, in multiply-adds of 16 numbers. It must not depend on the processor, because the two ways differ in their last bits.
    /// </summary>
    public double Cost
    {
        get
        {
            int groups = InputGroups + OutputGroups;
            double products = Sums * (double)Tiles / 16;
            // Measured, of a group and a tile (rows shorter than 8 are turned number by number); and of 16 weights.
            double transform = Geometry.Output.W >= 8 ? 330 : 600, finish = 500 + 36.0 * 3 * Chunks;
            return products + groups * transform * Tiles + finish * InputGroups * OutputGroups * GroupWidth;
        }
    }

    /// <summary>What the direct way costs; it fills vectors with output channels.</summary>
    public double DirectCost => 9.0 * Geometry.InChannels * Math.Max(GroupWidth, Geometry.OutChannels) * Geometry.Batch * Geometry.Output.Product / 16;

    /// <summary>Whether this way is faster than the direct one, and its sums not too large.</summary>
    public bool Pays => Cost < 0.9 * DirectCost && (Blocks == 1 || Sums <= MostSums);
}
