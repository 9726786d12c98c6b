using Rindoku.Kernels;
using Rindoku.Ops;
using Rindoku.Testing;
using Rindoku.Tests.Kernels;

namespace Rindoku.Tests.Ops;

[Collection(nameof(KernelSettings))]
public sealed class SoftmaxTests
{
    private static readonly Golden Golden = Golden.Family("softmax");

    [Theory, InlineData("last", -1), InlineData("first", 0), InlineData("middle", 1), InlineData("one", -1), InlineData("vector", 0)]
    public void Softmax_and_its_logarithm_match_PyTorch(string name, int axis)
    {
        Golden.Check($"softmax_{name}", x => x.Softmax(axis));
        Golden.Check($"log_softmax_{name}", x => x.LogSoftmax(axis));
    }

    [Fact]
    public void Numbers_of_ten_thousand_do_not_overflow()
    {
        Golden.Check("softmax_extreme", x => (x * 1e4f).Softmax());
        Golden.Check("log_softmax_extreme", x => (x * 1e4f).LogSoftmax(), rtol: 1e-5, atol: 1e-2);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void Special_values_are_those_of_PyTorch(bool across)
    {
        const float inf = float.PositiveInfinity;
        Tensor x = Tensor.From([1, -inf, 1, -inf, -inf, -inf, 1, inf, 0, 1, float.NaN, 0], [4, 3]);
        Tensor expected = Tensor.From([0.5f, 0, 0.5f, float.NaN, float.NaN, float.NaN, float.NaN, float.NaN, float.NaN, float.NaN, float.NaN, float.NaN], [4, 3]);
        Tensor y = across ? Transposed(Transposed(x).Softmax(0)) : x.Softmax();
        Check.Close(y, expected);
    }

    [Fact]
    public void Every_length_agrees_with_a_plain_loop_along_and_across_for_all_widths()
    {
        foreach (int length in Lengths.AroundVectorWidths)
        {
            if (length == 0) continue;
            Tensor x = new Rng(seed: length).Normal([3, length], deviation: 4);
            ForEveryWidth(() =>
            {
                Check.Close(x.Softmax(), Plain(x, logarithm: false), rtol: 2e-6, atol: 1e-9);
                Check.Close(x.LogSoftmax(), Plain(x, logarithm: true), rtol: 1e-5, atol: 1e-6);
                Check.Close(Transposed(Transposed(x).Softmax(0)), Plain(x, logarithm: false), rtol: 2e-6, atol: 1e-9);
                Check.Close(Transposed(Transposed(x).LogSoftmax(0)), Plain(x, logarithm: true), rtol: 1e-5, atol: 1e-6);
            });
        }
    }

    [Fact]
    public void Empty_tensors_stay_empty()
    {
        Assert.Equal([0, 3], Tensor.Zeros([0, 3]).Softmax().Shape);
        Assert.Equal([3, 0], Tensor.Zeros([3, 0]).LogSoftmax().Shape);
    }

    [Fact]
    public void Results_are_bitwise_equal_for_any_number_of_threads()
    {
        Tensor x = new Rng(seed: 1).Normal([300, 7, 65]);
        Tensor t = x.Tracked();
        Determinism.Check(() => [t.Softmax(0).Detach(), .. Grad.Vjp(t.Softmax(1), x, [t]), .. Grad.Vjp(t.LogSoftmax(2), x, [t])]);
    }

    [Fact]
    public void An_axis_that_does_not_exist_is_refused_with_the_shape()
    {
        var error = Assert.Throws<ShapeException>(() => Tensor.Zeros([2, 3]).Softmax(2));
        Assert.Equal("Softmax: axis 2 does not exist in shape (2, 3); axes go from -2 to 1", error.Message);
    }

    private static void ForEveryWidth(Action check)
    {
        int widest = Simd.Bits;
        for (int bits = 128; bits <= widest; bits *= 2)
        {
            using Settings _ = new(bits, Threads.Count);
            check();
        }
    }

    private static Tensor Plain(Tensor x, bool logarithm)
    {
        int rows = x.Shape[0], size = x.Shape[1];
        double[] sums = [.. Enumerable.Range(0, rows).Select(r => Enumerable.Range(0, size).Sum(c => Math.Exp(x[r, c])))];
        return Tensor.Generate(x.Shape, i => (float)(logarithm ? x.Span[i] - Math.Log(sums[i / size]) : Math.Exp(x.Span[i]) / sums[i / size]));
    }

    private static Tensor Transposed(Tensor x)
    {
        int rows = x.Shape[0], columns = x.Shape[1];
        return Tensor.Generate([columns, rows], i => x[i % rows, i / rows]);
    }
}
