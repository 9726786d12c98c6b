using Rindoku.IO;
using Rindoku.Nn;
using Rindoku.Ops;
using Rindoku.Optim;
using Rindoku.Papers.Vision.SqueezeNet;
using Rindoku.Testing;

namespace Rindoku.Papers.Tests.Vision;

/// <summary>Pruning, sharing, and the coding of what is left, on small networks.</summary>
public sealed class DeepCompressionTests
{
    [Fact]
    public void Gaps_count_zeros_and_fillers_bridge_sixteen_weights()
    {
        byte[] dense = new byte[60];
        (dense[0], dense[16], dense[33], dense[58]) = (7, 8, 9, 10);
        // 15 zeros before weight 16 fit; 16 before weight 33 take a filler over all of them; 24 before weight 58 a filler and 8.
        (byte[] codes, byte[] gaps) = SparseCode.Encode(dense);
        Assert.Equal([7, 8, 0, 9, 0, 10], codes);
        Assert.Equal([0, 15, 15, 0, 15, 8], gaps);
        using FormatReader reader = new(new MemoryStream(), "test", 0, ReadLimits.Default);
        Assert.Equal(dense, SparseCode.Decode(codes, gaps, 60, reader));
        Assert.Contains("entry 5 of 6 at weight 58; needed one of the layer's 58 weights",
            Assert.Throws<FileFormatException>(() => SparseCode.Decode(codes, gaps, 58, reader)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Random_layers_of_any_density_go_through_the_sparse_code_and_back()
    {
        Rng rng = new(3);
        using FormatReader reader = new(new MemoryStream(), "test", 0, ReadLimits.Default);
        foreach (double density in (double[])[0, 0.01, 0.05, 0.3, 1])
        {
            byte[] dense = [.. Enumerable.Range(0, 1000).Select(_ => rng.NextDouble() < density ? (byte)(1 + rng.NextInt(255)) : (byte)0)];
            (byte[] codes, byte[] gaps) = SparseCode.Encode(dense);
            Assert.Equal(dense, SparseCode.Decode(codes, gaps, dense.Length, reader));
        }
    }

    [Fact]
    public void Clusters_start_evenly_and_end_at_the_means_of_what_is_nearest()
    {
        // From 0, 5 and 10: 0, 1 and 2 go to the first, 6 to the second, 9.5 and 10 to the last; nothing moves after that.
        double[] centroids = Codebooks.Cluster([0, 1, 2, 6, 9.5f, 10], 3);
        Assert.Equal([1, 6, 9.75], centroids);
        Assert.Equal([2], Codebooks.Cluster([1, 1.5f, 3.5f], 1));
        (float[] codebook, byte[] codes) = Codebooks.Quantise([0, 5, 0, -3, 5.2f, -3], bits: 2);
        Assert.Equal([0, 3, 0, 1, 3, 1], codes);
        Assert.Equal(0, codebook[0]);
        Assert.Equal(-3, codebook[1]);
    }

    [Fact]
    public void Huffman_words_are_as_short_as_can_be_and_decode()
    {
        byte[] text = [.. Repeat(0, 5), .. Repeat(1, 2), .. Repeat(2, 1), .. Repeat(3, 1)];
        HuffmanCode code = HuffmanCode.For(text, 5);
        Assert.Equal([1, 2, 3, 3, 0], code.Lengths.ToArray());
        Assert.Equal(5 + 4 + 3 + 3, code.BitsOf(text));
        // Canonical: 0, 10, 110, 111.
        Assert.Equal([0b00000101, 0b01101110], code.Encode(text));
        AssertRoundTrip(text, code);
    }

    [Fact]
    public void Words_never_pass_fifteen_bits_and_are_the_best_that_do_not()
    {
        // Fibonacci counts make a Huffman tree as deep as it has symbols.
        List<byte> text = [];
        int a = 1, b = 1;
        for (byte symbol = 0; symbol < 20; symbol++, (a, b) = (b, a + b)) text.AddRange(Repeat(symbol, a));
        byte[] symbols = [.. text];
        HuffmanCode code = HuffmanCode.For(symbols, 20);
        Assert.Equal(HuffmanCode.MostBits, code.Lengths.ToArray().Max());
        Assert.NotNull(HuffmanCode.FromLengths(code.Lengths.ToArray()));
        AssertRoundTrip(symbols, code);
        // Only the rarest symbols have to give way: a few bits in 46,000.
        Assert.InRange(code.BitsOf(symbols), BitsWithoutLimit(symbols), BitsWithoutLimit(symbols) + 20);
    }

    [Fact]
    public void Where_the_limit_does_not_bind_the_code_is_huffmans()
    {
        Rng rng = new(8);
        for (int trial = 0; trial < 20; trial++)
        {
            byte[] symbols = [.. Enumerable.Range(0, 500).Select(_ => (byte)Math.Abs(12 * rng.NextNormal()))];
            Assert.Equal(BitsWithoutLimit(symbols), HuffmanCode.For(symbols, 256).BitsOf(symbols));
        }
    }

    // Huffman's own method: each time two trees become one, all symbols below take one bit more.
    private static long BitsWithoutLimit(byte[] symbols)
    {
        PriorityQueue<long, long> trees = new(symbols.CountBy(s => s).Select(s => ((long)s.Value, (long)s.Value)));
        long bits = 0;
        while (trees.Count > 1)
        {
            long both = trees.Dequeue() + trees.Dequeue();
            bits += both;
            trees.Enqueue(both, both);
        }
        return bits;
    }

    [Theory, InlineData(0), InlineData(1), InlineData(2), InlineData(256)]
    public void Alphabets_of_any_size_decode(int used)
    {
        Rng rng = new(used);
        byte[] symbols = used == 0 ? [] : [.. Enumerable.Range(0, 3000).Select(_ => (byte)rng.NextInt(used))];
        AssertRoundTrip(symbols, HuffmanCode.For(symbols, 256));
    }

    [Fact]
    public void Lengths_that_no_code_has_are_refused()
    {
        Assert.Null(HuffmanCode.FromLengths([1, 1, 1]));
        Assert.Null(HuffmanCode.FromLengths([1, 2]));
        Assert.Null(HuffmanCode.FromLengths([16, 1]));
        Assert.NotNull(HuffmanCode.FromLengths([0, 1, 0]));
    }

    [Fact]
    public void Pruning_keeps_the_largest_weights_and_leaves_conv1_and_squeezing_layers_whole()
    {
        SqueezeNet model = Mini();
        Dictionary<string, float[]> before = model.Convolutions.ToDictionary(part => part.Name, part => part.Layer.Weight.ToArray());
        new Pruning(model, 0.2).Apply();
        foreach ((string name, Conv2d layer) in model.Convolutions)
        {
            float[] old = before[name], now = layer.Weight.ToArray();
            int kept = now.Count(w => w != 0);
            Assert.Equal(name == "conv1" || name.EndsWith("squeeze", StringComparison.Ordinal) ? old.Length : (int)Math.Round(0.2 * old.Length), kept);
            float least = now.Where(w => w != 0).Min(Math.Abs);
            for (int i = 0; i < old.Length; i++) Assert.Equal(Math.Abs(old[i]) >= least ? old[i] : 0, now[i]);
        }
    }

    [Fact]
    public void A_centroid_gets_the_sum_of_the_gradients_of_its_weights_and_pruned_weights_get_none()
    {
        SqueezeNet model = Mini();
        new Pruning(model, 0.5).Apply();
        SharedWeights shared = new(model, bits: 3);
        CompressedNetwork start = shared.Read();
        Backward(model, seed: 4);
        Conv2d layer = model.Convolutions[2].Layer; // (32, 8, 1, 1)
        float[] own = layer.Weight.Grad!.ToArray();
        double norm = shared.ShareGradients();
        byte[] codes = start.Layers[2].Codes;
        for (int i = 0; i < own.Length; i++)
        {
            double sum = codes[i] == 0 ? 0 : Enumerable.Range(0, own.Length).Where(j => codes[j] == codes[i]).Sum(j => (double)own[j]);
            Assert.Equal((float)sum, layer.Weight.Grad![i / 8, i % 8, 0, 0]);
        }
        Assert.Equal(Math.Sqrt(model.Parameters.Sum(p => p.Grad!.ToArray().Sum(g => (double)g * g))), norm, 1e-3 * norm);
    }

    [Fact]
    public void Trained_weights_still_share_their_values_and_pruned_ones_stay_out()
    {
        SqueezeNet model = Mini();
        new Pruning(model, 0.2).Apply();
        SharedWeights shared = new(model, bits: 3);
        CompressedNetwork start = shared.Read();
        Sgd optimizer = new(model.Parameters, 1e-3, momentum: 0.9, weightDecay: 1e-2);
        for (int step = 0; step < 5; step++)
        {
            optimizer.ZeroGrad();
            Backward(model, step);
            shared.ShareGradients();
            optimizer.Step();
        }
        CompressedNetwork end = shared.Read();
        for (int l = 0; l < end.Layers.Count; l++)
        {
            Assert.Equal(start.Layers[l].Codes, end.Layers[l].Codes);
            Assert.NotEqual(start.Layers[l].Codebook, end.Layers[l].Codebook);
            Assert.Equal(0, end.Layers[l].Codebook[0]);
            Check.Same(model.Convolutions[l].Layer.Weight, end.Layers[l].Weight(), end.Layers[l].Name);
        }
    }

    [Theory, InlineData(1), InlineData(3), InlineData(5), InlineData(8)]
    public void A_network_goes_through_both_files_and_back(int bits)
    {
        using TemporaryFolder folder = new();
        SqueezeNet model = Mini();
        new Pruning(model, 0.1).Apply();
        CompressedNetwork network = CompressedNetwork.Of(model, bits);
        HuffmanFile.Write(folder.File("huffman"), network);
        DeepCompressionFile.Write(folder.File("net"), network);
        foreach (CompressedNetwork read in (CompressedNetwork[])[HuffmanFile.Read(folder.File("huffman"), Mini()), DeepCompressionFile.Read(folder.File("net"), Mini())])
            foreach ((CompressedLayer expected, CompressedLayer actual) in network.Layers.Zip(read.Layers))
            {
                Assert.Equal(expected.Name, actual.Name);
                Assert.Equal(expected.Codes, actual.Codes);
                Assert.Equal(expected.Bias, actual.Bias);
                Assert.Equal(expected.Codebook, actual.Codebook[..expected.Codebook.Length]);
            }
        Assert.True(HuffmanFile.IsOne(folder.File("huffman")));
        Assert.False(HuffmanFile.IsOne(folder.File("net")));
        if (bits == 8) Assert.Equal(network.RawBytes, new FileInfo(folder.File("net")).Length);
        if (bits is 3 or 5) Assert.True(new FileInfo(folder.File("huffman")).Length < network.RawBytes); // else the tables cost more than they save
    }

    [Fact]
    public void A_file_of_another_network_is_refused()
    {
        using TemporaryFolder folder = new();
        CompressedNetwork network = CompressedNetwork.Of(Mini(), 8);
        DeepCompressionFile.Write(folder.File("net"), network);
        HuffmanFile.Write(folder.File("huffman"), network);
        SqueezeNet other = new(SqueezeNetPlan.Mini, 20, new Rng(1)), plain = new(SqueezeNetPlan.Mini with { PlainConvolutions = true }, 10, new Rng(1));
        foreach (SqueezeNet wrong in (SqueezeNet[])[other, plain])
        {
            Assert.Contains("of another network", Assert.Throws<FileFormatException>(() => DeepCompressionFile.Read(folder.File("net"), wrong)).Message, StringComparison.Ordinal);
            Assert.Throws<FileFormatException>(() => HuffmanFile.Read(folder.File("huffman"), wrong));
        }
        Assert.Contains("no mark RNDKDC01", Assert.Throws<FileFormatException>(() => HuffmanFile.Read(folder.File("net"), Mini())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Truncated_files_are_refused_wherever_they_end()
    {
        using TemporaryFolder folder = new();
        (byte[] net, byte[] huffman) = Files(folder);
        Rng rng = new(5);
        for (int trial = 0; trial < 60; trial++)
        {
            File.WriteAllBytes(folder.File("cut"), net[..rng.NextInt(net.Length)]);
            Assert.Throws<FileFormatException>(() => DeepCompressionFile.Read(folder.File("cut"), Mini()));
            File.WriteAllBytes(folder.File("cut"), huffman[..rng.NextInt(huffman.Length)]);
            Assert.Throws<FileFormatException>(() => HuffmanFile.Read(folder.File("cut"), Mini()));
        }
    }

    [Fact]
    public void A_flipped_bit_is_an_error_in_our_file_and_never_a_crash_in_the_authors()
    {
        using TemporaryFolder folder = new();
        (byte[] net, byte[] huffman) = Files(folder);
        Rng rng = new(6);
        SqueezeNet model = Mini();
        for (int trial = 0; trial < 100; trial++)
        {
            File.WriteAllBytes(folder.File("flipped"), Flipped(huffman, rng.NextInt(8 * huffman.Length)));
            Assert.Throws<FileFormatException>(() => HuffmanFile.Read(folder.File("flipped"), model));
            File.WriteAllBytes(folder.File("flipped"), Flipped(net, rng.NextInt(8 * net.Length)));
            try
            {
                DeepCompressionFile.Read(folder.File("flipped"), model); // the format cannot tell one weight from another
            }
            catch (FileFormatException) { }
        }
        File.WriteAllBytes(folder.File("flipped"), Flipped(net, 3 * 8 + 7)); // the highest bit of the first count
        Assert.Contains("weights of conv1; needed at most", Assert.Throws<FileFormatException>(() => DeepCompressionFile.Read(folder.File("flipped"), model)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Streams_that_lie_behind_a_right_checksum_are_refused_too()
    {
        using TemporaryFolder folder = new();
        (_, byte[] huffman) = Files(folder);
        Rng rng = new(7);
        SqueezeNet model = Mini();
        for (int trial = 0; trial < 100; trial++)
        {
            byte[] lie = Flipped(huffman, rng.NextInt(8 * (huffman.Length - 4)));
            BitConverter.GetBytes(Crc32.Update(0, lie.AsSpan(0, lie.Length - 4))).CopyTo(lie, lie.Length - 4);
            File.WriteAllBytes(folder.File("lie"), lie);
            try
            {
                HuffmanFile.Read(folder.File("lie"), model); // another weight is as good as the right one
            }
            catch (FileFormatException) { }
        }
    }

    private static (byte[] Net, byte[] Huffman) Files(TemporaryFolder folder)
    {
        SqueezeNet model = Mini();
        new Pruning(model, 0.1).Apply();
        DeepCompressionFile.Write(folder.File("net"), CompressedNetwork.Of(model, 8));
        return (File.ReadAllBytes(folder.File("net")), HuffmanFile.ToBytes(CompressedNetwork.Of(model, 4)));
    }

    private static byte[] Flipped(byte[] bytes, int bit)
    {
        byte[] copy = [.. bytes];
        copy[bit / 8] ^= (byte)(1 << (bit % 8));
        return copy;
    }

    private static void AssertRoundTrip(byte[] symbols, HuffmanCode code)
    {
        using FormatReader reader = new(new MemoryStream(), "test", 0, ReadLimits.Default);
        Assert.Equal(symbols, HuffmanCode.FromLengths(code.Lengths.ToArray())!.Decode(code.Encode(symbols), symbols.Length, reader));
        if (symbols.Distinct().Count() > 1 && symbols.Length > 20) Assert.Throws<FileFormatException>(() => code.Decode(code.Encode(symbols).AsSpan(..^2), symbols.Length, reader));
    }

    private static SqueezeNet Mini() => new(SqueezeNetPlan.Mini with { Dropout = 0 }, 10, new Rng(1), channels: 1);

    private static void Backward(SqueezeNet model, long seed) =>
        model.Forward(new Rng(seed).Normal([4, 1, 8, 8])).CrossEntropy(IntTensor.Of(1, 2, 3, 4)).Backward();

    private static IEnumerable<byte> Repeat(byte symbol, int times) => Enumerable.Repeat(symbol, times);
}
