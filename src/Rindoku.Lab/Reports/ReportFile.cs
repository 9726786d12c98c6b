using System.Text;
using Rindoku.IO;

namespace Rindoku.Lab.Reports;

/// <summary>Writes a report as a whole: either the new text lies there afterwards, or what lay there before.</summary>
internal static class ReportFile
{
    /// <exception cref="LabException">The file cannot be written.</exception>
    public static void Write(string file, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(file)) is { } folder) Directory.CreateDirectory(folder);
            AtomicFile.Write(file, stream => stream.Write(bytes));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new LabException($"The report {file} could not be written: {error.Message}", error);
        }
    }
}
