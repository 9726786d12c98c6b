using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Nn;
using Rindoku.Ops;
using Rindoku.Papers.Uncertainty.SdeNet;

namespace Rindoku.Papers.Tests.Uncertainty;

/// <summary>The exact checks of the paper's sheet.</summary>
public sealed class SdeNetTests
{
    [Theory]
    [InlineData(Layout.Mnist, 1, 283_723, 132_096, 75_392, 75_457, 778)]
    [InlineData(Layout.Svhn, 3, 322_507, 133_248, 75_392, 113_089, 778)]
    public void The_networks_for_images_have_the_published_sizes(Layout layout, int channels, long all, long start, long drift, long diffusion, long head)
    {
        SdeNet net = SdeNetworks.Images(layout, channels, 64, 10, 6, 1e-3, new Rng(0));
        Assert.Equal((all, start, drift, diffusion, head),
            (net.ParameterCount, net.Start.ParameterCount, net.Drift.ParameterCount, net.Diffusion.ParameterCount, net.Head.ParameterCount));
    }

    [Theory]
    [InlineData(Layout.Mnist, 1, 576_778)]
    [InlineData(Layout.Svhn, 3, 577_930)]
    public void The_residual_networks_have_the_published_sizes(Layout layout, int channels, long parameters) =>
        Assert.Equal(parameters, SdeNetworks.Residual(layout, channels, 64, 10, 6, 0, 1e-3, new Rng(0)).ParameterCount);

    [Fact]
    public void The_networks_for_tables_have_the_published_sizes()
    {
        SdeNet net = SdeNetworks.Table(90, 4, new Rng(0));
        Assert.Equal((12_403, 4_550, 2_550, 5_201, 102), (net.ParameterCount, net.Start.ParameterCount, net.Drift.ParameterCount, net.Diffusion.ParameterCount, net.Head.ParameterCount));
        Assert.Equal(14_852, SdeNetworks.DenseTable(90, 0.05, new Rng(0)).ParameterCount);
    }

    [Fact]
    public void States_have_the_published_shapes_and_g_is_one_number_an_example()
    {
        Rng rng = new(1);
        SdeNet mnist = SdeNetworks.Images(Layout.Mnist, 1, 8, 10, 2, 1e-3, rng);
        Tensor state = mnist.Start.Forward(rng.Normal([3, 1, 28, 28]));
        Assert.Equal([3, 8, 6, 6], state.Shape);
        Assert.Equal([3, 1], mnist.Spread(state).Shape);
        Assert.Equal([3, 10], mnist.Forward(rng.Normal([3, 1, 28, 28]), 1, rng).Shape);
        Assert.Equal([3, 8, 7, 7], SdeNetworks.Images(Layout.Svhn, 3, 8, 10, 2, 1e-3, rng).Start.Forward(rng.Normal([3, 3, 32, 32])).Shape);
        Assert.Equal([5, 2], SdeNetworks.Table(7, 4, rng).Forward(rng.Normal([5, 7]), 0.5, rng).Shape);
    }

    [Fact]
    public void Without_diffusion_the_network_is_deterministic_and_with_it_draws_differ()
    {
        Rng rng = new(2);
        SdeNet net = SdeNetworks.Table(4, 4, rng);
        Tensor x = rng.Normal([6, 4]).Keep();
        Assert.Equal(net.Forward(x, 0, rng).ToArray(), net.Forward(x, 0, rng).ToArray());
        Assert.NotEqual(net.Forward(x, 0.5, rng).ToArray(), net.Forward(x, 0.5, rng).ToArray());
    }

    [Fact]
    public void A_drift_of_minus_half_the_state_halves_it_every_step()
    {
        SdeNet net = Of(new Scaled(-0.5f), diffusionLogit: 0, horizon: 6, steps: 6);
        Assert.Equal(0.015625f, net.Evolve(Tensor.Ones([1, 1]), 0, new Rng(0)).Item());
    }

    [Theory]
    [InlineData(6, 6, 2.449490)]
    [InlineData(6, 12, 2.449490)]
    [InlineData(4, 4, 2.0)]
    public void Without_drift_the_state_spreads_by_the_root_of_time_however_it_is_cut(double horizon, int steps, double deviation)
    {
        const int draws = 40_000;
        SdeNet net = Of(new Scaled(0), diffusionLogit: 40, horizon, steps); // the sigmoid of 40 is 1
        float[] end = net.Evolve(Tensor.Zeros([draws, 1]), 1, new Rng(3)).ToArray();
        double measured = Math.Sqrt(end.Average(z => (double)z * z));
        Assert.Equal(deviation, measured, 4 * deviation / Math.Sqrt(2 * draws)); // four standard errors
    }

    [Fact]
    public void Time_reaches_the_drift_through_its_channel_only()
    {
        Rng rng = new(4);
        SdeNet net = SdeNetworks.Images(Layout.Small, 1, 4, 10, 3, 0.2, rng);
        Tensor z = rng.Normal([2, 4, 4, 4]).Keep();
        Assert.NotEqual(net.Drift.Forward(z, 0).ToArray(), net.Drift.Forward(z, 2).ToArray());
        foreach ((string name, Parameter parameter) in net.Drift.NamedParameters.Where(p => p.Name.EndsWith("convolution.weight", StringComparison.Ordinal)))
            for (int o = 0; o < parameter.Shape[0]; o++) parameter.Values.Slice(o * 5 * 9, 9).Clear(); // the first of five input channels
        Assert.Equal(net.Drift.Forward(z, 0).ToArray(), net.Drift.Forward(z, 2).ToArray());
    }

    [Fact]
    public void The_loss_of_the_diffusion_gives_the_start_and_the_drift_no_gradient()
    {
        Rng rng = new(5);
        SdeNet net = SdeNetworks.Images(Layout.Small, 1, 4, 10, 2, 0.2, rng);
        Tensor x = rng.Uniform([4, 1, 8, 8]).Keep();
        net.DetectionLoss(x, x + rng.Normal(x.Shape) * 2).Backward();
        Assert.All(net.TaskParameters, parameter => Assert.Null(parameter.Grad));
        Assert.All(net.Diffusion.Parameters, parameter => Assert.NotNull(parameter.Grad));
    }

    [Fact]
    public void The_loss_of_the_task_reaches_the_inputs_through_the_diffusion_as_well()
    {
        Rng rng = new(6);
        SdeNet net = SdeNetworks.Table(3, 4, rng);
        net.Forward(rng.Normal([4, 3]), 0.5, rng).Sum().Backward();
        Assert.All(net.Parameters, parameter => Assert.True(parameter.Grad!.ToArray().All(float.IsFinite)));
    }

    [Fact]
    public void The_loss_of_a_table_is_twice_the_likelihood_without_its_constant()
    {
        // μ = 0.3, s = 0.5, y = 1: softplus(0.5 - 0.001) must come from its inverse.
        float raw = MathF.Log(MathF.Exp(0.499f) - 1);
        Assert.Equal(0.573706f, RegressionArm.Loss(Tensor.From([0.3f, raw], [1, 2]), Tensor.Of(1), dense: false).Item(), 1e-5f);
    }

    [Fact]
    public void A_layout_for_other_images_is_refused()
    {
        SdeNetExperiment experiment = new();
        string message = Assert.Throws<LabException>(() => experiment.Settings(Profile.Quick, "sde-net", [new("layout", "mnist")])).Message;
        Assert.Contains("layout: got Mnist for Digits", message, StringComparison.Ordinal);
        Assert.Throws<LabException>(() => experiment.Settings(Profile.Quick, "sde-net", [new("drops", "1.5")]));
    }

    [Fact]
    public void A_table_that_does_not_lie_there_is_told()
    {
        using TemporaryFolder folder = new();
        DataDirectory data = new(folder.Path);
        Assert.Throws<DataException>(() => RegressionTables.Load(RegressionTable.Diabetes, data, new Rng(0), 1, 1));
        Assert.Contains("YearPredictionMSD.txt", Assert.Throws<DataException>(() => RegressionTables.Load(RegressionTable.YearPredictionMsd, data, new Rng(0), 1, 1)).Message, StringComparison.Ordinal);
    }

    private static SdeNet Of(Drift drift, float diffusionLogit, double horizon, int steps) => new(
        new Identity(), drift, new Lambda("constant", z => Tensor.Full([z.Shape[0], 1], diffusionLogit)), new Identity(), horizon, steps);

    private sealed class Scaled(float factor) : Drift
    {
        public override Tensor Forward(Tensor z, double t) => z * factor;
    }
}
