using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Ops;

namespace Rindoku.Papers.FewLabels.FlowGmm;

/// <summary>What a step learns from.</summary>
/// <param name="First">Examples as models take them, those with labels first.</param>
/// <param name="Second">The same images perturbed once more, or null where nothing is perturbed.</param>
/// <param name="Y">The classes of the first ones.</param>
/// <param name="Step">The number of the step.</param>
internal sealed record FewLabelBatch(Tensor First, Tensor? Second, IntTensor Y, long Step);

/// <summary>A set of which a few examples show their labels.</summary>
internal sealed class FewLabelTask
{
    private const int NewsTest = 1600;

    private FewLabelTask(LabelledSet train, LabelledSet? test, InputCode code, int labelsPerClass, Rng rng)
    {
        (Labelled, Unlabelled) = Hide(train, labelsPerClass, rng);
        (Test, Code) = (test ?? Unlabelled, code);
    }

    /// <summary>The examples with labels, as they are stored.</summary>
    public LabelledSet Labelled { get; }

    /// <summary>Examples whose labels nobody may look at.</summary>
    public LabelledSet Unlabelled { get; }

    /// <summary>What is measured with: of points in the plane the unlabelled ones themselves.</summary>
    public LabelledSet Test { get; }

    /// <summary>From examples as they are stored to what models take.</summary>
    public InputCode Code { get; }

    /// <summary>The test examples as models take them.</summary>
    public LabelledSet EncodedTest => new(Code.Encode(Test.Inputs), Test.Labels, Test.ClassNames);

    /// <summary>Loads a set and hides all but a few labels.</summary>
    /// <param name="set">Which set.</param>
    /// <param name="s">How many labels, points, features.</param>
    /// <param name="data">The data folder, or null for random numbers in place of sets that are not embedded: enough for a <see cref="Probe"/>.</param>
    /// <param name="rng">Draws points and labels.</param>
    /// <exception cref="DataException">The set does not lie in the data folder.</exception>
    /// <exception cref="LabException">A class has not as many examples as shall have labels.</exception>
    public static FewLabelTask Load(PointSet set, FlowGmmSettings s, DataDirectory? data, Rng rng)
    {
        Rng labels = rng.Split("labels");
        if (FlowGmmSettings.IsPlanar(set)) return new FewLabelTask(Points(set, s.Points, rng.Split("points")), test: null, InputCode.None, s.LabelsPerClass, labels);
        (LabelledSet train, LabelledSet test) = (set, data) switch
        {
            (PointSet.Digits, _) => Digits.Load(),
            (PointSet.News, not null) => News(data, s.Features),
            (PointSet.News, null) => StandIn([s.Features], NewsVectors.Classes, s, rng),
            (_, null) => StandIn([1, 28, 28], Digits.ClassNames, s, rng),
            _ => Mnist(data),
        };
        InputCode code = !FlowGmmSettings.IsImages(set) ? InputCode.None : InputCode.Of(train.Inputs, set == PointSet.Digits ? 16 : 255, s.ImageFlow);
        return new FewLabelTask(train, test, code, s.LabelsPerClass, labels);
    }

    /// <summary>The batches of a training; each depends on the number of its step only.</summary>
    public BatchSource<FewLabelBatch> Batches(FlowGmmSettings s, Rng rng) => BatchSource.Make(100, step => Batch(s, step, rng.Split(step)));

    /// <summary>One batch.</summary>
    public FewLabelBatch Batch(FlowGmmSettings s, long step, Rng rng)
    {
        int[] shown = s.LabelledBatch >= Labelled.Count ? [.. Enumerable.Range(0, Labelled.Count)] : rng.Permutation(Labelled.Count)[..s.LabelledBatch];
        Tensor raw = Labelled.Inputs.IndexSelect(0, IntTensor.Of(shown));
        if (s.Method is Method.FlowGmm or Method.Consistency or Method.PiModel)
        {
            int[] hidden = [.. Enumerable.Range(0, s.UnlabelledBatch).Select(_ => rng.NextInt(Unlabelled.Count))];
            raw = Tensor.Concat([raw, Unlabelled.Inputs.IndexSelect(0, IntTensor.Of(hidden))]);
        }
        IntTensor y = IntTensor.Of([.. shown.Select(i => Labelled.Labels[i])]);
        if (s.Method != Method.Consistency) return new FewLabelBatch(Code.Encode(raw, rng), null, y, step);
        return new FewLabelBatch(Code.Encode(Shifted(raw, s.Shift, rng), rng), Code.Encode(Shifted(raw, s.Shift, rng), rng), y, step);
    }

    /// <summary>Images shifted at random, each by up to so many pixels both ways, with background where nothing was.</summary>
    public static Tensor Shifted(Tensor images, int pixels, Rng rng)
    {
        ImageSize size = ImageSize.Of(images.Shape[1..]);
        RandomCrop crop = new(size.Height, size.Width, padding: pixels);
        float[] shifted = new float[images.Length];
        for (int i = 0; i < images.Shape[0]; i++)
            crop.Apply(images.Span.Slice(i * size.Length, size.Length), size, shifted.AsSpan(i * size.Length, size.Length), rng);
        return Tensor.Own(shifted, images.Shape);
    }

    private static LabelledSet Points(PointSet set, int count, Rng rng) => set switch
    {
        PointSet.Moons => PlanarSets.TwoMoons(count, rng, noise: 0.05),
        PointSet.Circles => PlanarSets.Circles(count, rng, noise: 0.05),
        _ => PlanarSets.Ring(count, rng),
    };

    private static (LabelledSet Train, LabelledSet Test) Mnist(DataDirectory data)
    {
        DataSplits splits = DataSets.Mnist(data);
        return (splits.Train, splits.Test);
    }

    private static (LabelledSet Train, LabelledSet Test) News(DataDirectory data, int features)
    {
        (IReadOnlyList<string> texts, IntTensor labels) = NewsVectors.Read(data);
        int[] order = new Rng(0).Split("news").Permutation(texts.Count); // the test texts are the same for all seeds, so that claims can tell their spread
        int[] test = order[..NewsTest], train = order[NewsTest..];
        TextVectors vectors = TextVectors.Fit([.. train.Select(i => texts[i])], features, new Rng(0).Split("axes"));
        return (Part(train), Part(test));

        LabelledSet Part(int[] chosen) => new(vectors.Transform([.. chosen.Select(i => texts[i])]), IntTensor.Of([.. chosen.Select(i => labels[i])]), NewsVectors.Classes);
    }

    private static (LabelledSet Train, LabelledSet Test) StandIn(Shape shape, IReadOnlyList<string> classes, FlowGmmSettings s, Rng rng)
    {
        int count = (s.LabelsPerClass + 2) * classes.Count;
        LabelledSet set = new(rng.Split("stand-in").Uniform(shape.Insert(0, count)), IntTensor.Of([.. Enumerable.Range(0, count).Select(i => i % classes.Count)]), classes);
        return (set, set);
    }

    private static (LabelledSet Labelled, LabelledSet Unlabelled) Hide(LabelledSet all, int perClass, Rng rng)
    {
        int[] counts = all.ClassCounts(), left = [.. Enumerable.Repeat(perClass, all.ClassCount)];
        if (counts.Min() < perClass) throw new LabException($"--set labels-per-class: got {perClass}; the smallest class has {counts.Min()} examples.");
        List<int> shown = [], hidden = [];
        foreach (int i in rng.Permutation(all.Count)) (left[all.Labels[i]]-- > 0 ? shown : hidden).Add(i);
        return (all.Subset([.. shown]), all.Subset([.. hidden]));
    }
}
