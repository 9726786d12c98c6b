using Rindoku.Lab.Tests.Tiny;

namespace Rindoku.Lab.Tests.Experiments;

public sealed class SettingsTests
{
    private static TinySettings Set(params (string, string)[] overrides) =>
        (TinySettings)new TinyExperiment().Settings(Profile.Quick, "noisy", overrides.Select(o => KeyValuePair.Create(o.Item1, o.Item2))).Values;

    private static string Error(string name, string value) => Assert.Throws<LabException>(() => Set((name, value))).Message;

    [Fact]
    public void Settings_are_set_by_name_in_any_spelling()
    {
        TinySettings set = Set(("epochs", "7"), ("learning-rate", "1e-3"), ("Noise", "0.5"), ("shuffle", "no"), ("kind", "very-noisy"), ("widths", "1, 2,3"), ("LIMIT", "9"), ("label", "x=y"));
        Assert.Equal((7, 1e-3, 0.5f, false, TinyKind.VeryNoisy, 9, "x=y"), (set.Epochs, set.LearningRate, set.Noise, set.Shuffle, set.Kind, set.Limit, set.Label));
        Assert.Equal([1, 2, 3], set.Widths);
        Assert.Null(Set(("limit", "none")).Limit);
        Assert.Equal(2, Set().Epochs); // the default is not touched by what others set
    }

    [Fact]
    public void An_unknown_setting_is_an_error_with_the_nearest_and_all()
    {
        Assert.Equal("There is no setting 'epocs'. Did you mean 'epochs'? Known: epochs, learning-rate, noise, shuffle, kind, widths, limit, label, checkpoint-milliseconds.", Error("epocs", "1"));
        Assert.StartsWith("There is no setting 'qqqqqqqq'. Known: epochs,", Error("qqqqqqqq", "1"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("epochs", "many", "--set epochs: got 'many'; needed a whole number up to 2147483647.")]
    [InlineData("epochs", "1.5", "--set epochs: got '1.5'; needed a whole number up to 2147483647.")]
    [InlineData("epochs", "99999999999", "--set epochs: got '99999999999'; needed a whole number up to 2147483647.")]
    [InlineData("epochs", "0", "--set epochs: got '0'; needed a value from 1 to 1000.")]
    [InlineData("noise", "NaN", "--set noise: got 'NaN'; needed a number such as 0.1 or 1e-4.")]
    [InlineData("learning-rate", "0,1", "--set learning-rate: got '0,1'; needed a number such as 0.1 or 1e-4.")]
    [InlineData("shuffle", "maybe", "--set shuffle: got 'maybe'; needed true or false.")]
    [InlineData("kind", "loud", "--set kind: got 'loud'; needed one of plain, very-noisy.")]
    [InlineData("widths", "1,,2", "--set widths: got '1,,2'; needed values separated by commas, each a whole number up to 2147483647.")]
    public void A_value_that_does_not_fit_is_an_error_with_what_was_needed(string name, string value, string expected) => Assert.Equal(expected, Error(name, value));

    [Fact]
    public void Settings_go_to_JSON_and_back()
    {
        ArmSettings settings = new TinyExperiment().Settings(Profile.Full, "plain", [new("widths", "3,4"), new("limit", "5"), new("kind", "very-noisy")]);
        Assert.Equal("""{"epochs":4,"learning-rate":0.0001,"noise":0,"shuffle":true,"kind":"very-noisy","widths":[3,4],"limit":5,"label":"a","checkpoint-milliseconds":60000}""", settings.ToJson());
        ArmSettings again = new TinyExperiment().Settings(Profile.Full, "plain", SettingsBinder.FromJson(settings.ToJson()));
        Assert.Equal(settings.ToJson(), again.ToJson());
        Assert.Equal(settings.Hash(), again.Hash());
        Assert.NotEqual(settings.Hash(), new TinyExperiment().Settings(Profile.Full, "noisy", SettingsBinder.FromJson(settings.ToJson())).Hash());
        Assert.Equal(new SettingValue("epochs", "a whole number up to 2147483647", "4", "How often the data is seen"), settings.List()[0]);
    }

    [Fact]
    public void Unknown_arms_and_profiles_are_errors_with_the_nearest()
    {
        Assert.Equal("There is no arm 'noisi'. Did you mean 'noisy'? Known: noisy, plain.",
            Assert.Throws<LabException>(() => new TinyExperiment().Settings(Profile.Quick, "noisi")).Message);
        Assert.Equal("There is no profile 'fulll'. Did you mean 'full'? Known: quick, full, paper.", Assert.Throws<LabException>(() => Profiles.Parse("fulll")).Message);
    }

    [Theory, InlineData("abc", "abc", 0), InlineData("abc", "acb", 1), InlineData("", "abc", 3), InlineData("kitten", "sitting", 3)]
    public void Distances_between_words(string a, string b, int expected) => Assert.Equal(expected, Suggest.Distance(a, b));
}
