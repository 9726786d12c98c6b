using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Rindoku.Data;
using Rindoku.Lab;
using Spectre.Console;

namespace Rindoku.Cli.Commands;

/// <summary><c>rindoku data list | get | check</c>: the data sets and whether they are here.</summary>
internal static class DataCommand
{
    public static Command Create(Terminal terminal) => new("data", "The data sets: list them, fetch one, check one") { List(terminal), Get(terminal), Check(terminal) };

    private static Command List(Terminal terminal)
    {
        Option<string?> data = CommonOptions.Data();
        Option<bool> json = CommonOptions.Json();
        Command command = new Command("list", "List the data sets, and which of them are here") { data, json }.WithExamples("rindoku data list", "rindoku data list --data ~/data --json");
        command.Does(terminal, (parsed, _) =>
        {
            DataDirectory directory = DataDirectory.Resolve(parsed.GetValue(data));
            if (parsed.GetValue(json)) WriteJson(terminal, directory);
            else WriteTable(terminal, directory);
            return CommandLine.Success;
        });
        return command;
    }

    private static Command Get(Terminal terminal)
    {
        Argument<string> name = new("NAME") { Description = "A data set of 'rindoku data list'" };
        Option<string?> data = CommonOptions.Data();
        Option<bool> json = CommonOptions.Json();
        Command command = new Command("get", "Download a data set from its official address; goes on where it stopped, and checks before use") { name, data, json }
            .WithExamples("rindoku data get cifar10", "rindoku data get mnist --data ~/data");
        command.Does(terminal, async (parsed, stop) =>
        {
            DataEntry entry = Find(parsed.GetValue(name)!);
            DataDirectory directory = DataDirectory.Resolve(parsed.GetValue(data));
            using Downloader downloader = new();
            DataEdition edition = await directory.Get(entry, downloader, new Percent(terminal), stop);
            if (parsed.GetValue(json)) terminal.Json(writer => WriteJson(writer, entry, edition, directory));
            else terminal.Line($"{entry.Name}: {edition.Name} is in {directory.Root}");
            return CommandLine.Success;
        });
        return command;
    }

    private static Command Check(Terminal terminal)
    {
        Argument<string> name = new("NAME") { Description = "A data set of 'rindoku data list'" };
        Option<string?> data = CommonOptions.Data();
        Option<bool> json = CommonOptions.Json();
        Command command = new Command("check", "Compare the files of a data set with their known SHA-256; exit code 1 if one differs") { name, data, json }
            .WithExamples("rindoku data check cifar10", "rindoku data check cifar10 --data ~/data --json");
        command.Does(terminal, async (parsed, stop) =>
        {
            DataEntry entry = Find(parsed.GetValue(name)!);
            IReadOnlyList<FileCheck> checks = await DataDirectory.Resolve(parsed.GetValue(data)).Check(entry, stop);
            if (parsed.GetValue(json)) terminal.Json(writer => WriteJson(writer, entry, checks));
            else WriteTable(terminal, checks);
            return checks.All(check => check.Ok) ? CommandLine.Success : CommandLine.Failure;
        });
        return command;
    }

    private static DataEntry Find(string name) =>
        DataCatalogue.All.FirstOrDefault(entry => entry.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw new UsageException(Suggest.Unknown("data set", name, DataCatalogue.All.Select(entry => entry.Name)));

    private static void WriteTable(Terminal terminal, IReadOnlyList<FileCheck> checks)
    {
        Table table = Terminal.NewTable("file", "SHA-256", "");
        foreach (FileCheck check in checks) table.AddRow(new Text(check.File.Path), new Text(check.Sha256), new Text(check.Ok ? "ok" : $"differs from {check.File.Sha256}"));
        terminal.Output.Write(table);
    }

    private static void WriteJson(Utf8JsonWriter json, DataEntry entry, DataEdition edition, DataDirectory directory)
    {
        json.WriteStartObject();
        json.WriteString("name", entry.Name);
        json.WriteString("edition", edition.Name);
        json.WriteString("folder", directory.Root);
        json.WriteEndObject();
    }

    private static void WriteJson(Utf8JsonWriter json, DataEntry entry, IReadOnlyList<FileCheck> checks)
    {
        json.WriteStartObject();
        json.WriteString("name", entry.Name);
        json.WriteStartArray("files");
        foreach (FileCheck check in checks)
        {
            json.WriteStartObject();
            json.WriteString("file", check.File.Path);
            json.WriteString("sha256", check.Sha256);
            json.WriteString("expected", check.File.Sha256);
            json.WriteBoolean("ok", check.Ok);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteTable(Terminal terminal, DataDirectory directory)
    {
        Table table = Terminal.NewTable("name", "here", "what it is", "licence");
        foreach (DataEntry entry in DataCatalogue.All)
            table.AddRow(new Text(entry.Name), new Text(directory.Find(entry)?.Name ?? (entry.Editions.Any(e => e.CanBeDownloaded) ? "no; can be fetched" : "no")),
                new Text(entry.Title), new Text(entry.Licence));
        terminal.Output.Write(table);
        terminal.Line($"Folder: {directory.Root}");
    }

    private static void WriteJson(Terminal terminal, DataDirectory directory) => terminal.Json(json =>
    {
        json.WriteStartObject();
        json.WriteString("folder", directory.Root);
        json.WriteStartArray("sets");
        foreach (DataEntry entry in DataCatalogue.All)
        {
            json.WriteStartObject();
            json.WriteString("name", entry.Name);
            json.WriteString("title", entry.Title);
            json.WriteString("licence", entry.Licence);
            json.WriteString("origin", entry.Origin.ToString());
            json.WriteString("here", directory.Find(entry)?.Name);
            json.WriteBoolean("downloadable", entry.Editions.Any(e => e.CanBeDownloaded));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private sealed class Percent(Terminal terminal) : IProgress<DownloadProgress>
    {
        private int last = -1;

        public void Report(DownloadProgress value)
        {
            int tenth = (int)(10 * value.Bytes / Math.Max(1, value.File.Bytes));
            if (tenth == last) return;
            last = tenth;
            terminal.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{value.File.Path}: {value.Bytes:N0} of {value.File.Bytes:N0} bytes"));
        }
    }
}
