using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace Rindoku.Data;

/// <summary>How far a download has come.</summary>
/// <param name="File">The file.</param>
/// <param name="Bytes">How many of its bytes have come, those of an earlier attempt included.</param>
public sealed record DownloadProgress(DataFile File, long Bytes);

/// <summary>Fetches files whose size and SHA-256 are known: resumable, and checked before they get their name.</summary>
/// <remarks>
/// The bytes go to <c>name.part</c>; a later call asks the server for the rest of it. Only a file of the right size and SHA-256 is
/// renamed. Addresses, and those they redirect to, must be https, except on this machine itself.
/// </remarks>
public sealed class Downloader : IDisposable
{
    private const int ChunkBytes = 1 << 17;

    private readonly HttpClient client;

    /// <summary>A downloader.</summary>
    /// <param name="handler">What sends requests, for tests and proxies; it must not follow redirects itself. Null for the system's own.</param>
    public Downloader(HttpMessageHandler? handler = null)
    {
        client = new HttpClient(
            handler ?? new SocketsHttpHandler { AllowAutoRedirect = false, AutomaticDecompression = DecompressionMethods.None },
            disposeHandler: handler is null)
        { Timeout = Timeout.InfiniteTimeSpan }; // a large file may take long; a stall is noticed by StallTimeout
        client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("rindoku", "0.1"));
    }

    /// <summary>How long a server may send nothing.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many redirects are followed.</summary>
    public int MaxRedirects { get; init; } = 5;

    /// <summary>Fetches a file from the first of its addresses that gives it.</summary>
    /// <param name="file">What is wanted.</param>
    /// <param name="path">Where it is to lie.</param>
    /// <param name="progress">Told of every piece that comes, or null.</param>
    /// <param name="stop">Stops; what has come is kept for the next call.</param>
    /// <exception cref="DataException">No address gave the file; the message says what each did.</exception>
    public async Task Download(DataFile file, string path, IProgress<DownloadProgress>? progress = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentException.ThrowIfNullOrEmpty(path);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        List<string> failures = [];
        foreach (Uri address in file.Addresses)
        {
            try
            {
                await FetchAndCheck(file, address, path, progress, stop);
                return;
            }
            catch (DataException failure)
            {
                failures.Add($"{address}: {failure.Message}");
            }
        }
        throw new DataException(failures.Count == 0
            ? $"{file.Path} has no address to download it from."
            : $"{file.Path} could not be downloaded. {string.Join(" ", failures)}");
    }

    private async Task FetchAndCheck(DataFile file, Uri address, string path, IProgress<DownloadProgress>? progress, CancellationToken stop)
    {
        string part = path + ".part";
        bool resumed = new FileInfo(part) is { Exists: true, Length: > 0 };
        try
        {
            await Fetch(file, address, part, progress, stop);
            if (await Hash(part, stop) is { } hash && hash != file.Sha256)
            {
                File.Delete(part);
                // The old part may have been of another file: once more, from the start.
                if (!resumed) throw new DataException($"the file that came has SHA-256 {hash}; {file.Sha256} was expected, so it was thrown away.");
                await FetchAndCheck(file, address, path, progress, stop);
                return;
            }
            File.Move(part, path, overwrite: true);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new DataException($"the server sent nothing for {StallTimeout.TotalSeconds:0.#} s; call again to go on from where it stopped.");
        }
        catch (Exception error) when (error is HttpRequestException or IOException and not DataException)
        {
            throw new DataException($"{error.Message.TrimEnd('.')}; call again to go on from where it stopped.", error);
        }
    }

    private async Task Fetch(DataFile file, Uri address, string part, IProgress<DownloadProgress>? progress, CancellationToken stop)
    {
        await using FileStream output = new(part, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, 1, FileOptions.Asynchronous);
        if (output.Length > file.Bytes) output.SetLength(0);
        if (output.Length == file.Bytes) return; // complete before, only not yet checked

        using CancellationTokenSource stall = CancellationTokenSource.CreateLinkedTokenSource(stop);
        stall.CancelAfter(StallTimeout);
        using HttpResponseMessage response = await Send(address, output.Length, stall.Token);
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable) output.SetLength(0); // the next call starts anew
        long start = StartOf(response, output.Length, file);
        output.SetLength(start);
        output.Position = start;
        if (response.Content.Headers.ContentLength is { } coming && start + coming != file.Bytes)
            throw new DataException($"the server has {start + coming} bytes; {file.Bytes} were expected.");

        await using Stream input = await response.Content.ReadAsStreamAsync(stall.Token);
        byte[] chunk = new byte[ChunkBytes];
        long total = start;
        while (true)
        {
            stall.CancelAfter(StallTimeout);
            int read = await input.ReadAsync(chunk, stall.Token);
            if (read == 0) break;
            total += read;
            if (total > file.Bytes)
            {
                output.SetLength(0);
                throw new DataException($"the server sends more than the {file.Bytes} bytes expected.");
            }
            await output.WriteAsync(chunk.AsMemory(0, read), stop);
            progress?.Report(new DownloadProgress(file, total));
        }
        output.Flush(flushToDisk: true);
        if (total < file.Bytes)
            throw new DataException($"the connection ended after {total} of {file.Bytes} bytes; call again to go on from there.");
    }

    // Where the response's bytes belong: a server may give the rest that was asked for, or the whole file.
    private static long StartOf(HttpResponseMessage response, long asked, DataFile file)
    {
        if (response.StatusCode == HttpStatusCode.OK) return 0;
        if (response.StatusCode == HttpStatusCode.PartialContent && asked > 0)
        {
            ContentRangeHeaderValue? range = response.Content.Headers.ContentRange;
            if (range?.From == asked && (range.Length is null || range.Length == file.Bytes)) return asked;
            throw new DataException($"the server sent the range '{range}'; bytes {asked} to {file.Bytes - 1} of {file.Bytes} were asked for.");
        }
        throw new DataException($"the server answered {(int)response.StatusCode} {response.ReasonPhrase}.");
    }

    private async Task<HttpResponseMessage> Send(Uri address, long from, CancellationToken stop)
    {
        for (int redirects = 0; ; redirects++)
        {
            if (address.Scheme != Uri.UriSchemeHttps && !(address.Scheme == Uri.UriSchemeHttp && address.IsLoopback))
                throw new DataException($"{address} is not https.");
            using HttpRequestMessage request = new(HttpMethod.Get, address);
            if (from > 0) request.Headers.Range = new RangeHeaderValue(from, null);
            HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
            if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308)) return response;

            Uri? next = response.Headers.Location;
            response.Dispose();
            if (next is null) throw new DataException($"{address} redirects without saying where to.");
            if (redirects == MaxRedirects) throw new DataException($"more than {MaxRedirects} redirects, the last to {next}.");
            address = new Uri(address, next);
        }
    }

    private static async Task<string> Hash(string path, CancellationToken stop)
    {
        await using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20, FileOptions.Asynchronous | FileOptions.SequentialScan);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, stop));
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => client.Dispose();
}
