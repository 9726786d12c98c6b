namespace Rindoku.Data;

/// <summary>Wrong labels, put into a set to see how a method bears them.</summary>
public static class LabelNoise
{
    /// <summary>A set with a part of its labels replaced by classes drawn evenly from all: a tenth of those of ten classes stay right by luck.</summary>
    /// <param name="set">The set; its inputs are shared.</param>
    /// <param name="part">The part of the labels, from 0 to 1; the count is rounded.</param>
    /// <param name="rng">Which labels, and what they become: depends on its seed, stream and state only.</param>
    public static LabelledSet Replace(LabelledSet set, double part, Rng rng)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(rng);
        if (!(part is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(part), part, "LabelNoise.Replace: the part must lie from 0 to 1");
        int[] labels = set.Labels.ToArray();
        int count = (int)Math.Round(part * set.Count, MidpointRounding.AwayFromZero);
        foreach (int i in rng.Permutation(set.Count)[..count]) labels[i] = rng.NextInt(set.ClassCount);
        return new LabelledSet(set.Inputs, IntTensor.Of(labels), set.ClassNames);
    }
}
