using Rindoku.Ops;
using Rindoku.Uncertainty;

namespace Rindoku.Tests.Uncertainty;

public sealed class TemperatureScalingTests
{
    [Fact]
    public void Two_of_three_right_by_a_difference_of_ten_gives_ten_over_ln_2()
    {
        // softmax(10 / T) must be 2/3: 10 / T = ln 2.
        Tensor logits = Tensor.From([10, 0, 10, 0, 10, 0], [3, 2]);
        double temperature = TemperatureScaling.Fit(logits, IntTensor.Of(0, 0, 1));
        Assert.Equal(10 / Math.Log(2), temperature, 1e-6);
        Assert.Equal(2f / 3, TemperatureScaling.Apply(logits, temperature)[0, 0], 1e-5f);
    }

    [Fact]
    public void Logits_made_too_large_by_a_factor_are_brought_back_by_it()
    {
        Rng rng = new(11);
        Tensor logits = (rng.Normal([4000, 5]) * 2f).Keep();
        Tensor p = logits.Softmax();
        int[] labels = new int[4000];
        for (int i = 0; i < labels.Length; i++)
        {
            double u = rng.NextDouble();
            while (labels[i] < 4 && (u -= p.Span[5 * i + labels[i]]) > 0) labels[i]++;
        }
        double own = TemperatureScaling.Fit(logits, IntTensor.Of(labels)), blown = TemperatureScaling.Fit(logits * 3f, IntTensor.Of(labels));
        Assert.InRange(own, 0.9, 1.1);
        Assert.Equal(3 * own, blown, 1e-4);
    }

    [Fact]
    public void Without_a_mistake_the_temperature_ends_at_its_bound()
    {
        Assert.Equal(0.001, TemperatureScaling.Fit(Tensor.From([1, 0], [1, 2]), IntTensor.Of(0)), 1e-6);
        Assert.Equal(1000, TemperatureScaling.Fit(Tensor.From([1, 0], [1, 2]), IntTensor.Of(1)), 1e-3);
    }

    [Fact]
    public void Bad_input_is_refused()
    {
        Assert.Throws<ShapeException>(() => TemperatureScaling.Fit(Tensor.Zeros([2, 2]), IntTensor.Of(0)));
        Assert.Throws<ArgumentException>(() => TemperatureScaling.Fit(Tensor.Zeros([1, 2]), IntTensor.Of(2)));
        Assert.Throws<ArgumentException>(() => TemperatureScaling.Fit(Tensor.From([float.NaN, 0], [1, 2]), IntTensor.Of(0)));
        Assert.Throws<ArgumentOutOfRangeException>(() => TemperatureScaling.Apply(Tensor.Zeros([1, 2]), 0));
    }
}
