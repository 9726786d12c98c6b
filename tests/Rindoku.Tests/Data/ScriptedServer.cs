using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Rindoku.Tests.Data;

/// <summary>An HTTP server on this machine that answers as a test tells it to, rightly or not.</summary>
internal sealed class ScriptedServer : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly Func<Request, Stream, CancellationToken, Task> answer;

    public ScriptedServer(Func<Request, Stream, CancellationToken, Task> answer)
    {
        this.answer = answer;
        listener.Start();
        _ = Serve();
    }

    /// <summary>What was asked for: the path and the first byte wanted, if only a range was.</summary>
    public sealed record Request(string Path, long? From);

    public List<Request> Requests { get; } = [];

    public Uri Address(string path) => new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}{path}");

    /// <summary>Writes a response: a status line and headers, then a body.</summary>
    public static async Task Write(Stream stream, string head, ReadOnlyMemory<byte> body = default)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {head}\r\nConnection: close\r\n\r\n"));
        await stream.WriteAsync(body);
        await stream.FlushAsync();
    }

    private async Task Serve()
    {
        try
        {
            while (true) _ = Handle(await listener.AcceptTcpClientAsync(stop.Token));
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task Handle(TcpClient client)
    {
        using (client)
        {
            try
            {
                NetworkStream stream = client.GetStream();
                using StreamReader reader = new(stream, Encoding.ASCII, leaveOpen: true);
                string path = (await reader.ReadLineAsync(stop.Token))?.Split(' ')[1] ?? "";
                long? from = null;
                while (await reader.ReadLineAsync(stop.Token) is { Length: > 0 } line)
                {
                    if (line.StartsWith("Range: bytes=", StringComparison.OrdinalIgnoreCase)) from = long.Parse(line[13..].Split('-')[0]);
                }
                Request request = new(path, from);
                lock (Requests) Requests.Add(request);
                await answer(request, stream, stop.Token);
            }
            catch (Exception error) when (error is OperationCanceledException or IOException)
            {
                // The client has gone, as in a stopped download.
            }
        }
    }

    public void Dispose()
    {
        stop.Cancel();
        listener.Dispose();
        stop.Dispose();
    }
}
