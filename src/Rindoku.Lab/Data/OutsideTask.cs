using Rindoku.Data;

namespace Rindoku.Lab;

/// <summary>Images that a classifier of another set has never seen, prepared as that set's own.</summary>
/// <param name="Name">What they are: <c>letters</c>.</param>
/// <param name="Inputs">(n, channels, height, width).</param>
public sealed record OutsideSet(string Name, Tensor Inputs);

/// <summary>A classification task with sets from outside its distribution: what methods that tell when they do not know are measured with.</summary>
/// <param name="Train">The training images.</param>
/// <param name="Test">The test images, the same for every seed.</param>
/// <param name="Outside">The sets from outside, as many images each as there are test images where there are so many.</param>
/// <remarks>
/// <para>All images go through the same pipeline: pixels from 0 to 1, then, if asked for, mean 0 and deviation 1 by the training images.</para>
/// <para>Of every set: <c>noise</c>, each pixel drawn evenly; <c>inverted</c>, test images with light and dark exchanged; <c>permuted</c>, test
/// images with their pixels in another order, each image its own; <c>rotated</c>, test images by a quarter turn. Besides, for digits <c>letters</c>;
/// for MNIST <c>letters</c> (notMNIST) and <c>clothes</c>; for Fashion-MNIST <c>digits</c> and <c>letters</c>; for CIFAR-10 <c>objects</c>,
/// <c>blood cells</c> and <c>emoji</c>.</para>
/// </remarks>
public sealed record OutsideTask(LabelledSet Train, LabelledSet Test, IReadOnlyList<OutsideSet> Outside)
{
    /// <summary>Loads a task.</summary>
    /// <param name="set">The set that is learned.</param>
    /// <param name="data">Where the sets lie that are not embedded.</param>
    /// <param name="trainingImages">How many images to learn from, drawn by <paramref name="rng"/>.</param>
    /// <param name="testImages">How many to measure with, always the same.</param>
    /// <param name="rng">The randomness of the seed.</param>
    /// <param name="standardise">Whether each channel is brought to mean 0 and deviation 1 over the training images; else pixels are from 0 to 1.</param>
    /// <exception cref="LabException">There are not so many images.</exception>
    /// <exception cref="DataException">A set does not lie in the data folder.</exception>
    public static OutsideTask Load(ImageSet set, DataDirectory data, int trainingImages, int testImages, Rng rng, bool standardise = false)
    {
        ArgumentNullException.ThrowIfNull(rng);
        Rng shared = new Rng(0).Split("outside");
        (LabelledSet pool, LabelledSet test) = Pools(set, data, testImages, shared.Split("test images"));
        Require("test-images", testImages, test.Count);
        Require("training-images", trainingImages, pool.Count);
        LabelledSet train = pool.Subset(rng.Split("training images").Permutation(pool.Count).AsSpan(..trainingImages));
        List<OutsideSet> outside = [.. Changed(test, shared), .. Others(set, data, testImages, shared)];
        if (!standardise) return new OutsideTask(train, test, outside);
        Normalise normalise = Normalise.Fit(train);
        return new OutsideTask(normalise.Apply(train), normalise.Apply(test), [.. outside.Select(o => o with { Inputs = normalise.Apply(o.Inputs) })]);
    }

    private static (LabelledSet Pool, LabelledSet Test) Pools(ImageSet set, DataDirectory data, int testImages, Rng rng)
    {
        if (set == ImageSet.Digits)
        {
            LabelledSet all = Digits.LoadAll();
            Require("test-images", testImages, all.Count - 1);
            int[] order = rng.Permutation(all.Count);
            return (all.Subset(order.AsSpan(testImages..)), all.Subset(order.AsSpan(..testImages)));
        }
        ImageTask task = ImageTask.Load(set, data, standardise: false);
        Require("test-images", testImages, task.Test.Count);
        return (task.Train, task.Test.Subset(rng.Permutation(task.Test.Count).AsSpan(..testImages)));
    }

    /// <summary>Images made from the test images, and noise.</summary>
    private static IEnumerable<OutsideSet> Changed(LabelledSet test, Rng rng)
    {
        Shape shape = test.Inputs.Shape;
        int plane = shape[2] * shape[3];
        Rng noise = rng.Split("noise"), orders = rng.Split("permuted");
        yield return new("noise", Made(shape, (_, values) => { foreach (ref float v in values) v = (float)noise.NextDouble(); }));
        yield return new("inverted", Made(shape, (i, values) => { for (int k = 0; k < values.Length; k++) values[k] = 1 - test[i].Input[k]; }));
        yield return new("permuted", Made(shape, (i, values) =>
        {
            int[] order = orders.Permutation(plane); // one for all channels: colours stay
            for (int k = 0; k < values.Length; k++) values[k] = test[i].Input[k / plane * plane + order[k % plane]];
        }));
        yield return new("rotated", Made(shape, (i, values) =>
        {
            (int height, int width) = (shape[2], shape[3]);
            for (int k = 0; k < values.Length; k++)
            {
                (int c, int y, int x) = (k / plane, k % plane / width, k % width);
                values[k] = test[i].Input[c * plane + x * width + (height - 1 - y)];
            }
        }));
    }

    private static IEnumerable<OutsideSet> Others(ImageSet set, DataDirectory data, int count, Rng rng)
    {
        switch (set)
        {
            case ImageSet.Digits:
                yield return new("letters", Glyphs.Make(count, rng.Split("letters")).Inputs);
                break;
            case ImageSet.Mnist:
                yield return new("letters", First(DataSets.NotMnist(data), count));
                yield return new("clothes", First(DataSets.FashionMnist(data).Test, count));
                break;
            case ImageSet.FashionMnist:
                yield return new("digits", First(DataSets.Mnist(data).Test, count));
                yield return new("letters", First(DataSets.NotMnist(data), count));
                break;
            default:
                LabelledSet mix = DataSets.Ood32(data);
                for (int source = 0; source < mix.ClassCount; source++)
                {
                    int[] ofSource = [.. Enumerable.Range(0, mix.Count).Where(i => mix.Labels[i] == source)];
                    LabelledSet images = mix.Subset(ofSource);
                    yield return new(mix.ClassNames[source], First(set == ImageSet.Cifar10Half ? ImageTask.Halved(images) : images, count));
                }
                break;
        }
    }

    private static Tensor First(LabelledSet set, int count) => set[..Math.Min(count, set.Count)].Inputs;

    private delegate void Filler(int image, Span<float> values);

    private static Tensor Made(Shape shape, Filler fill)
    {
        int length = shape.Count(1..);
        float[] values = new float[shape[0] * length];
        for (int i = 0; i < shape[0]; i++) fill(i, values.AsSpan(i * length, length));
        return Tensor.Own(values, shape);
    }

    private static void Require(string setting, int wanted, int there)
    {
        if (wanted < 1 || wanted > there) throw new LabException($"--set {setting}: got {wanted}; needed is 1 to {there}.");
    }
}
