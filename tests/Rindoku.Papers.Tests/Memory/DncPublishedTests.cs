using Rindoku.Autograd;
using Rindoku.Data;
using Rindoku.IO;
using Rindoku.Ops;
using Rindoku.Papers.Memory.Dnc;
using Rindoku.Tests.Data;

namespace Rindoku.Papers.Tests.Memory;

/// <summary>Check 8 of the sheet: weights that others trained with a program of their own work in ours, and need every mechanism.</summary>
public sealed class DncPublishedTests
{
    private static DataDirectory Folder => RealDataFactAttribute.Folder!;

    [RealDataFact("dnc-copy")]
    public void The_golden_sequence_gives_the_golden_logits()
    {
        float[][] golden =
        [
            [24.220f, -33.916f, 43.948f, 25.601f, -71.740f], [-22.597f, 32.690f, 27.995f, -26.381f, 28.695f], [31.762f, 30.918f, -85.626f, -25.295f, -367.510f],
            [-28.537f, -58.274f, 27.432f, -29.296f, 36.472f], [29.436f, -34.720f, -52.061f, 24.194f, 90.571f],
        ];
        Tensor vectors = Tensor.Of(1, 0, 1, 1, 0, 0, 1, 1, 0, 1, 1, 1, 0, 0, 0, 0, 0, 1, 0, 1, 1, 0, 0, 1, 1).Reshape(1, 5, 5);
        Dnc model = PublishedModel.Load(Folder, "single-10", rows: 15);
        Assert.Equal(49_084, model.ParameterCount);
        List<(MemoryInterface Told, ExternalMemory Memory)> seen = [];
        using NoGrad recording = NoGrad.Enter();
        Tensor y = model.Run(CopyTask.Of(vectors).Inputs, (told, memory) => seen.Add((told, memory)));
        for (int t = 0; t < 5; t++)
            for (int bit = 0; bit < 5; bit++) Assert.Equal(golden[t][bit], y[0, 6 + t, bit], Math.Abs(golden[t][bit]) * 1e-2f);
        // At the first recall: forward alone, and a sharp look at one row.
        float[] modes = seen[6].Told.ReadModes.ToArray(), read = seen[6].Memory.ReadWeights.ToArray();
        Assert.Equal([0, 0, 1], modes.Select(mode => Math.Round(mode, 3)));
        Assert.Equal(0.997, read.Max(), 4); // in which row hangs on usages that are equal but for rounding
    }

    [RealDataFact("dnc-copy")]
    public void Four_sequences_in_a_row_are_copied_and_each_mechanism_is_needed_for_it()
    {
        SequenceBatch series = PublishedArm.SeriesOf(200, new Rng(1));
        Assert.Equal(44, series.Inputs.Shape[1]);
        Assert.Equal((100, 100), PublishedArm.Measure(PublishedModel.Load(Folder, "series-4", 10), series));
        (double exact, double bits) = PublishedArm.Measure(PublishedModel.Load(Folder, "series-2", 10), series);
        Assert.Equal(0, exact);
        Assert.Equal(90.6, (100 * bits + 164 * 100) / 264, 1.0); // the sheet counts all 264 outputs, of which these 100 are recalled; the others are zeros
        Dictionary<string, double> sheet = new() { ["links"] = 53.0, ["free gates"] = 75.2, ["allocation"] = 51.4, ["erasing"] = 77.7, ["telling forward from backward"] = 55.8 };
        foreach ((string mechanism, (Func<MemoryOptions, MemoryOptions>? memory, Func<MemoryInterface, MemoryInterface>? told)) in PublishedArm.Lesions)
        {
            (exact, bits) = PublishedArm.Measure(PublishedModel.Load(Folder, "series-4", 10, memory, told), series);
            Assert.Equal(0, exact);
            Assert.Equal(sheet[mechanism], bits, 2.0); // other random bits than the sheet's
        }
    }

    [RealDataFact("dnc-copy")]
    public void A_memory_of_more_rows_holds_longer_sequences_without_training()
    {
        double Exact(int rows, int length) => PublishedArm.Measure(PublishedModel.Load(Folder, "single-10", rows), PublishedArm.Copies(100, length, new Rng(length))).Exact;
        Assert.All([1, 5, 12], length => Assert.Equal(100, Exact(15, length)));
        Assert.InRange(Exact(15, 15), 90, 100);
        Assert.Equal(0, Exact(15, 20));
        Assert.Equal(100, Exact(40, 20));
    }

    [RealDataFact("dnc-copy")]
    public void A_checkpoint_that_was_cut_or_changed_is_told()
    {
        byte[] bytes = File.ReadAllBytes(Path.Combine(Folder.Root, "models", "dnc_copy", "model-series-4.ckpt"));
        foreach (int length in (int[])[0, 100, 1000, 100_000, bytes.Length - 6000])
            Assert.Contains("found no variable", Assert.Throws<FileFormatException>(() => PublishedModel.FromCheckpoint(bytes[..length], "cut", 10)).Message, StringComparison.Ordinal);
        using TemporaryFolder folder = new();
        foreach (string name in PublishedModel.Names)
        {
            string path = Path.Combine(folder.Path, "models", "dnc_copy", $"model-{name}.ckpt");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            bytes[5000] ^= 1;
            File.WriteAllBytes(path, bytes);
        }
        Assert.Contains("is damaged", Assert.Throws<FileFormatException>(() => PublishedModel.Load(new DataDirectory(folder.Path), "series-4", 10)).Message, StringComparison.Ordinal);
    }
}
