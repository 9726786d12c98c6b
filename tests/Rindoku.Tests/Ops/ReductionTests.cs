using Rindoku.Ops;
using Rindoku.Testing;
using Rindoku.Tests.Kernels;

namespace Rindoku.Tests.Ops;

[Collection(nameof(KernelSettings))] // other tests change the vector width, on which sums depend
public sealed class ReductionTests
{
    private static readonly Golden Golden = Golden.Family("reduce");

    [Fact] public void Mean_matches_PyTorch() => Golden.Check("mean", a => Square(a).Mean());
    [Fact] public void Mean_over_axes_matches_PyTorch() => Golden.Check("mean_axes", a => Square(a).Mean([0, 2, 3], keep: true));
    [Fact] public void Mean_over_the_last_axis_matches_PyTorch() => Golden.Check("mean_last", a => Square(a).Mean([-1]));
    [Fact] public void Max_matches_PyTorch() => Golden.Check("max", (Tensor a) => Square(a.Max()));
    [Fact] public void Max_over_axes_that_lie_apart_matches_PyTorch() => Golden.Check("max_axes", a => Square(a.Max([0, 2])));
    [Fact] public void Max_shares_its_gradient_among_ties() => Golden.Check("max_ties", a => Square(a.Max([1], keep: true)));
    [Fact] public void Max_over_the_middle_matches_PyTorch() => Golden.Check("max_middle", a => Square(a.Max([1])));
    [Fact] public void Min_matches_PyTorch() => Golden.Check("min", (Tensor a) => Square(a.Min()));
    [Fact] public void Min_over_the_last_axis_matches_PyTorch() => Golden.Check("min_last", a => Square(a.Min([-1])));

    [Fact] public void Sum_over_axes_that_lie_apart_matches_PyTorch() => Golden.Check("sum_apart", a => Square(Square(a).Sum([0, 2, 4])));
    [Fact] public void Prod_matches_PyTorch() => Golden.Check("prod", a => Square(a.Prod()));
    [Fact] public void Prod_over_the_middle_matches_PyTorch() => Golden.Check("prod_middle", a => Square(a.Prod([1])));
    [Fact] public void Prod_over_axes_matches_PyTorch() => Golden.Check("prod_axes", a => Square(a.Prod([0, 2])));
    [Fact] public void Prod_has_right_gradients_at_zeros() => Golden.Check("prod_zeros", a => a.Prod([1]));
    [Fact] public void Var_matches_PyTorch() => Golden.Check("var", a => Square(a.Var()));
    [Fact] public void Var_of_the_whole_population_matches_PyTorch() => Golden.Check("var_biased", a => Square(a.Var([1], keep: true, unbiased: false)));
    [Fact] public void Var_over_axes_matches_PyTorch() => Golden.Check("var_axes", a => Square(a.Var([0, 2])));
    [Fact] public void Std_matches_PyTorch() => Golden.Check("std", a => Square(a.Std([-1])) * a.Std());
    [Fact] public void Std_over_axes_matches_PyTorch() => Golden.Check("std_axes", a => a.Std([0, 2], unbiased: false));
    [Fact] public void Norm_of_order_1_matches_PyTorch() => Golden.Check("norm1", a => Square(a.Norm(1, [1])));
    [Fact] public void Norm_of_order_2_matches_PyTorch() => Golden.Check("norm2", a => a.Norm(2, [-1]));
    [Fact] public void Norm_of_everything_matches_PyTorch() => Golden.Check("norm2_all", a => a.Norm());
    [Fact] public void Norm_of_order_3_matches_PyTorch() => Golden.Check("norm3", a => a.Norm(3, [0, 2]));
    [Fact] public void Norm_of_a_broken_order_matches_PyTorch() => Golden.Check("norm_half", a => a.Norm(1.5f, [1]));
    [Fact] public void Norm_of_infinite_order_matches_PyTorch() => Golden.Check("norm_inf", a => Square(a.Norm(float.PositiveInfinity, [1])));
    [Fact] public void LogSumExp_matches_PyTorch() => Golden.Check("logsumexp", a => a.LogSumExp([1]));
    [Fact] public void LogSumExp_over_axes_matches_PyTorch() => Golden.Check("logsumexp_axes", a => a.LogSumExp([0, 2], keep: true));
    [Fact] public void LogSumExp_of_large_numbers_matches_PyTorch() => Golden.Check("logsumexp_large", a => a.LogSumExp([-1]));
    [Fact] public void CumSum_matches_PyTorch() => Golden.Check("cumsum", a => Square(a.CumSum(1)));
    [Fact] public void CumProd_matches_PyTorch() => Golden.Check("cumprod", a => Square(a.CumProd(1)));
    [Fact] public void CumProd_along_the_last_axis_matches_PyTorch() => Golden.Check("cumprod_last", a => a.CumProd(-1));
    [Fact] public void CumProd_has_right_gradients_at_zeros() => Golden.Check("cumprod_zeros", a => a.CumProd(1));
    [Fact] public void LinearScan_matches_a_loop_in_PyTorch() => Golden.Check("linear_scan", (x, a) => Square(x.LinearScan(a, 1)));
    [Fact] public void Sort_matches_PyTorch() => Golden.Check("sort", a => Square(a.Sort(1).Values) * Tensor.Range(7).Reshape(7, 1));
    [Fact] public void Sort_descending_matches_PyTorch() => Golden.Check("sort_descending", a => Square(a.Sort(-1, descending: true).Values) * Tensor.Range(7));
    [Fact] public void TopK_matches_PyTorch() => Golden.Check("topk", a => Square(a.TopK(3, 0).Values));
    [Fact] public void TopK_of_the_smallest_matches_PyTorch() => Golden.Check("topk_smallest", a => Square(a.TopK(2, largest: false).Values));
    [Fact] public void Max_along_an_axis_matches_PyTorch() => Golden.Check("max_axis", a => Square(a.Max(1).Values));
    [Fact] public void Min_along_an_axis_matches_PyTorch() => Golden.Check("min_axis", a => Square(a.Min(-1, keep: true).Values));
    [Fact] public void ArgMax_matches_PyTorch() => Assert.Equal(Golden.Integers("argmax", "y").ToArray(), Golden["argmax", "in0"].ArgMax(1).ToArray());
    [Fact] public void ArgMin_matches_PyTorch() => Assert.Equal(Golden.Integers("argmin", "y").ToArray(), Golden["argmin", "in0"].ArgMin(-1).ToArray());
    [Fact] public void ArgSort_matches_PyTorch() => Assert.Equal(Golden.Integers("argsort", "y").ToArray(), Golden["argsort", "in0"].ArgSort(1, descending: true).ToArray());

    public static TheoryData<int[], int[]> Reduced => new()
    {
        { [300_000], [0] }, { [3, 200_000], [1] }, { [70_000, 10], [0] }, { [3000, 700], [0] }, { [3000, 70], [1] }, { [40, 3, 900], [0, 2] },
        { [40, 65, 30], [0, 2] }, { [4, 300, 7, 20], [1] }, { [6, 5, 40, 3, 50], [0, 2, 4] }, { [6, 5, 40, 3, 50], [1, 3] }, { [9, 2000, 3], [1] }, { [2, 3, 5000, 2], [0, 2] },
    };

    [Theory, MemberData(nameof(Reduced))]
    public void Reductions_of_large_tensors_are_right_with_the_same_bits_for_any_thread_count(int[] sizes, int[] axes)
    {
        Tensor x = new Rng(seed: 1).Uniform(Shape.Create(sizes), 0.5f, 1.5f);
        foreach (Func<Tensor, Tensor> f in (Func<Tensor, Tensor>[])[t => t.Sum(axes), t => t.Max(axes), t => t.Var(axes), t => t.LogSumExp(axes), t => t.Norm(2, axes)])
            Determinism.Check(() => [f(x)]);
        Check.Close(x.Sum(axes), Reference(x, axes, (sum, value) => sum + value), rtol: 1e-6, what: "sum");
        Check.Close(x.Min(axes), -Reference(-x, axes, Math.Max), rtol: 0, atol: 0, what: "min");
        Tensor mean = x.Mean(axes, keep: true), squares = (x - mean) * (x - mean);
        int count = x.Length / mean.Length;
        Check.Close(x.Var(axes), Reference(squares, axes, (sum, value) => sum + value) / (count - 1), rtol: 1e-5, what: "variance");
    }

    // One number after the other, in double.
    private static Tensor Reference(Tensor x, int[] axes, Func<double, double, double> step)
    {
        int[] kept = [.. x.Shape.Select((size, axis) => axes.Contains(axis) ? 1 : size)];
        int[] strides = Shape.Create(kept).Strides();
        double[] sums = new double[Shape.Create(kept).Length];
        Array.Fill(sums, step(0, 1) == 1 && step(1, -5) == 1 ? double.NegativeInfinity : 0);
        int[] place = new int[x.Rank];
        for (int i = 0; i < x.Length; i++)
        {
            int at = 0;
            for (int axis = 0; axis < place.Length; axis++) at += kept[axis] == 1 ? 0 : place[axis] * strides[axis];
            sums[at] = step(sums[at], x.Span[i]);
            for (int axis = place.Length - 1; axis >= 0 && ++place[axis] == x.Shape[axis]; axis--) place[axis] = 0;
        }
        return Tensor.From([.. sums.Select(sum => (float)sum)], [.. x.Shape.Where((_, axis) => !axes.Contains(axis))]);
    }

    [Fact]
    public void Every_length_is_right_for_every_vector_width()
    {
        foreach (int length in Lengths.AroundVectorWidths.Where(n => n > 0))
        {
            Tensor x = new Rng(seed: length).Permutation(length) is var order ? Tensor.From([.. order.Select(i => i + 1f)], [length]) : null!;
            Assert.Equal(length * (length + 1) / 2f, x.Sum().Item());
            Assert.Equal(length, x.Max().Item());
            Assert.Equal(1, x.Min().Item());
            Assert.Equal(length, x.Span[x.ArgMax()]);
            Check.Close(x.Var(unbiased: false), Tensor.Scalar(((float)length * length - 1) / 12));
            Check.Close(x.Expand([3, length]).Sum([0]), x * 3);
            Check.Close(x.Reshape(length, 1).Expand([length, 3]).Sum([0]), Tensor.Full([3], length * (length + 1) / 2f));
            Assert.Equal(Enumerable.Range(1, length).Select(i => (float)i), x.Sort().Values.ToArray());
        }
    }

    [Fact]
    public void Extreme_values_stay_exact()
    {
        Tensor large = Tensor.Of(1e6f, 1e6f + 1, 1e6f + 2);
        Assert.Equal(1, large.Var().Item());
        Assert.Equal([1f, 1], Tensor.Stack([large, large], 1).Var([0]).ToArray());
        Assert.Equal(float.NaN, Tensor.Of(1, float.NaN, 3).Max().Item());
        Assert.Equal(1, Tensor.Of(1, float.NaN, 3, float.NaN).ArgMax());
        Assert.Equal(1, Tensor.Of(3, 7, 7).ArgMax());
        float none = float.NegativeInfinity;
        Assert.Equal([none, 2f], Tensor.From([none, none, none, 2], [2, 2]).LogSumExp([1]).ToArray());
        Assert.Equal(float.PositiveInfinity, Tensor.Of(float.PositiveInfinity, none).LogSumExp().Item());
        Assert.Equal(float.NaN, Tensor.Of(1, float.NaN).LogSumExp().Item());
        Tensor x = Tensor.From([none, none, none, 2], [2, 2]).Tracked();
        Assert.Equal([0f, 0, 0, 1], Grad.Of(x.LogSumExp([1]).MaskedFill(Tensor.Of(1, 0), 0).Sum(), x).ToArray());
        Assert.Equal([0f, 0, 0, 1], Grad.Vjp(x.LogSumExp([1]), Tensor.Ones([2]), [x])[0].ToArray());
        Assert.Equal([2f, 0, 1], Tensor.Of(float.NaN, 1, 5).ArgSort().ToTensor().ToArray().Select(i => (i + 1) % 3));
        Assert.Equal([2, 0, 3, 1], Tensor.Of(0f, float.PositiveInfinity, -3, -0f).ArgSort().ToArray());
    }

    [Fact]
    public void Gradients_at_zero_are_zero_not_NaN()
    {
        foreach (float p in (float[])[1, 1.5f, 2, 3, float.PositiveInfinity])
        {
            Tensor x = Tensor.From([0, 0, 3, 4], [2, 2]).Tracked();
            Tensor gradient = Grad.Of(x.Norm(p, [1]).Sum(), x, createGraph: true);
            Assert.Equal([0f, 0], gradient.ToArray()[..2]);
            if (gradient.RequiresGrad && p != 1.5f) Assert.All(Grad.Vjp(gradient, Tensor.Ones([2, 2]), [x], allowUnused: true)[0].ToArray(), h => Assert.False(float.IsNaN(h)));
        }
        Tensor same = Tensor.Full([4], 2).Tracked();
        Assert.Equal([0f, 0, 0, 0], Grad.Of(same.Std(), same).ToArray());
    }

    [Fact]
    public void Reductions_of_nothing_give_what_leaves_others_unchanged_or_are_refused()
    {
        Tensor x = Tensor.Zeros([2, 0]);
        Assert.Equal([0f, 0], x.Sum([1]).ToArray());
        Assert.Equal([1f, 1], x.Prod([1]).ToArray());
        Assert.Equal([float.NaN, float.NaN], x.Mean([1]).ToArray());
        Assert.Equal([float.NaN, float.NaN], x.Var([1]).ToArray());
        Assert.Equal([float.NegativeInfinity, float.NegativeInfinity], x.LogSumExp([1]).ToArray());
        Assert.Equal([0f, 0], x.Any([1]).ToArray());
        Assert.Equal([1f, 1], x.All([1]).ToArray());
        Assert.Equal([0], x.Sum([0]).Shape);
        Assert.Equal([2, 0], x.CumSum(1).Shape);
        Assert.Equal([2, 0], x.Sort().Values.Shape);
        Assert.Equal(float.NaN, Tensor.Of(5).Var().Item());
        Refused("Max: no numbers along axes (1) of (2, 0); needs at least one", () => x.Max([1]));
        Refused("ArgMin: no numbers along axes (1) of (2, 0); needs at least one", () => x.ArgMin(1).ToTensor());
        Refused("Sum: axis -2 of (2, 0) is named twice", () => x.Sum([0, -2]));
        Refused("Mean: axis 2 does not exist in shape (2, 0); axes go from -2 to 1", () => x.Mean([2]));
        Refused("TopK: 3 numbers asked for, axis 0 of (2, 0) has 2", () => x.TopK(3, 0).Values);
        Refused("LinearScan: x is (2, 0), the factors are (2); they must have one shape", () => x.LinearScan(Tensor.Zeros([2]), 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.Norm(0));
    }

    [Fact]
    public void Any_and_All_look_for_numbers_that_are_not_zero()
    {
        Tensor x = Tensor.From([0, 0, 0, 2, 3, float.NaN], [3, 2]);
        Assert.Equal([0f, 1, 1], x.Any([1]).ToArray());
        Assert.Equal([0f, 0, 1], x.All([1]).ToArray());
        Assert.Equal(1, x.Any().Item());
        Assert.Equal(0, x.All().Item());
        Tensor leaf = x.Tracked();
        Assert.Contains("Any has no gradient", Assert.Throws<NotSupportedException>(() => Grad.Of(leaf.Any(), leaf)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TopK_agrees_with_sorting_whether_few_are_wanted_or_many_with_ties_and_NaN()
    {
        Tensor x = Tensor.From([.. Enumerable.Range(0, 3 * 60).Select(i => i % 41 == 7 ? float.NaN : i * 37 % 23)], [3, 60]);
        foreach (int count in (int[])[0, 1, 15, 16, 17, 60])
            foreach (bool largest in (bool[])[true, false])
                Assert.Equal(x.ArgSort(descending: largest).Slice(1, ..count).ToArray(), x.TopK(count, largest: largest).Indices.ToArray());
    }

    [Fact]
    public void CumSum_is_right_for_any_number_of_lines_and_both_ways()
    {
        foreach (int lines in (int[])[1, 2, 3, 4, 5, 9])
        {
            Tensor x = Tensor.Range(lines * 3).Reshape(lines, 3).Tracked(), y = x.CumSum(1);
            for (int i = 0; i < lines; i++) Assert.Equal([3f * i, 6 * i + 1, 9 * i + 3], y.Select(0, i).ToArray());
            Assert.Equal(Enumerable.Repeat(new float[] { 3, 2, 1 }, lines).SelectMany(g => g), Grad.Of(y.Sum(), x).ToArray());
        }
    }

    [Fact]
    public void Scans_give_the_same_bits_for_any_thread_count()
    {
        foreach (int[] sizes in (int[][])[[3, 20_000], [50, 400, 7], [200, 1000]])
        {
            Tensor x = new Rng(seed: 1).Uniform(Shape.Create(sizes), 0.9f, 1.1f);
            Determinism.Check(() => [x.CumSum(1)]);
            Determinism.Check(() => [x.CumProd(1)]);
            Determinism.Check(() => [x.LinearScan(x * 0.9f, 1)]);
            Determinism.Check(() => [x.Sort(1).Values]);
            Determinism.Check(() => [x.ArgMax(1).ToTensor()]);
        }
    }

    private static void Refused(string message, Func<Tensor> operation) => Assert.Equal(message, Assert.Throws<ShapeException>(operation).Message);

    private static Tensor Square(Tensor x) => x * x;
}
