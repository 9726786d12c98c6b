using System.Globalization;
using Rindoku.Autograd;
using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Lab.Reports;
using Rindoku.Nn;
using Rindoku.Ops;

namespace Rindoku.Papers.FewLabels.FlowGmm;

/// <summary>What a trained model is measured by, and its pictures.</summary>
internal static class FlowGmmMeasures
{
    private const int PointsInPicture = 400, SamplesOfClass = 150, PicturesOfClass = 8;

    /// <summary>A set as metrics name it: <c>eight-gaussians</c>.</summary>
    public static string Name(PointSet set) => set == PointSet.EightGaussians ? "eight-gaussians" : set.ToString().ToLower(CultureInfo.InvariantCulture);

    /// <summary>Adds the measures and pictures of one set to a result.</summary>
    public static void Add(ArmResult result, PointSet set, Layer model, FewLabelTask task, TrainingOutcome outcome, ArmRun<FlowGmmSettings> run)
    {
        string name = Name(set);
        LabelledSet test = task.EncodedTest;
        Answers answers = Answers.Of(model.Forward, test);
        result[$"{name} accuracy"] = answers.PercentCorrect;
        result[$"{name} training seconds"] = outcome.Seconds;
        if (!FlowGmmSettings.IsPlanar(set)) result.Units[$"{name} correct"] = answers.Correct;
        if (run.Settings.Method == Method.Logistic)
            result[$"{name} accuracy of the nearest"] = Nearest(task, test).PercentCorrect;
        if (FlowGmmSettings.IsImages(set)) result[$"{name} same answer when shifted"] = 100 * SameWhenShifted(model, task, answers.Predicted);
        if (model is FlowGmm flow) AddFlow(result, name, flow, test);

        if (FlowGmmSettings.IsPlanar(set)) result.Figures.Add(Plane(name, model, task));
        if (model is not FlowGmm drawn) return;
        if (FlowGmmSettings.IsPlanar(set)) result.Figures.Add(Latent(name, drawn, test));
        if (FlowGmmSettings.IsPlanar(set)) result.Figures.Add(Decoded(name, drawn, test, run.Rng.Split("samples")));
        else if (FlowGmmSettings.IsImages(set)) result.Figures.Add(Pictures(name, drawn, task, run.Rng.Split("samples")));
    }

    private static void AddFlow(ArmResult result, string name, FlowGmm model, LabelledSet test)
    {
        using NoGrad noGrad = NoGrad.Enter();
        Tensor joint = Classification.Scores(model.LogJoint, test);
        result[$"{name} log likelihood"] = Errors.Mean(joint.LogSumExp([1]).Span);
        // Computed in parts, like scores: what a column means makes no difference.
        Tensor back = Classification.Scores(x => model.Flow.Inverse(model.Flow.Forward(x).Z).Flatten(1), test);
        result[$"{name} error of the inverse"] = (back - test.Inputs.Flatten(1)).Abs().Max().Item();
    }

    private static Answers Nearest(FewLabelTask task, LabelledSet test)
    {
        Tensor labelled = task.Code.Encode(task.Labelled.Inputs);
        return Answers.Of(x => Classifiers.Nearest(x, labelled, task.Labelled.Labels, test.ClassCount), test);
    }

    /// <summary>How often images that are shifted by one pixel, in each of the eight directions, get the answer that they get unshifted.</summary>
    private static double SameWhenShifted(Layer model, FewLabelTask task, IReadOnlyList<int> answers)
    {
        ImageSize size = ImageSize.Of(task.Test.InputShape);
        Tensor padded = task.Test.Inputs.Pad([(0, 0), (0, 0), (1, 1), (1, 1)]);
        long same = 0, all = 0;
        for (int place = 0; place < 9; place++)
        {
            if (place == 4) continue; // not shifted at all
            Tensor shifted = padded.Narrow(2, place / 3, size.Height).Narrow(3, place % 3, size.Width);
            IReadOnlyList<int> now = Answers.Of(model.Forward, new LabelledSet(task.Code.Encode(shifted), task.Test.Labels, task.Test.ClassNames)).Predicted;
            for (int i = 0; i < now.Count; i++, all++) same += now[i] == answers[i] ? 1 : 0;
        }
        return (double)same / all;
    }

    private static PlaneMap Plane(string name, Layer model, FewLabelTask task)
    {
        PlaneArea area = Around(task.Test.Inputs);
        int classes = task.Test.ClassCount;
        double[,] values = PlaneMap.Evaluate(area, points =>
        {
            Tensor p = model.Forward(points).Softmax(1);
            return classes == 2 ? p.Select(1, 1).ToArray() : [.. Classification.Predictions(p).Select(c => (float)c)];
        });
        PointSeries[] clouds = [Cloud("unlabelled", task.Unlabelled.Inputs, PointsInPicture),
            .. Enumerable.Range(0, classes).Select(c => Cloud($"label {c}", OfClass(task.Labelled, c), PointsInPicture))];
        return new PlaneMap($"{name}: what the plane is taken for", "x", "y", area, values, clouds)
        { Caption = "Where the colour changes the answer does; only the labelled points showed their class.", Quantity = classes == 2 ? "p(class 1)" : "class", Low = 0, High = classes - 1 };
    }

    private static Scatter Latent(string name, FlowGmm model, LabelledSet test)
    {
        PointSeries[] clouds = [.. Enumerable.Range(0, test.ClassCount).Select(c => Cloud($"class {c}", Latent(model, OfClass(test, c)), PointsInPicture))];
        return new Scatter($"{name}: the points in latent space", "z1", "z2", [.. clouds, Cloud("means", model.Prior.Means, PointsInPicture)])
        { Caption = "By the classes that the points really have." };
    }

    private static Scatter Decoded(string name, FlowGmm model, LabelledSet test, Rng rng) =>
        new($"{name}: samples of each class, taken back through the flow", "x", "y",
            [.. Enumerable.Range(0, test.ClassCount).Select(c => Cloud($"class {c}", model.Sample(c, SamplesOfClass, rng), SamplesOfClass))]);

    private static ImageGrid Pictures(string name, FlowGmm model, FewLabelTask task, Rng rng)
    {
        IReadOnlyList<string> classes = task.Test.ClassNames;
        Tensor[] samples = [.. Enumerable.Range(0, classes.Count).Select(c => task.Code.Picture(model.Sample(c, PicturesOfClass, rng)))];
        return new ImageGrid($"{name}: samples of each class, taken back through the flow", Tensor.Concat(samples),
            [.. Enumerable.Range(0, classes.Count * PicturesOfClass).Select(i => classes[i / PicturesOfClass])])
        { Columns = PicturesOfClass };
    }

    private static Tensor Latent(FlowGmm model, Tensor x)
    {
        using NoGrad noGrad = NoGrad.Enter();
        return model.Flow.Forward(x).Z;
    }

    private static Tensor OfClass(LabelledSet set, int c) => set.Subset([.. Enumerable.Range(0, set.Count).Where(i => set.Labels[i] == c)]).Inputs;

    private static PointSeries Cloud(string name, Tensor points, int most)
    {
        int count = Math.Min(most, points.Shape[0]);
        return new PointSeries(name, [.. Enumerable.Range(0, count).Select(i => (double)points[i, 0])], [.. Enumerable.Range(0, count).Select(i => (double)points[i, 1])]);
    }

    private static PlaneArea Around(Tensor points)
    {
        const double margin = 0.4;
        double[] x = [.. Enumerable.Range(0, points.Shape[0]).Select(i => (double)points[i, 0])], y = [.. Enumerable.Range(0, points.Shape[0]).Select(i => (double)points[i, 1])];
        return new PlaneArea(x.Min() - margin, x.Max() + margin, y.Min() - margin, y.Max() + margin);
    }
}
