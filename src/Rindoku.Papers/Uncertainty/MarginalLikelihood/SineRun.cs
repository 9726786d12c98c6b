using Rindoku.Autograd;
using Rindoku.Lab;
using Rindoku.Lab.Reports;
using Rindoku.Nn;
using Rindoku.Ops;
using Rindoku.Optim;
using Rindoku.Optim.Schedules;
using Rindoku.Uncertainty;

namespace Rindoku.Papers.Uncertainty.MarginalLikelihood;

/// <summary>Learns <c>y = sin x + noise</c> for x from 0 to 8, with prior and noise learned online.</summary>
internal static class SineRun
{
    public const double Noise = 0.3;

    private const float Last = 8;

    /// <summary>Examples: x evenly drawn from 0 to 8, and y; both (count, 1).</summary>
    public static (Tensor X, Tensor Y) Draw(int count, Rng rng)
    {
        Tensor x = rng.Uniform([count, 1], 0, Last);
        return (x, x.Sin() + rng.Normal([count, 1], 0, (float)Noise));
    }

    public static ArmResult Run(ArmRun<MarginalLikelihoodSettings> run)
    {
        MarginalLikelihoodSettings s = run.Settings;
        (Tensor x, Tensor y) = Draw(s.TrainingExamples, run.Rng.Split("sine"));
        (Tensor testX, Tensor testY) = Draw(s.TestExamples, run.Rng.Split("sine test"));
        Layer model = Networks.ForSine(s.Network, s.Width, run.Rng.Split("weights"));
        OnlineEvidence evidence = new(model, Observations.Of(x, y), s.Laplace, s.Online(precision: null));
        Trainer<long> trainer = new(run, model, new Adam(model.Parameters, s.LearningRate), _ => evidence.Regularised(model.Forward(x).MseLoss(y)))
        {
            Schedule = new Exponential(s.LearningRate, Math.Pow(0.01, 1.0 / s.Epochs)),
            AfterStep = step => evidence.AfterEpoch((int)step + 1),
            EvaluateEvery = Every.Epochs(s.Every),
            Evaluate = () => new Dictionary<string, double> { ["noise"] = evidence.Hyperparameters.Noise },
        };
        trainer.State.Add("evidence", evidence).Add("evidence optimizer", evidence.Optimizer);
        TrainingOutcome outcome = trainer.FitSteps(BatchSource.Steps(stepsPerEpoch: 1), s.Epochs);
        model.Eval();
        return Measure(evidence.RestoreBest(), evidence.Hyperparameters, (x, y), (testX, testY), outcome);
    }

    private static ArmResult Measure(LaplaceApproximation laplace, Hyperparameters learned, (Tensor X, Tensor Y) train, (Tensor X, Tensor Y) test, TrainingOutcome outcome)
    {
        Evidence evidence = laplace.Evidence(learned);
        LinearisedPrediction prediction = laplace.Predict(test.X, learned);
        ArmResult result = new()
        {
            ["log marginal likelihood"] = evidence.LogMarginalLikelihood,
            ["learned noise"] = learned.Noise,
            ["error of the noise"] = Math.Abs(learned.Noise - Noise),
            ["test mean squared error"] = Math.Pow(Errors.Rmse(prediction.Mean.Span, test.Y.Span), 2),
            ["test log-density"] = Errors.Mean(prediction.LogDensities(test.Y, learned.Noise)),
            ["effective parameters"] = evidence.EffectiveParameters.Sum(),
            ["parameters"] = laplace.ParameterCount,
            ["training seconds"] = outcome.Seconds,
        };
        result.Figures.Add(Band(laplace, learned, train));
        return result;
    }

    private static LineChart Band(LaplaceApproximation laplace, Hyperparameters learned, (Tensor X, Tensor Y) train)
    {
        using NoGrad noGrad = NoGrad.Enter();
        Tensor x = Tensor.Linspace(-4, 12, 161).Reshape(161, 1);
        LinearisedPrediction prediction = laplace.Predict(x, learned);
        double[] at = Numbers(x), mean = Numbers(prediction.Mean);
        double[] spread = [.. prediction.Variance.ToArray().Select(variance => 2 * Math.Sqrt(variance + learned.Noise * learned.Noise))];
        return new LineChart("What it learned, and how sure it is", "x", "y",
        [
            new LineSeries("prediction, ± 2 deviations", at, mean) { Low = [.. mean.Zip(spread, (m, d) => m - d)], High = [.. mean.Zip(spread, (m, d) => m + d)] },
            new LineSeries("training examples", Numbers(train.X), Numbers(train.Y)) { DotsOnly = true },
            new LineSeries("sin x", at, [.. at.Select(Math.Sin)]),
        ])
        { Caption = "No data lie below 0 and above 8: there the band should widen. It holds both the noise that was learned and what is not known of the weights." };
    }

    private static double[] Numbers(Tensor x) => [.. x.ToArray().Select(number => (double)number)];
}
