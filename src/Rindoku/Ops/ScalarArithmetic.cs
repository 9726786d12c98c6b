using System.Runtime.CompilerServices;
using Rindoku.Autograd;
using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary><c>y = a + b</c>. Also written <c>a + b</c>.</summary>
    public static Tensor Add(this Tensor a, float b) =>
        Tape.Record("add", Map(a, b, default(AddOp)), new Edge(a, dy => dy));

    /// <summary><c>y = a - b</c>. Also written <c>a - b</c>.</summary>
    public static Tensor Subtract(this Tensor a, float b) => a.Add(-b);

    /// <summary><c>y = a · b</c>. Also written <c>a * b</c>.</summary>
    public static Tensor Multiply(this Tensor a, float b) =>
        Tape.Record("multiply", Map(a, b, default(MultiplyOp)), new Edge(a, dy => dy.Multiply(b)));

    /// <summary><c>y = a / b</c>. Also written <c>a / b</c>.</summary>
    public static Tensor Divide(this Tensor a, float b) =>
        Tape.Record("divide", Map(a, b, default(DivideOp)), new Edge(a, dy => dy.Divide(b)));

    /// <summary><c>y = a + scale · b</c> with one rounding; shapes broadcast.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    public static Tensor AddScaled(this Tensor a, Tensor b, float scale) => Apply(a, b, new AddScaledOp(scale));

    /// <summary><c>y = a · b + c</c> with one rounding; shapes broadcast.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    public static Tensor MultiplyAdd(this Tensor a, Tensor b, Tensor c)
    {
        Tensor y = Map(a, b, c, default(MultiplyAddKernel));
        return Tape.Record("multiply-add", y,
            new Edge(a, dy => (dy * b).SumTo(a.Shape)),
            new Edge(b, dy => (dy * a).SumTo(b.Shape)),
            new Edge(c, dy => dy.SumTo(c.Shape)));
    }

    /// <summary><c>y = a - x</c>, as the operator with a number on the left.</summary>
    internal static Tensor SubtractFrom(float a, Tensor x) =>
        Tape.Record("subtract", Map(x, new LeftConstant<SubtractOp>(default, a)), new Edge(x, dy => -dy));

    /// <summary><c>y = a / x</c>, as the operator with a number on the left.</summary>
    internal static Tensor DivideInto(float a, Tensor x) => Apply(x, new DivideIntoOp(a));
}

internal readonly struct DivideIntoOp(float a) : IUnaryOp
{
    public static string Name => "divide";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V x) where V : struct, ISimd<V> => V.All(a) / x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(V x, V y) where V : struct, ISimd<V> => -y / x;

    public Tensor Gradient(Tensor x, Tensor y, Tensor dy) => -dy * y / x;
}

internal readonly struct AddScaledOp(float scale) : IBinaryOp
{
    public static string Name => "add scaled";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V a, V b) where V : struct, ISimd<V> => V.Fma(b, V.All(scale), a);

    public Tensor GradientA(Tensor a, Tensor b, Tensor y, Tensor dy) => dy;
    public Tensor GradientB(Tensor a, Tensor b, Tensor y, Tensor dy) => dy * scale;
}

internal readonly struct MultiplyAddKernel : ITernaryKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value<V>(V a, V b, V c) where V : struct, ISimd<V> => V.Fma(a, b, c);
}
