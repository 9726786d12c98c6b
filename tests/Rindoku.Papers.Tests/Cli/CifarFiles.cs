using Rindoku.Data;

namespace Rindoku.Papers.Tests.Cli;

/// <summary>Files with the names and sizes of the reduced CIFAR-10 that hold something else.</summary>
internal static class CifarFiles
{
    /// <param name="folder">The data folder.</param>
    /// <param name="damaged">Whether to cut the training file short.</param>
    public static void Write(string folder, bool damaged)
    {
        DataEdition reduced = DataCatalogue.All.Single(entry => entry.Name == "cifar10").Editions.Single(edition => edition.Name == "reduced");
        foreach (DataFile file in reduced.Files)
        {
            string path = new DataDirectory(folder).PathOf(file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using FileStream stream = File.Create(path);
            stream.SetLength(file.Bytes - (damaged && file.Path.Contains("train", StringComparison.Ordinal) ? 1 : 0));
        }
    }
}
