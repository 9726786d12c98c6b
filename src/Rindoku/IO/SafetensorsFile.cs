namespace Rindoku.IO;

/// <summary>What a safetensors file holds: arrays by name, and a few strings about them.</summary>
public sealed class SafetensorsFile : NamedArrays
{
    internal SafetensorsFile(string file, IReadOnlyDictionary<string, string> metadata) : base(file) => Metadata = metadata;

    /// <summary>The strings under <c>__metadata__</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }
}
