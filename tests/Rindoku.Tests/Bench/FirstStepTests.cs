using Rindoku.Bench;
using Rindoku.Testing;

namespace Rindoku.Tests.Bench;

/// <summary>The first step of every workload gives what the baseline's own code gives in PyTorch in double precision (tests/golden/bench.py).</summary>
public sealed class FirstStepTests
{
    private static readonly string[] WithKinks = ["mlp-train", "resnet20-train", "densenet-bc40-train", "wavenet-train", "nerf-train", "unet-train"];

    private static readonly FirstStep FirstStep = new(Golden.Family("bench"));

    public static TheoryData<string> Names => [.. Workloads.Names];

    [Theory, MemberData(nameof(Names))]
    public void The_first_step_is_that_of_PyTorch(string name) => FirstStep.Compare(Workloads.Find(name)!, WithKinks.Contains(name));

    [Theory, MemberData(nameof(Names))]
    public void Operations_are_those_that_PyTorch_counts(string name) => FirstStep.CompareOperations(Workloads.Find(name)!);
}
