using Rindoku.Ops;
using Rindoku.Testing;
using Rindoku.Tests.Kernels;

namespace Rindoku.Tests.Ops;

[Collection(nameof(KernelSettings))]
public sealed class NormTests
{
    private static readonly Golden Golden = Golden.Family("norm");

    [Theory, InlineData("batch_images"), InlineData("batch_sequences"), InlineData("batch_rows")]
    public void BatchNorm_in_training_matches_PyTorch(string name) => Golden.Check(name, x => x[0].BatchNormTraining(x[1], x[2]).Output, atol: 1e-4);

    [Fact]
    public void BatchNorm_without_scale_or_shift_matches_PyTorch()
    {
        Golden.Check("batch_plain", x => x.BatchNormTraining().Output, atol: 1e-4);
        Golden.Check("batch_scale_only", (x, w) => x.BatchNormTraining(w).Output, atol: 1e-4);
        Golden.Check("batch_shift_only", (x, b) => x.BatchNormTraining(null, b).Output, atol: 1e-4);
    }

    [Fact]
    public void BatchNorm_gives_the_statistics_of_the_batch_and_moves_running_ones()
    {
        Golden.Check("batch_statistics_mean", x => x.BatchNormTraining().Mean);
        Golden.Check("batch_statistics_variance", x => x.BatchNormTraining().Variance);

        BufferTensor mean = new(Tensor.Of(1, 1)), variance = new(Tensor.Of(2, 2));
        Tensor.From([0, 2, 4, 6], [2, 2]).BatchNormTraining().Update(mean, variance, momentum: 0.25f); // means 2 and 4, variances 8 and 8
        Check.Close(mean, Tensor.Of(1.25f, 1.75f));
        Check.Close(variance, Tensor.Of(3.5f, 3.5f));
    }

    [Fact]
    public void BatchNorm_in_evaluation_matches_PyTorch()
    {
        Tensor mean = Tensor.Range(5, 0, 0.5f), variance = Tensor.Range(5, 0.5f, 0.5f);
        Golden.Check("batch_evaluation", x => x[0].BatchNormEvaluation(mean, variance, x[1], x[2]));
        Golden.Check("batch_evaluation_plain", x => x.BatchNormEvaluation(mean, variance, null, null));
        Golden.Check("batch_evaluation_statistics", x => x[0].BatchNormEvaluation(x[1], x[2], x[3], x[4]));
    }

    [Fact]
    public void LayerNorm_matches_PyTorch()
    {
        Golden.Check("layer", x => x[0].LayerNorm([19], x[1], x[2]), atol: 1e-4);
        Golden.Check("layer_two_axes", x => x[0].LayerNorm([3, 7], x[1], x[2]), atol: 1e-4);
        Golden.Check("layer_plain", x => x.LayerNorm([16]), atol: 1e-4);
        Golden.Check("layer_shift_only", (x, b) => x.LayerNorm([9], null, b), atol: 1e-4);
    }

    [Fact]
    public void RmsNorm_matches_PyTorch()
    {
        Golden.Check("rms", (x, w) => x.RmsNorm([21], w));
        Golden.Check("rms_plain", x => x.RmsNorm([3, 5]));
    }

    [Fact]
    public void GroupNorm_matches_PyTorch()
    {
        Golden.Check("group", x => x[0].GroupNorm(3, x[1], x[2]), atol: 1e-4);
        Golden.Check("group_rows", x => x[0].GroupNorm(2, x[1], x[2]), atol: 1e-4);
        Golden.Check("group_plain", x => x.GroupNorm(2), atol: 1e-4);
    }

    [Fact]
    public void InstanceNorm_matches_PyTorch()
    {
        Golden.Check("instance", x => x[0].InstanceNorm(x[1], x[2]), atol: 1e-4);
        Golden.Check("instance_plain", x => x.InstanceNorm(), atol: 1e-4);
    }

    [Fact]
    public void WeightNorm_matches_PyTorch()
    {
        Golden.Check("weight", (v, g) => v.WeightNorm(g));
        Golden.Check("weight_last", (v, g) => v.WeightNorm(g, 1));
    }

    [Fact]
    public void SpectralNorm_matches_PyTorch() => Golden.Check("spectral", w => w.SpectralNorm(
        new BufferTensor(Tensor.Full([5], 1 / MathF.Sqrt(5))), new BufferTensor(Tensor.Zeros([6]))));

    [Fact]
    public void SpectralNorm_comes_to_a_largest_singular_value_of_one()
    {
        Tensor diagonal = Tensor.From([3, 0, 0, 1], [2, 2]);
        BufferTensor u = new(Tensor.Of(0.6f, 0.8f)), v = new(Tensor.Zeros([2]));
        Check.Close(diagonal.SpectralNorm(u, v, iterations: 30), Tensor.From([1, 0, 0, 1f / 3], [2, 2]));
        Check.Close(diagonal.SpectralNorm(u, v, iterations: 0), Tensor.From([1, 0, 0, 1f / 3], [2, 2]));
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6)]
    public void The_fused_way_and_the_differentiable_way_agree_on_odd_shapes(int seed)
    {
        Rng rng = new(seed);
        int n = 1 + rng.NextInt(5), c = 2 * (1 + rng.NextInt(20)), length = 2 + rng.NextInt(40) * rng.NextInt(200);
        Tensor x = rng.Normal([n, c, length], mean: 3), w = rng.Normal([c]), b = rng.Normal([c]), rows = rng.Normal([n * length, c]);
        Tensor place = rng.Normal([length]), shift = rng.Normal([length]);
        TwoWays.Agree(t => t[0].BatchNormTraining(t[1], t[2]).Output, x, w, b);
        TwoWays.Agree(t => t[0].BatchNormTraining(t[1], t[2]).Output, rows, w, b);
        TwoWays.Agree(t => t[0].BatchNormEvaluation(b, w * w + 1, t[1], t[2]), x, w, b);
        TwoWays.Agree(t => t[0].LayerNorm([length], t[1], t[2]), x, place, shift);
        TwoWays.Agree(t => t[0].RmsNorm([length], t[1]), x, place);
        TwoWays.Agree(t => t[0].GroupNorm(2, t[1], t[2]), x, w, b);
        TwoWays.Agree(t => t[0].InstanceNorm(t[1], t[2]), x, w, b);
    }

    [Theory, InlineData(16, 2), InlineData(33, 7), InlineData(64, 31)]
    public void Many_small_images_are_normalised_as_few_large_ones_are(int samples, int length)
    {
        Rng rng = new(seed: 9);
        Tensor x = rng.Normal([samples, 5, length], mean: 2), w = rng.Normal([5]), b = rng.Normal([5]);
        TwoWays.Agree(t => t[0].BatchNormTraining(t[1], t[2]).Output, x, w, b);
        TwoWays.Agree(t => t[0].BatchNormEvaluation(b, w * w + 1, t[1], t[2]), x, w, b);
        // The same numbers as one long image: (1, 5, length * samples).
        Tensor one = x.Permute(1, 2, 0).Reshape(1, 5, length * samples);
        BatchNormOutput many = x.BatchNormTraining(w, b), few = one.BatchNormTraining(w, b);
        Check.Close(many.Output.Permute(1, 2, 0).Reshape(one.Shape), few.Output);
        Check.Close(many.Mean, few.Mean);
        Check.Close(many.Variance, few.Variance);
    }

    [Theory, InlineData(1e4f), InlineData(-1e4f)]
    public void A_mean_ten_thousand_times_the_deviation_keeps_its_digits(float mean)
    {
        Tensor noise = new Rng(seed: 3).Normal([64, 4, 100]);
        Tensor x = noise + mean, expected = (x - mean).BatchNormTraining().Output;
        Check.Close(x.BatchNormTraining().Output, expected, rtol: 1e-3, atol: 2e-3);
        Check.Close(x.LayerNorm([4, 100]), (x - mean).LayerNorm([4, 100]), rtol: 1e-3, atol: 2e-3);
        Check.Close(x.Reshape(-1, 4).BatchNormTraining().Output, (x - mean).Reshape(-1, 4).BatchNormTraining().Output, rtol: 1e-3, atol: 2e-3);
    }

    [Fact]
    public void Results_are_bitwise_equal_for_any_number_of_threads()
    {
        Tensor x = new Rng(seed: 1).Normal([33, 6, 9000 / 6]), rows = x.Reshape(-1, 50), w = new Rng(seed: 2).Normal([6]), place = new Rng(seed: 2).Normal([50]);
        Determinism.Check(() => [.. Both(t => t[0].BatchNormTraining(t[1], t[1]).Output, x, w), .. Both(t => t[0].GroupNorm(3, t[1], t[1]), x, w),
            .. Both(t => t[0].LayerNorm([50], t[1], t[1]), rows, place), .. Both(t => t[0].BatchNormTraining(t[1], t[1]).Output, rows, place)]);

        static Tensor[] Both(Func<Tensor[], Tensor> f, params Tensor[] inputs)
        {
            Tensor[] leaves = [.. inputs.Select(t => t.Tracked())];
            Tensor y = f(leaves);
            return [y, .. Grad.Vjp(y, inputs[0], leaves)];
        }
    }

    [Fact]
    public void Empty_batches_stay_empty()
    {
        Assert.Equal([0, 3, 4], Tensor.Zeros([0, 3, 4]).GroupNorm(3).Shape);
        Assert.Equal([0, 4], Tensor.Zeros([0, 4]).LayerNorm([4]).Shape);
        Assert.Equal([0, 4, 2], Tensor.Zeros([0, 4, 2]).BatchNormEvaluation(Tensor.Zeros([4]), Tensor.Ones([4]), null, null).Shape);
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_refused_with_the_shapes()
    {
        Tensor x = Tensor.Zeros([2, 6, 3]);
        Refuses(() => x.BatchNormTraining(Tensor.Ones([5])), "BatchNorm: x (2, 6, 3) needs a weight of (6), got (5)");
        Refuses(() => Tensor.Zeros([1, 6]).BatchNormTraining(), "BatchNorm: x (1, 6) has 1 numbers to a channel; training needs at least 2 to take a variance of");
        Refuses(() => x.BatchNormEvaluation(Tensor.Ones([6]), Tensor.Ones([3]), null, null), "BatchNorm: x (2, 6, 3) needs a mean and a variance of (6), got (6) and (3)");
        Refuses(() => x.LayerNorm([6]), "LayerNorm: x (2, 6, 3) must end in the normalised shape (6), which must have at least one element");
        Refuses(() => x.GroupNorm(4), "GroupNorm: 4 groups do not divide the 6 channels of x (2, 6, 3)");
        Refuses(() => Tensor.Zeros([2, 6, 1]).InstanceNorm(), "InstanceNorm: x must be (N, C, *) with more than one number to a channel, got (2, 6, 1)");

        static void Refuses(Func<object> act, string message) => Assert.Equal(message, Assert.Throws<ShapeException>(act).Message);
    }
}
