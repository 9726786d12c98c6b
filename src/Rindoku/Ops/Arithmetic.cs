using System.Runtime.CompilerServices;
using Rindoku.Autograd;
using Rindoku.Kernels;

namespace Rindoku.Ops;

/// <summary>Sums, differences, products and quotients of tensors that broadcast, as operators.</summary>
public static class Arithmetic
{
    extension(Tensor)
    {
        /// <summary><c>y = a + b</c>, broadcasting.</summary>
        public static Tensor operator +(Tensor a, Tensor b) => TensorOps.Add(a, b);

        /// <summary><c>y = a + b</c>.</summary>
        public static Tensor operator +(Tensor a, float b) => TensorOps.Add(a, b);

        /// <summary><c>y = a + b</c>.</summary>
        public static Tensor operator +(float a, Tensor b) => TensorOps.Add(b, a);

        /// <summary><c>y = a - b</c>, broadcasting.</summary>
        public static Tensor operator -(Tensor a, Tensor b) => TensorOps.Subtract(a, b);

        /// <summary><c>y = a - b</c>.</summary>
        public static Tensor operator -(Tensor a, float b) => TensorOps.Add(a, -b);

        /// <summary><c>y = a - b</c>.</summary>
        public static Tensor operator -(float a, Tensor b) => TensorOps.SubtractFrom(a, b);

        /// <summary><c>y = a · b</c>, number by number, broadcasting.</summary>
        public static Tensor operator *(Tensor a, Tensor b) => TensorOps.Multiply(a, b);

        /// <summary><c>y = a · b</c>.</summary>
        public static Tensor operator *(Tensor a, float b) => TensorOps.Multiply(a, b);

        /// <summary><c>y = a · b</c>.</summary>
        public static Tensor operator *(float a, Tensor b) => TensorOps.Multiply(b, a);

        /// <summary><c>y = a / b</c>, number by number, broadcasting.</summary>
        public static Tensor operator /(Tensor a, Tensor b) => TensorOps.Divide(a, b);

        /// <summary><c>y = a / b</c>.</summary>
        public static Tensor operator /(Tensor a, float b) => TensorOps.Divide(a, b);

        /// <summary><c>y = a / b</c>.</summary>
        public static Tensor operator /(float a, Tensor b) => TensorOps.DivideInto(a, b);

        /// <summary><c>y = -x</c>.</summary>
        public static Tensor operator -(Tensor x) => x.Negate();
    }
}

public static partial class TensorOps
{
    /// <summary><c>y = a + b</c>; shapes broadcast. Also written <c>a + b</c>.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    public static Tensor Add(this Tensor a, Tensor b) => Apply<AddOp>(a, b);

    /// <summary><c>y = a - b</c>; shapes broadcast. Also written <c>a - b</c>.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    public static Tensor Subtract(this Tensor a, Tensor b) => Apply<SubtractOp>(a, b);

    /// <summary><c>y = a · b</c>, number by number; shapes broadcast. Also written <c>a * b</c>.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    public static Tensor Multiply(this Tensor a, Tensor b) => Apply<MultiplyOp>(a, b);

    /// <summary><c>y = a / b</c>, number by number; shapes broadcast. Also written <c>a / b</c>.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    public static Tensor Divide(this Tensor a, Tensor b) => ApplySmooth<DivideOp>(a, b);

    /// <summary><c>y = -x</c>. Also written <c>-x</c>.</summary>
    public static Tensor Negate(this Tensor x)
    {
        Tensor y = Map(x, default(NegateKernel));
        return Tape.Record("negate", y, new Edge(x, dy => -dy));
    }
}

internal readonly struct AddOp : IBinaryOp
{
    public static string Name => "add";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V a, V b) where V : struct, ISimd<V> => a + b;

    public Tensor GradientA(Tensor a, Tensor b, Tensor y, Tensor dy) => dy;
    public Tensor GradientB(Tensor a, Tensor b, Tensor y, Tensor dy) => dy;
}

internal readonly struct SubtractOp : IBinaryOp
{
    public static string Name => "subtract";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V a, V b) where V : struct, ISimd<V> => a - b;

    public Tensor GradientA(Tensor a, Tensor b, Tensor y, Tensor dy) => dy;
    public Tensor GradientB(Tensor a, Tensor b, Tensor y, Tensor dy) => -dy;
}

internal readonly struct MultiplyOp : IBinaryOp
{
    public static string Name => "multiply";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V a, V b) where V : struct, ISimd<V> => a * b;

    public Tensor GradientA(Tensor a, Tensor b, Tensor y, Tensor dy) => dy * b;
    public Tensor GradientB(Tensor a, Tensor b, Tensor y, Tensor dy) => dy * a;
}

internal readonly struct DivideOp : IBinaryOp, ISmoothBinaryKernel
{
    public static string Name => "divide";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V a, V b) where V : struct, ISimd<V> => a / b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V SlopeA<V>(V a, V b, V y) where V : struct, ISimd<V> => V.All(1) / b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V SlopeB<V>(V a, V b, V y) where V : struct, ISimd<V> => -y / b;

    public Tensor GradientA(Tensor a, Tensor b, Tensor y, Tensor dy) => dy / b;
    public Tensor GradientB(Tensor a, Tensor b, Tensor y, Tensor dy) => -dy * y / b;
}

internal readonly struct NegateKernel : IUnaryKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => -x;
}
