using System.Collections.Concurrent;

namespace Rindoku.Kernels;

/// <summary>The plans of convolutions seen so far: a step meets the same shapes again and again, and plans never change.</summary>
internal sealed class PlanCache<T>(Func<ConvGeometry, T> make)
{
    private const int Most = 256; // then it starts again: a program with ever new shapes keeps no more than these

    private readonly ConcurrentDictionary<ConvGeometry, T> plans = new();

    /// <summary>The plan for a convolution.</summary>
    public T Of(ConvGeometry g)
    {
        if (plans.TryGetValue(g, out T? plan)) return plan;
        if (plans.Count >= Most) plans.Clear();
        return plans[g] = make(g);
    }
}
