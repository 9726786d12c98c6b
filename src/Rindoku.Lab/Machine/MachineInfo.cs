using System.Globalization;
using System.Runtime.InteropServices;

namespace Rindoku.Lab;

/// <summary>The machine that results come from.</summary>
/// <param name="Processor">The processor's name, or its architecture if the system does not tell.</param>
/// <param name="Cores">How many logical cores the process may use.</param>
/// <param name="VectorBits">The width of the widest vectors that the processor computes with.</param>
/// <param name="System">The operating system.</param>
/// <param name="Runtime">The .NET version.</param>
public sealed record MachineInfo(string Processor, int Cores, int VectorBits, string System, string Runtime)
{
    /// <summary>This machine.</summary>
    public static MachineInfo Current { get; } = new(
        ProcessorName(), Environment.ProcessorCount, Kernels.Processor.VectorBits, RuntimeInformation.OSDescription.Trim(), RuntimeInformation.FrameworkDescription);

    /// <summary>One line: <c>AMD EPYC 7R13, 2 cores, 512-bit vectors, .NET 10.0.1, Debian GNU/Linux 12</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Processor}, {Cores} {(Cores == 1 ? "core" : "cores")}, {VectorBits}-bit vectors, {Runtime}, {System}");

    // No portable interface gives the name: Linux has a file, Windows an environment variable.
    private static string ProcessorName()
    {
        string? name = OperatingSystem.IsLinux() ? FromCpuInfo() : Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER");
        return string.IsNullOrWhiteSpace(name) ? RuntimeInformation.ProcessArchitecture.ToString() : name.Trim();
    }

    private static string? FromCpuInfo()
    {
        try
        {
            return File.ReadLines("/proc/cpuinfo")
                .FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
