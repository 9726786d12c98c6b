using Rindoku.Lab;
using Rindoku.Nn;
using Rindoku.Papers.Uncertainty.MarginalLikelihood;
using Rindoku.Uncertainty;

namespace Rindoku.Papers.Tests.Uncertainty;

/// <summary>What the paper's own files do; the evidence itself is tested with the library, in <c>LaplaceTests</c>.</summary>
public sealed class MarginalLikelihoodTests
{
    [Theory]
    [InlineData(NetworkKind.Linear, 50, 650), InlineData(NetworkKind.Shallow, 50, 64 * 50 + 50 + 510)]
    [InlineData(NetworkKind.Deep, 100, 6500 + 10_100 + 1010), InlineData(NetworkKind.Convolutional, 8, 80 + 16 * 73 + 650)]
    public void Networks_for_digits_have_the_parameters_of_their_layers(NetworkKind kind, int width, long expected) =>
        Assert.Equal(expected, Networks.ForImages(kind, width, [1, 8, 8], 10, new Rng(1)).ParameterCount);

    [Theory, InlineData(NetworkKind.Linear, 2), InlineData(NetworkKind.Shallow, 151), InlineData(NetworkKind.Deep, 2701)]
    public void And_for_the_sine(NetworkKind kind, long expected) => Assert.Equal(expected, Networks.ForSine(kind, 50, new Rng(1)).ParameterCount);

    [Theory, InlineData(1, 8), InlineData(1, 28), InlineData(3, 32)]
    public void Convolutions_take_all_sizes_of_images_and_are_supported(int channels, int side)
    {
        Layer model = Networks.ForImages(NetworkKind.Convolutional, 4, [channels, side, side], 10, new Rng(1));
        LaplaceApproximation laplace = LaplaceApproximation.Fit(model, Observations.Of(new Rng(2).Normal([3, channels, side, side]), new Rng(3).Normal([3, 10])));
        Assert.Equal(model.ParameterCount, laplace.ParameterCount);
    }

    [Fact]
    public void The_sine_has_its_noise()
    {
        (Tensor x, Tensor y) = SineRun.Draw(20_000, new Rng(1));
        double[] errors = [.. x.ToArray().Zip(y.ToArray(), (at, value) => value - Math.Sin(at))];
        Assert.InRange(errors.Average(), -0.01, 0.01);
        Assert.InRange(Math.Sqrt(errors.Average(e => e * e)), 0.29, 0.31);
        Assert.InRange(x.ToArray().Max(), 7.9, 8);
        Assert.InRange(x.ToArray().Min(), 0, 0.1);
    }

    [Fact]
    public void Agreement_is_one_for_equal_orders_and_minus_one_for_opposite_ones()
    {
        Assert.Equal(1, MarginalLikelihoodExperiment.Agreement([(1, 10), (2, 20), (3, 21)]));
        Assert.Equal(-1, MarginalLikelihoodExperiment.Agreement([(1, 3), (2, 2), (3, 1)]));
        Assert.Equal(1.0 / 3, MarginalLikelihoodExperiment.Agreement([(1, 1), (2, 3), (3, 2)]), 10);
    }

    [Theory]
    [InlineData("online", "prior=per-parameter", "scalar or per-tensor"), InlineData("grid", "precisions=1,1", "different precisions above 0"), InlineData("grid", "precisions=0", "above 0")]
    [InlineData("sine-shallow", "network=convolutional", "linear, shallow or deep"), InlineData("sine-shallow", "selection=grid", "learned online"), InlineData("online", "every=0", "needed 1")]
    public void Settings_that_make_no_sense_are_refused_in_a_line(string arm, string setting, string words)
    {
        string[] parts = setting.Split('=');
        LabException error = Assert.Throws<LabException>(() => new MarginalLikelihoodExperiment().Settings(Profile.Quick, arm, [KeyValuePair.Create(parts[0], parts[1])]));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory, InlineData("structure=full"), InlineData("structure=diagonal"), InlineData("curvature=empirical-fisher"), InlineData("prior=scalar")]
    public void Every_form_of_the_evidence_can_be_learned_by(string setting)
    {
        using TemporaryFolder folder = new();
        string[] parts = setting.Split('=');
        MarginalLikelihoodExperiment paper = new();
        KeyValuePair<string, string>[] overrides = [.. Contract.Catalogue.Overrides(paper.SmokeSettings("online")).Where(o => o.Key != parts[0]), KeyValuePair.Create(parts[0], parts[1])];
        MarginalLikelihoodSettings settings = (MarginalLikelihoodSettings)paper.Settings(Profile.Quick, "online", overrides).Values;
        ArmResult result = paper.Run("online", settings, new RunContext { Seed = 1, Folder = folder.Path });
        Assert.True(double.IsFinite(result["evidence per example"]));
        Assert.NotEqual(1, result.Metrics.First(m => m.Key.StartsWith("precision ", StringComparison.Ordinal)).Value, 3);
    }
}
