using System.Security.Cryptography;
using Rindoku.Data;

namespace Rindoku.Tests.Data;

public sealed class DataDirectoryTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("rindoku-data-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static DataFile FileOf(string path, byte[] content, params Uri[] addresses) =>
        new(path, content.Length, Convert.ToHexStringLower(SHA256.HashData(content)), addresses);

    private void Write(string path, byte[] content)
    {
        string full = Path.Combine(folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllBytes(full, content);
    }

    private static DataEntry Entry(params DataEdition[] editions) => new("toy", "a toy", "MIT", new Uri("https://example.org"), editions);

    [Fact]
    public void The_folder_is_the_option_else_the_variable_else_the_cache()
    {
        string? Environment(string name) => name switch { "RINDOKU_DATA" => "/from/variable", _ => null };

        Assert.Equal(Path.GetFullPath("/given"), DataDirectory.Resolve("/given", Environment).Root);
        Assert.Equal(Path.GetFullPath("/from/variable"), DataDirectory.Resolve(null, Environment).Root);
        Assert.Equal(Path.GetFullPath("/from/variable"), DataDirectory.Resolve(" ", Environment).Root);
        Assert.EndsWith(Path.Combine("rindoku", "data"), DataDirectory.Resolve(null, _ => null).Root);
        if (OperatingSystem.IsLinux())
            Assert.Equal("/cache/rindoku/data", DataDirectory.Resolve(null, name => name == "XDG_CACHE_HOME" ? "/cache" : null).Root);
    }

    [Fact]
    public async Task The_first_edition_that_lies_there_whole_is_used_as_it_is()
    {
        DataEdition whole = new("official", "", FileOf("toy/a", [1, 2, 3]), FileOf("toy/b", [4]));
        DataEdition reduced = new("reduced", "", FileOf("toy/a", [1, 2]));
        DataDirectory directory = new(folder);
        Assert.Null(directory.Find(Entry(whole, reduced)));

        Write("toy/a", [1, 2]);
        Assert.Same(reduced, directory.Find(Entry(whole, reduced)));
        using Downloader downloader = new();
        Assert.Same(reduced, await directory.Get(Entry(whole, reduced), downloader));

        Write("toy/a", [1, 2, 3]);
        Write("toy/b", [4]);
        Assert.Same(whole, directory.Find(Entry(whole, reduced)));
    }

    [Fact]
    public void A_missing_set_says_how_to_get_it_and_what_is_damaged()
    {
        DataDirectory directory = new(folder);
        DataEntry here = Entry(new DataEdition("official", "", FileOf("toy/a", [1, 2, 3], new Uri("https://example.org/a"))));
        string message = Assert.Throws<DataException>(() => directory.Require(here)).Message;
        Assert.Contains("rindoku data get toy", message);
        Assert.Contains(folder, message);

        Write("toy/a", [1]);
        Assert.Contains("toy/a has 1 bytes and should have 3", Assert.Throws<DataException>(() => directory.Require(here)).Message);

        DataEntry nowhere = Entry(new DataEdition("reduced", "", FileOf("toy/c", [1, 2, 3])));
        Assert.Contains("no address", Assert.Throws<DataException>(() => directory.Require(nowhere)).Message);
    }

    [Fact]
    public async Task A_check_reads_the_files()
    {
        DataEntry entry = Entry(new DataEdition("official", "", FileOf("toy/a", [1, 2, 3]), FileOf("toy/b", [4])));
        Write("toy/a", [1, 2, 3]);
        Write("toy/b", [5]);

        IReadOnlyList<FileCheck> checks = await new DataDirectory(folder).Check(entry);
        Assert.Equal([true, false], checks.Select(check => check.Ok));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData([5])), checks[1].Sha256);
    }

    [Fact]
    public async Task A_set_is_downloaded_file_by_file_and_only_what_is_missing()
    {
        byte[] a = [1, 2, 3], b = [4, 5];
        using ScriptedServer server = new((request, stream, _) =>
        {
            byte[] body = request.Path == "/a" ? a : b;
            return ScriptedServer.Write(stream, $"200 OK\r\nContent-Length: {body.Length}", body);
        });
        DataEntry entry = Entry(new DataEdition("official", "", FileOf("toy/a", a, server.Address("/a")), FileOf("toy/b", b, server.Address("/b"))));
        Write("toy/a", a);
        DataDirectory directory = new(folder);
        using Downloader downloader = new();

        Assert.Equal("official", (await directory.Get(entry, downloader)).Name);
        Assert.Equal(["/b"], server.Requests.Select(request => request.Path));
        Assert.All(await directory.Check(entry), check => Assert.True(check.Ok));
    }

    [Fact]
    public void The_catalogue_is_in_order_and_complete()
    {
        Assert.Equal(DataCatalogue.All.Select(entry => entry.Name).Order(StringComparer.Ordinal), DataCatalogue.All.Select(entry => entry.Name));
        foreach (DataFile file in DataCatalogue.All.SelectMany(entry => entry.Editions).SelectMany(edition => edition.Files))
        {
            Assert.Matches("^[0-9a-f]{64}$", file.Sha256);
            Assert.True(file.Bytes > 0);
            Assert.Matches("^[a-z0-9-]+(/[a-z0-9_-]+)*/[A-Za-z0-9._-]+$", file.Path);
            Assert.All(file.Addresses, address => Assert.Equal("https", address.Scheme));
        }
        Assert.Contains("There are: ag-news, babi, cifar10", Assert.Throws<DataException>(() => DataCatalogue.Find("minst")).Message);
        Assert.Equal(170_052_171, DataCatalogue.Find("cifar10").Editions[0].Bytes);
    }
}
