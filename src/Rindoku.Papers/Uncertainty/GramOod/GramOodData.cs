using Rindoku.Autograd;
using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Ops;

namespace Rindoku.Papers.Uncertainty.GramOod;

/// <summary>What the classifiers learn, and the sets from outside.</summary>
internal static class GramOodData
{
    /// <summary>The task of the settings, pixels from 0 to 1. For CIFAR-10 MNIST in colour is one of the sets from outside.</summary>
    public static OutsideTask Load(GramOodSettings s, DataDirectory data, Rng rng)
    {
        OutsideTask task = OutsideTask.Load(s.Data, data, s.TrainingImages, s.TestImages, rng);
        return task.Train.InputShape[0] == 3 ? task with { Outside = [.. task.Outside, new OutsideSet("digits", InColour(DataSets.Mnist(data).Test, task.Test))] } : task;
    }

    /// <summary>
    /// Whether a set counts as far. On pictures the sheet names digits, noise and photos; a photo upside down or in its negative is still much like one, so
    /// that changed test images are measured but not counted there.
    /// </summary>
    public static bool IsFar(ImageSet data, string outside) => ImageTask.ShapeOf(data)[0] == 1 || outside is not ("inverted" or "permuted" or "rotated");

    /// <summary>The examples of some classes; the classes that there are end with the last of them.</summary>
    public static LabelledSet Classes(LabelledSet set, Range classes)
    {
        (int first, int count) = classes.GetOffsetAndLength(set.ClassCount);
        LabelledSet chosen = set.Subset([.. Enumerable.Range(0, set.Count).Where(i => set.Labels[i] >= first && set.Labels[i] < first + count)]);
        return new LabelledSet(chosen.Inputs, chosen.Labels, [.. set.ClassNames.Take(first + count)]);
    }

    // 28 × 28 with two black pixels on each side, halved if the pictures are, the same in all three colours.
    private static Tensor InColour(LabelledSet digits, LabelledSet like)
    {
        using NoGrad noGrad = NoGrad.Enter();
        Tensor padded = digits[..Math.Min(digits.Count, like.Count)].Inputs.Pad(2, 2, 2).Pad(3, 2, 2);
        if (like.InputShape[1] == 16) padded = padded.AveragePool2d(2);
        return Tensor.Concat([padded, padded, padded], axis: 1).Keep();
    }
}
