using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Nn;
using Rindoku.Ops;

namespace Rindoku.Papers.Vision.ResNeXt;

/// <summary>What a run learns from and is measured with: small images in memory, or ImageNet from folders.</summary>
internal sealed record ResNeXtData(BatchSource<Batch> Batches, int Classes, Shape Image)
{
    /// <summary>1 for each test image that a network in evaluation mode takes for another class, else 0.</summary>
    public required Func<Layer, float[]> Wrong { get; init; }

    /// <summary>A network's mean cross-entropy over the training images as they are; null where there are too many to ask.</summary>
    public required Func<Layer, double?> TrainingLoss { get; init; }

    public static ResNeXtData Load(ArmRun<ResNeXtSettings> run)
    {
        LoaderOptions options = new(run.Settings.BatchSize) { DropLast = true };
        Rng order = run.Rng.Split("batches");
        if (run.Settings.Template == ResNeXtTemplate.ImageNet) return Large(new ImageNetFolders(run.Data), options, order);

        ImageTask task = ImageTask.Load(run.Settings.Data, run.Data);
        return new ResNeXtData(new Loader(task.Train, options, order, task.Augmentation).ToSource(), task.Classes, task.Train.InputShape)
        {
            Wrong = model => Inverse(Classification.Correct(Classification.Scores(model.Forward, task.Test), task.Test.Labels)),
            TrainingLoss = model => Classification.Scores(model.Forward, task.Train).CrossEntropy(task.Train.Labels).Item(),
        };
    }

    private static ResNeXtData Large(ImageNetFolders set, LoaderOptions options, Rng order) =>
        new(set.Batches(options, order).ToSource(), set.Classes, ImageNetFolders.Image)
        {
            Wrong = model =>
            {
                List<float> correct = [];
                set.Validate((x, y) => correct.AddRange(Classification.Correct(model.Forward(x), y)));
                return Inverse([.. correct]);
            },
            TrainingLoss = _ => null,
        };

    private static float[] Inverse(float[] correct) => [.. correct.Select(c => 1 - c)];
}
