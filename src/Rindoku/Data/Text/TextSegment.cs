namespace Rindoku.Data;

/// <summary>A piece of each of B parallel streams of text, and what comes next at every place.</summary>
/// <param name="Inputs">(B, T): tokens.</param>
/// <param name="Targets">(B, T): the token after each of them.</param>
/// <param name="Starts">Whether the streams begin here. If not, each row goes on where that row of the segment before ended, and a state carried over from there is right.</param>
/// <param name="Position">The place of this segment in the sequence.</param>
public sealed record TextSegment(IntTensor Inputs, IntTensor Targets, bool Starts, LoaderPosition Position)
{
    /// <summary>B, how many streams there are.</summary>
    public int Streams => Inputs.Shape[0];

    /// <summary>T, how many tokens of each stream the segment has.</summary>
    public int Length => Inputs.Shape[1];
}

/// <summary>Random lengths of segments, so that not always the same tokens stand at their edges.</summary>
/// <remarks>
/// The length of a segment is drawn from a normal distribution about the wanted length, or about half of it, and rounded down. The lengths
/// of an epoch are then stretched alike, by a factor near 1, so that they add up to the streams' length: every epoch has the same
/// number of segments and shows every token. Scale the learning rate by <c>segment.Length / wanted</c>, as the source does, where that
/// matters. Source: Merity et al. 2018, arXiv:1708.02182, section 5.
/// </remarks>
public sealed record RandomLengths
{
    /// <summary>p: how probable the whole length is, as against half of it.</summary>
    public double WholeProbability { get; init; } = 0.95;

    /// <summary>The standard deviation about the length or its half.</summary>
    public double Deviation { get; init; } = 5;

    /// <summary>The least length that is drawn.</summary>
    public int Least { get; init; } = 5;
}
