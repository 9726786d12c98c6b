using System.Security.Cryptography;
using Rindoku.Data;

namespace Rindoku.Tests.Data;

public sealed class DownloaderTests : IDisposable
{
    private static readonly byte[] Content = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 7 + i / 256))];

    private readonly string folder = Directory.CreateTempSubdirectory("rindoku-download-").FullName;
    private readonly Downloader downloader = new();

    public void Dispose()
    {
        downloader.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private string Target => Path.Combine(folder, "sub", "file.bin");
    private string Part => Target + ".part";

    private static DataFile FileAt(params Uri[] addresses) =>
        new("sub/file.bin", Content.Length, Convert.ToHexStringLower(SHA256.HashData(Content)), addresses);

    // A well-behaved server, which knows ranges.
    private static async Task Good(ScriptedServer.Request request, Stream stream, CancellationToken stop)
    {
        if (request.From is not { } from) await ScriptedServer.Write(stream, $"200 OK\r\nContent-Length: {Content.Length}", Content);
        else
            await ScriptedServer.Write(stream,
                $"206 Partial Content\r\nContent-Length: {Content.Length - from}\r\nContent-Range: bytes {from}-{Content.Length - 1}/{Content.Length}", Content.AsMemory((int)from));
    }

    private async Task<string> Refusal(Func<ScriptedServer.Request, Stream, CancellationToken, Task> answer, double stallSeconds = 30)
    {
        using ScriptedServer server = new(answer);
        using Downloader patient = new() { StallTimeout = TimeSpan.FromSeconds(stallSeconds) };
        var error = await Assert.ThrowsAsync<DataException>(() => patient.Download(FileAt(server.Address("/f")), Target));
        Assert.False(File.Exists(Target));
        return error.Message;
    }

    [Fact]
    public async Task A_file_is_fetched_checked_and_named()
    {
        using ScriptedServer server = new(Good);
        List<long> reports = [];
        await downloader.Download(FileAt(server.Address("/f")), Target, new Immediate(reports));

        Assert.Equal(Content, File.ReadAllBytes(Target));
        Assert.False(File.Exists(Part));
        Assert.Equal(Content.Length, reports[^1]);
        Assert.Equal(reports.Order(), reports);
    }

    [Fact]
    public async Task A_download_goes_on_where_it_was_cut_off()
    {
        int calls = 0;
        using ScriptedServer server = new((request, stream, stop) => ++calls > 1 ? Good(request, stream, stop)
            : ScriptedServer.Write(stream, $"200 OK\r\nContent-Length: {Content.Length}", Content.AsMemory(0, 100_000)));
        DataFile file = FileAt(server.Address("/f"));

        var error = await Assert.ThrowsAsync<DataException>(() => downloader.Download(file, Target));
        Assert.Contains("go on", error.Message);
        Assert.Equal(100_000, new FileInfo(Part).Length);

        await downloader.Download(file, Target);
        Assert.Equal(Content, File.ReadAllBytes(Target));
        Assert.Equal(100_000, server.Requests[1].From);
    }

    [Fact]
    public async Task A_server_that_knows_no_ranges_sends_the_whole_again()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Part)!);
        await File.WriteAllBytesAsync(Part, Content[..5000]);
        using ScriptedServer server = new((_, stream, _) => ScriptedServer.Write(stream, $"200 OK\r\nContent-Length: {Content.Length}", Content));

        await downloader.Download(FileAt(server.Address("/f")), Target);
        Assert.Equal(Content, File.ReadAllBytes(Target));
    }

    [Fact]
    public async Task A_part_of_another_file_is_thrown_away_and_fetched_anew()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Part)!);
        await File.WriteAllBytesAsync(Part, new byte[5000]);
        using ScriptedServer server = new(Good);

        await downloader.Download(FileAt(server.Address("/f")), Target);
        Assert.Equal(Content, File.ReadAllBytes(Target));
        Assert.Equal([5000L, null], server.Requests.Select(r => r.From));
    }

    [Fact]
    public async Task A_complete_part_is_only_checked()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Part)!);
        await File.WriteAllBytesAsync(Part, Content);
        using ScriptedServer server = new(Good);

        await downloader.Download(FileAt(server.Address("/f")), Target);
        Assert.Equal(Content, File.ReadAllBytes(Target));
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task A_wrong_hash_is_refused_and_nothing_is_kept()
    {
        byte[] other = [.. Content];
        other[77] ^= 1;
        string message = await Refusal((_, stream, _) => ScriptedServer.Write(stream, $"200 OK\r\nContent-Length: {other.Length}", other));

        Assert.Contains(Convert.ToHexStringLower(SHA256.HashData(other)), message);
        Assert.False(File.Exists(Part));
    }

    [Fact]
    public async Task A_server_that_announces_another_size_is_refused_at_once() =>
        Assert.Contains("has 299999 bytes; 300000 were expected",
            await Refusal((_, stream, _) => ScriptedServer.Write(stream, "200 OK\r\nContent-Length: 299999", Content)));

    [Fact]
    public async Task A_file_that_is_too_short_without_announcing_it_is_refused() =>
        Assert.Contains("ended after 1234 of 300000 bytes", await Refusal((_, stream, _) => ScriptedServer.Write(stream, "200 OK", Content.AsMemory(0, 1234))));

    [Fact]
    public async Task A_file_without_end_is_stopped()
    {
        string message = await Refusal(async (_, stream, stop) =>
        {
            await ScriptedServer.Write(stream, "200 OK");
            while (!stop.IsCancellationRequested) await stream.WriteAsync(Content, stop);
        });
        Assert.Contains("sends more than the 300000 bytes", message);
        Assert.InRange(new FileInfo(Part).Length, 0, Content.Length);
    }

    [Fact]
    public async Task A_circle_of_redirects_is_left() =>
        Assert.Contains("more than 5 redirects", await Refusal((_, stream, _) => ScriptedServer.Write(stream, "302 Found\r\nLocation: /f")));

    [Fact]
    public async Task A_redirect_is_followed_with_its_range()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Part)!);
        await File.WriteAllBytesAsync(Part, Content[..10]);
        using ScriptedServer server = new((request, stream, stop) =>
            request.Path == "/f" ? ScriptedServer.Write(stream, "307 Temporary Redirect\r\nLocation: /g") : Good(request, stream, stop));

        await downloader.Download(FileAt(server.Address("/f")), Target);
        Assert.Equal(Content, File.ReadAllBytes(Target));
        Assert.Equal(new ScriptedServer.Request("/g", 10), server.Requests[1]);
    }

    [Fact]
    public async Task A_redirect_away_from_https_and_this_machine_is_refused()
    {
        Assert.Contains("http://example.org/f is not https",
            await Refusal((_, stream, _) => ScriptedServer.Write(stream, "302 Found\r\nLocation: http://example.org/f")));
        var error = await Assert.ThrowsAsync<DataException>(() => downloader.Download(FileAt(new Uri("http://example.org/f")), Target));
        Assert.Contains("is not https", error.Message);
        error = await Assert.ThrowsAsync<DataException>(() => downloader.Download(FileAt(new Uri("file:///etc/hosts")), Target));
        Assert.Contains("is not https", error.Message);
    }

    [Fact]
    public async Task A_missing_file_is_reported_with_the_servers_answer() =>
        Assert.Contains("404 Not Found", await Refusal((_, stream, _) => ScriptedServer.Write(stream, "404 Not Found\r\nContent-Length: 0")));

    [Fact]
    public async Task A_server_that_stalls_is_left_and_what_came_is_kept()
    {
        string message = await Refusal(async (_, stream, stop) =>
        {
            await ScriptedServer.Write(stream, $"200 OK\r\nContent-Length: {Content.Length}", Content.AsMemory(0, 5000));
            await Task.Delay(Timeout.Infinite, stop);
        }, stallSeconds: 1.5);
        Assert.Contains("nothing for 1.5 s", message);
        Assert.Equal(5000, new FileInfo(Part).Length);
    }

    [Fact]
    public async Task A_server_that_never_answers_is_left() =>
        Assert.Contains("nothing for 0.5 s", await Refusal((_, _, stop) => Task.Delay(Timeout.Infinite, stop), stallSeconds: 0.5));

    [Fact]
    public async Task A_range_that_was_not_asked_for_is_refused()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Part)!);
        await File.WriteAllBytesAsync(Part, Content[..5000]);
        Assert.Contains("5000", await Refusal((_, stream, _) => ScriptedServer.Write(stream,
            $"206 Partial Content\r\nContent-Length: 10\r\nContent-Range: bytes 0-9/{Content.Length}", Content.AsMemory(0, 10))));
    }

    [Fact]
    public async Task The_next_address_is_tried_when_one_fails()
    {
        using ScriptedServer bad = new((_, stream, _) => ScriptedServer.Write(stream, "503 Service Unavailable\r\nContent-Length: 0"));
        using ScriptedServer good = new(Good);
        await downloader.Download(FileAt(bad.Address("/f"), good.Address("/f")), Target);
        Assert.Equal(Content, File.ReadAllBytes(Target));
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_an_error_of_this_librarys()
    {
        Uri gone;
        using (ScriptedServer server = new(Good)) gone = server.Address("/f");
        await Assert.ThrowsAsync<DataException>(() => downloader.Download(FileAt(gone), Target));
    }

    [Fact]
    public async Task A_stopped_download_ends_as_cancelled()
    {
        using CancellationTokenSource stop = new();
        using ScriptedServer server = new(async (_, stream, serverStop) =>
        {
            await ScriptedServer.Write(stream, $"200 OK\r\nContent-Length: {Content.Length}", Content.AsMemory(0, 5000));
            await stop.CancelAsync();
            await Task.Delay(Timeout.Infinite, serverStop);
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => downloader.Download(FileAt(server.Address("/f")), Target, stop: stop.Token));
        Assert.False(File.Exists(Target));
    }

    private sealed class Immediate(List<long> reports) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value) => reports.Add(value.Bytes);
    }
}
