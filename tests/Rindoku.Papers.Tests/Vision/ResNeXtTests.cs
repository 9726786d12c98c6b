using Rindoku.Autograd;
using Rindoku.Lab;
using Rindoku.Nn;
using Rindoku.Nn.ResNets;
using Rindoku.Ops;
using Rindoku.Papers.Vision.ResNeXt;
using Rindoku.Testing;

namespace Rindoku.Papers.Tests.Vision;

/// <summary>The exact checks of the paper's sheet.</summary>
public sealed class ResNeXtTests
{
    public static TheoryData<string> Networks => [.. ResNeXtNetwork.Published.Select(network => network.ToString() + " " + network.Template)];

    public static TheoryData<AggregationForm, int, int> Forms
    {
        get
        {
            TheoryData<AggregationForm, int, int> data = [];
            foreach (AggregationForm form in (AggregationForm[])[AggregationForm.Summed, AggregationForm.Concatenated])
                foreach (int stride in (int[])[1, 2])
                    foreach (int paths in (int[])[1, 2, 4, 8]) data.Add(form, stride, paths);
            return data;
        }
    }

    [Theory, MemberData(nameof(Networks))]
    public void Networks_have_the_published_parameters_and_multiply_adds(string name)
    {
        PublishedNetwork network = ResNeXtNetwork.Published.Single(n => n.ToString() + " " + n.Template == name);
        using MemoryScope scope = MemoryScope.Open();
        ResNet model = network.Build(new Rng(1));
        Assert.Equal(network.Parameters, model.ParameterCount);
        if (network.MultiplyAdds is not { } expected) return;
        model.Eval();
        using NoGrad noGrad = NoGrad.Enter();
        using LayerTrace trace = LayerTrace.Open();
        Assert.Equal([1, 1000], model.Forward(Tensor.Zeros([1, 3, 224, 224])).Shape);
        Assert.Equal(expected, Math.Round(trace.MultiplyAdds / 1e9, 3));
    }

    [Fact]
    public void A_hundred_classes_add_ninety_outputs_of_1025() => Assert.Equal(92_250,
        ResNeXtNetwork.Build(ResNeXtTemplate.Cifar, 29, 100, new Rng(1), Cardinality.One).ParameterCount - 4_914_250);

    [Fact]
    public void ResNet_50_is_cardinality_one_of_it_parameter_for_parameter()
    {
        ResNet plain = ResNet.ImageNet(50, 10, new Rng(1)), one = ResNet.ImageNet(50, 10, new Rng(1), new Cardinality(1, 64));
        Assert.Equal(plain.NamedParameters.Select(p => p.Name), one.NamedParameters.Select(p => p.Name));
        foreach (((string name, Parameter a), (_, Parameter b)) in plain.NamedParameters.Zip(one.NamedParameters)) Check.Same(b, a, name);
    }

    [Fact]
    public void Table_1_has_its_shapes()
    {
        ResNet model = ResNet.ImageNet(50, 1000, new Rng(1), new(32, 4));
        model.Eval();
        using NoGrad noGrad = NoGrad.Enter();
        using LayerTrace trace = LayerTrace.Open();
        model.Forward(Tensor.Zeros([1, 3, 224, 224]));
        Conv2d[] grouped = [.. trace.Passes.Select(pass => pass.Layer).OfType<Conv2d>().Where(conv => conv.Groups == 32)];
        Assert.Equal([128, 128, 128, 256, 256, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024, 1024], grouped.Select(conv => conv.Outputs));
        Assert.Equal([128, 4, 3, 3], grouped[0].Weight.Shape);
        // Stage by stage: 56 x 56, 28 x 28, 14 x 14, 7 x 7 pixels, and 256 ... 2048 channels.
        Assert.Equal([[1, 256, 56, 56], [1, 512, 28, 28], [1, 1024, 14, 14], [1, 2048, 7, 7]],
            trace.Passes.Where(pass => pass.Layer is Conv2d && pass.Output[1] >= 256).Select(pass => pass.Output)
                .GroupBy(shape => shape[2]).Select(stage => stage.Last()));
        // The weights of the convolutions of the first block, its projection aside, and of the next one.
        Assert.Equal([45_568, 70_144], ((string[])["layer1.0.", "layer1.1."]).Select(unit =>
            model.NamedParameters.Where(p => p.Name.StartsWith(unit + "conv", StringComparison.Ordinal)).Sum(p => (long)p.Parameter.Length)));
    }

    [Fact]
    public void The_small_template_has_the_papers_shapes()
    {
        ResNet model = ResNeXtNetwork.Build(ResNeXtTemplate.Cifar, 29, 10, new Rng(1), new(8, 4));
        model.Eval();
        using LayerTrace trace = LayerTrace.Open();
        Assert.Equal([1, 10], model.Forward(Tensor.Zeros([1, 3, 32, 32])).Shape);
        Assert.Equal([1, 64, 32, 32], trace.Passes[0].Output);
        Assert.Equal([[1, 32, 32, 32], [1, 64, 16, 16], [1, 128, 8, 8]],
            trace.Passes.Where(pass => pass.Layer is Conv2d { Groups: 8 }).Select(pass => pass.Output).Distinct());
        Assert.Equal(9, model.Units.Count);
        Assert.Equal(1024, model.FeatureCount);
    }

    // Table 2; and what a block of two layers would be: C paths of it are one dense pair of width C d, at the cost of that.
    [Theory]
    [InlineData(1, 64, 69_632), InlineData(2, 40, 69_760), InlineData(4, 24, 69_888), InlineData(8, 14, 71_456), InlineData(32, 4, 70_144)]
    public void A_block_costs_about_the_same_for_every_cardinality(int paths, int width, long expected)
    {
        Assert.Equal(expected, ResNeXtNetwork.BlockCost(new(paths, width)));
        BottleneckUnit unit = new(256, 256, 1, new Rng(1), new(paths, width));
        Assert.Equal(expected, unit.NamedParameters.Where(p => p.Name.StartsWith("conv", StringComparison.Ordinal)).Sum(p => (long)p.Parameter.Length));
    }

    [Fact]
    public void Paths_of_two_layers_are_one_wide_pair_of_layers()
    {
        Rng rng = new(1);
        Tensor x = rng.Normal([2, 6, 5, 5]), first = rng.Normal([8, 6, 3, 3], 0, 0.1f), second = rng.Normal([6, 8, 3, 3], 0, 0.1f);
        Tensor paths = Enumerable.Range(0, 4).Select(i => x.Conv2d(first.Narrow(0, 2 * i, 2), padding: 1).Relu().Conv2d(second.Narrow(1, 2 * i, 2), padding: 1))
            .Aggregate((a, b) => a + b);
        Check.Close(paths, x.Conv2d(first, padding: 1).Relu().Conv2d(second, padding: 1), rtol: 1e-4, atol: 1e-5);
    }

    [Theory, MemberData(nameof(Forms))]
    public void The_three_forms_give_the_same_output_and_gradients(AggregationForm form, int stride, int paths)
    {
        const int inputs = 12, outputs = 16, width = 3;
        Cardinality cardinality = new(paths, 64 * width * 4 / outputs);
        BottleneckUnit grouped = new(inputs, outputs, stride, new Rng(1), cardinality);
        AggregatedUnit other = new(form, inputs, outputs, stride, new Rng(2), cardinality);
        other.Load(FormWeights.Split(grouped.State(), form, paths));
        Assert.Equal(grouped.NamedParameters.Sum(p => p.Parameter.Length), other.NamedParameters.Sum(p => p.Parameter.Length));
        Tensor x = new Rng(3).Normal([4, inputs, 6, 6]), towards = new Rng(4).Normal([4, outputs, 6 / stride, 6 / stride]);

        (Tensor y, Tensor dx) = Through(grouped, x, towards);
        (Tensor otherY, Tensor otherDx) = Through(other, x, towards);
        Near(otherY, y, "output");
        Near(otherDx, dx, "gradient of x");
        IReadOnlyDictionary<string, Tensor> gradients = FormWeights.Merge(other.NamedParameters.ToDictionary(p => p.Name, p => p.Parameter.Grad!));
        foreach ((string name, Parameter parameter) in grouped.NamedParameters) Near(gradients[name], parameter.Grad!, "gradient of " + name);
        // Training mode moved the running statistics as well, and evaluation mode uses them.
        IReadOnlyDictionary<string, Tensor> state = FormWeights.Merge(other.State());
        foreach ((string name, BufferTensor buffer) in grouped.NamedBuffers) Near(state[name], buffer, name);
        grouped.Eval();
        other.Eval();
        Near(Through(other, x, towards).Y, Through(grouped, x, towards).Y, "output in evaluation");
    }

    [Fact]
    public void The_worked_example_comes_out_in_all_three_forms()
    {
        // One pixel; C = 2, d = 1; W1 rows (0.5, 1) and (1, -0.25); centre taps 2 and 3; W3 columns (1, -1, 0.5) and (2, 0.5, 0).
        Tensor x = Tensor.Of(1, 2).Reshape(1, 2, 1, 1), w1 = Tensor.Of(0.5f, 1, 1, -0.25f).Reshape(2, 2, 1, 1);
        Tensor w2 = Tensor.Generate([2, 1, 3, 3], at => at == 4 ? 2 : at == 13 ? 3 : 0);
        Tensor w3 = Tensor.Of(1, 2, -1, 0.5f, 0.5f, 0).Reshape(3, 2, 1, 1);
        Tensor h = x.Conv2d(w1), middle = h.Conv2d(w2, padding: 1, groups: 2);
        Check.Same(h.Reshape(2), Tensor.Of(2.5f, 0.5f));
        Check.Same(middle.Reshape(2), Tensor.Of(5, 1.5f));
        Tensor expected = Tensor.Of(8, -4.25f, 2.5f);
        Check.Close(middle.Conv2d(w3).Reshape(3), expected);

        Tensor[] ends = [.. Enumerable.Range(0, 2).Select(i => x.Conv2d(w1.Narrow(0, i, 1)).Conv2d(w2.Narrow(0, i, 1), padding: 1))];
        Check.Close(Tensor.Concat(ends, axis: 1).Conv2d(w3).Reshape(3), expected);
        Tensor[] outputs = [.. ends.Select((end, i) => end.Conv2d(w3.Narrow(1, i, 1)).Reshape(3))];
        Check.Close(outputs[0], Tensor.Of(5, -5, 2.5f));
        Check.Close(outputs[1], Tensor.Of(3, 0.75f, 0));
        Check.Close(outputs[0] + outputs[1], expected);
    }

    [Theory, InlineData(true), InlineData(false)]
    public void Whole_networks_of_the_three_forms_take_the_same_training_steps(bool synchronised)
    {
        Cardinality cardinality = new(4, 16);
        IEnumerable<(Tensor, IntTensor)> batches = Enumerable.Range(0, 3).Select(i => (new Rng(i).Normal([8, 3, 8, 8]), IntTensor.Of(0, 1, 2, 3, 4, 0, 1, 2)));
        FormComparison comparison = FormComparison.Of(form => ResNeXtNetwork.Build(ResNeXtTemplate.Cifar, 11, 5, new Rng(5), cardinality, form, width: 8),
            model => new Optim.Sgd(model.Parameters, 0.01, momentum: 0.9, weightDecay: 1e-3), paths: 4, batches, synchronised);
        Assert.InRange(comparison.LossDifference, 0, 1e-4);
        Assert.InRange(comparison.WeightDifference, 0, 1e-3);
        Assert.All(comparison.Losses.Values, losses => Assert.Equal(3, losses.Length));
        Assert.NotEqual(comparison.Losses[AggregationForm.Grouped][0], comparison.Losses[AggregationForm.Grouped][2]);
    }

    [Fact]
    public void A_comparison_of_different_weights_is_told()
    {
        ResNet Network(AggregationForm form) =>
            ResNeXtNetwork.Build(ResNeXtTemplate.Cifar, 11, 5, new Rng(5), new(4, 16), form, width: 8);
        FormComparison comparison = FormComparison.Of(Network, model => new Optim.Sgd(model.Parameters, model.Units[0] is BottleneckUnit ? 0.01 : 0.02),
            paths: 4, [.. Enumerable.Range(0, 3).Select(i => (new Rng(i).Normal([4, 3, 8, 8]), IntTensor.Of(0, 1, 2, 3)))]);
        Assert.True(comparison.LossDifference > 1e-4, $"a learning rate twice as large should show, the difference is {comparison.LossDifference}");
        Assert.True(comparison.WeightDifference > 1e-3, $"a learning rate twice as large should show, the difference is {comparison.WeightDifference}");
    }

    [Fact]
    public void The_order_of_the_paths_makes_no_difference()
    {
        BottleneckUnit unit = new(16, 16, 1, new Rng(1), new(4, 32)), permuted = new(16, 16, 1, new Rng(2), new(4, 32));
        permuted.Load(FormWeights.Merge(FormWeights.Split(unit.State(), AggregationForm.Summed, 4), order: [2, 0, 3, 1]));
        Tensor x = new Rng(3).Normal([2, 16, 5, 5]), towards = new Rng(4).Normal([2, 16, 5, 5]);
        Near(Through(permuted, x, towards).Y, Through(unit, x, towards).Y, "output");
        Assert.False(permuted.NamedParameters.First().Parameter.Span.SequenceEqual(unit.NamedParameters.First().Parameter.Span));
    }

    [Fact]
    public void Split_and_merged_again_a_network_is_what_it_was()
    {
        ResNet model = ResNeXtNetwork.Build(ResNeXtTemplate.Cifar, 11, 5, new Rng(5), new(4, 16), width: 8);
        foreach (AggregationForm form in Enum.GetValues<AggregationForm>())
        {
            IReadOnlyDictionary<string, Tensor> back = FormWeights.Merge(FormWeights.Split(model.State(), form, 4));
            Assert.Equal(model.State().Count, back.Count);
            foreach ((string name, Tensor tensor) in model.State()) Check.Same(back[name], tensor, name);
        }
    }

    [Fact]
    public void A_group_does_not_see_the_input_of_another()
    {
        Conv2d conv = new(12, 8, 3, new Rng(1), padding: 1, groups: 4, bias: false);
        Assert.Equal([8, 3, 3, 3], conv.Weight.Shape);
        Tensor x = new Rng(2).Normal([1, 12, 5, 5]);
        Tensor without = Tensor.Generate([1, 12, 5, 5], at => at / 25 / 3 == 1 ? 0 : x.Span[at]);
        Tensor y = conv.Forward(x), changed = conv.Forward(without);
        foreach (int group in (int[])[0, 2, 3]) Check.Same(changed.Narrow(1, 2 * group, 2), y.Narrow(1, 2 * group, 2));
        Check.Same(changed.Narrow(1, 2, 2), Tensor.Zeros([1, 2, 5, 5]));
    }

    [Fact]
    public void Start_values_are_those_of_the_authors_code()
    {
        BottleneckUnit unit = new(256, 256, 1, new Rng(1), new(32, 4));
        Parameter grouped = unit.NamedParameters.Single(p => p.Name == "conv2.weight").Parameter;
        double deviation = Math.Sqrt(grouped.Span.ToArray().Average(w => (double)w * w));
        Assert.Equal(Math.Sqrt(2.0 / (9 * 128)), deviation, 0.0015); // all 128 outputs count, not the 4 of a group
    }

    [Fact]
    public void A_block_without_a_shortcut_is_its_residual()
    {
        BottleneckUnit with = new(8, 8, 1, new Rng(1), new(2, 32)), without = new(8, 8, 1, new Rng(1), new(2, 32), shortcut: false);
        Tensor x = new Rng(2).Normal([2, 8, 4, 4]);
        (Tensor shortcut, Func<Tensor> residual) = without.Split(x);
        Check.Same(shortcut + residual(), with.Split(x).Residual());
        Assert.DoesNotContain(new BottleneckUnit(8, 16, 2, new Rng(1), shortcut: false).NamedParameters, p => p.Name.StartsWith("downsample", StringComparison.Ordinal));
    }

    [Fact]
    public void Sizes_that_cannot_be_are_refused()
    {
        Refused("ResNet: depth 28 is not 9n + 2; the nearest are 20 and 29", () => ResNet.CifarBottleneck(28, 10, new Rng(1)));
        Refused("ResNet: depth 34 has units of two layers, for which 32x4d is only a wider unit", () => ResNet.ImageNet(34, 10, new Rng(1), new(32, 4)));
        Refused("Cardinality: 8x3d gives a unit of 64 outputs 8 paths of 0 channels", () => ResNet.CifarBottleneck(29, 10, new Rng(1), new(8, 3), width: 16));
        Refused("AggregatedUnit: form (c) is a BottleneckUnit", () => new AggregatedUnit(AggregationForm.Grouped, 8, 8, 1, new Rng(1), new(2, 32)));
        Refused("ResNeXt: the template for large images is built of form (c)",
            () => ResNeXtNetwork.Build(ResNeXtTemplate.ImageNet, 50, 10, new Rng(1), new(32, 4), AggregationForm.Summed));

        static void Refused(string message, Func<object> make) =>
            Assert.StartsWith(message, Assert.Throws<ArgumentException>(make).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("depth=28", "got '28'; needed 9n + 2"), InlineData("base-width=3", "got '3'; with a stem of 16 channels")]
    [InlineData("template=image-net", "got '20'; needed 50, 101 or 152"), InlineData("paths=0", "paths")]
    public void Settings_that_cannot_be_are_told_before_anything_runs(string set, string expected)
    {
        string[] pair = set.Split('=');
        string message = Assert.Throws<LabException>(() =>
            new ResNeXtExperiment().Settings(Profile.Quick, "resnext", [KeyValuePair.Create(pair[0], pair[1])])).Message;
        Assert.Contains(expected, message, StringComparison.OrdinalIgnoreCase);
    }

    private static (Tensor Y, Tensor Dx) Through(ResidualUnit unit, Tensor x, Tensor towards)
    {
        Parameter leaf = new(x);
        (Tensor shortcut, Func<Tensor> residual) = unit.Split(leaf);
        Tensor y = (shortcut + residual()).Relu();
        (y * towards).Sum().Backward();
        return (y, leaf.Grad!);
    }

    // Relative to the largest number of the tensor: sums that nearly cancel have no more digits than that.
    private static void Near(Tensor actual, Tensor expected, string what)
    {
        double scale = expected.Span.ToArray().Max(MathF.Abs);
        Check.Close(actual, expected, rtol: 0, atol: 1e-5 * scale + 1e-7, what);
    }
}
