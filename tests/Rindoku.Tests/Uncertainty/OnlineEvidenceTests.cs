using Rindoku.Data;
using Rindoku.Nn;
using Rindoku.Ops;
using Rindoku.Optim;
using Rindoku.Uncertainty;

namespace Rindoku.Tests.Uncertainty;

public sealed class OnlineEvidenceTests
{
    // The loss that is trained with and the evidence must have one posterior: their gradients by the weights agree up to 1/N and the like.
    [Theory, InlineData(1), InlineData(2.5)]
    public void The_training_loss_is_the_negative_log_joint(double temperature)
    {
        Rng rng = new(1);
        Linear model = new(3, 2, rng);
        Tensor x = rng.Normal([6, 3]), y = rng.Normal([6, 2]);
        OnlineOptions start = new() { StartPrecision = 1.3, StartNoise = 0.6 };
        LaplaceOptions options = new() { Temperature = temperature };
        OnlineEvidence numbers = new(model, Observations.Of(x, y), options, start);
        double factor = 12 / (2 * 0.36 * temperature); // N C / (2 σ² T)
        double likelihood = numbers.Fit().Evidence(numbers.Hyperparameters).LogLikelihood;
        double square = model.Parameters.Sum(p => p.Square().Sum().Item()) * 1.3 / 2;
        double constant = -12 * Math.Log(0.6 * Math.Sqrt(2 * Math.PI)) / temperature;
        Assert.Equal(-likelihood + constant + square, factor * numbers.Regularised(model.Forward(x).MseLoss(y)).Item(), 3);

        LabelledSet set = new(x, IntTensor.Of(0, 1, 0, 1, 1, 0), ["a", "b"]);
        OnlineEvidence classes = new(model, Observations.Of(set), options, start);
        double logLikelihood = classes.Fit().Evidence(classes.Hyperparameters).LogLikelihood;
        Assert.Equal(-logLikelihood + square, 6 / temperature * classes.Regularised(model.Forward(x).CrossEntropy(set.Labels)).Item(), 4);
    }

    [Fact]
    public void A_precision_for_each_parameter_counts_as_one_for_all_where_all_are_equal()
    {
        Linear model = new(3, 2, new Rng(1));
        Observations observations = Observations.Of(new Rng(2).Normal([6, 3]), new Rng(3).Normal([6, 2]));
        float[] losses = [.. Enum.GetValues<PriorStructure>().Select(prior =>
            new OnlineEvidence(model, observations, new LaplaceOptions { Structure = LaplaceStructure.Diagonal, Prior = prior }).Regularised(Tensor.Scalar(0)).Item())];
        Assert.Equal(losses[0], losses[1], 6);
        Assert.Equal(losses[0], losses[2], 6);
    }

    [Fact]
    public void In_linear_regression_it_finds_the_noise_and_raises_the_evidence()
    {
        Rng rng = new(1);
        Linear model = new(2, 1, rng);
        Tensor x = rng.Normal([200, 2]), y = x.MatMul(Tensor.Of(2, -1).Reshape(2, 1)) + rng.Normal([200, 1], 0, 0.3f);
        OnlineEvidence online = new(model, Observations.Of(x, y), new LaplaceOptions { Structure = LaplaceStructure.Full, Prior = PriorStructure.Scalar },
            new OnlineOptions { Steps = 10, Every = 5, BurnIn = 10 });
        double first = online.Fit().Evidence(online.Hyperparameters).LogMarginalLikelihood;
        Train(model, online, x, y, epochs: 200);
        LaplaceApproximation laplace = online.RestoreBest();
        Assert.True(laplace.Evidence(online.Hyperparameters).LogMarginalLikelihood > first + 100);
        Assert.Equal(0.3, online.Hyperparameters.Noise, 1);
        Assert.Equal(0, laplace.Evidence(online.Hyperparameters).SlopeByLogNoise / 200, 1);
    }

    [Fact]
    public void It_waits_and_takes_turns_as_told_and_goes_back_to_its_best()
    {
        Rng rng = new(1);
        Linear model = new(2, 1, rng);
        Observations observations = Observations.Of(rng.Normal([20, 2]), rng.Normal([20, 1]));
        OnlineEvidence online = new(model, observations, online: new OnlineOptions { Steps = 3, Every = 2, BurnIn = 4 });
        Assert.Equal([4, 6, 8], Enumerable.Range(1, 9).Where(epoch => online.AfterEpoch(epoch) is not null));
        Hyperparameters best = online.Hyperparameters;
        double evidence = online.Fit().Evidence(best).LogMarginalLikelihood;
        float[] weights = model.Weight.ToArray();
        model.Weight.Values.Fill(50); // far from anything likely
        Assert.True(online.Learn().LogMarginalLikelihood < evidence);
        Assert.Equal(evidence, online.RestoreBest().Evidence(online.Hyperparameters).LogMarginalLikelihood, 4);
        Assert.Equal(weights, model.Weight.ToArray());
        Assert.Equal(best.Precisions, online.Hyperparameters.Precisions);
    }

    [Fact]
    public void Saved_and_loaded_it_goes_on_to_the_same_bits()
    {
        Rng rng = new(1);
        Tensor x = rng.Normal([20, 2]), y = rng.Normal([20, 1]);
        Linear model = new(2, 1, new Rng(7)), other = new(2, 1, new Rng(8));
        OnlineEvidence online = new(model, Observations.Of(x, y)), loaded = new(other, Observations.Of(x, y));
        Train(model, online, x, y, epochs: 3);
        other.Load(model.State());
        loaded.Load(online.State());
        loaded.Optimizer.Load(online.Optimizer.State(), online.Optimizer.Steps);
        Assert.Equal(online.Learn().LogMarginalLikelihood, loaded.Learn().LogMarginalLikelihood);
        Assert.Equal(online.Hyperparameters.Precisions, loaded.Hyperparameters.Precisions);
    }

    private static void Train(Layer model, OnlineEvidence online, Tensor x, Tensor y, int epochs)
    {
        Adam optimizer = new(model.Parameters, 0.05);
        for (int epoch = 1; epoch <= epochs; epoch++)
        {
            optimizer.ZeroGrad();
            online.Regularised(model.Forward(x).MseLoss(y)).Backward();
            optimizer.Step();
            online.AfterEpoch(epoch);
        }
    }
}
