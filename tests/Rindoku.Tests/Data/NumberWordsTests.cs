using Rindoku.Data;

namespace Rindoku.Tests.Data;

public sealed class NumberWordsTests
{
    [Theory]
    [InlineData(0, "zero", "null", "zéro")]
    [InlineData(1, "one", "eins", "un")]
    [InlineData(16, "sixteen", "sechzehn", "seize")]
    [InlineData(17, "seventeen", "siebzehn", "dix-sept")]
    [InlineData(21, "twenty-one", "einundzwanzig", "vingt et un")]
    [InlineData(30, "thirty", "dreißig", "trente")]
    [InlineData(61, "sixty-one", "einundsechzig", "soixante et un")]
    [InlineData(70, "seventy", "siebzig", "soixante-dix")]
    [InlineData(71, "seventy-one", "einundsiebzig", "soixante et onze")]
    [InlineData(77, "seventy-seven", "siebenundsiebzig", "soixante-dix-sept")]
    [InlineData(80, "eighty", "achtzig", "quatre-vingts")]
    [InlineData(81, "eighty-one", "einundachtzig", "quatre-vingt-un")]
    [InlineData(91, "ninety-one", "einundneunzig", "quatre-vingt-onze")]
    [InlineData(99, "ninety-nine", "neunundneunzig", "quatre-vingt-dix-neuf")]
    [InlineData(100, "one hundred", "einhundert", "cent")]
    [InlineData(101, "one hundred and one", "einhunderteins", "cent un")]
    [InlineData(200, "two hundred", "zweihundert", "deux cents")]
    [InlineData(280, "two hundred and eighty", "zweihundertachtzig", "deux cent quatre-vingts")]
    [InlineData(1000, "one thousand", "eintausend", "mille")]
    [InlineData(1001, "one thousand and one", "eintausendeins", "mille un")]
    [InlineData(1100, "one thousand one hundred", "eintausendeinhundert", "mille cent")]
    [InlineData(2200, "two thousand two hundred", "zweitausendzweihundert", "deux mille deux cents")]
    [InlineData(4321, "four thousand three hundred and twenty-one", "viertausenddreihunderteinundzwanzig", "quatre mille trois cent vingt et un")]
    [InlineData(9999, "nine thousand nine hundred and ninety-nine", "neuntausendneunhundertneunundneunzig", "neuf mille neuf cent quatre-vingt-dix-neuf")]
    public void Hard_cases(int number, string english, string german, string french)
    {
        Assert.Equal(english, NumberWords.Write(number, Language.English));
        Assert.Equal(german, NumberWords.Write(number, Language.German));
        Assert.Equal(french, NumberWords.Write(number, Language.French));
        Assert.Equal($"{number}", NumberWords.Write(number, Language.Digits));
    }

    [Theory, InlineData(Language.Digits), InlineData(Language.English), InlineData(Language.German), InlineData(Language.French)]
    public void Every_number_is_read_as_it_was_written_and_its_words_are_its_own(Language language)
    {
        HashSet<string> words = [];
        for (int number = 0; number < NumberWords.Count; number++)
        {
            Assert.Equal(number, NumberWords.Read(NumberWords.Write(number, language), language));
            Assert.True(words.Add(string.Join(' ', NumberWords.Words(number, language))), $"{number} has the words of another number");
        }
        Assert.False(NumberWords.TryRead("eleventy", language, out _));
        Assert.Throws<FormatException>(() => NumberWords.Read("eleventy", language));
        Assert.Throws<ArgumentOutOfRangeException>(() => NumberWords.Write(10_000, language));
        Assert.Throws<ArgumentOutOfRangeException>(() => NumberWords.Write(-1, language));
    }

    [Fact]
    public void Words_are_the_parts()
    {
        Assert.Equal("vier und zwanzig".Split(' '), NumberWords.Words(24, Language.German));
        Assert.Equal("ein tausend ein hundert ein und zwanzig".Split(' '), NumberWords.Words(1121, Language.German));
        Assert.Equal("deux cent quatre vingt dix sept".Split(' '), NumberWords.Words(297, Language.French));
        Assert.Equal("three hundred and forty two".Split(' '), NumberWords.Words(342, Language.English));
        Assert.Equal("4 0 7".Split(' '), NumberWords.Words(407, Language.Digits));
    }
}
