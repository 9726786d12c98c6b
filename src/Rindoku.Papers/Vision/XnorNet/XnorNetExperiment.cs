using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Nn.Binary;
using Rindoku.Ops;
using Rindoku.Optim;
using Rindoku.Optim.Schedules;

namespace Rindoku.Papers.Vision.XnorNet;

/// <summary>What can be set in a run of XNOR networks.</summary>
public sealed record XnorNetSettings : IValidatableObject
{
    /// <summary>The data set.</summary>
    [Description("digits (embedded), or mnist, fashion-mnist or cifar10 from the data folder")]
    public ImageSet Data { get; init; }

    /// <summary>Whether the network is AlexNet, which learns from ImageNet in the data folder.</summary>
    [Description("AlexNet, for 224 x 224 photos in folders imagenet/train and imagenet/val of the data folder")]
    public bool AlexNet { get; init; }

    /// <summary>Filters of the first convolution and block; the next blocks have two and four times as many.</summary>
    [Range(1, 4096), Description("filters of the first block; the next have twice and four times as many")]
    public int Width { get; init; } = 16;

    /// <summary>What is binary.</summary>
    [Description("xnor, weights, real or everything")]
    public NetworkKind Kind { get; init; }

    /// <summary>The order of an XNOR block's parts.</summary>
    [Description("norm-sign-conv-pool or conv-norm-sign-pool")]
    public BlockOrder Order { get; init; }

    /// <summary>Whether binary filters are scaled by α.</summary>
    [Description("binary filters scaled by the mean magnitude of their weights")]
    public bool Scaled { get; init; } = true;

    /// <summary>Whether sums are scaled by K.</summary>
    [Description("sums scaled by the mean magnitude of their inputs; the authors' code leaves it out")]
    public bool InputScale { get; init; }

    /// <summary>Passes over the training images.</summary>
    [Range(1, int.MaxValue), Description("passes over the training images")]
    public int Epochs { get; init; } = 20;

    /// <summary>How many of the training images a second network learns from, for twice as many passes; 0 for no such network.</summary>
    [Range(0, int.MaxValue), Description("training images of a second network, for twice as many passes; 0 for none")]
    public int Few { get; init; } = 300;

    /// <summary>Images in a batch.</summary>
    [Range(2, int.MaxValue), Description("images in a batch")]
    public int BatchSize { get; init; } = 64;

    /// <summary>The learning rate at the start; it falls linearly to nothing.</summary>
    [Range(0, double.MaxValue), Description("at the start; it falls linearly to nothing")]
    public double LearningRate { get; init; } = 0.002;

    /// <summary>Channels of the convolution that is timed.</summary>
    [Range(1, 4096), Description("channels of the convolution that is timed")]
    public int TimedChannels { get; init; } = 256;

    /// <summary>Height and width of the image that is timed.</summary>
    [Range(1, 1024), Description("height and width of the image that is timed")]
    public int TimedSize { get; init; } = 14;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (InputScale && (Kind != NetworkKind.Xnor || Order != BlockOrder.NormSignConvPool))
            yield return new ValidationResult("got 'true'; needed is the kind xnor with the order norm-sign-conv-pool.", [nameof(InputScale)]);
        if (AlexNet && Kind == NetworkKind.Everything) yield return new ValidationResult("got 'everything' with AlexNet; needed is xnor, weights or real.", [nameof(Kind)]);
        if (AlexNet && Few > 0) yield return new ValidationResult($"got '{Few}' with AlexNet; needed is 0: the second network learns from small images.", [nameof(Few)]);
    }
}

/// <summary>XNOR networks and networks of binary weights against the same one in real numbers, the order of their parts, and their speed.</summary>
public sealed class XnorNetExperiment : Experiment<XnorNetSettings>
{
    private const string Xnor = "xnor", UsualOrder = "xnor-usual-order", Weights = "bwn", Real = "real", Everything = "bnn";
    private const string Accuracy = "test accuracy", Few = "test accuracy, few images";

    /// <inheritdoc/>
    public override IReadOnlyList<Arm> Arms { get; } =
    [
        new(Xnor, "XNOR-Net: weights and inputs are signs, normalisation - sign - convolution - pooling"),
        new(UsualOrder, "the same in the usual order: convolution - normalisation - sign - pooling"),
        new(Weights, "Binary-Weight-Network: weights alone are scaled signs"),
        new(Real, "the same network in real numbers"),
        new(Everything, "as in BinaryNet: weights and activations of all layers are signs, without scales"),
        new("xnor-unscaled", "XNOR-Net without the scale of the filters"),
        new("bwn-unscaled", "Binary-Weight-Network without the scale of the filters"),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<Claim> Claims(Profile profile)
    {
        bool quick = profile == Profile.Quick;
        const string plainPacked = "packed convolution beside plain loops, seconds";
        List<Claim> claims =
        [
            Speed("speed", "A packed 3 x 3 convolution of 256 channels, 14 x 14, is at least 3 times as fast as the library's own in floats", "real convolution seconds", "packed convolution seconds", 3),
            Speed("speed-headline", "It is at least 58 times as fast (the paper's headline)", "real convolution seconds", "packed convolution seconds", 58),
            Speed("speed-plain", "It is at least 58 times as fast as plain loops in floats", "plain loops seconds", plainPacked, 58),
            Claim.Level("memory", "Its filters take 32 times less memory (the paper's headline)", "memory ratio", Better.Higher, Xnor, 32 - 1e-9),
            Claim.Level("same", "Packed, the network predicts for every test image what it predicted before (images that differ)", "packed differences", Better.Lower, Xnor, 0.5),
            Claim.Level("scale", "Scaled, the signs of every trained filter are nearer to it than unscaled (part of the filters)", "filters nearer when scaled", Better.Higher, Xnor, 1 - 1e-9),
            Paired("weights", $"Binary weights cost at most {(quick ? 1 : 3)} points (the paper: none)", Weights, Real, quick ? -1 : -3),
            Paired("order", $"The paper's order of parts is at least {(quick ? "1 point" : "1.5 points")} better than the usual one", Xnor, UsualOrder, quick ? 1 : 1.5),
            Paired("headline-weights", "Binary weights cost nothing (the paper's headline: 56.8 against 56.6 % with AlexNet)", Weights, Real, 0),
        ];
        if (quick)
        {
            claims.Add(Paired("inputs", "Binary inputs cost at least 0.3 points more", Weights, Xnor, 0.3));
            claims.Add(Claim.Paired("order-few", "Learned from 300 images, the paper's order is at least 1.5 points better", Few, Better.Higher, Xnor, UsualOrder, 1.5, units: "correct, few images", unitScale: 100));
        }
        else if (profile == Profile.Full) // in the paper's profile the two learn from different images
        {
            claims.Add(Paired("bnn", "XNOR-Net is at most 1 point worse than BinaryNet", Xnor, Everything, -1));
            claims.Add(Paired("headline-bnn", "XNOR-Net is 16 points better than BinaryNet (the paper's headline, with AlexNet on ImageNet)", Xnor, Everything, 16));
        }
        return claims;
    }

    private static Claim Paired(string id, string statement, string treatment, string baseline, double margin) =>
        Claim.Paired(id, statement, Accuracy, Better.Higher, treatment, baseline, margin, units: "correct", unitScale: 100);

    private static Claim Speed(string id, string statement, string slow, string fast, double times) =>
        Claim.Statistic(id, statement, fast, Better.Higher, [Xnor], $"{slow} / {fast}", arms => arms[Xnor][slow] / arms[Xnor][fast], times);

    /// <inheritdoc/>
    public override int Seeds(Profile profile) => profile == Profile.Quick ? 4 : 3; // what a minute and a quarter of an hour allow

    /// <inheritdoc/>
    protected override XnorNetSettings Settings(Profile profile, string arm)
    {
        XnorNetSettings quick = new()
        {
            Kind = arm switch { Real => NetworkKind.Real, Everything => NetworkKind.Everything, Weights or "bwn-unscaled" => NetworkKind.Weights, _ => NetworkKind.Xnor },
            Order = arm == UsualOrder ? BlockOrder.ConvNormSignPool : BlockOrder.NormSignConvPool,
            Scaled = !arm.EndsWith("unscaled", StringComparison.Ordinal),
        };
        return profile switch
        {
            Profile.Quick => quick,
            Profile.Full => quick with { Data = ImageSet.Cifar10, Epochs = 15, Few = 0 },
            // The paper compares with BinaryNet on ImageNet by another's figures; here that arm keeps the small network.
            _ when arm == Everything => quick with { Data = ImageSet.Cifar10, Width = 64, Epochs = 58, Few = 0, BatchSize = 512 },
            _ => quick with { AlexNet = true, Epochs = 16, Few = 0, BatchSize = 512 },
        };
    }

    /// <inheritdoc/>
    protected override ArmResult Run(ArmRun<XnorNetSettings> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        XnorNetSettings s = run.Settings;
        ImageTask? images = s.AlexNet ? null : ImageTask.Load(s.Data, run.Data);
        ClassificationTask task = images is null ? ClassificationTask.Of(new ImageNetFolders(run.Data)) : ClassificationTask.Of(images);
        TrainedClassifier trained = Train(run, task, s.Epochs, "");
        ArmResult result = trained.Result().With(trained.Figures());
        if (images is not null && s.Few > 0)
        {
            LabelledSet few = images.Train[..Math.Min(s.Few, images.Train.Count)];
            Answers answers = Train(run, ClassificationTask.Of(images with { Train = few }), 2 * s.Epochs, "few").Answers;
            result[Few] = answers.PercentCorrect;
            result.Units["correct, few images"] = answers.Correct;
        }
        if (run.Arm == Xnor) MeasureXnor(run, (XnorNet)trained.Model, task, result);
        return result;
    }

    private static TrainedClassifier Train(ArmRun<XnorNetSettings> run, ClassificationTask task, int epochs, string name)
    {
        XnorNetSettings s = run.Settings;
        XnorNet model = Model(s, run.Rng, task.InputShape, task.Classes);
        return new ClassifierTraining(run, model, task, new Adam(Groups(model), s.LearningRate))
        {
            Name = name,
            BatchSize = s.BatchSize,
            Order = run.Rng.Split($"batches {name}"),
            Schedule = steps => new Polynomial(s.LearningRate, 0, steps),
            AfterStep = _ => model.Constrain(),
            EvaluateEvery = Every.Epochs(4),
        }.Fit(epochs);
    }

    private static XnorNet Model(XnorNetSettings s, Rng rng, Shape input, int classes)
    {
        XnorNetOptions options = new() { Kind = s.Kind, Order = s.Order, Scaled = s.Scaled, InputScale = s.InputScale };
        return s.AlexNet ? XnorNet.AlexNet(options, classes, rng.Split("weights")) : XnorNet.Small(options, input[0], input[1], s.Width, classes, rng.Split("weights"));
    }

    // BinaryNet's weights start between -1 and 1 and need its longer steps; those of the others start small, as real ones do.
    private static IEnumerable<ParameterGroup> Groups(XnorNet model)
    {
        Dictionary<Parameter, double> factors = model.Options.Kind == NetworkKind.Everything ? model.BinaryLayers.ToDictionary(layer => layer.Weight, layer => layer.LearningRateFactor) : [];
        return model.Parameters.GroupBy(p => factors.GetValueOrDefault(p, 1)).Select(g => new ParameterGroup(g) { LearningRateFactor = g.Key });
    }

    private static void MeasureXnor(ArmRun<XnorNetSettings> run, XnorNet model, ClassificationTask task, ArmResult result)
    {
        if (!run.Settings.InputScale)
        {
            PackedXnorNet packed = new(model);
            IEnumerable<(int Before, int After)> answers = task.Test(model.Forward).Predicted.Zip(task.Test(packed.Forward).Predicted);
            result["packed differences"] = answers.Count(answer => answer.Before != answer.After);
            result["packed bytes"] = packed.Bytes;
        }
        result["filters nearer when scaled"] = NearerWhenScaled(model.BinaryLayers);
        XnorSpeed.Measure(run, result);
    }

    /// <summary>The part of the filters with <c>‖W − α B‖ &lt; ‖W − B‖</c>.</summary>
    private static double NearerWhenScaled(IEnumerable<BinaryLayer> layers)
    {
        int nearer = 0, all = 0;
        foreach (BinaryLayer layer in layers)
        {
            Tensor w = layer.Weight.Detach().Reshape(layer.Weight.Shape[0], layer.FanIn), b = w.BinarySign();
            Tensor scale = w.Abs().Mean([1], keep: true);
            Tensor scaled = (w - b * scale).Square().Sum([1]), unscaled = (w - b).Square().Sum([1]);
            nearer += (int)scaled.Less(unscaled).Sum().Item();
            all += w.Shape[0];
        }
        return (double)nearer / all;
    }

    /// <inheritdoc/>
    protected override XnorNetSettings Smoke(XnorNetSettings quick)
    {
        ArgumentNullException.ThrowIfNull(quick);
        return quick with { Epochs = 1, Width = 4, Few = 128, TimedChannels = 4, TimedSize = 5 };
    }

    /// <inheritdoc/>
    protected override Probe Probe(ArmRun<XnorNetSettings> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        bool alexNet = run.Settings.AlexNet;
        (Tensor X, IntTensor Y) images = alexNet
            ? (run.Rng.Split("images").Normal(ImageNetFolders.Image.Insert(0, 2)).Keep(), IntTensor.Of(0, 1))
            : ImageTask.Sample(run.Settings.Data, count: 16, run.Rng.Split("images"));
        XnorNet model = Model(run.Settings, run.Rng, images.X.Shape[1..], classes: alexNet ? 1000 : 10);
        bool everything = run.Settings.Kind == NetworkKind.Everything; // whose weights lie far from zero and need long steps to change sign
        return Lab.Probe.OfClassifier(model, images) with { LearningRate = everything ? 0.05 : 0.01, Steps = everything ? 600 : 200 };
    }
}
