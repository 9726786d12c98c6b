using Rindoku.Lab;
using Rindoku.Nn;
using Rindoku.Nn.Initialisers;
using Rindoku.Optim;

namespace Rindoku.Papers.Optimization.Eve;

/// <summary>
/// The networks that the optimizers are tried on, after the authors' code of 2016. The optimizers themselves are <see cref="Optim.Eve"/> and
/// <see cref="EveV1"/>.
/// </summary>
public static class EveNetworks
{
    /// <summary>Softmax regression: convex, so that only the pace of the optimizer matters.</summary>
    public static Layer Logistic(Shape image, int classes, Rng rng) => new Sequential(new Flatten(), Dense(image.Length, classes, rng));

    /// <summary>
    /// Two stages of 3 x 3 convolutions, each ending in a maximum of 2 x 2 and dropout of a quarter, then a dense layer with dropout of one half. Dropout
    /// makes the loss of a step noisy, which is what d has to live with.
    /// </summary>
    /// <param name="image">(channels, height, width).</param>
    /// <param name="classes">How many classes.</param>
    /// <param name="width">Filters of the first stage's two convolutions; the second stage has twice as many.</param>
    /// <param name="secondStage">Convolutions of the second stage: the authors have 2.</param>
    /// <param name="dense">Units of the dense layer.</param>
    /// <param name="rng">The source of start values; dropout draws from a split of it.</param>
    public static Layer DropoutCnn(Shape image, int classes, int width, int secondStage, int dense, Rng rng)
    {
        ArgumentNullException.ThrowIfNull(rng);
        Rng dropout = rng.Split("dropout");
        List<Layer> layers = [];
        int channels = image[0];
        void Stage(int filters, int convolutions)
        {
            for (int i = 0; i < convolutions; i++, channels = filters)
                layers.AddRange([new Conv2d(channels, filters, kernel: 3, rng, padding: 1, start: Glorot), Activation.Relu]);
            layers.AddRange([Pool.Max2d(2), new Dropout(0.25, dropout)]);
        }
        Stage(width, 2);
        Stage(2 * width, secondStage);
        int features = channels * (image[1] / 4) * (image[2] / 4);
        return new Sequential([.. layers, new Flatten(), Dense(features, dense, rng), Activation.Relu, new Dropout(0.5, dropout), Dense(dense, classes, rng)]);
    }

    // The start of Keras: Glorot's uniform distribution, biases 0.
    private static Tensor Glorot(Rng rng, Shape shape) => Initialise.XavierUniform(rng, shape);

    private static Linear Dense(int inputs, int outputs, Rng rng)
    {
        Linear layer = new(inputs, outputs, rng);
        Glorot(rng, layer.Weight.Shape).Span.CopyTo(layer.Weight.Values);
        layer.Bias!.Values.Clear();
        return layer;
    }
}

/// <summary>Writes down d after each step of a training, and the sum of 1 / d: how much faster than Adam's the rate was.</summary>
/// <param name="optimizer">Eve in one of its forms.</param>
public sealed class DivisorLog(FeedbackAdam optimizer) : ICheckpointed
{
    private readonly List<float> divisors = [];

    /// <summary>d after each step.</summary>
    public IReadOnlyList<float> Divisors => divisors;

    /// <summary>The mean of 1 / d: what Adam's rate would have to be multiplied by to be as fast on average.</summary>
    public double MeanFactor => divisors.Average(d => 1.0 / d);

    /// <summary>Notes the d of the step just taken.</summary>
    public void Note() => divisors.Add((float)optimizer.Divisor);

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, Tensor> State() => new Dictionary<string, Tensor> { ["d"] = Tensor.Own([.. divisors], [divisors.Count]) };

    /// <inheritdoc/>
    public void Load(IReadOnlyDictionary<string, Tensor> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        divisors.Clear();
        divisors.AddRange(state["d"].Span);
    }
}
