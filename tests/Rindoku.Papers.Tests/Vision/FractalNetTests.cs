using Rindoku.Lab;
using Rindoku.Nn;
using Rindoku.Ops;
using Rindoku.Optim;
using Rindoku.Papers.Vision.FractalNet;
using Rindoku.Testing;
using DropPath = Rindoku.Papers.Vision.FractalNet.DropPath;

namespace Rindoku.Papers.Tests.Vision;

/// <summary>The exact checks of the paper's sheet.</summary>
public sealed class FractalNetTests
{
    private static readonly FractalSize Published = new(3, [64, 128, 256, 512, 512]);

    [Theory, InlineData(1, 1), InlineData(2, 3), InlineData(3, 7), InlineData(4, 15), InlineData(5, 31)]
    public void A_block_has_one_less_than_2_to_the_C_convolutions(int columns, int expected)
    {
        Assert.Equal(expected, new FractalSize(columns, [4]).Convolutions);
        FractalBlock block = new(columns, 3, 4, dropout: 0, JoinOrder.PoolThenJoin, new Rng(1), new Rng(2));
        Assert.Equal(expected, block.NamedModules.Count(m => m.Module is Conv2d));
        using LayerTrace trace = LayerTrace.Open();
        Assert.Equal([2, 4, 4, 4], block.Forward(new Rng(3).Normal([2, 3, 8, 8]), Paths.All).Shape);
        Assert.Equal(expected, trace.Passes.Count(pass => pass.Layer is Conv2d)); // each is used, and used once
        Assert.Equal(expected, trace.Passes.Where(pass => pass.Layer is Conv2d).Select(pass => pass.Layer).Distinct().Count());
    }

    [Theory, InlineData(3, 20), InlineData(4, 40), InlineData(1, 5)]
    public void Depth_is_the_number_of_convolutions_of_the_longest_path(int columns, int expected) =>
        Assert.Equal(expected, (Published with { Columns = columns }).Depth);

    [Fact]
    public void Joins_stand_where_several_columns_compute_in_a_row()
    {
        Assert.Equal([[3], [2, 3], [3], [1, 2, 3]], Rows(3));
        Assert.Equal([2, 3], Rows(3).Select(row => row.Count).Where(count => count > 1));
        Assert.Equal([2, 3, 2, 4], Rows(4).Select(row => row.Count).Where(count => count > 1));
        Assert.Equal([[1]], Rows(1));
        for (int columns = 2; columns < 7; columns++) Assert.Equal(1 << (columns - 2), Rows(columns).Count(row => row.Count > 1));

        static IReadOnlyList<int>[] Rows(int columns) => [.. Enumerable.Range(1, 1 << (columns - 1)).Select(row => FractalBlock.Firing(row, columns))];
    }

    // The expansion rule written as it stands in the paper: f_{C+1}(z) = (f_C ∘ f_C)(z) ⊕ conv(z), joins that meet in one point merged into one.
    [Fact]
    public void The_rows_are_the_papers_expansion_rule()
    {
        FractalBlock block = new(3, 4, 4, dropout: 0, JoinOrder.JoinThenPool, new Rng(1), new Rng(2));
        Layer[][] units = [.. block.Children.Select(column => column.Module.Children.Select(unit => (Layer)unit.Module).ToArray())];
        Tensor x = new Rng(3).Normal([2, 4, 8, 8]);
        Tensor half = (units[1][0].Forward(x) + units[2][1].Forward(units[2][0].Forward(x))) * 0.5f; // f_2(z)
        Tensor deep = units[2][3].Forward(units[2][2].Forward(half)), middle = units[1][1].Forward(half), shallow = units[0][0].Forward(x);
        Tensor expected = ((shallow + middle + deep) * (1f / 3)).MaxPool2d(2);
        Check.Close(block.Forward(x, Paths.All), expected, rtol: 1e-5, atol: 1e-5);
    }

    [Theory, InlineData(100, 33_760_484), InlineData(10, 33_714_314)]
    public void The_network_of_20_layers_has_the_generators_parameters(int classes, long expected)
    {
        using MemoryScope scope = MemoryScope.Open();
        FractalNet net = new(Published, classes, new Rng(1));
        Assert.Equal(expected, net.ParameterCount);
        Assert.Equal(33_698_880, net.NamedParameters.Where(p => p.Parameter.Rank == 4).Sum(p => (long)p.Parameter.Length));
    }

    [Fact]
    public void Five_blocks_bring_32_pixels_to_one()
    {
        FractalNet net = new(new FractalSize(3, [2, 3, 4, 5, 6]), 10, new Rng(1));
        using LayerTrace trace = LayerTrace.Open();
        Assert.Equal([2, 10], net.Forward(new Rng(2).Normal([2, 3, 32, 32])).Shape);
        Assert.Equal([32, 16, 8, 4, 2], trace.Passes.Where(pass => pass.Layer is Conv2d).Select(pass => pass.Output[2]).Distinct());
        FractalBlock last = new(2, 6, 6, 0, JoinOrder.PoolThenJoin, new Rng(1), new Rng(2));
        Assert.Equal([1, 6, 1, 1], last.Forward(Tensor.Ones([1, 6, 2, 2]), Paths.All).Shape);
    }

    [Theory, InlineData(1, 5), InlineData(2, 10), InlineData(3, 20)]
    public void A_column_is_a_plain_network_of_its_own(int column, int convolutions)
    {
        FractalNet net = new(new FractalSize(3, [2, 3, 4, 5, 6]), 10, new Rng(1));
        Sequential alone = net.Column(column);
        Assert.Equal(convolutions, alone.NamedModules.Count(m => m.Module is Conv2d));
        // Saved and loaded into a column of another network it is the same network: it needs nothing of the rest.
        Sequential copy = new FractalNet(net.Size, 10, new Rng(2)).Column(column);
        Tensor x = new Rng(3).Normal([2, 3, 32, 32]);
        Step(alone, x);
        copy.Load(alone.State());
        alone.Eval();
        copy.Eval();
        Check.Same(copy.Forward(x), alone.Forward(x));
    }

    [Theory]
    [InlineData(1, JoinOrder.PoolThenJoin), InlineData(2, JoinOrder.PoolThenJoin), InlineData(3, JoinOrder.PoolThenJoin)]
    [InlineData(1, JoinOrder.JoinThenPool), InlineData(2, JoinOrder.JoinThenPool), InlineData(3, JoinOrder.JoinThenPool)]
    public void Global_drop_path_is_the_extracted_column(int column, JoinOrder order)
    {
        FractalNet net = new(new FractalSize(3, [4, 6]) { Order = order }, 10, new Rng(1));
        Tensor x = new Rng(2).Normal([3, 3, 8, 8]);
        Check.Same(net.Forward(x, Paths.Column(column)), net.Column(column).Forward(x)); // in training, statistics of the batch
        Step(net, x);
        net.Eval();
        Check.Same(net.Forward(x, Paths.Column(column)), net.Column(column).Forward(x)); // in evaluation, each convolution's own statistics
        Assert.False(net.Forward(x).Span.SequenceEqual(net.Column(column).Forward(x).Span));
    }

    [Fact]
    public void Global_drop_path_leaves_the_other_columns_alone()
    {
        FractalNet net = new(new FractalSize(3, [4, 6]), 10, new Rng(1));
        net.Forward(new Rng(2).Normal([3, 3, 8, 8]), Paths.Column(2)).Mean().Backward();
        foreach ((string name, Parameter p) in net.NamedParameters)
            Assert.Equal(name.Contains("column2", StringComparison.Ordinal) || name.StartsWith("fc", StringComparison.Ordinal), p.Grad is not null);
        foreach ((string name, BufferTensor statistics) in net.NamedBuffers.Where(b => b.Name.EndsWith("mean", StringComparison.Ordinal)))
            Assert.Equal(name.Contains("column2", StringComparison.Ordinal), statistics.Span.ToArray().Any(m => m != 0));
    }

    [Fact]
    public void The_order_of_pool_and_join_makes_two_networks()
    {
        Tensor x = new Rng(2).Normal([2, 3, 8, 8]);
        Tensor[] outputs = [.. Enum.GetValues<JoinOrder>().Select(order => new FractalNet(new FractalSize(3, [4]) { Order = order }, 10, new Rng(1)).Forward(x))];
        Assert.Equal(outputs[0].Shape, outputs[1].Shape);
        Assert.False(outputs[0].Span.SequenceEqual(outputs[1].Span));
        // In numbers: the maximum of means is at most the mean of maxima, here 2.5 and 3.
        Tensor a = Tensor.Of(1, 4, 0, 0).Reshape(1, 1, 2, 2), b = Tensor.Of(2, 1, 0, 0).Reshape(1, 1, 2, 2);
        Assert.Equal(2.5f, FractalBlock.Join([a, b], [true, true]).MaxPool2d(2).Item());
        Assert.Equal(3f, FractalBlock.Join([a.MaxPool2d(2), b.MaxPool2d(2)], [true, true]).Item());
    }

    [Fact]
    public void Local_drop_path_keeps_each_set_of_inputs_as_often_as_it_should()
    {
        const int draws = 200_000;
        Rng rng = new(4);
        Paths paths = Paths.Local(0.15, rng);
        Dictionary<string, int> seen = [];
        for (int i = 0; i < draws; i++)
        {
            string kept = string.Concat(paths.Keep([1, 2]).Select(k => k ? '1' : '0'));
            seen[kept] = seen.GetValueOrDefault(kept) + 1;
        }
        // Both dropped, 0.0225, is shared out between the two single ones. Bars of four deviations.
        Assert.Equal(0.7225, seen["11"] / (double)draws, 0.004);
        Assert.Equal(0.13875, seen["10"] / (double)draws, 0.0031);
        Assert.Equal(0.13875, seen["01"] / (double)draws, 0.0031);
        Assert.False(seen.ContainsKey("00"));
    }

    [Fact]
    public void Of_three_inputs_a_lone_one_is_left_as_often_as_it_should()
    {
        const int draws = 200_000;
        Paths paths = Paths.Local(0.15, new Rng(5));
        int lone = 0;
        for (int i = 0; i < draws; i++)
            if (paths.Keep([1, 2, 3]).Count(k => k) == 1) lone++;
        // 3 · 0.85 · 0.15² and the repaired 0.15³ = 0.003375.
        Assert.Equal(3 * 0.85 * 0.0225 + 0.003375, lone / (double)draws, 0.0022);
    }

    [Fact]
    public void With_everything_dropped_one_input_is_kept_each_as_often_as_the_other()
    {
        Paths paths = Paths.Local(1, new Rng(6));
        int[] kept = new int[3];
        for (int i = 0; i < 30_000; i++)
        {
            bool[] mask = [.. paths.Keep([1, 2, 3])];
            Assert.Single(mask, k => k);
            kept[Array.IndexOf(mask, true)]++;
        }
        Assert.All(kept, count => Assert.Equal(10_000, (double)count, 330.0));
        Assert.Equal([true], paths.Keep([3])); // a row of one column has no join
    }

    [Theory, InlineData(true, true, true), InlineData(true, false, true), InlineData(false, true, false)]
    public void A_join_is_the_mean_of_what_is_kept_and_shares_out_the_gradient(bool first, bool second, bool third)
    {
        bool[] kept = [first, second, third];
        int count = kept.Count(k => k);
        Tensor same = new Rng(1).Normal([2, 3]);
        Check.Close(FractalBlock.Join([same, same, same], kept), same, rtol: 1e-6, atol: 1e-7);

        Parameter[] inputs = [.. Enumerable.Range(0, 3).Select(i => new Parameter(new Rng(i).Normal([2, 3])))];
        Tensor y = FractalBlock.Join(inputs, kept), g = new Rng(9).Normal([2, 3]);
        Check.Close(y, inputs.Where((_, i) => kept[i]).Aggregate(Tensor.Zeros([2, 3]), (sum, input) => sum + input) / count);
        (y * g).Sum().Backward();
        for (int i = 0; i < 3; i++)
        {
            if (kept[i]) Check.Close(inputs[i].Grad!, g / count);
            else Assert.Null(inputs[i].Grad); // no gradient: exactly zero
        }
        Assert.Throws<ArgumentException>(() => FractalBlock.Join([same], [false]));
    }

    [Fact]
    public void One_column_is_a_plain_network_to_which_drop_path_does_nothing()
    {
        FractalSize size = new(1, [4, 6]);
        FractalNet plain = new(size, 10, new Rng(1)), dropping = new(size, 10, new Rng(1), dropPath: new DropPath(new Rng(2), drop: 0.9));
        Tensor x = new Rng(3).Normal([3, 3, 8, 8]);
        for (int i = 0; i < 5; i++) Check.Same(dropping.Forward(x), plain.Forward(x));
    }

    [Fact]
    public void In_training_paths_are_drawn_anew_and_in_evaluation_all_are_taken()
    {
        FractalNet net = new(new FractalSize(3, [4, 6]), 10, new Rng(1), dropPath: new DropPath(new Rng(2)));
        Tensor x = new Rng(3).Normal([3, 3, 8, 8]);
        Assert.True(Enumerable.Range(0, 20).Select(_ => Convert.ToHexString(System.Runtime.InteropServices.MemoryMarshal.AsBytes(net.Forward(x).Span))).Distinct().Count() > 3);
        net.Eval();
        Check.Same(net.Forward(x), net.Forward(x, Paths.All));
        Assert.Contains(net.NamedRandomness, r => r.Name == "drop_path"); // so that checkpoints hold it
    }

    [Fact]
    public void Half_of_the_batches_are_global_and_their_columns_are_drawn_evenly()
    {
        DropPath rule = new(new Rng(7));
        const int draws = 30_000;
        int[] columns = new int[4];
        for (int i = 0; i < draws; i++)
        {
            bool[] computed = [.. Enumerable.Range(1, 3).Select(rule.Draw(3).Computes)];
            columns[computed.Count(c => c) == 3 ? 0 : Array.IndexOf(computed, true) + 1]++;
        }
        Assert.Equal(0.5, columns[0] / (double)draws, 0.012);
        for (int c = 1; c <= 3; c++) Assert.Equal(1.0 / 6, columns[c] / (double)draws, 0.009);
    }

    [Fact]
    public void The_learning_rate_falls_whenever_the_remaining_epochs_have_halved() =>
        Assert.Equal([200, 300, 350, 375], FractalNetExperiment.Milestones(400, 4));

    [Fact]
    public void Units_are_as_in_the_generator()
    {
        FractalBlock block = new(1, 3, 4, dropout: 0.2, JoinOrder.PoolThenJoin, new Rng(1), new Rng(2));
        string[] kinds = [.. block.NamedModules.Where(m => m.Module is Layer and not Sequential).Select(m => m.Module.GetType().Name)];
        Assert.Equal(["Conv2d", "Dropout", "BatchNorm", "Lambda"], kinds);
        Assert.Equal(["column1.0.0.weight", "column1.0.0.bias"], block.NamedParameters.Select(p => p.Name)); // batch normalisation has no scale or shift
        Parameter weight = block.NamedParameters.First().Parameter;
        float bound = MathF.Sqrt(3f / 27);
        Assert.InRange(weight.Span.ToArray().Max(MathF.Abs), 0.9f * bound, bound);
        Assert.All(block.NamedParameters.Last().Parameter.ToArray(), b => Assert.Equal(0, b));
    }

    [Fact]
    public void Sizes_that_cannot_be_are_refused()
    {
        Refused("FractalNet: 0 columns and 1 blocks", () => new FractalNet(new FractalSize(0, [4]), 10, new Rng(1)));
        Refused("FractalNet: 1 rates of dropout for 2 blocks", () => new FractalNet(new FractalSize(2, [4, 4]) { Dropout = [0.1] }, 10, new Rng(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FractalNet(new FractalSize(2, [4]), 10, new Rng(1)).Column(3));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DropPath(new Rng(1), drop: double.NaN));

        static void Refused(string message, Func<object> make) =>
            Assert.StartsWith(message, Assert.Throws<ArgumentException>(make).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("filters=4,4,4,4", "got 4 blocks; needed 1 to 3"), InlineData("dropout=0.1", "got 1 rates; needed one for each of the 2 blocks")]
    [InlineData("columns=0", "columns"), InlineData("local-drop=1.5", "local-drop"), InlineData("filters=0,4", "1 filter or more")]
    public void Settings_that_cannot_be_are_told_before_anything_runs(string set, string expected)
    {
        string[] pair = set.Split('=');
        string message = Assert.Throws<LabException>(() =>
            new FractalNetExperiment().Settings(Profile.Quick, "drop-path", [KeyValuePair.Create(pair[0], pair[1])])).Message;
        Assert.Contains(expected, message, StringComparison.OrdinalIgnoreCase);
    }

    private static void Step(Layer net, Tensor x)
    {
        Sgd optimizer = new(net.Parameters, 0.05);
        net.Forward(x).CrossEntropy(IntTensor.Of([.. Enumerable.Range(0, x.Shape[0])])).Backward();
        optimizer.Step();
    }
}
