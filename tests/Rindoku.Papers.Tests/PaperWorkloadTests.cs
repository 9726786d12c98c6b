using System.Text.RegularExpressions;
using Rindoku.Bench;
using Rindoku.Cli.Commands;
using Rindoku.Testing;
using Rindoku.Tests.Bench;

namespace Rindoku.Papers.Tests;

/// <summary>The papers' networks that are timed beside PyTorch are the same networks there: bench/paper_networks.py, tests/golden/papers.py.</summary>
public sealed partial class PaperWorkloadTests
{
    // FractalNet's first step takes the loss from 3.6 to 0.24, and one maximum or ReLU that falls on its other side moves that: PyTorch in double
    // precision is off by up to 0.6 % where its convolutions are given errors of 2e-6, which is what Winograd's have.
    private const double FractalSecond = 0.02, OtherSecond = 1e-3;

    private static readonly FirstStep FirstStep = new(Golden.Family("papers"));

    public static TheoryData<string> Names => [.. PaperWorkloads.All.Select(workload => workload.Name)];

    [Theory, MemberData(nameof(Names))]
    public void The_first_step_is_that_of_PyTorch(string name) =>
        FirstStep.Compare(PaperWorkloads.Find(name)!, hasKinks: true, name.StartsWith("fractalnet", StringComparison.Ordinal) ? FractalSecond : OtherSecond);

    [Theory, MemberData(nameof(Names))]
    public void Operations_are_those_that_PyTorch_counts(string name) => FirstStep.CompareOperations(PaperWorkloads.Find(name)!);

    [Fact]
    public void Every_network_has_its_twin()
    {
        string script = File.ReadAllText(Path.Combine(Golden.RepositoryRoot(), "bench", "paper_networks.py"));
        Assert.Equal(PaperWorkloads.All.Select(workload => workload.Name), Twin().Matches(script).Select(match => match.Groups[1].Value.Replace('_', '-')));
    }

    [Fact]
    public void A_workload_of_the_library_is_found_as_well()
    {
        Assert.Same(Workloads.Find("tiny-ops"), PaperWorkloads.Find("Tiny-Ops"));
        Assert.Null(PaperWorkloads.Find("ror-trainer"));
    }

    [GeneratedRegex(@"@workload\s+def (\w+)\(\)")]
    private static partial Regex Twin();
}
