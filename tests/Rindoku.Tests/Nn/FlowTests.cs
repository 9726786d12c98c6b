using Rindoku.IO;
using Rindoku.Nn;
using Rindoku.Nn.Flows;
using Rindoku.Ops;
using Rindoku.Testing;

namespace Rindoku.Tests.Nn;

/// <summary>Flows: what goes forth comes back, and the logarithm of the determinant is that of the Jacobian that the tape gives.</summary>
public sealed class FlowTests
{
    private static readonly Dictionary<string, (Func<Rng, Flow> Create, Shape Input, bool Units)> Flows = new()
    {
        ["vectors of 2"] = (r => RealNvp.OfVectors(2, 5, 32, r), [3, 2], false),
        ["vectors of 7"] = (r => RealNvp.OfVectors(7, 4, 16, r, hidden: 2, dropout: 0.5), [3, 7], false),
        ["keeps the first"] = (r => new VectorCoupling(new Linear(5, 10, r), 5, keepsFirst: true), [3, 5], false),
        ["keeps the rest"] = (r => new VectorCoupling(new Linear(5, 10, r), 5, keepsFirst: false), [3, 5], false),
        ["checkerboard"] = (r => new CheckerboardCoupling(new CouplingResNet(2, 4, 4, 1, doubled: true, r), 2, keepsCorner: true), [3, 2, 3, 4], false),
        ["other checkerboard"] = (r => new CheckerboardCoupling(new Conv2d(2, 4, 3, r, padding: 1), 2, keepsCorner: false), [3, 2, 3, 4], false),
        ["channels"] = (r => new ChannelCoupling(new CouplingResNet(2, 4, 4, 1, doubled: false, r), 4, keepsFirst: true), [3, 4, 2, 2], false),
        ["other channels"] = (r => new ChannelCoupling(new Conv2d(2, 4, 1, r), 4, keepsFirst: false), [3, 4, 2, 2], false),
        ["squeeze"] = (_ => new Squeeze(), [3, 2, 4, 2], false),
        ["factor out"] = (r => new FactorOut(new FlowSequence(new CheckerboardCoupling(new Conv2d(1, 2, 3, r, padding: 1), 1, true), new FlattenFlow([1, 2, 3])), [2, 2, 3]), [3, 2, 2, 3], false),
        ["logit"] = (_ => new LogitFlow(), [3, 1, 2, 2], true),
        ["images at one scale"] = (r => RealNvp.OfImages([2, 2, 2], 1, 4, 0, r), [3, 2, 2, 2], true),
        ["images at two scales"] = (r => RealNvp.OfImages([1, 4, 4], 2, 4, 1, r), [3, 1, 4, 4], true),
        ["images at three scales"] = (r => RealNvp.OfImages([1, 8, 8], 3, 3, 1, r), [2, 1, 8, 8], true),
    };

    public static TheoryData<string> Names => [.. Flows.Keys];

    public static TheoryData<string> Learning => [.. Flows.Where(flow => flow.Value.Create(new Rng(1)).ParameterCount > 0).Select(flow => flow.Key)];

    [Theory, MemberData(nameof(Names))]
    public void What_goes_forth_comes_back(string name)
    {
        (Flow flow, Tensor x) = Make(name);
        Check.Close(flow.Inverse(flow.Forward(x).Z), x, rtol: 0, atol: 1e-5, name);
        Tensor z = flow.Forward(x).Z;
        Check.Close(flow.Forward(flow.Inverse(z)).Z, z, rtol: 1e-5, atol: 1e-5, name);
    }

    [Theory, MemberData(nameof(Names))]
    public void The_determinant_is_that_of_the_Jacobian(string name)
    {
        (Flow flow, Tensor x) = Make(name);
        (Tensor z, Tensor logDeterminant) = flow.Forward(x);
        Assert.Equal([x.Shape[0]], logDeterminant.Shape);
        Assert.Equal(x.Length, z.Length);
        for (int n = 0; n < x.Shape[0]; n++)
        {
            Tensor one = x.Slice(0, n..(n + 1));
            Assert.Equal(Jacobian(flow, one).LogDeterminant().Logarithm.Item(), logDeterminant[n], 1e-4f);
        }
    }

    [Theory, MemberData(nameof(Learning))]
    public void Gradients_reach_every_parameter_through_z_and_through_the_determinant(string name)
    {
        (Flow flow, Tensor x) = Make(name);
        flow.Train();
        (Tensor z, Tensor logDeterminant) = flow.Forward(x);
        ((z * new Rng(4).Normal(z.Shape)).Sum() + (logDeterminant * new Rng(5).Normal(logDeterminant.Shape)).Sum()).Backward();
        Assert.All(flow.NamedParameters, p => Assert.True(p.Parameter.Grad is { } g && g.ToArray().All(float.IsFinite) && g.ToArray().Any(v => v != 0), p.Name));
        flow.ZeroGrad();
        flow.Forward(x).LogDeterminant.Sum().Backward();
        Assert.All(flow.NamedParameters.Where(p => p.Name.EndsWith("rescale", StringComparison.Ordinal)), p => Assert.Contains(p.Parameter.Grad!.ToArray(), g => g != 0));
    }

    [Theory, MemberData(nameof(Names))]
    public void A_flow_loaded_from_a_file_is_the_same_flow(string name)
    {
        (Flow flow, Tensor x) = Make(name);
        using MemoryStream file = new();
        Safetensors.Write(file, flow.State());
        file.Position = 0;
        Flow other = Flows[name].Create(new Rng(99));
        other.Eval();
        other.Load(Safetensors.Read(file).Tensors);
        Check.Same(other.Forward(x).Z, flow.Forward(x).Z);
        Assert.DoesNotContain("Rindoku.", flow.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_worked_coupling()
    {
        // s' with tanh s' = 0.3 and t = 0.2 for the second number, from a network that ignores what it sees.
        VectorCoupling coupling = new(new Lambda("constant", x => Tensor.Of(9, MathF.Atanh(0.3f), 9, 0.2f).Reshape(1, 4).Expand([x.Shape[0], 4])), 2, keepsFirst: true);
        (Tensor z, Tensor logDeterminant) = coupling.Forward(Tensor.Of(7, 2).Reshape(1, 2));
        Assert.Equal(7, z[0, 0]);
        Assert.Equal(2.969689f, z[0, 1], 1e-6f);
        Assert.Equal(0.3f, logDeterminant.Item(), 1e-6f);
        Check.Close(coupling.Inverse(z), Tensor.Of(7, 2).Reshape(1, 2), atol: 1e-6);
    }

    [Theory, InlineData(2, 5, 512, 1_331_240), InlineData(768, 7, 1024, 23_890_944), InlineData(50, 10, 256, 1_046_480), InlineData(21, 10, 256, 822_600)]
    public void Vector_flows_have_the_published_sizes(int size, int couplings, int width, long published)
    {
        // The authors' code keeps a direction beside each scale's length; it gets no gradient, and there is none here.
        Assert.Equal(published, RealNvp.OfVectors(size, couplings, width, new Rng(1)).ParameterCount + couplings * size);
    }

    [Fact]
    public void What_is_kept_is_kept_to_the_last_bit()
    {
        Tensor x = new Rng(1).Normal([4, 5]), image = new Rng(2).Normal([2, 4, 4, 4]);
        Tensor first = new VectorCoupling(new Linear(5, 10, new Rng(3)), 5, keepsFirst: true).Forward(x).Z;
        Check.Same(first.Slice(1, ..2), x.Slice(1, ..2)); // the first floor(5 / 2)
        Assert.All(Enumerable.Range(2, 3), i => Assert.NotEqual(x[0, i], first[0, i]));
        Tensor rest = new VectorCoupling(new Linear(5, 10, new Rng(3)), 5, keepsFirst: false).Forward(x).Z;
        Check.Same(rest.Slice(1, 2..), x.Slice(1, 2..));
        Tensor board = new CheckerboardCoupling(new Conv2d(4, 8, 3, new Rng(3), padding: 1), 4, keepsCorner: true).Forward(image).Z;
        for (int h = 0; h < 4; h++)
            for (int w = 0; w < 4; w++) Assert.Equal((h + w) % 2 == 0, image[1, 2, h, w] == board[1, 2, h, w]);
        Tensor channels = new ChannelCoupling(new Conv2d(2, 4, 3, new Rng(3), padding: 1), 4, keepsFirst: true).Forward(image).Z;
        Check.Same(channels.Slice(1, ..2), image.Slice(1, ..2));
    }

    [Fact]
    public void Each_half_of_squeezed_channels_is_one_colour_of_a_checkerboard()
    {
        Tensor x = Tensor.Generate([1, 2, 2, 2], i => i); // channel 0: 0 1 / 2 3, channel 1: 4 5 / 6 7
        Check.Same(new Squeeze().Forward(x).Z.Reshape(8), Tensor.Of(0, 4, 3, 7, 1, 5, 2, 6));
    }

    [Fact]
    public void The_logit_of_nineteen_twentieths_is_that_of_one()
    {
        Tensor z = new LogitFlow(0.05).Forward(Tensor.Of(0, 0.5f, 1).Reshape(3, 1)).Z;
        Check.Close(z.Reshape(3), Tensor.Of(MathF.Log(0.05f / 0.95f), 0, MathF.Log(0.95f / 0.05f)), atol: 1e-5);
    }

    [Fact]
    public void What_does_not_fit_is_refused_in_words()
    {
        Assert.Contains("needed (N, 5)", Assert.Throws<ShapeException>(() => new VectorCoupling(new Linear(5, 10, new Rng(1)), 5, true).Forward(Tensor.Ones([2, 4]))).Message, StringComparison.Ordinal);
        Assert.Contains("its second axis must be 10", Assert.Throws<ShapeException>(() => new VectorCoupling(new Linear(5, 9, new Rng(1)), 5, true).Forward(Tensor.Ones([2, 5]))).Message, StringComparison.Ordinal);
        Assert.Contains("H and W even", Assert.Throws<ShapeException>(() => new Squeeze().Forward(Tensor.Ones([1, 1, 3, 4]))).Message, StringComparison.Ordinal);
        Assert.Contains("multiples of 4", Assert.Throws<ShapeException>(() => RealNvp.OfImages([1, 6, 6], 3, 4, 1, new Rng(1))).Message, StringComparison.Ordinal);
        Assert.Contains("two pixels at the last", Assert.Throws<ShapeException>(() => RealNvp.OfImages([1, 4, 4], 3, 4, 1, new Rng(1))).Message, StringComparison.Ordinal);
        Assert.Contains("even number", Assert.Throws<ArgumentException>(() => new ChannelCoupling(new Identity(), 3, true)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new LogitFlow(0.5));
    }

    // In evaluation mode, with running statistics and scales that are not those of the start.
    private static (Flow Flow, Tensor X) Make(string name)
    {
        (Func<Rng, Flow> create, Shape input, bool units) = Flows[name];
        Flow flow = create(new Rng(5));
        Tensor x = units ? new Rng(6).Uniform(input) : new Rng(6).Normal(input);
        flow.Forward(x);
        foreach ((string key, Parameter scale) in flow.NamedParameters.Where(p => p.Name.EndsWith("rescale", StringComparison.Ordinal)))
            new Rng(7).Split(key).FillUniform(scale.Values, 0.5f, 1.5f);
        flow.Eval();
        return (flow, x);
    }

    private static Tensor Jacobian(Flow flow, Tensor one)
    {
        Tensor leaf = one.Tracked(), z = flow.Forward(leaf).Z.Flatten(0);
        return Tensor.Stack([.. Enumerable.Range(0, z.Length).Select(i => Grad.Of(z.Select(0, i), leaf).Flatten(0)).ToArray()]);
    }
}
