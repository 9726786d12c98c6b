using Rindoku.Nn;
using Rindoku.Ops;
using Rindoku.Optim;

namespace Rindoku.Uncertainty;

/// <summary>How the hyper-parameters are learned while a network is trained.</summary>
public sealed record OnlineOptions
{
    /// <summary>The precision that all groups of the prior start with.</summary>
    public double StartPrecision { get; init; } = 1;

    /// <summary>The deviation of the noise at the start.</summary>
    public double StartNoise { get; init; } = 1;

    /// <summary>K: steps on the evidence after each fit; 0 leaves the hyper-parameters as they are.</summary>
    public int Steps { get; init; } = 100;

    /// <summary>The learning rate of Adam on the logarithms of the hyper-parameters.</summary>
    public double LearningRate { get; init; } = 0.1;

    /// <summary>F: after how many epochs they are learned again.</summary>
    public int Every { get; init; } = 1;

    /// <summary>B: the first epoch, counted from 1, after which they may be.</summary>
    public int BurnIn { get; init; }
}

/// <summary>
/// Learns the precisions of the prior and the noise from the training set alone, while the weights are trained: weight steps on the
/// negative log joint, and every few epochs steps on the evidence.
/// </summary>
/// <remarks>
/// <para>It is a module so that a checkpoint holds its state, together with <see cref="Optimizer"/>. Keys: <c>log_precisions</c>,
/// <c>log_noise</c> and, of the weights with the highest evidence so far, <c>best_*</c>.</para>
/// <para>Source: Immer et al. 2021, arXiv:2104.04975, algorithm 1.</para>
/// </remarks>
/// <example><code>
/// OnlineEvidence evidence = new(model, Observations.Of(train));
/// // each step:        evidence.Regularised(model.Forward(x).CrossEntropy(y)).Backward(); optimizer.Step();
/// // after each epoch: evidence.AfterEpoch(epoch);
/// LaplaceApproximation laplace = evidence.RestoreBest();
/// </code></example>
public sealed class OnlineEvidence : Module
{
    // Beyond these the prior is none at all, or a tensor is pruned: its precision would grow for ever.
    private const float LeastLog = -10, MostLog = 15;

    private readonly Layer model;
    private readonly Observations observations;
    private readonly LaplaceOptions options;
    private readonly OnlineOptions online;
    private readonly ParameterLayout layout;
    private readonly Parameter logPrecisions, logNoise;
    private readonly BufferTensor best, bestLogPrecisions, bestLogNoise;
    private readonly Dictionary<string, BufferTensor> bestState;

    /// <summary>Starts to learn.</summary>
    /// <param name="model">The network that is trained.</param>
    /// <param name="observations">All of the training set.</param>
    /// <param name="options">How the evidence is approximated.</param>
    /// <param name="online">How the hyper-parameters are learned.</param>
    /// <exception cref="NotSupportedException">The model has other layers than are supported; see <see cref="LaplaceApproximation.Fit"/>.</exception>
    public OnlineEvidence(Layer model, Observations observations, LaplaceOptions? options = null, OnlineOptions? online = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(observations);
        (this.model, this.observations) = (model, observations);
        (this.options, this.online) = ((options ?? new LaplaceOptions()).Checked(), online ?? new OnlineOptions());
        ArgumentOutOfRangeException.ThrowIfNegative(this.online.Steps);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(this.online.Every);
        layout = new ParameterLayout(model, this.options.Prior);
        Hyperparameters start = new(this.online.StartPrecision, this.online.StartNoise);
        logPrecisions = Register("log_precisions", Tensor.Full([layout.Groups], (float)Math.Log(start.Precisions[0])));
        logNoise = Register("log_noise", Tensor.Of((float)Math.Log(start.Noise)));
        best = RegisterBuffer("best_evidence", Tensor.Of(float.NegativeInfinity));
        bestLogPrecisions = RegisterBuffer("best_log_precisions", logPrecisions);
        bestLogNoise = RegisterBuffer("best_log_noise", logNoise);
        bestState = model.State().ToDictionary(s => s.Key, s => RegisterBuffer($"best_state.{s.Key}", s.Value));
        Optimizer = new Adam(observations.HasNoise ? [logPrecisions, logNoise] : [logPrecisions], this.online.LearningRate);
    }

    /// <summary>The optimizer of the hyper-parameters, for checkpoints.</summary>
    public Adam Optimizer { get; }

    /// <summary>The hyper-parameters as they are now.</summary>
    public Hyperparameters Hyperparameters => new([.. logPrecisions.ToArray().Select(l => Math.Exp(l))], Math.Exp(logNoise.Span[0]));

    /// <summary>
    /// The loss of a batch with the prior: the negative log joint divided by N and by what makes the data term a mean loss. No gradient flows
    /// to the hyper-parameters.
    /// </summary>
    /// <param name="meanLoss">The mean cross-entropy, or the mean squared error over all outputs.</param>
    public Tensor Regularised(Tensor meanLoss)
    {
        ArgumentNullException.ThrowIfNull(meanLoss);
        Hyperparameters now = Hyperparameters;
        double weight = observations.PenaltyWeight(now.Noise, options.Temperature) / 2;
        double[] delta = options.Prior == PriorStructure.PerParameter ? layout.Spread([.. now.Precisions]) : [];
        for (int t = 0; t < layout.Tensors.Count; t++)
        {
            CoveredTensor tensor = layout.Tensors[t];
            Tensor square = tensor.Parameter.Square();
            meanLoss += delta.Length == 0
                ? square.Sum() * (float)(weight * now.Precisions[layout.GroupOf(t)])
                : (square * Tensor.Generate(tensor.Parameter.Shape, i => (float)(weight * delta[tensor.Start + i]))).Sum();
        }
        return meanLoss;
    }

    /// <summary>To be called after each epoch: learns the hyper-parameters when it is time.</summary>
    /// <param name="epoch">Its number, from 1.</param>
    /// <returns>The evidence afterwards, or null where it is not time.</returns>
    public Evidence? AfterEpoch(int epoch) => epoch >= online.BurnIn && epoch % online.Every == 0 ? Learn() : null;

    /// <summary>Fits at the weights as they are, takes steps on the evidence, and keeps weights and hyper-parameters if it is the highest so far.</summary>
    /// <returns>The evidence afterwards.</returns>
    public Evidence Learn()
    {
        LaplaceApproximation laplace = Fit();
        for (int step = 0; step < online.Steps; step++)
        {
            Evidence slope = laplace.Evidence(Hyperparameters);
            logPrecisions.Grad = Tensor.From([.. slope.SlopesByLogPrecision.Select(s => (float)-s)], logPrecisions.Shape);
            logNoise.Grad = Tensor.Of((float)-slope.SlopeByLogNoise);
            Optimizer.Step();
            Clamp(logPrecisions.Values);
            Clamp(logNoise.Values);
        }
        Evidence evidence = laplace.Evidence(Hyperparameters);
        if ((float)evidence.LogMarginalLikelihood > best.Span[0]) Keep((float)evidence.LogMarginalLikelihood);
        return evidence;
    }

    /// <summary>The Laplace approximation at the weights as they are.</summary>
    public LaplaceApproximation Fit() => LaplaceApproximation.Fit(model, observations, options);

    /// <summary>Takes weights and hyper-parameters back to where the evidence was highest, if it was ever taken, and fits there.</summary>
    public LaplaceApproximation RestoreBest()
    {
        if (!float.IsNegativeInfinity(best.Span[0]))
        {
            bestLogPrecisions.Span.CopyTo(logPrecisions.Values);
            bestLogNoise.Span.CopyTo(logNoise.Values);
            model.Load(bestState.ToDictionary(s => s.Key, s => (Tensor)s.Value));
        }
        return Fit();
    }

    private void Keep(float evidence)
    {
        best.Values[0] = evidence;
        logPrecisions.Span.CopyTo(bestLogPrecisions.Values);
        logNoise.Span.CopyTo(bestLogNoise.Values);
        foreach ((string name, Tensor now) in model.State()) now.Span.CopyTo(bestState[name].Values);
    }

    private static void Clamp(Span<float> logs)
    {
        foreach (ref float log in logs) log = Math.Clamp(log, LeastLog, MostLog);
    }
}
