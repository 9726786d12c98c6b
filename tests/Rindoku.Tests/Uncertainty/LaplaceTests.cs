using Rindoku.Data;
using Rindoku.Distributions;
using Rindoku.Nn;
using Rindoku.Ops;
using Rindoku.Testing;
using Rindoku.Uncertainty;

namespace Rindoku.Tests.Uncertainty;

/// <summary>Worked values and identities of the evidence by Laplace's method.</summary>
public sealed class LaplaceTests
{
    private static readonly LaplaceStructure[] Structures = Enum.GetValues<LaplaceStructure>();

    public static TheoryData<LaplaceStructure, Curvature, PriorStructure> Combinations
    {
        get
        {
            TheoryData<LaplaceStructure, Curvature, PriorStructure> all = [];
            foreach (LaplaceStructure structure in Structures)
                foreach (Curvature curvature in Enum.GetValues<Curvature>())
                    foreach (PriorStructure prior in Enum.GetValues<PriorStructure>())
                        if (structure != LaplaceStructure.Kronecker || prior != PriorStructure.PerParameter) all.Add(structure, curvature, prior);
            return all;
        }
    }

    // X = [[1,0],[1,1],[1,2]], y = (0,1,3), σ² = 0.25, δ = 2.
    [Fact]
    public void Bayesian_linear_regression_is_exact()
    {
        Tensor x = Tensor.Of(1, 0, 1, 1, 1, 2).Reshape(3, 2), y = Tensor.Of(0, 1, 3).Reshape(3, 1);
        Linear model = new(2, 1, new Rng(1), bias: false);
        // The maximum a posteriori: (XᵀX/σ² + δ) θ = Xᵀy/σ².
        Tensor left = x.MatMul(x, transposeA: true) * 4 + Tensor.Eye(2) * 2, map = left.Solve(x.MatMul(y, transposeA: true) * 4);
        map.Span.CopyTo(model.Weight.Values);
        Assert.Equal([0.0976, 1.2195], map.ToArray().Select(t => Math.Round(t, 4)));

        Hyperparameters h = new(precision: 2, noise: 0.5);
        Evidence full = Fit(model, Observations.Of(x, y), LaplaceStructure.Full).Evidence(h);
        Assert.Equal(-1.326987, full.LogLikelihood, 5);
        Assert.Equal(-4.680502, full.LogMarginalLikelihood, 5);
        Assert.Equal(-4.995618, Fit(model, Observations.Of(x, y), LaplaceStructure.Diagonal).Evidence(h).LogMarginalLikelihood, 5);
        // One layer, a Jacobian that does not depend on the example: Kronecker products are exact.
        Assert.Equal(full.LogMarginalLikelihood, Fit(model, Observations.Of(x, y), LaplaceStructure.Kronecker).Evidence(h).LogMarginalLikelihood, 5);
        // ln N(y; 0, σ² I + X Xᵀ / δ).
        Tensor covariance = x.MatMul(x, transposeB: true) * 0.5f + Tensor.Eye(3) * 0.25f;
        double exact = MultivariateNormal.FromCovariance(Tensor.Zeros([3]), covariance).LogProb(y.Reshape(3)).Item();
        Assert.Equal(exact, full.LogMarginalLikelihood, 4);
    }

    [Fact]
    public void Its_predictions_are_exact_too()
    {
        Rng rng = new(5);
        Tensor x = rng.Normal([12, 3]), y = rng.Normal([12, 1]), test = rng.Normal([4, 3]);
        Linear model = new(3, 1, rng, bias: false);
        Tensor posterior = (x.MatMul(x, transposeA: true) * (1 / 0.49f) + Tensor.Eye(3) * 1.5f).Inverse();
        Tensor variance = (test.MatMul(posterior) * test).Sum([1]);
        foreach (LaplaceStructure structure in (LaplaceStructure[])[LaplaceStructure.Full, LaplaceStructure.Kronecker])
        {
            LinearisedPrediction prediction = Fit(model, Observations.Of(x, y), structure).Predict(test, new Hyperparameters(1.5, 0.7));
            Check.Close(prediction.Mean, model.Forward(test));
            Check.Close(prediction.Variance.Reshape(4), variance, rtol: 1e-4);
        }
        float[] densities = Fit(model, Observations.Of(x, y), LaplaceStructure.Full).Predict(test, new Hyperparameters(1.5, 0.7)).LogDensities(Tensor.Zeros([4, 1]), 0.7);
        double spread = variance.Span[0] + 0.49, mean = model.Forward(test).Span[0];
        Assert.Equal(-mean * mean / spread / 2 - Math.Log(2 * Math.PI * spread) / 2, densities[0], 4);
    }

    [Theory]
    [InlineData(LaplaceStructure.Full, Curvature.GaussNewton, -5.208413)]
    [InlineData(LaplaceStructure.Kronecker, Curvature.GaussNewton, -5.206350)]
    [InlineData(LaplaceStructure.Diagonal, Curvature.GaussNewton, -5.433733)]
    [InlineData(LaplaceStructure.Full, Curvature.EmpiricalFisher, -5.318286)]
    public void Softmax_regression_has_the_worked_evidence(LaplaceStructure structure, Curvature curvature, double expected)
    {
        Linear model = new(2, 3, new Rng(1), bias: false);
        Tensor.Of(0.5f, -0.3f, 0.1f, 0.2f, -0.4f, 0.6f).Span.CopyTo(model.Weight.Values);
        LabelledSet set = new(Tensor.Of(1, 2, 0.5f, -1).Reshape(2, 2), IntTensor.Of(0, 2), ["a", "b", "c"]);
        Evidence evidence = Fit(model, Observations.Of(set), structure, curvature).Evidence(new Hyperparameters(1));
        Assert.Equal(-3.577191, evidence.LogLikelihood, 5);
        Assert.Equal(expected, evidence.LogMarginalLikelihood, 5);
    }

    [Theory, MemberData(nameof(Combinations))]
    public void Slopes_are_those_of_finite_differences(LaplaceStructure structure, Curvature curvature, PriorStructure prior)
    {
        (Sequential model, Tensor x) = Network();
        LaplaceOptions options = new() { Structure = structure, Curvature = curvature, Prior = prior, Temperature = 1.7, BatchSize = 3 };
        LaplaceApproximation laplace = LaplaceApproximation.Fit(model, Observations.Of(x, new Rng(9).Normal([7, 2])), options);
        int groups = prior switch { PriorStructure.Scalar => 1, PriorStructure.PerTensor => 4, _ => laplace.ParameterCount };
        double[] logs = [.. Enumerable.Range(0, groups).Select(g => Math.Sin(g))];
        Evidence evidence = At(logs, -0.3);
        Assert.Equal(groups, evidence.SlopesByLogPrecision.Count);
        for (int g = 0; g < Math.Min(groups, 12); g++)
        {
            double[] up = [.. logs], down = [.. logs];
            up[g] += 1e-4;
            down[g] -= 1e-4;
            AssertSlope((At(up, -0.3).LogMarginalLikelihood - At(down, -0.3).LogMarginalLikelihood) / 2e-4, evidence.SlopesByLogPrecision[g]);
        }
        AssertSlope((At(logs, -0.2999).LogMarginalLikelihood - At(logs, -0.3001).LogMarginalLikelihood) / 2e-4, evidence.SlopeByLogNoise);

        Evidence At(double[] precisions, double noise) => laplace.Evidence(new Hyperparameters([.. precisions.Select(Math.Exp)], Math.Exp(noise)));
        static void AssertSlope(double measured, double given) => Assert.InRange(given - measured, -1e-5 * (1 + Math.Abs(measured)), 1e-5 * (1 + Math.Abs(measured)));
    }

    [Fact]
    public void With_one_example_a_layers_Kronecker_block_is_exact()
    {
        Linear model = new(4, 3, new Rng(2), bias: false);
        Observations one = Observations.Of(Labelled(new Rng(3).Normal([1, 4]), classes: 3));
        Assert.Equal(Evidence(model, one, LaplaceStructure.Full), Evidence(model, one, LaplaceStructure.Kronecker), 5);
    }

    // Hadamard: ln det(H + D) is at most that of its diagonal.
    [Fact]
    public void The_full_evidence_is_no_lower_than_the_diagonal_one()
    {
        (Sequential model, Tensor x) = Network();
        Observations observations = Observations.Of(Labelled(x, classes: 2));
        foreach (double delta in (double[])[1e-3, 1, 100])
        {
            double full = Fit(model, observations, LaplaceStructure.Full).Evidence(new Hyperparameters(delta)).LogMarginalLikelihood;
            Assert.True(full >= Fit(model, observations, LaplaceStructure.Diagonal).Evidence(new Hyperparameters(delta)).LogMarginalLikelihood);
        }
    }

    [Fact]
    public void Hidden_units_may_change_places_and_signs()
    {
        (Sequential model, Tensor x) = Network();
        Observations observations = Observations.Of(Labelled(x, classes: 2));
        double[] before = [.. Structures.Select(s => Evidence(model, observations, s))];
        Linear first = (Linear)model.Layers[0], last = (Linear)model.Layers[2];
        // Units 0 and 1 change places, unit 2 its sign.
        float[] t = [0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, -1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1];
        Tensor turn = Tensor.Of(t).Reshape(5, 5);
        float[] weight = turn.MatMul(first.Weight).ToArray(), bias = turn.MatMul(first.Bias!).ToArray(), second = last.Weight.MatMul(turn, transposeB: true).ToArray();
        weight.CopyTo(first.Weight.Values);
        bias.CopyTo(first.Bias!.Values);
        second.CopyTo(last.Weight.Values);
        for (int s = 0; s < before.Length; s++) Assert.Equal(before[s], Evidence(model, observations, Structures[s]), 4);
    }

    [Fact]
    public void With_ever_larger_precision_at_zero_weights_only_the_likelihood_is_left()
    {
        (Sequential model, Tensor x) = Network();
        foreach (Parameter parameter in model.Parameters) parameter.Values.Clear();
        foreach (LaplaceStructure structure in Structures)
        {
            Evidence evidence = Fit(model, Observations.Of(Labelled(x, classes: 2)), structure).Evidence(new Hyperparameters(1e9));
            Assert.Equal(-7 * Math.Log(2), evidence.LogLikelihood, 5);
            Assert.Equal(evidence.LogLikelihood, evidence.LogMarginalLikelihood, 5);
        }
    }

    [Fact]
    public void At_MacKays_precision_the_slope_is_zero()
    {
        (Sequential model, Tensor x) = Network();
        double square = model.Parameters.Sum(p => p.Square().Sum().Item()), delta = 1;
        LaplaceApproximation laplace = LaplaceApproximation.Fit(model, Observations.Of(Labelled(x, classes: 2)),
            new LaplaceOptions { Structure = LaplaceStructure.Full, Prior = PriorStructure.Scalar });
        for (int i = 0; i < 300; i++) delta = laplace.Evidence(new Hyperparameters(delta)).EffectiveParameters[0] / square;
        Assert.Equal(0, laplace.Evidence(new Hyperparameters(delta)).SlopesByLogPrecision[0], 4);
        foreach (double other in (double[])[delta / 1.5, delta * 1.5])
            Assert.True(laplace.Evidence(new Hyperparameters(other)).LogMarginalLikelihood < laplace.Evidence(new Hyperparameters(delta)).LogMarginalLikelihood);
    }

    // The likelihood's power 1/T divides its logarithm by T and H by T, or for outer products of slopes by T²; σ² does the same as T there.
    [Theory, InlineData(Curvature.GaussNewton), InlineData(Curvature.EmpiricalFisher)]
    public void Temperature_is_a_power_of_the_likelihood(Curvature curvature)
    {
        (Sequential model, Tensor x) = Network();
        Observations observations = Observations.Of(Labelled(x, classes: 2));
        Evidence warm = LaplaceApproximation.Fit(model, observations, new LaplaceOptions { Structure = LaplaceStructure.Full, Curvature = curvature, Prior = PriorStructure.Scalar, Temperature = 4 })
            .Evidence(new Hyperparameters(1));
        LaplaceOptions cool = new() { Structure = LaplaceStructure.Full, Curvature = curvature, Prior = PriorStructure.Scalar };
        // (H/T + δ) has the effective parameters of (H + δ T), and δ T² with T² in place of T.
        Evidence same = LaplaceApproximation.Fit(model, observations, cool).Evidence(new Hyperparameters(curvature == Curvature.GaussNewton ? 4 : 16));
        Assert.Equal(same.LogLikelihood / 4, warm.LogLikelihood, 6);
        Assert.Equal(same.EffectiveParameters[0], warm.EffectiveParameters[0], 6);
        Tensor y = new Rng(4).Normal([7, 2]);
        Evidence hot = LaplaceApproximation.Fit(model, Observations.Of(x, y), cool with { Temperature = 4 }).Evidence(new Hyperparameters(1, 0.5));
        Evidence noisy = LaplaceApproximation.Fit(model, Observations.Of(x, y), cool).Evidence(new Hyperparameters(1, 1));
        Assert.Equal(noisy.EffectiveParameters[0], hot.EffectiveParameters[0], 6);
    }

    [Theory, InlineData(PriorStructure.Scalar), InlineData(PriorStructure.PerTensor), InlineData(PriorStructure.PerParameter)]
    public void Woodburys_form_gives_what_the_matrix_of_parameters_gives(PriorStructure prior)
    {
        (Sequential model, Tensor x) = Network();
        ParameterLayout layout = new(model, prior);
        FullCurvature full = new(layout);
        DualCurvature dual = new(layout);
        Tensor rows = new Rng(8).Normal([6, layout.Count]), jacobians = new Rng(9).Normal([3, 2, layout.Count]);
        full.Add(rows.Span);
        dual.Add(rows.Span);
        double[] precisions = [.. Enumerable.Range(0, layout.Groups).Select(g => 1.5 + Math.Cos(g))];
        (double ratio, double[] effective) = full.Evaluate(2.5, precisions);
        (double ratioOfDual, double[] effectiveOfDual) = dual.Evaluate(2.5, precisions);
        Assert.Equal(ratio, ratioOfDual, 8);
        for (int g = 0; g < effective.Length; g++) Assert.Equal(effective[g], effectiveOfDual[g], 8);
        Check.Close(dual.Covariance(jacobians, 2.5, precisions), full.Covariance(jacobians, 2.5, precisions), rtol: 1e-4, atol: 1e-3);
    }

    [Fact]
    public void Few_examples_and_many_give_one_evidence()
    {
        (Sequential model, Tensor x) = Network(); // 32 parameters; 7 examples of 2 outputs, then 28
        Tensor four = Tensor.Concat([x, x, x, x]), y = new Rng(2).Normal([7, 2]);
        Evidence few = LaplaceApproximation.Fit(model, Observations.Of(x, y), new LaplaceOptions { Structure = LaplaceStructure.Full }).Evidence(new Hyperparameters([1, 2, 3, 4], 0.5));
        Evidence many = LaplaceApproximation.Fit(model, Observations.Of(four, Tensor.Concat([y, y, y, y])), new LaplaceOptions { Structure = LaplaceStructure.Full })
            .Evidence(new Hyperparameters([1, 2, 3, 4], 1)); // four times the examples at half the precision of σ: the same H
        for (int g = 0; g < 4; g++) Assert.Equal(few.EffectiveParameters[g], many.EffectiveParameters[g], 5);
    }

    [Fact]
    public void Convolutions_have_the_curvature_of_the_linear_map_that_they_are()
    {
        // On an image of its own size a kernel is a linear map of one position.
        Conv2d convolution = new(2, 3, 3, new Rng(1));
        Linear linear = new(18, 3, new Rng(1));
        convolution.Weight.Span.CopyTo(linear.Weight.Values);
        convolution.Bias!.Span.CopyTo(linear.Bias!.Values);
        Tensor x = new Rng(2).Normal([5, 2, 3, 3]);
        Sequential images = new(convolution, new Flatten()), vectors = new(new Flatten(), linear);
        foreach (LaplaceStructure structure in Structures)
            Assert.Equal(Evidence(vectors, Observations.Of(Labelled(x, 3)), structure), Evidence(images, Observations.Of(Labelled(x, 3)), structure), 4);
    }

    [Fact]
    public void Jacobians_of_convolutions_are_the_tapes()
    {
        Rng rng = new(4);
        Sequential model = new(new Conv2d(1, 2, (3, 2), rng, stride: 2, padding: (1, 0), dilation: (1, 2)), Activation.Tanh, new Conv2d(2, 2, 1, rng, bias: false), new Flatten(), new Linear(12, 3, rng));
        Tensor x = rng.Normal([2, 1, 6, 6]);
        ParameterLayout layout = new(model, PriorStructure.PerTensor);
        Tensor jacobians = new TracedBatch(model, layout, x).Jacobians();
        for (int n = 0; n < 2; n++)
            for (int c = 0; c < 3; c++)
            {
                Tensor[] gradients = Grad.Of(model.Forward(x).Select(0, n).Select(0, c), model.Parameters);
                Check.Close(jacobians.Select(0, n).Select(0, c), Tensor.Concat([.. gradients.Select(g => g.Reshape(g.Length))]));
            }
    }

    [Fact]
    public void Kronecker_factors_of_convolutions_average_inputs_and_sum_gradients_over_positions()
    {
        // One channel, a kernel of one pixel, squared loss of the sum of the outputs: a = pixels, g = 1 at each of the 4 positions.
        Conv2d convolution = new(1, 1, 1, new Rng(1), bias: false);
        Sequential model = new(convolution, new Flatten(), new Lambda("Sum", z => z.Sum([1], keep: true)));
        Tensor x = Tensor.Of(1, 2, 3, 4).Reshape(1, 1, 2, 2);
        double gamma = Fit(model, Observations.Of(x, Tensor.Zeros([1, 1])), LaplaceStructure.Kronecker).Evidence(new Hyperparameters(1)).EffectiveParameters[0];
        const double h = (1 + 4 + 9 + 16) / 4.0 * 4; // A = 7.5, B = 4
        Assert.Equal(h / (h + 1), gamma, 6);
    }

    [Fact]
    public void Probit_predictions_are_the_worked_ones()
    {
        LinearisedPrediction binary = new(Tensor.Of(1, 0).Reshape(1, 2), Tensor.Of(4, 0, 0, 0).Reshape(1, 2, 2));
        Assert.Equal(0.651056, binary.Probit().Span[0], 5);
        LinearisedPrediction sure = new(new Rng(1).Normal([3, 4]), Tensor.Zeros([3, 4, 4]));
        Check.Close(sure.Probit(), sure.Mean.Softmax(1));
        Check.Close(sure.Sampled(new Rng(2), 10), sure.Mean.Softmax(1), rtol: 1e-4, atol: 1e-4);
        // By drawing: the mean of a sigmoid over N(1, 4) is 0.6514 (quadrature), which probit nearly meets.
        Assert.Equal(0.6514, binary.Sampled(new Rng(3), 40_000).Span[0], 2);
    }

    [Fact]
    public void Frozen_parameters_are_left_out()
    {
        (Sequential model, Tensor x) = Network();
        foreach (Parameter parameter in model.Layers[0].Parameters) parameter.Trainable = false;
        LaplaceApproximation last = Fit(model, Observations.Of(Labelled(x, 2)), LaplaceStructure.Full);
        Assert.Equal(12, last.ParameterCount);
        Linear alone = (Linear)model.Layers[2];
        Tensor features = ((Linear)model.Layers[0]).Forward(x).Tanh();
        Assert.Equal(Evidence(alone, Observations.Of(Labelled(features, 2)), LaplaceStructure.Full), last.Evidence(new Hyperparameters(1)).LogMarginalLikelihood, 5);
    }

    [Fact]
    public void Layers_that_are_not_supported_are_refused_by_name()
    {
        Rng rng = new(1);
        Sequential normalised = new(new Conv2d(1, 2, 3, rng, padding: 1), new BatchNorm(2), Activation.Relu, new Flatten(), new Linear(32, 2, rng));
        Observations images = Observations.Of(Labelled(rng.Normal([4, 1, 4, 4]), 2));
        string message = Assert.Throws<NotSupportedException>(() => LaplaceApproximation.Fit(normalised, images)).Message;
        Assert.Contains("'1.weight' belongs to BatchNorm", message, StringComparison.Ordinal);
        Assert.Contains("Supported are Linear and Conv2d", message, StringComparison.Ordinal);
        foreach (Parameter parameter in normalised.Layers[1].Parameters) parameter.Trainable = false;
        Assert.Equal(20 + 66, LaplaceApproximation.Fit(normalised, images).ParameterCount); // frozen, normalisation is no obstacle
        Assert.True(normalised.IsTraining);
        Conv2d grouped = new(2, 2, 3, rng, groups: 2);
        Assert.Contains("2 groups", Assert.Throws<NotSupportedException>(() => LaplaceApproximation.Fit(new Sequential(grouped, new Flatten()),
            Observations.Of(Labelled(rng.Normal([4, 2, 3, 3]), 2)))).Message, StringComparison.Ordinal);
        Assert.Contains("WeightNorm", Assert.Throws<NotSupportedException>(() => LaplaceApproximation.Fit(new WeightNorm(new Linear(2, 2, rng)),
            Observations.Of(Labelled(rng.Normal([4, 2]), 2)))).Message, StringComparison.Ordinal);
        Linear twice = new(2, 2, rng);
        Assert.Contains("passed 2 times", Assert.Throws<NotSupportedException>(() => LaplaceApproximation.Fit(new Sequential(twice, twice),
            Observations.Of(Labelled(rng.Normal([4, 2]), 2)))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_is_refused_with_what_is_needed()
    {
        (Sequential model, Tensor x) = Network();
        Observations observations = Observations.Of(Labelled(x, 2));
        Assert.Contains("PerTensor", Assert.Throws<ArgumentException>(() => LaplaceApproximation.Fit(model, observations,
            new LaplaceOptions { Prior = PriorStructure.PerParameter })).Message, StringComparison.Ordinal);
        LaplaceApproximation laplace = LaplaceApproximation.Fit(model, observations);
        Assert.Equal(["0.weight", "0.bias", "2.weight", "2.bias"], laplace.GroupNames);
        Assert.Contains("4 groups", Assert.Throws<ArgumentException>(() => laplace.Evidence(new Hyperparameters([1, 2, 3]))).Message, StringComparison.Ordinal);
        Assert.Contains("above 0", Assert.Throws<ArgumentException>(() => new Hyperparameters([1, -2])).Message, StringComparison.Ordinal);
        Assert.Throws<ShapeException>(() => LaplaceApproximation.Fit(model, Observations.Of(Labelled(x, 3))));
        Assert.Throws<ShapeException>(() => Observations.Of(x, Tensor.Zeros([7])));
        model.Parameters[0].Values[0] = 3;
        Assert.Contains("fit again", Assert.Throws<InvalidOperationException>(() => laplace.Predict(x, new Hyperparameters(1))).Message, StringComparison.Ordinal);
    }

    private static (Sequential Model, Tensor X) Network() => (new(new Linear(3, 5, new Rng(1)), Activation.Tanh, new Linear(5, 2, new Rng(2))), new Rng(3).Normal([7, 3]));

    private static LabelledSet Labelled(Tensor x, int classes) =>
        new(x, IntTensor.Of([.. Enumerable.Range(0, x.Shape[0]).Select(i => i % classes)]), [.. Enumerable.Range(0, classes).Select(c => $"{c}")]);

    private static LaplaceApproximation Fit(Layer model, Observations observations, LaplaceStructure structure, Curvature curvature = Curvature.GaussNewton) =>
        LaplaceApproximation.Fit(model, observations, new LaplaceOptions { Structure = structure, Curvature = curvature });

    private static double Evidence(Layer model, Observations observations, LaplaceStructure structure) =>
        Fit(model, observations, structure).Evidence(new Hyperparameters(1)).LogMarginalLikelihood;
}
