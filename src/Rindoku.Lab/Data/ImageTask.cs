using Rindoku.Autograd;
using Rindoku.Data;
using Rindoku.Ops;

namespace Rindoku.Lab;

/// <summary>The image sets that experiments choose among.</summary>
public enum ImageSet
{
    /// <summary>UCI digits, (1, 8, 8), embedded.</summary>
    Digits,

    /// <summary>MNIST, (1, 28, 28), from the data folder.</summary>
    Mnist,

    /// <summary>Fashion-MNIST, (1, 28, 28), from the data folder.</summary>
    FashionMnist,

    /// <summary>CIFAR-10, (3, 32, 32), from the data folder.</summary>
    Cifar10,

    /// <summary>CIFAR-10 at half its size, (3, 16, 16): each pixel the mean of 2 × 2. A quarter of the time for each step.</summary>
    Cifar10Half,
}

/// <summary>An image classification task: what to learn from, what to measure with, and the random changes that are usual in training.</summary>
/// <param name="Train">The training images.</param>
/// <param name="Test">The test images.</param>
/// <param name="Augmentation">For CIFAR-10 shifts by up to an eighth of the image and mirror images, for the others null.</param>
public sealed record ImageTask(LabelledSet Train, LabelledSet Test, Transform? Augmentation)
{
    /// <summary>Channels of an image.</summary>
    public int Channels => Train.InputShape[0];

    /// <summary>How many classes there are.</summary>
    public int Classes => Train.ClassCount;

    /// <summary>The shape of an image of a set, (channels, height, width).</summary>
    public static Shape ShapeOf(ImageSet set) => set switch
    {
        ImageSet.Digits => [1, 8, 8],
        ImageSet.Cifar10 => [3, 32, 32],
        ImageSet.Cifar10Half => [3, 16, 16],
        _ => [1, 28, 28],
    };

    /// <summary>The random changes that are usual in training with a set: for CIFAR-10 shifts by up to an eighth and mirror images, for the others null.</summary>
    /// <param name="set">Which set.</param>
    public static Transform? AugmentationOf(ImageSet set)
    {
        int side = ShapeOf(set)[1];
        return ShapeOf(set)[0] == 3 ? new Compose(new RandomCrop(side, side, padding: side / 8), new RandomHorizontalFlip()) : null;
    }

    /// <summary>Loads a set.</summary>
    /// <param name="set">Which.</param>
    /// <param name="data">Where the sets lie that are not embedded.</param>
    /// <param name="standardise">Whether each channel is brought to mean 0 and deviation 1 over the training images; else pixels are from 0 to 1.</param>
    /// <exception cref="DataException">The set does not lie in the data folder.</exception>
    public static ImageTask Load(ImageSet set, DataDirectory data, bool standardise = true)
    {
        (LabelledSet train, LabelledSet test) = Read(set, data);
        Transform? augmentation = AugmentationOf(set);
        if (!standardise) return new ImageTask(train, test, augmentation);
        Normalise normalise = Normalise.Fit(train);
        return new ImageTask(normalise.Apply(train), normalise.Apply(test), augmentation);
    }

    /// <summary>A few images for a <see cref="Lab.Probe"/>, which must work without a data folder: digits, or random numbers in the shape of the set.</summary>
    /// <param name="set">Which set.</param>
    /// <param name="count">How many images.</param>
    /// <param name="rng">Where the random numbers come from.</param>
    public static (Tensor X, IntTensor Y) Sample(ImageSet set, int count, Rng rng)
    {
        ArgumentNullException.ThrowIfNull(rng);
        if (set == ImageSet.Digits)
        {
            LabelledSet digits = Load(set, DataDirectory.Resolve()).Train[..count];
            return (digits.Inputs, digits.Labels);
        }
        return (rng.Normal(ShapeOf(set).Insert(0, count)).Keep(), IntTensor.Of([.. Enumerable.Range(0, count).Select(i => i % 10)]));
    }

    private static (LabelledSet Train, LabelledSet Test) Read(ImageSet set, DataDirectory data)
    {
        if (set == ImageSet.Digits) return Digits.Load();
        DataSplits splits = set switch
        {
            ImageSet.Mnist => DataSets.Mnist(data),
            ImageSet.FashionMnist => DataSets.FashionMnist(data),
            _ => DataSets.Cifar10(data),
        };
        return set == ImageSet.Cifar10Half ? (Halved(splits.Train), Halved(splits.Test)) : (splits.Train, splits.Test);
    }

    internal static LabelledSet Halved(LabelledSet set)
    {
        using NoGrad noGrad = NoGrad.Enter();
        return new LabelledSet(set.Inputs.AveragePool2d(2), set.Labels, set.ClassNames);
    }
}
