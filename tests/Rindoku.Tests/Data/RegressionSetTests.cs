using System.IO.Compression;
using Rindoku.Data;
using Rindoku.IO;

namespace Rindoku.Tests.Data;

public sealed class RegressionSetTests
{
    [Fact]
    public void Standardised_by_the_training_part_both_parts_change_alike()
    {
        RegressionSet train = new(Tensor.From([1, 5, 3, 5], [2, 2]), Tensor.Of(10, 30)), test = new(Tensor.From([5, 6], [1, 2]), Tensor.Of(40));
        (RegressionSet a, RegressionSet b, float unit) = RegressionSet.Standardise(train, test);
        Assert.Equal([-1, 0, 1, 0], a.Inputs.ToArray()); // the second column is the same everywhere: only shifted
        Assert.Equal([-1, 1], a.Targets.ToArray());
        Assert.Equal([3, 1], b.Inputs.ToArray());
        Assert.Equal([2], b.Targets.ToArray());
        Assert.Equal(10, unit);
    }

    [Fact]
    public void A_split_holds_every_example_once()
    {
        RegressionSet set = new(Tensor.Generate([10, 1], i => i), Tensor.Generate([10], i => i));
        (RegressionSet first, RegressionSet second) = set.Split(0.8, new Rng(1));
        Assert.Equal((8, 2), (first.Count, second.Count));
        Assert.Equal(Enumerable.Range(0, 10).Select(i => (float)i), first.Targets.ToArray().Concat(second.Targets.ToArray()).Order());
        Assert.Equal(first.Inputs.ToArray(), first.Targets.ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => set.Split(1.5, new Rng(1)));
        Assert.Throws<ShapeException>(() => new RegressionSet(Tensor.Zeros([3, 2]), Tensor.Zeros([2])));
    }

    [Fact]
    public void Friedmans_problem_is_what_it_is_said_to_be()
    {
        // x = (1/2, 1, 1, 1/2, 1, ...): 10 sin(π/2) + 20 / 4 + 5 + 5 = 25.
        Assert.Equal(25, Friedman.Truth([0.5f, 1, 1, 0.5f, 1, 0.3f]), 1e-6);
        RegressionSet set = Friedman.Make(2000, new Rng(2), noise: 0);
        Assert.Equal((2000, 10), (set.Count, set.Features));
        for (int i = 0; i < set.Count; i += 97) Assert.Equal(Friedman.Truth(set.Inputs.Span.Slice(i * 10, 10)), set.Targets.Span[i], 1e-4);
        RegressionSet noisy = Friedman.Make(2000, new Rng(2), noise: 1);
        double[] errors = [.. Enumerable.Range(0, 2000).Select(i => noisy.Targets.Span[i] - Friedman.Truth(noisy.Inputs.Span.Slice(i * 10, 10)))];
        Assert.InRange(Math.Sqrt(errors.Average(e => e * e)), 0.93, 1.07); // four standard errors
        Assert.Throws<ArgumentOutOfRangeException>(() => Friedman.Make(10, new Rng(0), features: 4));
    }

    [Fact]
    public void Text_is_read_out_of_an_archive_and_a_damaged_one_is_told()
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            using (ZipArchive archive = new(File.Create(path), ZipArchiveMode.Create))
            {
                using (StreamWriter writer = new(archive.CreateEntry("a/b.csv").Open())) writer.Write("x,y\n1,2\n");
                using Stream latin = archive.CreateEntry("latin").Open();
                latin.Write([0xE9, 0x20]);
            }
            Assert.Equal("x,y\n1,2\n", ZipText.Read(path, "a/b.csv"));
            Assert.Contains("has no entry c.csv", Assert.Throws<FileFormatException>(() => ZipText.Read(path, "c.csv")).Message, StringComparison.Ordinal);
            Assert.Contains("UTF-8", Assert.Throws<FileFormatException>(() => ZipText.Read(path, "latin")).Message, StringComparison.Ordinal);
            Assert.Throws<FileFormatException>(() => ZipText.Read(path, "a/b.csv", ReadLimits.Default with { ExpandedBytes = 4 }));
            byte[] bytes = File.ReadAllBytes(path);
            File.WriteAllBytes(path, bytes[..(bytes.Length / 2)]);
            Assert.Throws<FileFormatException>(() => ZipText.Read(path, "a/b.csv"));
        }
        finally
        {
            File.Delete(path);
        }
    }
}
