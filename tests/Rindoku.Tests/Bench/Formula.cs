using System.Runtime.InteropServices;
using Rindoku.Bench;

namespace Rindoku.Tests.Bench;

/// <summary>Numbers from a name alone, the same as those of tests/golden/bench.py, so that golden files need not hold weights and inputs.</summary>
internal static class Formula
{
    /// <summary>Puts the formula's numbers into a workload's parameters (p0, p1, ...), inputs and labels.</summary>
    public static void Fill(BenchStep step)
    {
        foreach ((int i, (string name, Parameter parameter)) in (step.Model?.NamedParameters ?? []).Index()) Weight($"p{i}", name, parameter);
        foreach ((string name, Tensor values) in step.Inputs) Fill(name, Writable(values.Span), 1, 0);
        foreach ((string name, IntTensor values, int count) in step.Labels)
        {
            Span<int> labels = Writable(values.Span);
            for (int i = 0; i < labels.Length; i++) labels[i] = (int)(Hash(Seed(name), i) % (uint)count);
        }
    }

    // Tensors are immutable to their users; these were made for the step and nobody has read them yet.
    private static Span<T> Writable<T>(ReadOnlySpan<T> values) => MemoryMarshal.CreateSpan(ref MemoryMarshal.GetReference(values), values.Length);

    /// <summary>A place of a tensor, the k-th that statistics of this name look at.</summary>
    public static int Place(string name, int k, int length) => (int)(Hash(Seed(name), k) % (uint)length);

    private static void Weight(string key, string name, Parameter parameter)
    {
        if (parameter.Rank == 1)
        {
            Fill(key, parameter.Values, 0.25f, name.EndsWith("weight", StringComparison.Ordinal) ? 1 : 0);
            return;
        }
        int fanIn = parameter.Length / parameter.Shape[0];
        Fill(key, parameter.Values, MathF.ScaleB(1, 1 - int.Log2(fanIn) / 2), 0);
    }

    // Scales are powers of two: no rounding.
    private static void Fill(string name, Span<float> values, float scale, float offset)
    {
        uint seed = Seed(name);
        for (int i = 0; i < values.Length; i++) values[i] = ((int)(Hash(seed, i) >> 8) / (float)(1 << 23) - 1) * scale + offset;
    }

    // FNV-1a of the name ...
    private static uint Seed(string name)
    {
        uint seed = 2166136261;
        foreach (char letter in name) seed = unchecked((seed ^ letter) * 16777619);
        return seed;
    }

    // ... stepped by the golden ratio, and mixed as MurmurHash3 ends.
    private static uint Hash(uint seed, int place)
    {
        unchecked
        {
            uint h = seed + (uint)place * 0x9E3779B9;
            h = (h ^ h >> 16) * 0x85EBCA6B;
            h = (h ^ h >> 13) * 0xC2B2AE35;
            return h ^ h >> 16;
        }
    }
}
