using Rindoku.Data;

namespace Rindoku.Lab.Tests.Data;

public sealed class ImageTaskTests
{
    [Fact]
    public void Digits_are_standardised_by_what_is_learned_from()
    {
        ImageTask task = ImageTask.Load(ImageSet.Digits, new DataDirectory("nowhere"));
        Assert.Equal((1, 10, null), (task.Channels, task.Classes, task.Augmentation));
        double[] values = [.. task.Train.Inputs.ToArray().Select(x => (double)x)];
        double mean = values.Average();
        Assert.Equal(0, mean, 1e-4);
        Assert.Equal(1, Math.Sqrt(values.Average(x => (x - mean) * (x - mean))), 1e-4);
        (LabelledSet raw, LabelledSet test) = Digits.Load();
        // The test images are changed by the same line as the training images.
        float scale = (task.Train.Inputs[0, 0, 2, 3] - task.Train.Inputs[0, 0, 0, 0]) / (raw.Inputs[0, 0, 2, 3] - raw.Inputs[0, 0, 0, 0]);
        Assert.Equal(task.Train.Inputs[0, 0, 0, 0] + scale * (test.Inputs[5, 0, 4, 4] - raw.Inputs[0, 0, 0, 0]), task.Test.Inputs[5, 0, 4, 4], 1e-4);
    }

    [Fact]
    public void Pixels_stay_as_they_are_where_nobody_asks_for_more() =>
        Assert.Equal(Digits.Load().Train.Inputs.ToArray(), ImageTask.Load(ImageSet.Digits, new DataDirectory("nowhere"), standardise: false).Train.Inputs.ToArray());

    [Theory, InlineData(ImageSet.Mnist), InlineData(ImageSet.Cifar10), InlineData(ImageSet.Cifar10Half), InlineData(ImageSet.FashionMnist), InlineData(ImageSet.Digits)]
    public void A_sample_has_the_shape_of_the_set_and_needs_no_folder(ImageSet set)
    {
        (Tensor x, IntTensor y) = ImageTask.Sample(set, 12, new Rng(1));
        Assert.Equal(ImageTask.ShapeOf(set).Insert(0, 12), x.Shape);
        Assert.Equal(12, y.Length);
        if (set != ImageSet.Digits) Assert.Throws<DataException>(() => ImageTask.Load(set, new DataDirectory("nowhere")));
    }
}
