using Rindoku.Autograd;
using Rindoku.Nn;
using Rindoku.Ops;

namespace Rindoku.Uncertainty;

/// <summary>
/// Laplace's method around a trained network: the posterior of its weights is taken to be normal around them, with the precision
/// <c>s H + diag(δ)</c>, which gives the evidence for the model and what it does not know.
/// </summary>
/// <remarks>
/// <para><c>ln p(data | δ, σ) = ln p(data | θ, σ) − ½ [ln det(s H + diag δ) − Σ ln δ + Σ δ θ²]</c>, with H the curvature of the negative
/// log-likelihood and s what noise and temperature make of it. Only parameters that are learned are covered: with all layers but the last
/// frozen it is a last-layer approximation.</para>
/// <para>The prior is N(0, 1/δ). The sum over examples counts, not their mean. Biases are blocks of their own.</para>
/// <para>Source: Immer et al. 2021, arXiv:2104.04975, §3; MacKay 1992, "A practical Bayesian framework for backpropagation networks".</para>
/// </remarks>
/// <example><code>
/// LaplaceApproximation laplace = LaplaceApproximation.Fit(model, Observations.Of(train));
/// double evidence = laplace.Evidence(new Hyperparameters(precision: 1)).LogMarginalLikelihood;
/// Tensor probabilities = laplace.Predict(images, new Hyperparameters(precision: 1)).Probit();
/// </code></example>
public sealed class LaplaceApproximation
{
    // A matrix of so many numbers takes half a gigabyte in double precision.
    private const long LargestMatrix = 64_000_000;

    private readonly Layer model;
    private readonly Observations observations;
    private readonly LaplaceOptions options;
    private readonly ParameterLayout layout;
    private readonly LaplaceCurvature curvature;
    private readonly double loss;
    private readonly double[] squaredNorms;
    private readonly int[] versions;

    private LaplaceApproximation(Layer model, Observations observations, LaplaceOptions options)
    {
        (this.model, this.observations, this.options) = (model, observations, options);
        layout = new ParameterLayout(model, options.Prior);
        curvature = NewCurvature();
        bool training = model.IsTraining;
        model.Eval();
        for (int from = 0; from < observations.Count; from += options.BatchSize) loss += Add(from, Math.Min(observations.Count, from + options.BatchSize));
        if (training) model.Train();
        curvature.Complete();
        squaredNorms = layout.SquaredNorms();
        versions = Versions();
    }

    /// <summary>Takes the curvature over a training set at the model's weights as they are.</summary>
    /// <param name="model">From inputs (n, ...) to outputs (n, C), built of supported layers; taken in evaluation mode, and left in its own.</param>
    /// <param name="observations">The training set.</param>
    /// <param name="options">What is kept of the curvature; null for Kronecker products, Gauss-Newton, a precision for each tensor.</param>
    /// <exception cref="NotSupportedException">A parameter that is learned belongs to another layer than Linear or Conv2d without groups, or a layer is passed twice.</exception>
    /// <exception cref="ShapeException">The model does not give (n, C).</exception>
    /// <exception cref="ArgumentException">The options do not go together, or a full matrix would not fit.</exception>
    public static LaplaceApproximation Fit(Layer model, Observations observations, LaplaceOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(observations);
        return new LaplaceApproximation(model, observations, (options ?? new LaplaceOptions()).Checked());
    }

    /// <summary>P: how many parameters it covers.</summary>
    public int ParameterCount => layout.Count;

    /// <summary>What the groups of the prior are: the names of tensors, or <c>all</c>; empty with a precision for each parameter.</summary>
    public IReadOnlyList<string> GroupNames => options.Prior switch
    {
        PriorStructure.Scalar => ["all"],
        PriorStructure.PerTensor => [.. layout.Tensors.Select(t => t.Name)],
        _ => [],
    };

    /// <summary>The evidence, for any hyper-parameters, at the weights of the fit.</summary>
    /// <param name="hyperparameters">As many precisions as the prior has groups, or one for all.</param>
    /// <exception cref="ArgumentException">There is another number of precisions.</exception>
    public Evidence Evidence(Hyperparameters hyperparameters)
    {
        ArgumentNullException.ThrowIfNull(hyperparameters);
        double[] precisions = hyperparameters.Expanded(layout.Groups);
        (double likelihood, double likelihoodSlope) = observations.LogLikelihood(loss, hyperparameters.Noise, options.Temperature);
        (double ratio, double[] effective) = curvature.Evaluate(Scale(hyperparameters), precisions);
        double distance = 0;
        double[] slopes = new double[precisions.Length];
        for (int g = 0; g < slopes.Length; g++)
        {
            double square = precisions[g] * squaredNorms[g];
            distance += square;
            slopes[g] = (effective[g] - square) / 2;
        }
        // The ratio changes with ln s by Σγ, and ln s with ln σ by −2, or −4 where squares of gradients are summed.
        double noiseSlope = observations.HasNoise ? likelihoodSlope + effective.Sum() * ScalePower : 0;
        return new Evidence(likelihood - (ratio + distance) / 2, likelihood, effective, slopes, noiseSlope);
    }

    /// <summary>What the linearised network <c>f(x; θ) + J (θ' − θ)</c> gives for new inputs, θ' from the posterior.</summary>
    /// <param name="x">(n, ...).</param>
    /// <param name="hyperparameters">As many precisions as the prior has groups, or one for all.</param>
    /// <remarks>Source: Immer, Korzepa and Bauer 2021, arXiv:2008.08400, equation 8: the linearised network is the one whose posterior Gauss-Newton approximates.</remarks>
    /// <exception cref="InvalidOperationException">The weights have changed since the fit.</exception>
    public LinearisedPrediction Predict(Tensor x, Hyperparameters hyperparameters)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(hyperparameters);
        if (!Versions().AsSpan().SequenceEqual(versions)) throw new InvalidOperationException("Laplace: the weights have changed since the fit; fit again");
        double[] precisions = hyperparameters.Expanded(layout.Groups);
        double scale = Scale(hyperparameters);
        int outputs = observations.Outputs, n = x.Shape[0];
        float[] means = new float[n * outputs], covariances = new float[n * outputs * outputs];
        int together = Math.Clamp(4_000_000 / (outputs * layout.Count), 1, options.BatchSize); // 16 MB of Jacobians
        bool training = model.IsTraining;
        model.Eval();
        for (int from = 0; from < n; from += together)
        {
            using MemoryScope scope = MemoryScope.Open();
            TracedBatch batch = new(model, layout, x.Slice(0, from..Math.Min(n, from + together)), outputs);
            using NoGrad noGrad = NoGrad.Enter();
            batch.Outputs.Span.CopyTo(means.AsSpan(from * outputs));
            curvature.Covariance(batch.Jacobians(), scale, precisions).Span.CopyTo(covariances.AsSpan(from * outputs * outputs));
        }
        if (training) model.Train();
        return new LinearisedPrediction(Tensor.Own(means, [n, outputs]), Tensor.Own(covariances, [n, outputs, outputs]));
    }

    // H is a sum over slopes of the log-likelihood once (Gauss-Newton) or squared (empirical Fisher), and each brings its 1/(σ² T).
    private int ScalePower => options.Curvature == Curvature.GaussNewton ? 1 : 2;

    private double Scale(Hyperparameters h) => Math.Pow(observations.SlopeScale(h.Noise, options.Temperature), ScalePower);

    private double Add(int from, int to)
    {
        using MemoryScope scope = MemoryScope.Open();
        TracedBatch batch = new(model, layout, observations.Inputs.Slice(0, from..to), observations.Outputs);
        Tensor outputs = batch.Outputs.Detach();
        curvature.Add(batch, options.Curvature == Curvature.GaussNewton ? observations.Roots(outputs) : [observations.Slopes(outputs, from)]);
        return observations.Loss(outputs, from);
    }

    private LaplaceCurvature NewCurvature()
    {
        if (options.Structure == LaplaceStructure.Kronecker) return new KroneckerCurvature(layout);
        if (options.Structure == LaplaceStructure.Diagonal) return new DiagonalCurvature(layout);
        long rows = options.Curvature == Curvature.GaussNewton ? (long)observations.Count * observations.Outputs : observations.Count, p = layout.Count;
        if (rows < p ? rows * p > LargestMatrix : p * p > LargestMatrix)
            throw new ArgumentException($"Laplace: the full curvature of {p} parameters over {rows} outputs does not fit in memory; " +
                $"take LaplaceStructure.{LaplaceStructure.Kronecker} or {LaplaceStructure.Diagonal}, or freeze all layers but the last");
        return rows < p ? new DualCurvature(layout) : new FullCurvature(layout);
    }

    private int[] Versions() => [.. layout.Tensors.Select(t => t.Parameter.Version)];
}
