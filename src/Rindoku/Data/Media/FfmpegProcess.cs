using System.ComponentModel;
using System.Diagnostics;
using Rindoku.IO;

namespace Rindoku.Data;

/// <summary>Runs FFmpeg once and collects what it sends.</summary>
internal static class FfmpegProcess
{
    private const int MaxErrorCharacters = 2000;

    /// <summary>
    /// Converts a file as <paramref name="arguments"/> say; the result is what came through the pipe, read from its start.
    /// </summary>
    public static MemoryStream Run(string path, IEnumerable<string> arguments, long maxBytes, FfmpegOptions? options)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= FfmpegOptions.Default;
        if (!File.Exists(path)) throw new FileNotFoundException($"Could not find file '{Path.GetFullPath(path)}'.", path);
        string program = options.Find() ?? throw new FfmpegMissingException(
            $"Reading {path} needs FFmpeg, and no '{options.Program}' was found in the folders of PATH. Install it " +
            "(Debian, Ubuntu: apt install ffmpeg; macOS: brew install ffmpeg; Windows: winget install ffmpeg), " +
            "or convert the file to PNG or WAV, which need nothing.");

        using Process process = Start(program, path, arguments);
        using CancellationTokenSource stop = new(options.Timeout);
        try
        {
            Task<string> errors = ReadStart(process.StandardError, stop.Token);
            MemoryStream output = Collect(process.StandardOutput.BaseStream, path, maxBytes, stop.Token).GetAwaiter().GetResult();
            string message = errors.GetAwaiter().GetResult();
            process.WaitForExitAsync(stop.Token).GetAwaiter().GetResult();
            if (process.ExitCode != 0) throw new FileFormatException($"{path}: FFmpeg could not read it: {message.Trim()}");
            return output;
        }
        catch (OperationCanceledException)
        {
            throw new FileFormatException(
                $"{path}: FFmpeg did not finish in {options.Timeout.TotalSeconds} s (FfmpegOptions.Timeout) and was stopped");
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    private static Process Start(string program, string path, IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(program)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // The whole path after 'file:' cannot be taken for an option or an address, whatever the file is called.
        string[] before = ["-nostdin", "-v", "error", "-protocol_whitelist", "file,pipe", "-i", "file:" + Path.GetFullPath(path)];
        foreach (string argument in (string[])[.. before, .. arguments, "pipe:1"]) start.ArgumentList.Add(argument);
        try
        {
            Process process = Process.Start(start)!;
            process.StandardInput.Close();
            return process;
        }
        catch (Win32Exception error)
        {
            throw new FfmpegMissingException($"Reading {path} needs FFmpeg, and {program} could not be started: {error.Message}", error);
        }
    }

    private static async Task<MemoryStream> Collect(Stream from, string path, long maxBytes, CancellationToken stop)
    {
        maxBytes = Math.Min(maxBytes, Array.MaxLength);
        MemoryStream output = new();
        byte[] buffer = new byte[64 * 1024];
        for (int read; (read = await from.ReadAsync(buffer, stop).ConfigureAwait(false)) > 0;)
        {
            if (output.Length + read > maxBytes)
                throw new FileFormatException($"{path}: unpacks to more than {maxBytes} bytes (ReadLimits.ExpandedBytes)");
            output.Write(buffer, 0, read);
        }
        output.Position = 0;
        return output;
    }

    // The pipe must be emptied or the program would wait for ever; only the start is worth keeping.
    private static async Task<string> ReadStart(StreamReader from, CancellationToken stop)
    {
        string kept = "";
        char[] buffer = new char[4096];
        for (int read; (read = await from.ReadAsync(buffer, stop).ConfigureAwait(false)) > 0;)
        {
            if (kept.Length < MaxErrorCharacters) kept += new string(buffer, 0, Math.Min(read, MaxErrorCharacters - kept.Length));
        }
        return kept;
    }
}
