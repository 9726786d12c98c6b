using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Lab.Reports;
using Rindoku.Nn;
using Rindoku.Ops;
using Rindoku.Uncertainty;

namespace Rindoku.Papers.Uncertainty.SdeNet;

/// <summary>Predicts a number, and tells how far the prediction may be off for want of knowledge of the data and of the model.</summary>
internal static class RegressionArm
{
    private const float LeastDeviation = 1e-3f, LeastDeviationOfDense = 1e-6f;
    private const float NoiseDeviation = 2, Shift = 3;

    /// <summary>Several answers for each input: the draws or members.</summary>
    /// <param name="Means">The mean of each.</param>
    /// <param name="Variances">The variance of each.</param>
    private sealed record Answers(IReadOnlyList<Tensor> Means, IReadOnlyList<Tensor> Variances)
    {
        /// <summary>The mean of the means.</summary>
        public float[] Mean() => Ensemble.Mean(Means).ToArray();

        /// <summary>What the model does not know: the standard deviation of the means, over n − 1.</summary>
        public float[] Epistemic()
        {
            float[] mean = Mean();
            return [.. mean.Select((m, i) => (float)Math.Sqrt(Means.Sum(draw => Math.Pow(draw.Span[i] - m, 2)) / (Means.Count - 1)))];
        }

        /// <summary>What the data leave open: the root of the mean of the variances.</summary>
        public float[] Aleatoric() => [.. Ensemble.Mean(Variances).ToArray().Select(MathF.Sqrt)];
    }

    /// <summary>The loss of the paper's code: <c>mean(ln s² + (y − μ)² / s²)</c>, twice the negative log-likelihood without its constant.</summary>
    public static Tensor Loss(Tensor answers, Tensor targets, bool dense)
    {
        (Tensor mean, Tensor deviation) = Parts(answers, dense);
        return (deviation.Log() * 2 + ((targets - mean) / deviation).Square()).Mean();
    }

    /// <summary>Mean and standard deviation, (n) each: the second column through softplus, kept from 0.</summary>
    private static (Tensor Mean, Tensor Deviation) Parts(Tensor answers, bool dense) =>
        (answers.Select(1, 0), answers.Select(1, 1).Softplus() + (dense ? LeastDeviationOfDense : LeastDeviation));

    public static ArmResult Run(ArmRun<SdeNetSettings> run)
    {
        SdeNetSettings s = run.Settings;
        (RegressionSet rawTrain, RegressionSet rawTest) = RegressionTables.Load(s.Table, run.Data, run.Rng.Split("table"), s.TrainingExamples, s.TestExamples);
        (RegressionSet train, RegressionSet test, float unit) = RegressionSet.Standardise(rawTrain, rawTest);
        (Func<Tensor, Answers> answer, ArmResult result) = Trained(run, train);
        Answers inside = answer(test.Inputs);
        result["rmse"] = Errors.Rmse(inside.Mean(), test.Targets.Span);
        result["rmse in units"] = unit * result["rmse"];
        result["negative log-likelihood"] = Nll(inside, test.Targets.Span);
        foreach ((string name, Tensor outside) in Outside(test, new Rng(0).Split("outside rows"))) Tell(result, name, inside, answer(outside));
        result["epistemic inside"] = Errors.Mean(inside.Epistemic());
        result["aleatoric inside"] = Errors.Mean(inside.Aleatoric());
        result.Figures.Add(OverDistance(answer, test));
        return result;
    }

    /// <summary>Rows from N(0, 2²), and test rows with every input moved by 3 one way or the other.</summary>
    private static IEnumerable<(string Name, Tensor Inputs)> Outside(RegressionSet test, Rng rng)
    {
        yield return ("noise", rng.Split("noise").Normal(test.Inputs.Shape, 0, NoiseDeviation).Keep());
        yield return ("shifted", (test.Inputs + (rng.Split("signs").Bernoulli(test.Inputs.Shape, 0.5f) * 2 - 1) * Shift).Keep());
    }

    private static void Tell(ArmResult result, string name, Answers inside, Answers outside)
    {
        result.With(Detection.Of(inside.Epistemic(), outside.Epistemic()).Metrics(name));
        result[$"epistemic {name}"] = Errors.Mean(outside.Epistemic());
        result[$"aleatoric {name}"] = Errors.Mean(outside.Aleatoric());
    }

    // Of the mixture of the draws, taken as one normal distribution.
    private static double Nll(Answers answers, ReadOnlySpan<float> targets)
    {
        (Tensor mean, Tensor variance) = Ensemble.Mixture(answers.Means, answers.Variances);
        double sum = 0;
        for (int i = 0; i < targets.Length; i++) sum += 0.5 * (Math.Log(2 * Math.PI * variance.Span[i]) + Math.Pow(targets[i] - mean.Span[i], 2) / variance.Span[i]);
        return sum / targets.Length;
    }

    /// <summary>Both uncertainties for inputs at growing distance: test inputs multiplied by a factor.</summary>
    private static LineChart OverDistance(Func<Tensor, Answers> answer, RegressionSet test)
    {
        double[] factors = [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4];
        Answers[] answers = [.. factors.Select(factor => answer((test.Inputs * (float)factor).Keep()))];
        return new LineChart("Uncertainty at growing distance from the data", "test inputs times", new Axis("standard deviation", "of the target's"),
        [
            new LineSeries("epistemic: of the model", factors, [.. answers.Select(a => Errors.Mean(a.Epistemic()))]),
            new LineSeries("aleatoric: of the data", factors, [.. answers.Select(a => Errors.Mean(a.Aleatoric()))]),
        ])
        { Caption = "Training inputs have the deviation 1 along every axis: at 1 lie the test data." };
    }

    private static (Func<Tensor, Answers> Answer, ArmResult Result) Trained(ArmRun<SdeNetSettings> run, RegressionSet train)
    {
        SdeNetSettings s = run.Settings;
        BatchSource<RegressionSet> batches = Training.Rows(train, s.BatchSize, run.Rng.Split("batches"));
        if (s.Method == Method.SdeNet)
        {
            SdeNet model = SdeNetworks.Table(train.Features, s.Time, run.Rng.Split("weights"));
            TrainingOutcome outcome = Training.SdeNet(run, model, batches, batch => batch.Inputs, (answers, batch) => Loss(answers, batch.Targets, dense: false));
            Rng noise = run.Rng.Split("draws");
            ArmResult result = Result(outcome.Seconds, model.ParameterCount);
            result["g inside"] = Errors.Mean(model.Spread(model.Start.Forward(train.Inputs)).Span);
            return (x => Gather(s.Passes, _ => model.Forward(x, s.TestSigma, noise), dense: false), result);
        }

        Layer[] members = [.. Enumerable.Range(0, s.Method == Method.Ensemble ? s.Members : 1).Select(i =>
            SdeNetworks.DenseTable(train.Features, s.Method == Method.McDropout ? s.Dropout : 0, run.Rng.Split("weights").Split(i)))];
        double seconds = 0;
        for (int i = 0; i < members.Length; i++)
        {
            Layer member = members[i];
            seconds += Training.Plain(run, members.Length > 1 ? $"member {i + 1}" : "", member, batches, batch => Loss(member.Forward(batch.Inputs), batch.Targets, dense: true)).Seconds;
            member.Eval();
        }
        return (x => s.Method == Method.McDropout
                ? Split(McDropout.Sample(members[0], () => members[0].Forward(x), s.Passes), dense: true)
                : Gather(members.Length, i => members[i].Forward(x), dense: true),
            Result(seconds, members.Sum(member => member.ParameterCount)));
    }

    private static ArmResult Result(double seconds, long parameters) => new() { ["training seconds"] = seconds, ["parameters"] = parameters };

    private static Answers Gather(int draws, Func<int, Tensor> draw, bool dense)
    {
        using Autograd.NoGrad noGrad = Autograd.NoGrad.Enter();
        return Split([.. Enumerable.Range(0, draws).Select(i => draw(i).Keep())], dense);
    }

    private static Answers Split(IReadOnlyList<Tensor> draws, bool dense)
    {
        var parts = draws.Select(draw => Parts(draw, dense)).ToArray();
        return new([.. parts.Select(p => p.Mean.Keep())], [.. parts.Select(p => p.Deviation.Square().Keep())]);
    }
}
