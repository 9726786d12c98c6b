using Rindoku.Ops;

namespace Rindoku.Nn;

/// <summary>What the kinds of dropout share: a probability and a source of draws, used in training only.</summary>
/// <remarks>
/// The source is registered, so that checkpoints hold its state and a resumed training draws what it would have drawn. Layers may
/// share one source; each draw then moves it on, so that no two layers drop the same places.
/// </remarks>
public abstract class DropoutLayer : Layer
{
    private protected DropoutLayer(double probability, Rng rng)
    {
        if (!(probability is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(probability), probability, $"{GetType().Name}: the probability must lie from 0 to 1");
        Probability = probability;
        Randomness = Register("rng", rng);
    }

    /// <summary>How likely a number (or channel, or sample) is dropped.</summary>
    public double Probability { get; }

    /// <summary>Where the draws come from.</summary>
    public Rng Randomness { get; }

    /// <summary>The probability.</summary>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{GetType().Name}({Probability})");
}

/// <summary>Dropout: in training each number is 0 with a probability, else divided by what is left; <c>y = x · m / (1 − p)</c>.</summary>
/// <remarks>Any shape. Source: Srivastava et al. 2014, JMLR 15.</remarks>
public sealed class Dropout(double probability, Rng rng) : DropoutLayer(probability, rng)
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => x.Dropout((float)Probability, Randomness, IsTraining);
}

/// <summary>Dropout of whole channels, for images, sequences and volumes: x <c>(N, C, *)</c>, one draw for each channel of each sample.</summary>
/// <remarks>Serves as PyTorch's Dropout1d, Dropout2d and Dropout3d. Source: Tompson et al. 2015, arXiv:1411.4280.</remarks>
public sealed class Dropout2d(double probability, Rng rng) : DropoutLayer(probability, rng)
{
    /// <inheritdoc/>
    /// <exception cref="ShapeException"><paramref name="x"/> has fewer than two axes.</exception>
    public override Tensor Forward(Tensor x) => x.ChannelDropout((float)Probability, Randomness, IsTraining);
}

/// <summary>Dropout for SELU networks: what is dropped becomes SELU's floor, and mean 0 and variance 1 are kept.</summary>
/// <remarks>Any shape. Source: Klambauer et al. 2017, arXiv:1706.02515, section 3.</remarks>
public sealed class AlphaDropout(double probability, Rng rng) : DropoutLayer(probability, rng)
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => x.AlphaDropout((float)Probability, Randomness, IsTraining);
}

/// <summary>Drop-path: in training a whole sample is 0 with a probability, else divided by what is left; for the branch of a residual block.</summary>
/// <remarks>x <c>(N, *)</c>. Source: Larsson, Maire and Shakhnarovich 2017, arXiv:1605.07648; by sample as in Huang et al. 2016, arXiv:1603.09382.</remarks>
public sealed class DropPath(double probability, Rng rng) : DropoutLayer(probability, rng)
{
    /// <inheritdoc/>
    /// <exception cref="ShapeException"><paramref name="x"/> has no axes.</exception>
    public override Tensor Forward(Tensor x) => x.DropPath((float)Probability, Randomness, IsTraining);
}
