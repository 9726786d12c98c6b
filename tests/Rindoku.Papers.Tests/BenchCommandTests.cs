using System.Text.Json;
using Rindoku.Cli;

namespace Rindoku.Papers.Tests;

public sealed class BenchCommandTests
{
    [Fact]
    public async Task Bench_prints_a_row_and_writes_the_document()
    {
        string file = Path.Combine(Path.GetTempPath(), $"rindoku-bench-{Guid.NewGuid():N}.json");
        try
        {
            (int code, string output, string error) = await Run("bench", "tiny-ops", "GEMM-256", "--seconds", "0.01", "--json", file);
            Assert.Equal(CommandLine.Success, code);
            Assert.Contains("tiny-ops", output, StringComparison.Ordinal);
            Assert.Contains("GFLOP/s", output, StringComparison.Ordinal);
            Assert.Contains("Ceilings: ", output, StringComparison.Ordinal);
            Assert.Contains("gemm-256: ", error, StringComparison.Ordinal);
            using JsonDocument document = JsonDocument.Parse(await File.ReadAllTextAsync(file));
            Assert.True(document.RootElement.GetProperty("ceilings").GetProperty("gflops").GetDouble() > 0);
            Assert.Equal(["tiny-ops", "gemm-256"], document.RootElement.GetProperty("workloads").EnumerateObject().Select(p => p.Name));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Sweep_prints_a_line_for_each_shape_and_counts_the_cliffs()
    {
        (int code, string output, _) = await Run("bench", "--sweep", "sum-columns");
        Assert.Equal(CommandLine.Success, code);
        Assert.Contains("sum-columns rows=1000 length=1023: ", output, StringComparison.Ordinal);
        Assert.Matches(@"\d+ cliffs; \d+ shapes that cost", output);
    }

    [Theory]
    [InlineData("There is no workload 'gemm-265'. Did you mean 'gemm-256'?", "bench", "gemm-265")]
    [InlineData("--seconds: got -1; needed a number from 0 to 3600.", "bench", "tiny-ops", "--seconds", "-1")]
    [InlineData("There is no sweep 'softmux'. Did you mean 'softmax'?", "bench", "--sweep", "softmux")]
    [InlineData("--sweep and --overheads: one at a time.", "bench", "--sweep", "--overheads")]
    [InlineData("--papers and --sweep: one at a time.", "bench", "--sweep", "--papers")]
    [InlineData("There is no workload 'rot-train'. Did you mean 'ror-train'?", "bench", "rot-train")]
    [InlineData("--threads: got 0; needed 1 or more.", "bench", "tiny-ops", "--threads", "0")]
    public async Task Bad_usage_is_told_without_a_trace(string message, params string[] arguments)
    {
        (int code, _, string error) = await Run(arguments);
        Assert.Equal(CommandLine.BadUsage, code);
        Assert.Contains(message, error.ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output, string Error)> Run(params string[] arguments)
    {
        using StringWriter output = new(), error = new();
        return (await CommandLine.RunAsync(arguments, output, error), output.ToString(), error.ToString());
    }
}
