namespace Rindoku.Nn.ResNets;

/// <summary>How many paths the bottleneck units of a network have, and how wide each is: <c>C × d</c>, as in ResNeXt-50 (32 × 4d).</summary>
/// <remarks>
/// A unit with 4n outputs has C paths of D = ⌊n d / 64⌋ channels, so d is the width of a path in a stage of n = 64 and doubles with n.
/// Source: Xie et al. 2016, arXiv:1611.05431, §3 and the authors' code.
/// </remarks>
/// <param name="Paths">C, the cardinality.</param>
/// <param name="BaseWidth">d, channels of a path where a unit has 256 outputs.</param>
public readonly record struct Cardinality(int Paths, int BaseWidth)
{
    /// <summary>1 × 64d: the plain bottleneck unit of ResNet.</summary>
    public static Cardinality One { get; } = new(1, 64);

    /// <summary>D: channels of one path of a unit.</summary>
    /// <param name="outputs">Outputs of the unit, 4n.</param>
    /// <exception cref="ArgumentException">There are no paths, or a path would have no channel.</exception>
    public int PathWidth(int outputs)
    {
        int width = (int)((long)outputs / 4 * BaseWidth / 64);
        if (Paths < 1 || width < 1)
            throw new ArgumentException($"Cardinality: {this} gives a unit of {outputs} outputs {Paths} paths of {width} channels; needed is 1 or more of each. Take a larger base width");
        return width;
    }

    /// <summary>C · D: channels inside a unit.</summary>
    /// <param name="outputs">Outputs of the unit, 4n.</param>
    /// <exception cref="ArgumentException">There are no paths, or a path would have no channel.</exception>
    public int InnerWidth(int outputs) => Paths * PathWidth(outputs);

    /// <summary>The field's way to write it: <c>32x4d</c>.</summary>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Paths}x{BaseWidth}d");
}
