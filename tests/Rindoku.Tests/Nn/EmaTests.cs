using Rindoku.Nn;
using Rindoku.Testing;

namespace Rindoku.Tests.Nn;

public sealed class EmaTests
{
    [Fact]
    public void The_average_moves_towards_parameters_and_buffers()
    {
        BatchNorm module = new(2);
        Ema ema = new(module, decay: 0.75);
        module.Weight!.Values.Fill(5);
        module.RunningMean.Values.Fill(8);
        ema.Update();
        Check.Close(ema.Averages["weight"], Tensor.Of(2, 2)); // 1 + (5 - 1) / 4
        Check.Close(ema.Averages["running_mean"], Tensor.Of(2, 2));
        ema.Update();
        Check.Close(ema.Averages["weight"], Tensor.Of(2.75f, 2.75f));
        Check.Close(module.Weight, Tensor.Of(5, 5));
    }

    [Fact]
    public void Warm_up_forgets_the_start_sooner()
    {
        PRelu module = new(start: 0);
        Ema ema = new(module, decay: 0.999, warmUp: true);
        module.Weight.Values.Fill(11);
        ema.Update(); // the decay is 2 / 11
        Assert.Equal(9, ema.Averages["weight"].Item(), 5);
    }

    [Fact]
    public void Applied_averages_stand_in_the_modules_place_and_go_back()
    {
        PRelu module = new(start: 1);
        Ema ema = new(module, decay: 0.5);
        module.Weight.Values.Fill(3);
        ema.Update();
        using (ema.Applied())
        {
            Assert.Equal(2, module.Weight.Item());
            Assert.Throws<InvalidOperationException>(ema.Update);
            Assert.Throws<InvalidOperationException>(() => ema.State());
            Assert.Throws<InvalidOperationException>(ema.Applied);
        }
        Assert.Equal(3, module.Weight.Item());
        Assert.Equal(2, ema.Averages["weight"].Item());
    }

    [Fact]
    public void A_loaded_average_goes_on_bitwise()
    {
        PRelu module = new(channels: 3), other = new(channels: 3);
        Ema ema = new(module, warmUp: true), loaded = new(other, warmUp: true);
        new Rng(1).FillNormal(module.Weight.Values);
        for (int i = 0; i < 5; i++) ema.Update();
        loaded.Load(ema.State());
        other.Load(module.State());
        ema.Update();
        loaded.Update();
        Check.Same(loaded.Averages["weight"], ema.Averages["weight"]);
        Assert.Equal(6, loaded.Updates);
        Assert.Contains("1 missing: ema.updates", Assert.Throws<StateException>(() => loaded.Load(module.State())).Message, StringComparison.Ordinal);
    }

    [Theory, InlineData(1), InlineData(-0.5), InlineData(double.NaN)]
    public void A_decay_that_averages_nothing_is_refused(double decay) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new Ema(new PRelu(), decay));
}
