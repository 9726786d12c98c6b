using Rindoku.Testing;

namespace Rindoku.Tests.Ops;

/// <summary>Checks that the fused gradients of an operation equal its differentiable ones.</summary>
internal static class TwoWays
{
    public static void Agree(Func<Tensor[], Tensor> f, params Tensor[] inputs)
    {
        Tensor[] leaves = [.. inputs.Select(x => x.Tracked())];
        Tensor y = f(leaves), dy = new Rng(seed: 99).Normal(y.Shape);
        Tensor[] fused = Grad.Vjp(y, dy, leaves), ruled = Grad.Vjp(y, dy, leaves, createGraph: true);
        for (int i = 0; i < inputs.Length; i++)
        {
            float largest = 0;
            foreach (float g in ruled[i].Span) largest = Math.Max(largest, Math.Abs(g));
            Check.Close(fused[i], ruled[i], rtol: 1e-3, atol: 1e-4 * largest + 1e-6, $"gradient of input {i} {inputs[i].Shape}");
        }
    }
}
