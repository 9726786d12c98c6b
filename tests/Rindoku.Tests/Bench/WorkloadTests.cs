using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using Rindoku.Bench;
using Rindoku.Kernels;
using Rindoku.Tests.Kernels;

namespace Rindoku.Tests.Bench;

/// <summary>Every workload of the benchmark can be built and makes a step; the figures have the form that others read.</summary>
[Collection(nameof(KernelSettings))]
public sealed class WorkloadTests
{
    // The names of the PyTorch baseline, in its order: a contract, since results are compared by name.
    private static readonly string[] Baseline =
    [
        "gemm-256", "gemm-1024", "gemm-2048", "gemm-skinny", "gemm-batched", "conv3x3-64", "conv3x3-64-train", "conv3x3-256", "conv1x1-256",
        "conv7x7-stem", "conv-depthwise", "conv-grouped-train", "softmax-rows", "layernorm-rows", "gelu-16m", "add-16m", "sum-rows", "transpose-2048",
        "tiny-ops", "mlp-train", "resnet20-train", "resnet20-infer", "densenet-bc40-train", "squeezenet11-infer-b1", "squeezenet11-infer-b16",
        "vit-tiny-train", "gpt-mini-train", "lstm-lm-train", "wavenet-train", "nerf-train", "unet-train", "gradient-penalty",
    ];

    // Shapes of what the steps give, written down from the baseline's own: a loss is a scalar.
    private static readonly Dictionary<string, Shape> Outputs = new()
    {
        ["gemm-256"] = [256, 256],
        ["gemm-1024"] = [1024, 1024],
        ["gemm-2048"] = [2048, 2048],
        ["gemm-skinny"] = [32, 4096],
        ["gemm-batched"] = [64, 128, 128],
        ["conv3x3-64"] = [32, 64, 32, 32],
        ["conv3x3-64-train"] = [32, 64, 32, 32],
        ["conv3x3-256"] = [32, 256, 14, 14],
        ["conv1x1-256"] = [32, 64, 28, 28],
        ["conv7x7-stem"] = [8, 64, 112, 112],
        ["conv-depthwise"] = [32, 128, 32, 32],
        ["conv-grouped-train"] = [16, 128, 28, 28],
        ["softmax-rows"] = [4096, 1024],
        ["layernorm-rows"] = [4096, 768],
        ["gelu-16m"] = [16 << 20],
        ["add-16m"] = [16 << 20],
        ["sum-rows"] = [4096],
        ["transpose-2048"] = [2048, 2048],
        ["resnet20-infer"] = [128, 10],
        ["squeezenet11-infer-b1"] = [1, 1000],
        ["squeezenet11-infer-b16"] = [16, 1000],
    };

    // Steps of more than five seconds where the kernels are not optimised (Debug), and what their batches are divided by there.
    private static readonly Dictionary<string, int> Divisors = new()
    {
        ["gemm-2048"] = 16,
        ["conv3x3-64-train"] = 8,
        ["conv3x3-256"] = 8,
        ["resnet20-train"] = 32,
        ["resnet20-infer"] = 16,
        ["densenet-bc40-train"] = 32,
        ["squeezenet11-infer-b16"] = 16,
        ["vit-tiny-train"] = 32,
        ["gpt-mini-train"] = 16,
        ["lstm-lm-train"] = 4,
        ["wavenet-train"] = 8,
        ["nerf-train"] = 32,
    };

    private static readonly bool Optimised = typeof(Tensor).Assembly.GetCustomAttribute<DebuggableAttribute>() is not { IsJITOptimizerDisabled: true };

    public static TheoryData<string> Names => [.. Baseline];

    [Fact]
    public void The_workloads_are_those_of_the_PyTorch_baseline() => Assert.Equal(Baseline, Workloads.Names);

    [Theory, MemberData(nameof(Names))]
    public void A_workload_makes_a_step_with_finite_numbers(string name)
    {
        int divisor = Optimised ? 1 : Divisors.GetValueOrDefault(name, 1);
        Func<Tensor> step = Workloads.Find(name)!.Create(divisor).Run;
        Shape whole = Outputs.GetValueOrDefault(name, Shape.Scalar), expected = whole.Rank == 0 ? whole : whole.With(0, whole[0] / divisor);
        MemoryScope.Run(() =>
        {
            Tensor y = step();
            Assert.Equal(expected, y.Shape);
            float sum = 0;
            foreach (float value in y.Span) sum += value * 0; // NaN if any number is not finite
            Assert.Equal(0, sum);
        });
        MemoryScope.Trim();
    }

    [Fact]
    public void A_training_workload_learns_its_batch()
    {
        Func<Tensor> step = Workloads.Find("mlp-train")!.Create().Run;
        float first = step().Item(), last = 0;
        for (int i = 0; i < 50; i++) last = step().Item();
        Assert.True(last < 0.95f * first, $"the loss went from {first} to {last}");
    }

    [Fact]
    public void The_runner_measures_what_it_is_asked_for_and_leaves_the_threads_alone()
    {
        int before = Threads.Count;
        List<string> done = [];
        BenchResult result = BenchRunner.Run(["tiny-ops", "gemm-256"], threads: 1, seconds: 0.01, "a machine", timing => done.Add(timing.Name));
        Assert.Equal(before, Threads.Count);
        Assert.Equal(["tiny-ops", "gemm-256"], done);
        Assert.All(result.Timings, t => Assert.True(t.Repeats >= 3 && t.MinMs > 0 && t.MinMs <= t.MedianMs));
        Assert.Null(result.Timings[0].GigaflopsPerSecond);
        Assert.Equal(2.0 * 256 * 256 * 256 / (result.Timings[1].MedianMs * 1e6), result.Timings[1].GigaflopsPerSecond!.Value, 6);
        Assert.Throws<ArgumentException>(() => BenchRunner.Run(["gemm-257"], 1, 0));
    }

    [Fact]
    public void The_document_has_the_contracts_form()
    {
        BenchResult result = new("a \"machine\"", 2, [new Timing("gemm-256", 1.5, 1.25, 7), new Timing("tiny-ops", 0.5, 0.25, 9)]);
        JsonElement root = JsonDocument.Parse(result.ToJson()).RootElement;
        Assert.Equal(["machine", "threads", "workloads"], root.EnumerateObject().Select(p => p.Name));
        Assert.Equal("a \"machine\"", root.GetProperty("machine").GetString());
        Assert.Equal(2, root.GetProperty("threads").GetInt32());
        Assert.Equal(["gemm-256", "tiny-ops"], root.GetProperty("workloads").EnumerateObject().Select(p => p.Name));
        JsonElement gemm = root.GetProperty("workloads").GetProperty("gemm-256");
        Assert.Equal(["median_ms", "min_ms", "repeats"], gemm.EnumerateObject().Select(p => p.Name));
        Assert.Equal((1.5, 1.25, 7), (gemm.GetProperty("median_ms").GetDouble(), gemm.GetProperty("min_ms").GetDouble(), gemm.GetProperty("repeats").GetInt32()));
    }

    [Fact]
    public void With_ceilings_the_document_has_rates_too()
    {
        Timing[] timings = [new("gemm-256", 2, 2, 7, Flops: 1e8), new("add-16m", 4, 4, 7, Bytes: 1e8), new("tiny-ops", 1, 1, 7)];
        BenchResult result = new("a machine", 1, timings, new MachineCeilings(Gigaflops: 100, CopyGigabytes: 50));
        JsonElement root = JsonDocument.Parse(result.ToJson()).RootElement, workloads = root.GetProperty("workloads");
        Assert.Equal(["machine", "threads", "ceilings", "workloads"], root.EnumerateObject().Select(p => p.Name));
        Assert.Equal((100, 50), Pair(root.GetProperty("ceilings"), "gflops", "copy_gb_s"));
        Assert.Equal((50, 50), Pair(workloads.GetProperty("gemm-256"), "gflops", "percent_of_ceiling"));
        Assert.Equal((25, 50), Pair(workloads.GetProperty("add-16m"), "gb_s", "percent_of_ceiling"));
        Assert.False(workloads.GetProperty("tiny-ops").TryGetProperty("percent_of_ceiling", out _));

        static (double, double) Pair(JsonElement of, string a, string b) => (of.GetProperty(a).GetDouble(), of.GetProperty(b).GetDouble());
    }

    [Theory, InlineData(512), InlineData(256), InlineData(128)]
    public void Ceilings_are_measured_with_every_width_of_vectors(int bits)
    {
        using Settings settings = new(Math.Min(bits, Simd.Bits), 2);
        MachineCeilings ceilings = MachineCeilings.Measure(seconds: 0.02);
        MemoryScope.Trim();
        // Loose bounds: below lies a loop that the compiler spilled, above one that it threw away.
        Assert.InRange(ceilings.Gigaflops, Optimised ? 2 : 0.01, 20_000);
        Assert.InRange(ceilings.CopyGigabytes, 0.1, 5_000);
    }

    [Fact]
    public void Overheads_tell_calls_threads_and_memory()
    {
        string[] lines = [.. Overheads.Measure(["tiny-ops"], seconds: 0.01)];
        Assert.Equal(2, lines.Length);
        Assert.Matches(@"^tiny-ops: \d+\.\d+ ms on 1 thread, .* times as fast; \d+ ns for each of 100 sums", lines[0]);
        Assert.Matches(@"^tiny-ops: after 20 steps, [\d,]+ bytes .* a step; 200 more let the pool grow by 0 bytes", lines[1]);
    }
}
