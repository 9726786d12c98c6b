using System.Globalization;
using Rindoku.Bench;
using Rindoku.Testing;

namespace Rindoku.Tests.Bench;

/// <summary>Compares the first step of workloads with what PyTorch gave in double precision: output, all gradients, and the loss of the next step.</summary>
/// <remarks>
/// <para>All differences are measured in roots of the mean square of what is compared, so that a missing term or a wrong tap is of size 1.</para>
/// <para>Outputs and losses are off by float32 rounding alone: 9e-6 at most when this was written (Winograd's convolution with 256 channels,
/// the longest sums). Gradients of smooth networks: 3e-5. Where a ReLU or an absolute value has a kink, a number within rounding of it may
/// fall on the other side, and its gradient changes by all that flows through it: PyTorch's own float32 is then off from its double by the
/// same amount in the same places (3.4 % in densenet-bc40-train p102, 1.5 % in nerf-train p0). The loss of the second step depends on every
/// update: 1.3e-4 at most (nerf-train, where PyTorch's float32 is off by 1.5e-4).</para>
/// </remarks>
/// <param name="golden">What PyTorch gave, as tests/golden/bench.py writes it.</param>
internal sealed class FirstStep(Golden golden)
{
    private const double OutputTolerance = 1e-4, SmoothTolerance = 2e-4, KinkTolerance = 0.1;

    // A gradient that is 0 but for rounding, such as that by a bias which a normalisation takes away again: ours must be small, 1e-5 where kinks are allowed for.
    private const double Nothing = 1e-10, SizeOfNothing = 1e-4;

    /// <summary>Fails unless everything that PyTorch gave is there and near.</summary>
    /// <param name="workload">The workload.</param>
    /// <param name="hasKinks">Whether something in it, such as ReLU, has a kink.</param>
    /// <param name="secondTolerance">How far the loss of the second step may be off.</param>
    public void Compare(Workload workload, bool hasKinks, double secondTolerance = 1e-3)
    {
        string name = workload.Name;
        BenchStep step = workload.Create(golden.Integers(name, "divisor")[0]);
        Formula.Fill(step);
        HashSet<string> parts = [.. golden.Parts(name)];
        parts.ExceptWith(["divisor", "flops"]);
        List<string> differences = [];
        MemoryScope.Run(() =>
        {
            Tensor y = step.Run();
            if (parts.Contains("y")) Part("y", "output", y, OutputTolerance);
            foreach ((string key, string what, Tensor gradient) in Gradients(step))
                Part(key, $"gradient by {what} {gradient.Shape}", gradient, hasKinks ? KinkTolerance : SmoothTolerance);
            if (parts.Contains("second")) Part("second", "loss of the second step", step.Run(), secondTolerance);
        });
        MemoryScope.Trim();
        Assert.True(differences.Count == 0, string.Join('\n', differences));
        Assert.Empty(parts); // all that PyTorch gives was compared

        void Part(string key, string what, Tensor actual, double tolerance)
        {
            double off = Difference(key, actual, golden[name, key].Span);
            if (!(off <= tolerance)) differences.Add(string.Create(CultureInfo.InvariantCulture, $"{key}, {what}: off by {off:G3}, allowed {tolerance}"));
            parts.Remove(key);
        }
    }

    /// <summary>Fails unless the workload's operations are those that PyTorch's modules were counted to have.</summary>
    public void CompareOperations(Workload workload)
    {
        if (!golden.Parts(workload.Name).Contains("flops")) return; // single products and gradients of gradients: not counted there
        Assert.InRange(workload.Flops!.Value / golden[workload.Name, "flops"].Span[0], 0.999, 1.001);
    }

    private static IEnumerable<(string Key, string What, Tensor Gradient)> Gradients(BenchStep step)
    {
        foreach ((int i, (string name, Parameter parameter)) in (step.Model?.NamedParameters ?? []).Index())
            if (parameter.Grad is { } gradient) yield return ($"p{i}", name, gradient);
        foreach ((string name, Tensor values) in step.Inputs)
            if (values is Parameter { Grad: { } gradient }) yield return (name, name, gradient);
        foreach ((string name, Tensor gradient) in step.OtherGradients()) yield return (name, name, gradient);
    }

    // The largest difference among root of the mean square, mean and samples, in units of the expected root of the mean square.
    private static double Difference(string key, Tensor actual, ReadOnlySpan<float> expected)
    {
        double squares = 0, sum = 0;
        foreach (float value in actual.Span) (squares, sum) = (squares + (double)value * value, sum + value);
        double worst = Math.Max(Math.Abs(Math.Sqrt(squares / actual.Length) - expected[0]), Math.Abs(sum / actual.Length - expected[1]));
        ReadOnlySpan<float> samples = expected[2..];
        for (int k = 0; k < samples.Length; k++)
            worst = Math.Max(worst, Math.Abs((double)actual.Span[Formula.Place(key, k, actual.Length)] - samples[k]));
        return worst / (expected[0] < Nothing ? SizeOfNothing : expected[0]);
    }
}
