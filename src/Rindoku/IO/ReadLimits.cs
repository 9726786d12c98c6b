namespace Rindoku.IO;

/// <summary>How much a reader may believe of a file that someone else wrote. Every reader of this library takes one.</summary>
/// <remarks>
/// A limit that is passed gives a <see cref="FileFormatException"/> naming it; raise it with
/// <c>ReadLimits.Default with { Tensors = 1_000_000 }</c>. The limits come on top of a rule that no file can change: memory is
/// taken only for bytes that are known to be there.
/// </remarks>
public sealed record ReadLimits
{
    /// <summary>The limits used when none are given: roomy for real models and data, too tight for a file that lies.</summary>
    public static ReadLimits Default { get; } = new();

    /// <summary>The greatest size of a file, in bytes.</summary>
    public long FileBytes { get; init; } = 64L << 30;

    /// <summary>The greatest size of a header or other block of text, in bytes. 100 MB is what the safetensors format allows.</summary>
    public int HeaderBytes { get; init; } = 100_000_000;

    /// <summary>The greatest number of named arrays (or of a container's entries) in one file.</summary>
    public int Tensors { get; init; } = 100_000;

    /// <summary>The greatest number of axes of an array.</summary>
    public int Rank { get; init; } = 16;

    /// <summary>The greatest number of elements of an array; a tensor never holds more than 2^31 - 1.</summary>
    public int Elements { get; init; } = int.MaxValue;

    /// <summary>The greatest length of a name, in UTF-16 code units.</summary>
    public int NameLength { get; init; } = 1024;

    /// <summary>The greatest size of everything that is unpacked from one file, in bytes.</summary>
    public long ExpandedBytes { get; init; } = 8L << 30;

    /// <summary>How many times its packed size data may grow when it is unpacked. 1032 is the most that deflate can do.</summary>
    public double ExpansionRatio { get; init; } = 1032;

    /// <summary>The greatest number of pixels of an image.</summary>
    public long ImagePixels { get; init; } = 200_000_000;

    /// <summary>The greatest number of samples of a sound, over all its channels.</summary>
    public long SoundSamples { get; init; } = 500_000_000;

    /// <summary>How deep structures may lie inside each other (JSON, protocol buffers).</summary>
    public int Nesting { get; init; } = 64;
}
