using Rindoku.Nn.ResNets;
using Rindoku.Ops;
using Rindoku.Optim;
using Rindoku.Papers.Vision.StochasticDepth;
using Rindoku.Testing;

namespace Rindoku.Papers.Tests.Vision;

/// <summary>The exact checks of the paper's sheet.</summary>
public sealed class StochasticDepthTests
{
    [Fact]
    public void Survival_falls_linearly_to_the_last_blocks()
    {
        double[] survival = [.. new StochasticDepthRule(3, 0.5, new Rng(1)).Survival];
        Assert.Equal(5.0 / 6, survival[0], 12);
        Assert.Equal(2.0 / 3, survival[1], 12);
        Assert.Equal(1.0 / 2, survival[2], 12);
    }

    [Theory, InlineData(54, 40.25), InlineData(27, 20.0), InlineData(18, 13.25)]
    public void Expected_depth_is_three_quarters_and_a_bit(int blocks, double expected) =>
        Assert.Equal(expected, new StochasticDepthRule(blocks, 0.5, new Rng(1)).ExpectedBlocks, 9);

    [Fact]
    public void Uniform_decay_is_the_same_everywhere() =>
        Assert.All(new StochasticDepthRule(7, 0.3, new Rng(1), SurvivalDecay.Uniform).Survival, p => Assert.Equal(0.3, p));

    [Theory]
    [InlineData(20, 269_722), InlineData(56, 853_018), InlineData(110, 1_727_962), InlineData(1202, 19_421_274)]
    public void Cifar_networks_have_the_published_parameter_counts(int depth, long expected) =>
        Assert.Equal(expected, ResNet.Cifar(depth, 10, new Rng(1)).ParameterCount);

    [Theory, InlineData(110, 1_732_010), InlineData(152, 2_414_090)]
    public void With_biases_as_in_the_authors_code_they_have_a_few_more(int depth, long expected) =>
        Assert.Equal(expected, ResNet.Cifar(depth, 10, new Rng(1), convBias: true).ParameterCount);

    [Theory]
    [InlineData(20, 272_474), InlineData(56, 855_770), InlineData(110, 1_730_714), InlineData(1202, 19_424_026)]
    public void With_projections_they_have_those_of_option_B(int depth, long expected) =>
        Assert.Equal(expected, ResNet.Cifar(depth, 10, new Rng(1), shortcut: Shortcut.Projection).ParameterCount);

    [Theory, InlineData(164, 1_703_258), InlineData(1001, 10_327_706)]
    public void Pre_activation_networks_have_the_published_parameter_counts(int depth, long expected) =>
        Assert.Equal(expected, ResNet.PreActivation(depth, 10, new Rng(1)).ParameterCount);

    [Theory]
    [InlineData(18, 11_689_512), InlineData(34, 21_797_672), InlineData(50, 25_557_032), InlineData(101, 44_549_160), InlineData(152, 60_192_808)]
    public void ImageNet_networks_have_the_published_parameter_counts(int depth, long expected) =>
        Assert.Equal(expected, ResNet.ImageNet(depth, 1000, new Rng(1)).ParameterCount);

    [Fact]
    public void A_hundred_classes_add_ninety_outputs_of_sixty_five() =>
        Assert.Equal(5_850, ResNet.Cifar(20, 100, new Rng(1)).ParameterCount - ResNet.Cifar(20, 10, new Rng(1)).ParameterCount);

    [Fact]
    public void A_depth_that_the_formula_does_not_give_is_refused_with_the_nearest()
    {
        var error = Assert.Throws<ArgumentException>(() => ResNet.Cifar(21, 10, new Rng(1)));
        Assert.StartsWith("ResNet: depth 21 is not 6n + 2; the nearest are 20 and 26", error.Message, StringComparison.Ordinal);
        Assert.StartsWith("ResNet: no ImageNet form of depth 42", Assert.Throws<ArgumentException>(() => ResNet.ImageNet(42, 10, new Rng(1))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Stages_have_the_papers_shapes()
    {
        ResNet model = ResNet.Cifar(20, 10, new Rng(1), shortcut: Shortcut.PoolAndPad);
        Tensor x = new Rng(2).Normal([2, 16, 32, 32]);
        Shape[] shapes = [.. model.Units.Select(unit =>
        {
            (Tensor shortcut, Func<Tensor> residual) = unit.Split(x);
            Assert.Equal(shortcut.Shape, residual().Shape);
            x = shortcut;
            return x.Shape;
        })];
        Assert.Equal([[2, 16, 32, 32], [2, 16, 32, 32], [2, 16, 32, 32], [2, 32, 16, 16], [2, 32, 16, 16], [2, 32, 16, 16], [2, 64, 8, 8], [2, 64, 8, 8], [2, 64, 8, 8]],
            shapes);
        Assert.Equal([2, 10], model.Forward(new Rng(3).Normal([2, 3, 32, 32])).Shape);
    }

    [Fact]
    public void The_shortcut_that_halves_the_image_averages_and_pads_with_zero_channels()
    {
        ResidualUnit unit = new BasicUnit(16, 32, stride: 2, Shortcut.PoolAndPad, new Rng(1));
        Tensor x = new Rng(2).Uniform([1, 16, 32, 32]);
        Tensor y = unit.Split(x).Shortcut;
        Assert.Equal([1, 32, 16, 16], y.Shape);
        Assert.Equal((x[0, 3, 4, 6] + x[0, 3, 4, 7] + x[0, 3, 5, 6] + x[0, 3, 5, 7]) / 4, y[0, 3, 2, 3], 6);
        for (int c = 16; c < 32; c++) Assert.Equal(0, y[0, c, 5, 7]);
    }

    [Fact]
    public void The_shortcut_of_option_A_takes_every_second_pixel()
    {
        ResidualUnit unit = new BasicUnit(4, 8, stride: 2, Shortcut.SubsampleAndPad, new Rng(1));
        Tensor x = new Rng(2).Uniform([1, 4, 6, 6]);
        Assert.Equal(x[0, 1, 2, 4], unit.Split(x).Shortcut[0, 1, 1, 2]);
    }

    [Fact]
    public void With_survival_one_training_and_evaluation_are_those_of_constant_depth_bit_for_bit()
    {
        ResNet plain = Small(seed: 5), stochastic = Small(seed: 5);
        stochastic.Rule = new StochasticDepthRule(stochastic.Units.Count, 1, new Rng(9));
        for (int step = 0; step < 3; step++)
        {
            Step(plain, new Rng(step));
            Step(stochastic, new Rng(step));
        }
        foreach (((string name, Parameter a), (_, Parameter b)) in plain.NamedParameters.Zip(stochastic.NamedParameters)) Check.Same(b, a, name);
        plain.Eval();
        stochastic.Eval();
        Tensor x = new Rng(7).Normal([3, 1, 8, 8]);
        Check.Same(stochastic.Forward(x), plain.Forward(x));
    }

    [Fact]
    public void With_survival_zero_only_stem_shortcuts_and_head_are_left()
    {
        ResNet model = Small(seed: 5);
        model.Rule = new StochasticDepthRule(model.Units.Count, 0, new Rng(9), SurvivalDecay.Uniform);
        Tensor x = new Rng(7).Normal([3, 1, 8, 8]);
        model.Eval();
        Tensor evaluated = model.Forward(x);
        model.Rule = new Lesion(PlainSum.Instance, Enumerable.Range(0, model.Units.Count).ToHashSet());
        Check.Same(model.Forward(x), evaluated);

        model.Rule = new StochasticDepthRule(model.Units.Count, 0, new Rng(9), SurvivalDecay.Uniform);
        model.Train();
        model.Forward(x).CrossEntropy(IntTensor.Of(1, 2, 3)).Backward();
        foreach ((string name, Parameter p) in model.NamedParameters)
            Assert.Equal(!name.StartsWith("layer", StringComparison.Ordinal), p.Grad is not null); // no gradient: exactly zero
    }

    [Fact]
    public void A_closed_block_gives_back_its_input_and_leaves_its_statistics_alone()
    {
        ResidualUnit unit = new BasicUnit(4, 4, stride: 1, Shortcut.PoolAndPad, new Rng(1));
        StochasticDepthRule closed = new(1, 0, new Rng(2), SurvivalDecay.Uniform);
        Tensor x = new Rng(3).Uniform([2, 4, 5, 5]);
        (Tensor shortcut, Func<Tensor> residual) = unit.Split(x);
        Tensor y = closed.Join(0, shortcut, residual, training: true);
        Assert.Same(x, y);
        Check.Same(y.Relu(), x);
        foreach ((string name, BufferTensor buffer) in unit.NamedBuffers)
            Check.Same(buffer, name.EndsWith("mean", StringComparison.Ordinal) ? Tensor.Zeros([4]) : Tensor.Ones([4]), name);
        Assert.Equal(0, closed.ComputedBlocks);
    }

    [Fact]
    public void In_evaluation_a_block_adds_what_it_adds_on_average_in_training()
    {
        StochasticDepthRule rule = new(1, 0.5, new Rng(4));
        Tensor shortcut = Tensor.Of(1, -2), residual = Tensor.Of(0.5f, 4);
        double[] mean = new double[2];
        const int draws = 20_000;
        for (int i = 0; i < draws; i++)
        {
            Tensor sum = rule.Join(0, shortcut, () => residual, training: true);
            for (int j = 0; j < 2; j++) mean[j] += sum[j] / (double)draws;
        }
        Tensor expected = rule.Join(0, shortcut, () => residual, training: false);
        Check.Same(expected, Tensor.Of(1.25f, 0));
        for (int j = 0; j < 2; j++) Assert.Equal(expected[j], mean[j], 0.06);
        Assert.InRange(rule.ComputedBlocks, draws * 0.49, draws * 0.51);
    }

    [Fact]
    public void A_block_that_was_left_out_rests_for_the_step()
    {
        ResNet model = Small(seed: 5);
        Sgd optimizer = new(model.Parameters, 0.1, momentum: 0.9, weightDecay: 0.1);
        Step(model, new Rng(0), optimizer);
        model.Rule = new StochasticDepthRule(model.Units.Count, 0, new Rng(9), SurvivalDecay.Uniform);
        Dictionary<string, Tensor> before = model.NamedParameters.ToDictionary(p => p.Name, p => Tensor.From(p.Parameter.Span, p.Parameter.Shape));
        Step(model, new Rng(1), optimizer);
        foreach ((string name, Parameter p) in model.NamedParameters)
        {
            bool moved = !p.Span.SequenceEqual(before[name].Span);
            Assert.Equal(!name.StartsWith("layer", StringComparison.Ordinal), moved);
        }
    }

    [Fact]
    public void Lesions_never_take_the_first_block_and_have_the_asked_size()
    {
        IReadOnlyList<IReadOnlySet<int>> sets = Lesion.Draw(18, 6, 200, new Rng(1));
        Assert.All(sets, set => Assert.Equal(6, set.Count));
        Assert.All(sets, set => Assert.DoesNotContain(0, set));
        Assert.Equal(Enumerable.Range(1, 17), sets.SelectMany(s => s).Distinct().Order());
    }

    private static ResNet Small(long seed) => ResNet.Cifar(8, 10, new Rng(seed), width: 4, channels: 1, shortcut: Shortcut.PoolAndPad);

    private static void Step(ResNet model, Rng rng, Optimizer? optimizer = null)
    {
        optimizer ??= new Sgd(model.Parameters, 0.05);
        optimizer.ZeroGrad();
        model.Forward(rng.Normal([4, 1, 8, 8])).CrossEntropy(IntTensor.Of(1, 2, 3, 4)).Backward();
        optimizer.Step();
    }
}
