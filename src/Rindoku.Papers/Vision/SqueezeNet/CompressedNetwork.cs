using Rindoku.IO;
using Rindoku.Nn;

namespace Rindoku.Papers.Vision.SqueezeNet;

/// <summary>A convolution whose weights share few values: a codebook, a code for every weight, and the bias as it was.</summary>
/// <param name="Name">Its name in the network.</param>
/// <param name="Shape">The shape of its weight, (out, in, height, width).</param>
/// <param name="Codebook">2^b numbers; the first is 0, for weights that were pruned.</param>
/// <param name="Codes">For each weight the place of its value in the codebook, row by row.</param>
/// <param name="Bias">The bias, (out).</param>
public sealed record CompressedLayer(string Name, Shape Shape, float[] Codebook, byte[] Codes, float[] Bias)
{
    /// <summary>Bits of a code, b.</summary>
    public int Bits => int.Log2(Codebook.Length);

    /// <summary>The weights that are not pruned.</summary>
    public int Remaining => Codes.Length - Codes.AsSpan().Count((byte)0);

    /// <summary>The weight that the codes stand for.</summary>
    public Tensor Weight() => Tensor.Generate(Shape, i => Codebook[Codes[i]]);

    /// <summary>The same layer with another number of bits: k-means of the weights that are left, each one counted.</summary>
    /// <param name="bits">From 1 to 8.</param>
    public CompressedLayer Requantised(int bits)
    {
        float[] weights = Weight().ToArray();
        (float[] codebook, byte[] codes) = Codebooks.Quantise(weights, bits);
        return this with { Codebook = codebook, Codes = codes };
    }
}

/// <summary>A network after pruning and quantisation: the stages of deep compression before the coding of its streams.</summary>
/// <param name="layers">The convolutions in the order in which they compute.</param>
/// <remarks>Source: Han, Mao and Dally 2015, arXiv:1510.00149.</remarks>
public sealed class CompressedNetwork(IReadOnlyList<CompressedLayer> layers)
{
    /// <summary>The convolutions.</summary>
    public IReadOnlyList<CompressedLayer> Layers => layers;

    /// <summary>The weights that are not pruned.</summary>
    public long Remaining => layers.Sum(layer => (long)layer.Remaining);

    /// <summary>The size of the weights and biases as floats.</summary>
    public long FloatBytes => layers.Sum(layer => 4L * (layer.Codes.Length + layer.Bias.Length));

    /// <summary>The size without Huffman coding: counts, codebooks, biases, b bits a code and 4 bits a gap; with 8 bits, that of the authors' file.</summary>
    public long RawBytes => 4L * layers.Count + layers.Sum(RawBytesOf);

    /// <summary>Quantises a network as it stands; weights that are exactly 0 are taken for pruned.</summary>
    /// <param name="network">The network; it is not changed.</param>
    /// <param name="bits">Bits of a code, from 1 to 8.</param>
    public static CompressedNetwork Of(SqueezeNet network, int bits)
    {
        ArgumentNullException.ThrowIfNull(network);
        return new CompressedNetwork([.. network.Convolutions.Select(part =>
        {
            (float[] codebook, byte[] codes) = Codebooks.Quantise(part.Layer.Weight.Span, bits);
            return new CompressedLayer(part.Name, part.Layer.Weight.Shape, codebook, codes, part.Layer.Bias!.ToArray());
        })]);
    }

    /// <summary>The same network with another number of bits.</summary>
    /// <param name="bits">From 1 to 8.</param>
    public CompressedNetwork Requantised(int bits) => new([.. layers.Select(layer => layer.Requantised(bits))]);

    /// <summary>Writes its weights and biases into a network.</summary>
    /// <param name="network">A network of the same convolutions.</param>
    /// <exception cref="StateException">The network has other convolutions.</exception>
    public void LoadInto(SqueezeNet network)
    {
        ArgumentNullException.ThrowIfNull(network);
        Dictionary<string, Tensor> state = [];
        foreach (CompressedLayer layer in layers)
        {
            state[$"{layer.Name}.weight"] = layer.Weight();
            state[$"{layer.Name}.bias"] = Tensor.Own(layer.Bias, [layer.Bias.Length]);
        }
        network.Load(state);
    }

    private static long RawBytesOf(CompressedLayer layer)
    {
        long entries = SparseCode.Encode(layer.Codes).Codes.Length;
        return 4L * layer.Codebook.Length + 4L * layer.Bias.Length + (entries * layer.Bits + 7) / 8 + (entries + 1) / 2;
    }
}

/// <summary>The codes of a layer without its zeros: the code of each weight that is left, and how many zeros lie before it.</summary>
/// <remarks>
/// A gap has four bits. Where more than 15 zeros follow each other, an entry of code 0 and gap 15, a filler, goes on by 16 weights.
/// Source: arXiv:1510.00149, §2, and <c>decode.py</c> of the authors' repository.
/// </remarks>
public static class SparseCode
{
    /// <summary>The greatest gap.</summary>
    public const int MostZeros = 15;

    /// <summary>The entries of a layer.</summary>
    /// <param name="dense">A code for each weight.</param>
    public static (byte[] Codes, byte[] Gaps) Encode(ReadOnlySpan<byte> dense)
    {
        List<byte> codes = [], gaps = [];
        int zeros = 0;
        foreach (byte code in dense)
        {
            if (code == 0)
            {
                zeros++;
                continue;
            }
            for (; zeros > MostZeros; zeros -= MostZeros + 1) Add(0, MostZeros);
            Add(code, (byte)zeros);
            zeros = 0;
        }
        return ([.. codes], [.. gaps]);

        void Add(byte code, byte gap)
        {
            codes.Add(code);
            gaps.Add(gap);
        }
    }

    /// <summary>A code for each weight.</summary>
    /// <param name="codes">The codes of the entries.</param>
    /// <param name="gaps">Their gaps, as many.</param>
    /// <param name="length">How many weights there are.</param>
    /// <param name="reader">Where the entries were read from, for errors.</param>
    /// <exception cref="FileFormatException">An entry lies behind the last weight.</exception>
    public static byte[] Decode(ReadOnlySpan<byte> codes, ReadOnlySpan<byte> gaps, int length, FormatReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        byte[] dense = new byte[length];
        long at = -1;
        for (int i = 0; i < codes.Length; i++)
        {
            at += gaps[i] + 1;
            if (at >= length) throw reader.Error(reader.Position, $"entry {i} of {codes.Length} at weight {at}", $"one of the layer's {length} weights: the gaps are damaged");
            dense[at] = codes[i];
        }
        return dense;
    }
}

/// <summary>Values that many weights share: k-means in one dimension.</summary>
public static class Codebooks
{
    private const int MostRounds = 300;

    /// <summary>Gives weights 2^b values to share: 0 for those that are 0, and 2^b − 1 centroids for the others.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="bits">b, from 1 to 8.</param>
    /// <returns>The codebook, rising after its first number, and the code of each weight.</returns>
    public static (float[] Codebook, byte[] Codes) Quantise(ReadOnlySpan<float> weights, int bits)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bits, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bits, 8);
        float[] left = [.. weights.ToArray().Where(weight => weight != 0).Order()];
        double[] centroids = left.Length == 0 ? new double[(1 << bits) - 1] : Cluster(left, (1 << bits) - 1);
        byte[] codes = new byte[weights.Length];
        for (int i = 0; i < codes.Length; i++) codes[i] = weights[i] == 0 ? (byte)0 : (byte)(1 + Nearest(centroids, weights[i]));
        return ([0, .. centroids.Select(c => (float)c)], codes);
    }

    /// <summary>Centroids of sorted numbers: at first evenly spread from the least to the greatest, then Lloyd's rounds until none moves.</summary>
    /// <param name="sorted">The numbers, rising; at least one.</param>
    /// <param name="count">How many centroids. One that has no numbers stays where it is.</param>
    /// <remarks>
    /// Evenly spread centroids keep large weights, of which there are few, better than those drawn from the weights (arXiv:1510.00149, §3.2).
    /// As the numbers are sorted, each centroid's numbers are a stretch of them.
    /// </remarks>
    public static double[] Cluster(ReadOnlySpan<float> sorted, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        double[] sums = new double[sorted.Length + 1], centroids = new double[count];
        for (int i = 0; i < sorted.Length; i++) sums[i + 1] = sums[i] + sorted[i];
        double least = sorted[0], greatest = sorted[^1];
        for (int c = 0; c < count; c++) centroids[c] = count == 1 ? (least + greatest) / 2 : least + (greatest - least) * c / (count - 1);

        bool moved = true;
        for (int round = 0; moved && round < MostRounds; round++)
        {
            moved = false;
            int from = 0;
            for (int c = 0; c < count; c++)
            {
                int to = c == count - 1 ? sorted.Length : FirstAbove(sorted, (centroids[c] + centroids[c + 1]) / 2);
                to = Math.Max(from, to);
                double mean = to > from ? (sums[to] - sums[from]) / (to - from) : centroids[c];
                moved |= mean != centroids[c];
                centroids[c] = mean;
                from = to;
            }
        }
        return centroids;
    }

    private static int FirstAbove(ReadOnlySpan<float> sorted, double value)
    {
        int low = 0, high = sorted.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (sorted[middle] <= value) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    private static int Nearest(double[] centroids, float value)
    {
        int low = 0, high = centroids.Length - 1;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (value <= (centroids[middle] + centroids[middle + 1]) / 2) high = middle;
            else low = middle + 1;
        }
        return low;
    }
}
