using Rindoku.Data;

namespace Rindoku.Lab.Tests.Data;

public sealed class ImageNetFoldersTests
{
    [Fact]
    public void ImageNet_in_folders_gives_batches_and_validation_images_of_224_pixels()
    {
        using TemporaryFolder folder = new();
        Pictures(folder, "train", ["cat", "dog"], each: 3);
        Pictures(folder, "val", ["cat", "dog"], each: 1);
        ImageNetFolders set = new(new DataDirectory(folder.Path));
        Assert.Equal(2, set.Classes);
        Batch batch = set.Batches(new LoaderOptions(4), new Rng(1)).Epoch(0, scoped: false).First();
        Assert.Equal([4, 3, 224, 224], batch.X.Shape);

        List<int> labels = [];
        set.Validate((x, y) =>
        {
            Assert.Equal([2, 3, 224, 224], x.Shape);
            // All pixels are 51/255 = 0.2; red has mean 0.485 and deviation 0.229.
            Assert.Equal((0.2 - 0.485) / 0.229, x.Span[0], 1e-4);
            labels.AddRange(y.ToArray());
        });
        Assert.Equal([0, 1], labels);
    }

    [Fact]
    public void Folders_that_are_missing_or_do_not_fit_are_told()
    {
        using TemporaryFolder folder = new();
        Assert.Contains("needed is ImageNet", Assert.Throws<DataException>(() => new ImageNetFolders(new DataDirectory(folder.Path))).Message, StringComparison.Ordinal);
        Pictures(folder, "train", ["cat", "dog"], each: 1);
        Pictures(folder, "val", ["cat"], each: 1);
        Assert.Contains("has 2 class folders and imagenet/val 1", Assert.Throws<DataException>(() => new ImageNetFolders(new DataDirectory(folder.Path))).Message,
            StringComparison.Ordinal);
    }

    private static void Pictures(TemporaryFolder folder, string part, string[] classes, int each)
    {
        foreach (string name in classes)
        {
            string path = Path.Combine(folder.Path, "imagenet", part, name);
            Directory.CreateDirectory(path);
            for (int i = 0; i < each; i++) new Image(8, 6, 3, [.. Enumerable.Repeat((byte)51, 8 * 6 * 3)]).Write(Path.Combine(path, $"{i}.png"));
        }
    }
}
