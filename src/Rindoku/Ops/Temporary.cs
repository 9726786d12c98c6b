using Rindoku.Kernels;
namespace Rindoku.Ops;
public static partial class TensorOps {
    /// <summary>temporary</summary>
    public static Tensor Rsqrt(this Tensor x) => Apply<RsqrtOp>(x);
}
internal readonly struct RsqrtOp : IUnaryOp
{
    public static string Name => "rsqrt";
    public V Value<V>(V x) where V : struct, ISimd<V> => V.All(1) / V.Sqrt(x);
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => V.All(-0.5f) * y * y * y;
    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => dy * y * y * y * -0.5f;
}
