using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Rindoku.Autograd;
using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Papers.Tests.Cli;
using Rindoku.Papers.Vision.SqueezeNet;
using Rindoku.Tests.Data;

namespace Rindoku.Papers.Tests.Vision;

/// <summary>The arm that reads weights: the exact checks of the sheet on the authors' file where it is, and files that the tests write.</summary>
public sealed class SqueezeNetWeightsTests
{
    // Name, entries, weights that are not 0, sum of the weights, sum of the biases, the first three weights.
    private static readonly (string Name, int Entries, int NonZero, double Weights, double Biases, float[] First)[] SheetLayers =
    [
        ("conv1", 13902, 13902, -0.565541, 34.281552, [0.14152136f, 0.09867926f, 0.05103114f]),
        ("fire2.squeeze", 1528, 1528, 65.083957, 10.297529, [0.16381358f, 0.20254503f, -0.16746512f]),
        ("fire2.expand3x3", 3073, 3039, -17.626808, 1.139853, [0, -0.03650385f, 0]),
        ("fire5.squeeze", 8160, 8160, 45.838344, 0.787356, [-0.00128717f, -0.1302831f, 0.07969957f]),
        ("fire9.expand3x3", 45038, 44173, -343.143728, 0.020742, [-0.03101226f, 0, 0]),
        ("conv10", 105973, 102323, -1765.988846, 32.868255, [0, -0.03567561f, 0]),
    ];

    [RealDataFact("squeezenet")]
    public void The_authors_file_decodes_to_the_sheets_numbers()
    {
        CompressedNetwork network = Published();
        Assert.Equal(415_921, network.Remaining);
        Assert.Equal(422_083, network.Layers.Sum(layer => SparseCode.Encode(layer.Codes).Codes.Length));
        foreach ((string name, int entries, int nonZero, double weights, double biases, float[] first) in SheetLayers)
        {
            CompressedLayer layer = network.Layers.Single(l => l.Name == name);
            float[] values = layer.Weight().ToArray();
            Assert.Equal(entries, SparseCode.Encode(layer.Codes).Codes.Length);
            Assert.Equal(nonZero, values.Count(w => w != 0));
            Assert.Equal(weights, values.Sum(w => (double)w), 1e-5);
            Assert.Equal(biases, layer.Bias.Sum(b => (double)b), 1e-5);
            for (int i = 0; i < 3; i++) Assert.Equal(first[i], values[i], 1e-7f);
        }
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (CompressedLayer layer in network.Layers)
        {
            hash.AppendData(MemoryMarshal.AsBytes<float>(layer.Weight().ToArray()));
            hash.AppendData(MemoryMarshal.AsBytes<float>(layer.Bias));
        }
        Assert.Equal("5760c45770e3dd678a28d737d89dad7ea9138e3c5f8d3ec581db56431fe6f920", Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    [RealDataFact("squeezenet")]
    public void Written_again_the_authors_file_is_the_same_to_the_last_bit()
    {
        using TemporaryFolder folder = new();
        DeepCompressionFile.Write(folder.File("net"), Published());
        Assert.Equal(File.ReadAllBytes(PublishedPath), File.ReadAllBytes(folder.File("net")));
        Assert.Equal(675_763, new FileInfo(folder.File("net")).Length);
        HuffmanFile.Write(folder.File("huffman"), Published());
        DeepCompressionFile.Write(folder.File("again"), HuffmanFile.Read(folder.File("huffman"), V10()));
        Assert.Equal(File.ReadAllBytes(PublishedPath), File.ReadAllBytes(folder.File("again")));
    }

    // The sheet's table, measured without the tables of the Huffman codes.
    [RealDataFact("squeezenet")]
    public void Sizes_with_fewer_bits_are_those_of_the_sheet()
    {
        CompressedNetwork shipped = Published();
        foreach ((int bits, int raw, int huffman) in ((int, int, int)[])[(8, 675_763, 556_592), (7, 609_704, 433_025), (6, 550_284, 375_884), (5, 494_197, 338_193), (4, 439_768, 316_083)])
        {
            CompressedNetwork network = bits == 8 ? shipped : shipped.Requantised(bits);
            Assert.Equal(raw, network.RawBytes);
            Assert.InRange(HuffmanFile.BytesWithoutTables(network), 0.99 * huffman, 1.01 * huffman);
        }
    }

    [RealDataFact("squeezenet")]
    public void The_decoded_network_gives_the_sheets_scores()
    {
        using NoGrad noGrad = NoGrad.Enter();
        SqueezeNet model = V10();
        Published().LoadInto(model);
        model.Eval();
        Tensor zero = model.Forward(Tensor.Zeros([1, 3, 227, 227]));
        Near(94.32, zero.ToArray().Sum(s => (double)s));
        AssertBest(zero, [892, 600, 631, 794, 419], [0.6630, 0.6041, 0.5977, 0.5790, 0.5755]);

        Tensor pattern = Tensor.Generate([1, 3, 227, 227], i => (37 * (i / (227 * 227)) + 3 * (i / 227 % 227) + 5 * (i % 227)) % 256 - 128);
        (IReadOnlyList<Tensor> layers, Tensor scores) = model.Activations(pattern);
        Near(2315.10, scores.ToArray().Sum(s => (double)s));
        AssertBest(scores, [843, 905, 645, 333, 448], [25.3843, 25.1175, 19.5033, 17.7094, 17.6951]);
        double[] first = [0.78149, 0.86250, 0.52903, 0, 0.10976, 0.39600, 0.02505, 0.03932];
        for (int i = 0; i < first.Length; i++) Assert.Equal(first[i], scores[0, i], 1e-3);
        foreach ((int layer, double sum) in ((int, double)[])[(0, 38_519_771.9), (3, 194_707_248.6), (8, 1_007_970.92), (9, 520_897.53)])
            Near(sum, layers[layer].ToArray().Sum(s => (double)s));
    }

    [RealDataFact("squeezenet", "imagenet-sample", NeedsFfmpeg = true)] // the photos are JPEG; every other test works on PNG
    public void Photos_are_named_as_by_an_independent_implementation()
    {
        using TemporaryFolder folder = new();
        SqueezeNet model = V10();
        Published().LoadInto(model);
        model.Eval();
        LabelledSet photos = ImageNetPhotos.Read(RealDataFactAttribute.Folder!, folder.Path, most: 20);
        string[][] reference = [.. File.ReadLines(Path.Combine(RealDataFactAttribute.Folder!.Root, "imagenet-sample", "squeezenet_reference_top5.tsv")).Skip(1).Take(20).Select(line => line.Split('\t'))];
        int[] named = Classification.Predictions(PictureTask.Scores(model, photos));
        // Decoders of JPEG differ by a shade here and there.
        Assert.InRange(named.Zip(reference).Count(pair => pair.First == int.Parse(pair.Second[2], CultureInfo.InvariantCulture)), 18, 20);
    }

    [RealDataFact("squeezenet")]
    public async Task A_damaged_copy_of_the_authors_file_is_told()
    {
        using Program program = new();
        string copy = Path.Combine(program.Data, "models", "squeezenet_deep_compression", "compressed_SqueezeNet.net");
        Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
        byte[] bytes = File.ReadAllBytes(PublishedPath);
        bytes[30_000] ^= 4;
        File.WriteAllBytes(copy, bytes);
        string photo = WritePhoto(program.Folder);
        (await program.RunHere("run", "squeezenet", "--arm", "pretrained", "--data", program.Data, "--set", $"image={photo}")).IsFailure("that of the authors' file: it is damaged");
    }

    [Fact]
    public async Task A_photo_is_given_its_five_likeliest_classes_from_a_file_of_either_format()
    {
        using Program program = new();
        string photo = WritePhoto(program.Folder);
        (string net, string huffman) = WriteWeights(program.Folder);
        string[][] lines = new string[2][];
        foreach ((string weights, int i) in ((string, int)[])[(net, 0), (huffman, 1)])
        {
            Ended ended = await program.RunHere("run", "squeezenet", "--arm", "pretrained", "--data", program.Data, "--set", $"image={photo}", $"weights={weights}");
            Assert.Equal(0, ended.Code);
            lines[i] = [.. ended.Output.Split('\n').Where(line => line.Contains("(class ", StringComparison.Ordinal) || line.Contains(". class ", StringComparison.Ordinal))];
            Assert.Equal(["1. class", "2. class", "3. class", "4. class", "5. class"], lines[i].Select(line => line[..8]));
            Assert.Contains("imagenet-sample, which is not in", ended.Output, StringComparison.Ordinal);
        }
        Assert.Equal(lines[0], lines[1]);
    }

    [Fact]
    public async Task What_is_no_picture_and_what_are_no_weights_is_told()
    {
        using Program program = new();
        string photo = WritePhoto(program.Folder), text = program.Folder.File("letter.jpg");
        (string net, _) = WriteWeights(program.Folder);
        await File.WriteAllTextAsync(text, "Dear reader");
        async Task Refused(string message, params string[] set) =>
            (await program.RunHere(["run", "squeezenet", "--arm", "pretrained", "--data", program.Data, "--set", .. set])).IsFailure(message);
        await Refused("letter.jpg, byte 0: found the first bytes 4465617220726561; needed a picture", $"image={text}", $"weights={net}");
        await Refused("Could not find file", $"image={program.Folder.File("none.png")}", $"weights={net}");
        await Refused("photo.png, byte 0: found 1196314761 weights of conv1; needed at most 14112: the file is of another network", $"image={photo}", $"weights={photo}");
        File.WriteAllBytes(program.Folder.File("cut"), File.ReadAllBytes(net)[..^1]);
        await Refused("by its counts: the file is truncated", $"image={photo}", $"weights={program.Folder.File("cut")}");
        File.WriteAllBytes(program.Folder.File("half.png"), File.ReadAllBytes(photo)[..200]);
        await Refused("half.png", $"image={program.Folder.File("half.png")}", $"weights={net}");
        await Refused($"The data set 'squeezenet' is not in {program.Data}. Run 'rindoku data get squeezenet'", $"image={photo}");
        await Refused($"The data set 'imagenet-sample' is not in {program.Data}.", $"weights={net}");
        await Refused("the weights are of SqueezeNet v1.0 without bypass", $"weights={net}", "form=v11");
    }

    [Fact]
    public async Task Settings_out_of_range_are_bad_usage()
    {
        using Program program = new();
        async Task Refused(string message, string set) => (await program.RunHere("run", "squeezenet", "--arm", "compressed", "--set", set)).IsBadUsage(message);
        await Refused("--set bits: got '9'; needed different numbers from 1 to 8, such as 5,3.", "bits=9");
        await Refused("--set bits: got '3,3'", "bits=3,3");
        await Refused("--set density", "density=0");
        await Refused("--set dropout", "dropout=1");
        await Refused("--set epochs", "epochs=0");
        (await program.RunHere("run", "squeezenet", "--arm", "plain", "--set", "bypass=simple")).IsBadUsage("plain convolutions have no ways around them");
    }

    [Fact]
    public async Task Without_its_folder_of_pictures_the_paper_profile_says_so()
    {
        using Program program = new();
        (await program.RunHere("run", "squeezenet", "--profile", "paper", "--data", program.Data)).IsFailure(Path.Combine("imagenet", "train"));
    }

    [Fact]
    public void A_photo_is_cut_and_turned_into_what_caffe_takes()
    {
        // 300 x 260: the short side becomes 256; a plain colour stays what it is.
        byte[] pixels = new byte[300 * 260 * 3];
        for (int i = 0; i < pixels.Length; i += 3) (pixels[i], pixels[i + 1], pixels[i + 2]) = (200, 100, 50);
        Tensor x = ImageNetPhotos.Prepare(new Image(300, 260, 3, pixels));
        Assert.Equal([3, 227, 227], x.Shape);
        for (int c = 0; c < 3; c++) Assert.Equal(new float[] { 50 - 104, 100 - 117, 200 - 123 }[c], x[c, 100, 13], 1e-4f);
        Assert.Equal(200 / 255f, CaffeInput.Undo(x)[0, 50, 60], 1e-5f);
        Assert.Equal(50 / 255f, CaffeInput.Undo(x)[2, 50, 60], 1e-5f);
        // At the size of the data folder's photos nothing is resized: the window is the one in the middle.
        byte[] ramp = [.. Enumerable.Range(0, 341 * 256).Select(i => (byte)(i % 341 % 256))];
        Tensor y = ImageNetPhotos.Prepare(new Image(341, 256, 1, ramp));
        Assert.Equal((341 - 227) / 2 - 104, y[0, 0, 0], 1e-4f);
        // A line of pixels and a single one are pictures, too.
        Assert.Equal([3, 227, 227], ImageNetPhotos.Prepare(new Image(100_000, 1, 1, new byte[100_000])).Shape);
        Assert.Equal([3, 227, 227], ImageNetPhotos.Prepare(new Image(1, 1, 1, [7])).Shape);
    }

    private static string PublishedPath => RealDataFactAttribute.Folder!.PathOf(DataCatalogue.Find("squeezenet").Editions[0].Files[0]);

    private static SqueezeNet V10() => new(SqueezeNetPlan.V10, 1000, new Rng(1));

    private static CompressedNetwork Published() => DeepCompressionFile.Read(PublishedPath, V10());

    private static (string Net, string Huffman) WriteWeights(TemporaryFolder folder)
    {
        SqueezeNet model = V10();
        new Pruning(model, 0.1).Apply();
        CompressedNetwork network = CompressedNetwork.Of(model, 4);
        DeepCompressionFile.Write(folder.File("net"), network);
        HuffmanFile.Write(folder.File("huffman"), network);
        return (folder.File("net"), folder.File("huffman"));
    }

    private static string WritePhoto(TemporaryFolder folder)
    {
        string path = folder.File("photo.png");
        Image.FromTensor(new Rng(3).Uniform([3, 40, 50])).Write(path);
        return path;
    }

    private static void AssertBest(Tensor scores, int[] classes, double[] values)
    {
        float[] all = scores.ToArray();
        Assert.Equal(classes, Enumerable.Range(0, all.Length).OrderByDescending(c => all[c]).Take(classes.Length));
        for (int i = 0; i < classes.Length; i++) Assert.Equal(values[i], all[classes[i]], 1e-3 * values[i]);
    }

    private static void Near(double expected, double actual) => Assert.Equal(expected, actual, 1e-3 * Math.Abs(expected));
}
