using Rindoku.Data;
using Rindoku.Lab;

namespace Rindoku.Papers.Vision.ClassDependence;

/// <summary>Images to train with, to choose strengths by, and to test with; every class has as many as each other in all but the first.</summary>
/// <param name="Train">What the training sets of the networks are drawn from.</param>
/// <param name="Validation">The images to choose by.</param>
/// <param name="Test">The images to judge by.</param>
internal sealed record Pools(LabelledSet Train, LabelledSet Validation, LabelledSet Test)
{
    /// <summary>What standardises training images after their random changes; null where they are as they will be used.</summary>
    public Transform? Standardise { get; init; }

    /// <summary>Deals out the images of a run.</summary>
    public static Pools Deal(ArmRun<ClassDependenceSettings> run)
    {
        ClassDependenceSettings s = run.Settings;
        Rng rng = run.Rng.Split("images");
        if (s.Data == ImageSet.Digits)
        {
            (LabelledSet test, LabelledSet others) = Draw(Digits.LoadAll(), s.TestPerClass, rng.Split("test"), "test-per-class");
            (LabelledSet validation, LabelledSet train) = Draw(others, s.ValidationPerClass, rng.Split("validation"), "validation-per-class");
            return new Pools(train, validation, test);
        }
        ImageTask task = ImageTask.Load(s.Data, run.Data);
        (LabelledSet chosen, LabelledSet rest) = Draw(task.Train, s.ValidationPerClass, rng.Split("validation"), "validation-per-class");
        LabelledSet judged = Draw(task.Test, s.TestPerClass, rng.Split("test"), "test-per-class").Chosen;
        if (s.Regulariser != Regulariser.ColourJitter) return new Pools(rest, chosen, judged);
        // Colours are changed where pixels go from 0 to 1: the same training images, not yet standardised.
        LabelledSet pixels = ImageTask.Load(s.Data, run.Data, standardise: false).Train;
        return new Pools(Draw(pixels, s.ValidationPerClass, rng.Split("validation"), "validation-per-class").Others, chosen, judged) { Standardise = Normalise.Fit(pixels) };
    }

    /// <summary>So many images of every class, drawn at random, and all others.</summary>
    /// <exception cref="LabException">A class has too few.</exception>
    public static (LabelledSet Chosen, LabelledSet Others) Draw(LabelledSet set, int perClass, Rng rng, string setting)
    {
        int[] left = [.. Enumerable.Repeat(perClass, set.ClassCount)];
        List<int> chosen = [], rest = [];
        foreach (int i in rng.Permutation(set.Count)) (left[set.Labels[i]]-- > 0 ? chosen : rest).Add(i);
        if (left.Any(n => n > 0))
            throw new LabException($"--set {setting}: got {perClass}; the class with the fewest images has {perClass - left.Max()} left.");
        chosen.Sort();
        rest.Sort();
        return (set.Subset([.. chosen]), set.Subset([.. rest]));
    }
}
