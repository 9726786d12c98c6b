using Rindoku.Data;

namespace Rindoku.Tests.Data.Media;

/// <summary>Values of the reference code (ibab/tensorflow-wavenet), 256 levels.</summary>
public sealed class MuLawTests
{
    [Theory]
    [InlineData(-1f, 0), InlineData(1f, 255), InlineData(0.6f, 243), InlineData(-0.25f, 32), InlineData(0.01f, 157), InlineData(0.33f, 230)]
    [InlineData(-0.9999f, 0), InlineData(0.42f, 235), InlineData(0.1f, 203), InlineData(-0.45f, 18), InlineData(0f, 128), InlineData(0.5f, 239)]
    [InlineData(-0.001f, 122), InlineData(7f, 255), InlineData(float.NegativeInfinity, 0)]
    public void Samples_have_the_classes_of_the_reference(float sample, int expected)
    {
        MuLaw law = new(256);
        Assert.Equal(expected, law.Encode(sample));
        Assert.Equal([expected], law.Encode([sample]));
    }

    [Theory]
    [InlineData(0, -1), InlineData(1, -0.957274), InlineData(64, -0.058145), InlineData(127, -0.000086), InlineData(128, 0.000086)]
    [InlineData(192, 0.060904), InlineData(254, 0.957274), InlineData(255, 1)]
    public void Classes_have_the_samples_of_the_reference(int level, double expected)
    {
        MuLaw law = new(256);
        Assert.Equal(expected, law.Decode(level), 6);
        Assert.Equal(law.Decode(level), Assert.Single(law.Decode([level])));
    }

    [Theory, InlineData(2), InlineData(16), InlineData(64), InlineData(255), InlineData(256), InlineData(65_536)]
    public void What_was_decoded_is_coded_as_it_was(int levels)
    {
        MuLaw law = new(levels);
        int[] all = [.. Enumerable.Range(0, levels)];
        Assert.Equal(all, law.Encode(law.Decode(all)));
        Assert.Equal(levels / 2, law.Silence);
    }

    [Fact]
    public void Mistakes_are_told()
    {
        MuLaw law = new(64);
        Assert.Contains("not a number", Assert.Throws<ArgumentException>(() => law.Encode(float.NaN)).Message, StringComparison.Ordinal);
        Assert.Contains("from 0 to 63", Assert.Throws<ArgumentOutOfRangeException>(() => law.Decode(64)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new MuLaw(1));
    }
}
