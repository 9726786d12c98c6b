using Rindoku.Nn;

namespace Rindoku.Papers.Vision.SqueezeNet;

/// <summary>Weights taken out of a network for good: of each layer that is pruned the smallest, so that a given part is left.</summary>
/// <remarks>
/// The first convolution and the layers that squeeze stay whole, as most of them do in the authors' file: they have few weights, and all
/// that follows goes through them.
/// Retraining with the mask held is <see cref="Apply"/> after every step of an optimizer.
/// Source: Han, Mao and Dally 2015, arXiv:1510.00149, §2.
/// </remarks>
public sealed class Pruning
{
    private readonly List<(Conv2d Layer, bool[] Kept)> masks = [];

    /// <summary>Chooses the weights; nothing is changed before <see cref="Apply"/>.</summary>
    /// <param name="network">The network.</param>
    /// <param name="density">The part of each pruned layer that stays, above 0 and at most 1; the count is rounded.</param>
    public Pruning(SqueezeNet network, double density)
    {
        ArgumentNullException.ThrowIfNull(network);
        if (!(density is > 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(density), density, "Pruning: the density must be above 0 and at most 1");
        foreach ((_, Conv2d layer) in network.Convolutions.Skip(1).Where(part => !part.Name.EndsWith("squeeze", StringComparison.Ordinal)))
        {
            float[] weights = layer.Weight.ToArray();
            bool[] kept = new bool[weights.Length];
            int count = Math.Max(1, (int)Math.Round(density * weights.Length));
            // The sort is stable: of equal weights the first stay.
            foreach (int i in Enumerable.Range(0, weights.Length).OrderByDescending(i => Math.Abs(weights[i])).Take(count)) kept[i] = true;
            masks.Add((layer, kept));
        }
    }

    /// <summary>Sets the weights that are taken out to 0.</summary>
    public void Apply()
    {
        foreach ((Conv2d layer, bool[] kept) in masks)
        {
            Span<float> weights = layer.Weight.Values;
            for (int i = 0; i < weights.Length; i++)
                if (!kept[i]) weights[i] = 0;
        }
    }
}

/// <summary>Weights that share few values and are trained on: trained quantisation.</summary>
/// <remarks>
/// <para>The gradient of a centroid is the sum of the gradients of the weights that share it: <c>∂L/∂c_k = Σ over code_i = k of ∂L/∂w_i</c>
/// (arXiv:1510.00149, equation 3); pruned weights have none.</para>
/// <para>Here each weight is given the gradient of its centroid. An optimizer that treats all elements alike then moves equal weights
/// equally, to the last bit, and with fresh memory each step of it is the step that it would make with the centroids themselves.</para>
/// </remarks>
public sealed class SharedWeights
{
    private readonly SqueezeNet network;
    private readonly Conv2d[] layers;
    private readonly CompressedNetwork start;
    private readonly Tensor[] gradients;
    private readonly float[][] values;

    /// <summary>Clusters the weights of a network and writes the centroids into it.</summary>
    /// <param name="network">The network; weights that are exactly 0 are taken for pruned.</param>
    /// <param name="bits">Bits of a code, from 1 to 8.</param>
    public SharedWeights(SqueezeNet network, int bits)
    {
        ArgumentNullException.ThrowIfNull(network);
        this.network = network;
        layers = [.. network.Convolutions.Select(part => part.Layer)];
        start = CompressedNetwork.Of(network, bits);
        start.LoadInto(network);
        values = [.. start.Layers.Select(layer => new float[layer.Codes.Length])];
        gradients = [.. start.Layers.Select((layer, l) => Tensor.Own(values[l], layer.Shape))];
    }

    /// <summary>Gives each weight the gradient of its centroid; call it between <c>Backward</c> and the optimizer's step.</summary>
    /// <returns>The Euclidean norm of all that the optimizer is given.</returns>
    public double ShareGradients()
    {
        for (int l = 0; l < start.Layers.Count; l++)
        {
            (CompressedLayer layer, Parameter weight) = (start.Layers[l], layers[l].Weight);
            if (weight.Grad is not { } gradient) continue;
            double[] sums = new double[layer.Codebook.Length];
            ReadOnlySpan<float> own = gradient.Span;
            for (int i = 0; i < own.Length; i++) sums[layer.Codes[i]] += own[i];
            sums[0] = 0;
            for (int i = 0; i < own.Length; i++) values[l][i] = (float)sums[layer.Codes[i]];
            weight.Grad = gradients[l];
        }
        double squares = 0;
        foreach (Parameter parameter in network.Parameters)
            if (parameter.Grad is { } gradient) squares += System.Numerics.Tensors.TensorPrimitives.SumOfSquares(gradient.Span);
        return Math.Sqrt(squares);
    }

    /// <summary>The network as it is now, with the codes of the start and the centroids that training has reached.</summary>
    public CompressedNetwork Read() => new([.. start.Layers.Select((layer, l) =>
    {
        Conv2d now = layers[l];
        float[] codebook = [.. layer.Codebook];
        for (int i = 0; i < layer.Codes.Length; i++) codebook[layer.Codes[i]] = now.Weight.Span[i];
        codebook[0] = 0;
        return layer with { Codebook = codebook, Bias = now.Bias!.ToArray() };
    })]);
}
