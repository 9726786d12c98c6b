using System.Runtime.CompilerServices;

namespace Rindoku.Kernels;

/// <summary>Updates of parameters in one pass over parameter, gradient and memory.</summary>
/// <remarks>Aliasing: the spans are different memory. Deterministic: every number is updated alone.</remarks>
internal static class OptimizerKernels
{
    /// <summary><c>w ← w − rate (g + decay w)</c>.</summary>
    public static void Sgd(Span<float> weights, ReadOnlySpan<float> gradient, float rate, float decay) =>
        Elementwise.Map2(new SgdKernel(rate, decay), weights, gradient, weights);

    /// <summary><c>g ← g + decay w; v ← momentum v + fresh g; w ← w − rate (nesterov ? g + ahead v : v)</c>.</summary>
    public static void SgdMomentum(Span<float> weights, ReadOnlySpan<float> gradient, Span<float> velocity,
        float rate, float decay, float momentum, float fresh, float ahead, bool nesterov)
    {
        Elementwise.Map3(new VelocityKernel(decay, momentum, fresh), weights, gradient, velocity, velocity);
        if (nesterov) Elementwise.Map3(new NesterovKernel(rate, decay, ahead), weights, gradient, velocity, weights);
        else Elementwise.Map2(new SgdKernel(rate, 0), weights, velocity, weights);
    }

    private readonly struct SgdKernel(float rate, float decay) : IBinaryKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Value<V>(V w, V g) where V : struct, ISimd<V> => w - V.All(rate) * V.Fma(V.All(decay), w, g);
    }

    private readonly struct VelocityKernel(float decay, float momentum, float fresh) : ITernaryKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Value<V>(V w, V g, V v) where V : struct, ISimd<V> =>
            V.Fma(V.All(momentum), v, V.All(fresh) * V.Fma(V.All(decay), w, g));
    }

    private readonly struct NesterovKernel(float rate, float decay, float ahead) : ITernaryKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Value<V>(V w, V g, V v) where V : struct, ISimd<V> =>
            w - V.All(rate) * V.Fma(V.All(ahead), v, V.Fma(V.All(decay), w, g));
    }
}
