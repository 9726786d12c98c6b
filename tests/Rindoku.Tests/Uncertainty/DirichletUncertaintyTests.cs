using Rindoku.Distributions;
using Rindoku.Ops;
using Rindoku.Uncertainty;

namespace Rindoku.Tests.Uncertainty;

public sealed class DirichletUncertaintyTests
{
    [Fact]
    public void Evidence_is_the_sum() => Assert.Equal([6, 3], DirichletUncertainty.Evidence(Tensor.From([1, 2, 3, 1, 1, 1], [2, 3])));

    [Fact]
    public void Mutual_information_is_the_entropy_of_the_mean_less_the_mean_entropy_of_draws()
    {
        Tensor alpha = Tensor.From([1, 1, 1, 3, 0.5f, 2, 20, 20, 20], [3, 3]);
        float[] exact = DirichletUncertainty.MutualInformation(alpha);
        const int draws = 20_000;
        for (int i = 0; i < 3; i++)
        {
            Tensor z = new Dirichlet(alpha.Select(0, i)).Sample(new Rng(i), [draws]);
            Tensor mean = z.Mean([0], keep: true);
            double expected = PredictiveUncertainty.Entropy(mean)[0] - PredictiveUncertainty.Entropy(z).Average(h => (double)h);
            Assert.Equal(expected, exact[i], 0.01); // deviation of the mean entropy: 0.3 / √20000
        }
        Assert.Equal(Math.Log(3) - 5.0 / 6, exact[0], 1e-5); // Dir(1, 1, 1): ln 3 - (1/2 + 1/3)
    }

    [Fact]
    public void The_same_probabilities_with_ever_more_evidence_leave_nothing_to_be_learned()
    {
        Tensor logits = Tensor.Of(1, 0, -1).Reshape(1, 3);
        float[] information = [.. new[] { 0f, 2, 4, 6, 12 }.Select(more => DirichletUncertainty.MutualInformation((logits + more).Exp())[0])];
        for (int i = 1; i < information.Length; i++) Assert.True(information[i] < information[i - 1]);
        Assert.InRange(information[^1], 0, 1e-5);
    }

    [Fact]
    public void Anything_but_a_matrix_is_refused() =>
        Assert.Contains("got (3)", Assert.Throws<ShapeException>(() => DirichletUncertainty.Evidence(Tensor.Zeros([3]))).Message, StringComparison.Ordinal);
}
