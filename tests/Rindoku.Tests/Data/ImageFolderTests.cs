using Rindoku.Data;
using Rindoku.IO;

namespace Rindoku.Tests.Data;

public sealed class ImageFolderTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("rindoku-folder-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    private void Add(string path, int width, int height, byte value)
    {
        string full = Path.Combine(root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        new Image(width, height, 1, [.. Enumerable.Repeat(value, width * height)]).Write(full);
    }

    private void Fill()
    {
        Add("dog/2.png", 2, 2, 20);
        Add("dog/10.png", 2, 2, 10);
        Add("cat/sub/a.PNG", 4, 2, 40);
        Directory.CreateDirectory(Path.Combine(root, "empty"));
        File.WriteAllText(Path.Combine(root, "dog", "notes.txt"), "not a picture");
    }

    [Fact]
    public void Classes_and_files_are_in_the_order_of_their_names()
    {
        Fill();
        ImageFolder folder = new(root);

        Assert.Equal(["cat", "dog"], folder.ClassNames);
        Assert.Equal([("a.PNG", 0), ("10.png", 1), ("2.png", 1)], Enumerable.Range(0, 3).Select(i => (Path.GetFileName(folder[i].Path), folder[i].Label)));
    }

    [Fact]
    public void Pictures_are_loaded_converted_and_resized()
    {
        Fill();
        LabelledSet set = new ImageFolder(root).Load(2, 2);

        Assert.Equal([3, 3, 2, 2], set.Inputs.Shape);
        Assert.Equal([0, 1, 1], set.Labels.ToArray());
        Assert.All(set[0].Input.ToArray(), pixel => Assert.Equal(40 / 255f, pixel, 1e-6));
        Assert.All(set[2].Input.ToArray(), pixel => Assert.Equal(20 / 255f, pixel, 1e-6));
        Assert.Throws<FileFormatException>(() => new ImageFolder(root, ReadLimits.Default with { Elements = 35 }).Load(2, 2));
    }

    [Fact]
    public void Pictures_are_streamed_in_batches()
    {
        Fill();
        ImageFolder folder = new(root);
        foreach (Batch batch in folder.Stream(new LoaderOptions(2) { Shuffle = false }, new Rng(0), new Resize(2, 3), channels: 1).Epoch(0))
        {
            Assert.Equal([batch.Count, 1, 2, 3], batch.X.Shape);
            Assert.Equal(batch.Position.Batch == 0 ? [0, 1] : [1], batch.Y.ToArray());
        }
        var error = Assert.Throws<ShapeException>(() => folder.Stream(new LoaderOptions(3), new Rng(0), new Compose()).Epoch(0).Count());
        Assert.Contains("start the transform with Resize", error.Message);
    }

    [Fact]
    public void Damaged_and_missing_pictures_are_named()
    {
        Fill();
        string bad = Path.Combine(root, "dog", "bad.png");
        File.WriteAllBytes(bad, File.ReadAllBytes(Path.Combine(root, "dog", "2.png"))[..40]);
        Assert.Contains("bad.png", Assert.Throws<FileFormatException>(() => new ImageFolder(root).Load(2, 2)).Message);
        Assert.Throws<DirectoryNotFoundException>(() => new ImageFolder(Path.Combine(root, "none")));
        Assert.Contains("one sub-folder for each class", Assert.Throws<DataException>(() => new ImageFolder(Path.Combine(root, "dog"))).Message);
    }
}
