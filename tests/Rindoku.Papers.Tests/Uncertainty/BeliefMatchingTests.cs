using Rindoku.Distributions;
using Rindoku.Lab;
using Rindoku.Ops;
using Rindoku.Papers.Uncertainty.BeliefMatching;
using Rindoku.Testing;

namespace Rindoku.Papers.Tests.Uncertainty;

/// <summary>The exact checks of the paper's sheet.</summary>
public sealed class BeliefMatchingTests
{
    private static readonly Tensor Worked = Tensor.From([1, 0, -1], [1, 3]);
    private static readonly IntTensor First = IntTensor.Of(0);

    [Theory, InlineData(0, 0.475354f), InlineData(0.01, 0.498748f), InlineData(1, 2.814764f)]
    public void The_worked_example_has_the_sheets_losses(double coefficient, float expected) =>
        Assert.Equal(expected, Worked.BeliefMatching(First, coefficient).Item(), 2e-6f);

    [Theory]
    [InlineData(0, -0.452729f, 0.277089f, 0.101935f), InlineData(0.01, -0.440188f, 0.274080f, 0.081185f), InlineData(1, 0.801304f, -0.023874f, -1.973118f)]
    public void And_the_sheets_gradients(double coefficient, float first, float second, float third)
    {
        Tensor f = Worked.Tracked();
        Check.Close(Grad.Of(f.BeliefMatching(First, coefficient), f), Tensor.From([first, second, third], [1, 3]), rtol: 0, atol: 2e-6);
    }

    [Fact]
    public void Its_divergence_and_its_expected_logarithm_are_the_sheets()
    {
        Dirichlet belief = Belief.Of(Worked), flat = new(Tensor.Ones([3]));
        Check.Close(belief.Mean, Worked.Softmax());
        float divergence = Kl.Divergence(belief, flat).Item();
        Assert.Equal(1.646263, divergence, 5);
        Assert.Equal(2.339410, divergence + Math.Log(2), 5); // KL' leaves out -ln Γ(3), ln Γ(3) = ln 2
        Assert.Equal(-0.475354, Belief.Elbo(Worked, First, coefficient: 0).Item(), 5);
        Assert.Equal(-0.475354 - 1.646263, Belief.Elbo(Worked, First).Item(), 5);
    }

    [Fact]
    public void Equal_logits_of_nothing_known_are_the_prior_itself()
    {
        Tensor f = Tensor.Zeros([1, 3]);
        Assert.Equal(1.5, f.BeliefMatching(First, 0).Item(), 6); // ψ(3) - ψ(1)
        Assert.Equal(1.506931, f.BeliefMatching(First, 0.01).Item(), 6);
        Assert.Equal(0, Kl.Divergence(Belief.Of(f), new Dirichlet(Tensor.Ones([3]))).Item(), 6);
    }

    [Theory, InlineData(3, 0.01, 1), InlineData(10, 0.003, 1), InlineData(10, 1, 0.5), InlineData(2, 0.3, 2)]
    public void The_loss_is_the_bound_of_the_paper_turned_round_up_to_what_depends_on_the_prior_alone(int classes, double coefficient, double prior)
    {
        Tensor f = new Rng(1).Normal([40, classes]) * 2;
        IntTensor y = IntTensor.Of([.. Enumerable.Range(0, 40).Select(i => i % classes)]);
        Tensor priors = Tensor.Full([classes], (float)prior);
        float left = priors.Lgamma().Sum().Item() - priors.Sum().Lgamma().Item(); // of KL, not in KL'
        Tensor expected = -Belief.Elbo(f, y, coefficient, prior) - (float)coefficient * left;
        Check.Close(f.BeliefMatching(y, coefficient, prior, Reduction.None), expected, rtol: 1e-4, atol: 1e-4);
    }

    [Theory, InlineData(3, 0.01, 1), InlineData(10, 0.1, 1), InlineData(5, 1, 0.5)]
    public void And_lambda_times_the_divergence_from_the_posterior_plus_a_constant(int classes, double coefficient, double prior)
    {
        Tensor f = new Rng(2).Normal([40, classes]);
        IntTensor y = IntTensor.Of([.. Enumerable.Range(0, 40).Select(i => i % classes)]);
        Tensor divergence = Kl.Divergence(Belief.Of(f), Belief.Posterior(y, classes, coefficient, prior));
        Tensor above = f.BeliefMatching(y, coefficient, prior, Reduction.None) - (float)Belief.LeastLoss(classes, coefficient, prior);
        Check.Close(above, divergence * (float)coefficient, rtol: 1e-3, atol: 1e-4);
        Assert.All(above.ToArray(), v => Assert.True(v >= 0)); // no loss lies below the least
    }

    [Fact]
    public void The_least_loss_is_where_the_belief_is_the_posterior()
    {
        Tensor f = Tensor.From([MathF.Log(101), 0, 0], [1, 3]).Tracked();
        Tensor loss = f.BeliefMatching(First, 0.01);
        Assert.Equal(0.092401, loss.Item(), 6);
        Assert.Equal(0.092401, Belief.LeastLoss(3, 0.01), 6);
        Check.Close(Grad.Of(loss, f), Tensor.Zeros([1, 3]), rtol: 0, atol: 2e-7);
        Check.Close(f.Softmax(), Tensor.From([0.980583f, 0.009709f, 0.009709f], [1, 3]), atol: 1e-6);
        Check.Close(Belief.Posterior(First, 3, 0.01).Mean, f.Softmax());
        Assert.Equal(0.980583, Belief.Ceiling(3, 0.01), 6);
    }

    [Theory, InlineData(0.01, 0.9182), InlineData(0.003, 0.9738), InlineData(0.001, 0.9911)]
    public void Ten_classes_have_the_sheets_ceilings_and_smoothed_labels_the_same(double coefficient, double ceiling)
    {
        Assert.Equal(ceiling, Belief.Ceiling(10, coefficient), 4);
        double smoothing = Belief.MatchingSmoothing(10, coefficient);
        Assert.Equal(Belief.Ceiling(10, coefficient), 1 - smoothing + smoothing / 10, 12);
    }

    [Fact]
    public void A_number_added_to_all_logits_changes_the_loss_but_not_the_prediction()
    {
        Assert.True(Math.Abs(Worked.BeliefMatching(First, 0.01).Item() - (Worked + 1).BeliefMatching(First, 0.01).Item()) > 0.01);
        Check.Close((Worked + 1).Softmax(), Worked.Softmax());
    }

    [Fact]
    public void Without_the_divergence_the_loss_is_cross_entropy_from_above_and_tends_to_it_with_evidence()
    {
        Tensor f = new Rng(3).Normal([60, 7]) * 2;
        IntTensor y = IntTensor.Of([.. Enumerable.Range(0, 60).Select(i => i % 7)]);
        Tensor crossEntropy = f.CrossEntropy(y, reduction: Reduction.None), above = f.BeliefMatching(y, 0, reduction: Reduction.None) - crossEntropy;
        Assert.All(above.ToArray(), v => Assert.True(v > 0)); // Jensen
        Check.Close((f + 15).BeliefMatching(y, 0, reduction: Reduction.None), crossEntropy, rtol: 0, atol: 1e-3);
    }

    [Fact]
    public void A_student_that_believes_what_the_teacher_does_has_no_divergence_and_no_gradient()
    {
        Tensor student = new Rng(4).Normal([5, 6]).Tracked(), teacher = student.Detach();
        Tensor divergence = Kl.Divergence(Belief.Of(student), Belief.Of(teacher)).Sum();
        Assert.Equal(0, divergence.Item(), 1e-4f);
        Check.Close(Grad.Of(divergence, student), Tensor.Zeros([5, 6]), rtol: 0, atol: 1e-4);
        Assert.All(Kl.Divergence(Belief.Of(student + 0.5f), Belief.Of(teacher)).ToArray(), v => Assert.True(v > 0));
    }

    [Fact]
    public void Digamma_and_trigamma_are_the_sheets()
    {
        Check.Close(Tensor.Of(1, 0.5f).Digamma(), Tensor.Of(-0.577216f, -1.963510f));
        Assert.Equal(1.644934f, Tensor.Of(1).Polygamma(1).Item(), 1e-6f);
    }

    [Fact]
    public void The_paper_warms_up_over_five_epochs_and_falls_at_half_and_three_quarters()
    {
        WarmedSteps schedule = new(0.1, StepsPerEpoch: 10, Epochs: 200, WarmUpEpochs: 5);
        double[] expected = [0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.1];
        for (int epoch = 0; epoch < expected.Length; epoch++)
            foreach (int step in (int[])[0, 9]) Assert.Equal(expected[epoch], schedule.Rate(10 * epoch + step), 12);
        Assert.Equal([0.1, 0.01, 0.01, 0.001], ((long[])[999, 1000, 1499, 1500]).Select(step => Math.Round(schedule.Rate(step), 12)));
        WarmedSteps quick = new(0.1, 6, 200, 1);
        Assert.Equal([0.01, 0.1], ((long[])[5, 6]).Select(step => Math.Round(quick.Rate(step), 12)));
    }

    [Theory]
    [InlineData("coefficients=0.01,0", "above 0"), InlineData("label-noise=1.5", "from 0 to 1"), InlineData("units=2,0", "each stage"), InlineData("batch-size=301", "of 300 training images")]
    [InlineData("shifts-and-mirrors=true", "colour images"), InlineData("method=magic", "needed one of"), InlineData("training-images=1e9", "needed a whole number")]
    public void Settings_that_make_no_sense_are_refused_in_a_line(string setting, string words)
    {
        string[] parts = setting.Split('=');
        LabException error = Assert.Throws<LabException>(() => new BeliefMatchingExperiment().Settings(Profile.Quick, "belief", [KeyValuePair.Create(parts[0], parts[1])]));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }
}
