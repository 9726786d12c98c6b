using System.Text.RegularExpressions;
using Rindoku.Testing;
using Rindoku.Tests.Kernels;

namespace Rindoku.Tests.House;

/// <summary>Vector width and number of threads belong to the whole process: tests that change them must not run beside others.</summary>
public sealed partial class KernelSettingsTests
{
    private static readonly string[] Helpers = ["Settings.cs", "Determinism.cs", "KernelSettingsTests.cs"];

    [Fact]
    public void Whoever_changes_them_is_in_the_collection_that_runs_alone()
    {
        string tests = Path.Combine(Golden.RepositoryRoot(), "tests", "Rindoku.Tests");
        string[] offences = [.. Directory.EnumerateFiles(tests, "*.cs", SearchOption.AllDirectories)
            .Where(file => !Helpers.Contains(Path.GetFileName(file)))
            .Where(file => File.ReadAllText(file) is var text && Change().IsMatch(text) && !text.Contains($"[Collection(nameof({nameof(KernelSettings)}))]", StringComparison.Ordinal))
            .Select(file => Path.GetRelativePath(tests, file))];
        Assert.True(offences.Length == 0, string.Join('\n', offences));
    }

    [GeneratedRegex(@"\b(Simd\.Bits|Threads\.Count)\s*=[^=>]|\bDeterminism\.Check\(|\bSettings \w+ = new\(|\bBenchRunner\.Run\(")]
    private static partial Regex Change();
}
