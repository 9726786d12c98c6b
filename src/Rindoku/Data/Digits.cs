using System.IO.Compression;

namespace Rindoku.Data;

/// <summary>The UCI handwritten digits that come with the library: 1,797 real scans of 8 x 8 pixels, 10 classes.</summary>
/// <remarks>
/// Source: E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository, 1998,
/// CC BY 4.0. Each pixel counts the ink in a 4 x 4 block of the original scan, from 0 to 16.
/// </remarks>
public static class Digits
{
    private const int RecordLength = 1 + 64;

    /// <summary>The names of the classes: "0" to "9".</summary>
    public static IReadOnlyList<string> ClassNames { get; } = [.. Enumerable.Range(0, 10).Select(digit => $"{digit}")];

    /// <summary>The fixed split: of each digit's scans in the order of the file every fourth (the 4th, 8th, ...) is a test scan.</summary>
    /// <returns>1,352 training and 445 test scans, (N, 1, 8, 8), pixels from 0 to 1.</returns>
    public static (LabelledSet Train, LabelledSet Test) Load()
    {
        LabelledSet all = LoadAll();
        int[] seen = new int[10];
        List<int> train = [], test = [];
        for (int i = 0; i < all.Count; i++) (++seen[all.Labels[i]] % 4 == 0 ? test : train).Add(i);
        return (all.Subset([.. train]), all.Subset([.. test]));
    }

    /// <summary>All 1,797 scans in the order of the file, (N, 1, 8, 8), pixels from 0 to 1.</summary>
    public static LabelledSet LoadAll()
    {
        using Stream resource = typeof(Digits).Assembly.GetManifestResourceStream("digits.bin.gz")
            ?? throw new InvalidOperationException("Digits: the resource digits.bin.gz is missing from the assembly");
        using GZipStream unpacked = new(resource, CompressionMode.Decompress);
        using MemoryStream bytes = new();
        unpacked.CopyTo(bytes);
        return Decode(bytes.ToArray());
    }

    private static LabelledSet Decode(byte[] records)
    {
        int count = records.Length / RecordLength;
        float[] pixels = new float[count * 64];
        int[] labels = new int[count];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> record = records.AsSpan(i * RecordLength, RecordLength);
            labels[i] = record[0];
            for (int p = 0; p < 64; p++) pixels[i * 64 + p] = record[1 + p] / 16f;
        }
        return new LabelledSet(Tensor.Own(pixels, [count, 1, 8, 8]), IntTensor.Of(labels), ClassNames);
    }
}
