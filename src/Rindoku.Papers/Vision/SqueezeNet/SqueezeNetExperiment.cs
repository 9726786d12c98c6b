using System.Globalization;
using Rindoku.Lab;
using Rindoku.Ops;

namespace Rindoku.Papers.Vision.SqueezeNet;

/// <summary>SqueezeNet against plain convolutions, deep compression with and without retraining, and the authors' own compressed weights.</summary>
public sealed class SqueezeNetExperiment : Experiment<SqueezeNetSettings>
{
    private const string Squeeze = "squeezenet", Plain = "plain", Compressed = "compressed", Unretrained = "unretrained", Pretrained = "pretrained";

    // The paper's own with few bits, and so few that retraining must show.
    private const int SomeBits = 5, FewBits = 3;

    /// <inheritdoc/>
    public override IReadOnlyList<Arm> Arms { get; } =
    [
        new(Squeeze, "a small SqueezeNet, in floats"),
        new(Plain, "each Fire module replaced by one 3 x 3 convolution of as many outputs"),
        new(Compressed, "the small SqueezeNet pruned, quantised and Huffman-coded, with retraining after both"),
        new(Unretrained, "the same compression without any retraining"),
        new(Pretrained, "the authors' ImageNet weights of 0.66 MB: one photo (image=PATH), or all 250 of the data folder") { Pretrained = true },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<Claim> Claims(Profile profile) => profile == Profile.Quick
        ? [.. Trained(profile), .. Exact()]
        : [.. Trained(profile), .. OnPhotos(), .. Exact()];

    // On MNIST, where errors are few, 3 points would say little.
    private static double Worse(Profile profile) => profile == Profile.Full ? 0.7 : 3;

    private static IEnumerable<Claim> Trained(Profile profile) =>
    [
        Claim.Ratio("parameters", "Fewer than a fifth of the parameters of plain convolutions", "parameters", Better.Lower, Squeeze, Plain, 0.2),
        Claim.Paired("not-worse", string.Create(CultureInfo.InvariantCulture, $"Test accuracy is at most {Worse(profile)} points lower than with plain convolutions"),
            "test accuracy", Better.Higher, Squeeze, Plain, -Worse(profile), units: "correct", unitScale: 100),
        Claim.Paired("headline", "Test accuracy is no lower (the paper's headline: AlexNet's accuracy with 50 times fewer parameters)", "test accuracy", Better.Higher,
            Squeeze, Plain, 0, units: "correct", unitScale: 100),
        Claim.Statistic("size", $"Compressed to {SomeBits} bits, the file is at most a tenth of the size in floats", "file bytes", Better.Lower, [Compressed],
            "file bytes / bytes in floats", arms => arms[Compressed]["file bytes"] / arms[Compressed]["bytes in floats"], 0.1),
        Claim.Paired("compressed", "Compressed and retrained, test accuracy is at most 1 point lower than in floats", "test accuracy", Better.Higher, Compressed, Squeeze, -1,
            units: "correct", unitScale: 100),
        Claim.Paired("retrained", "Retraining makes the compressed network no worse", "test accuracy", Better.Higher, Compressed, Unretrained, 0,
            units: "correct", unitScale: 100),
        Claim.Paired("few-bits", $"With a fifth of the weights and {FewBits} bits, retraining gains at least 2 points", MetricName(FewBits), Better.Higher, Compressed, Unretrained, 2,
            units: UnitsName(FewBits), unitScale: 100),
    ];

    private static IEnumerable<Claim> OnPhotos() =>
    [
        Claim.Level("top-1", "The authors' weights name at least half of the photos", PretrainedArm.Top1, Better.Higher, Pretrained, 50),
        Claim.Level("top-5", "Among their five likeliest classes is the right one for at least 70 %", PretrainedArm.Top5, Better.Higher, Pretrained, 70),
        Claim.Level("half-megabyte", "Quantised to 7 bits and Huffman-coded, they are less than 0.5 MB (the paper's title)", PretrainedArm.Bytes(7), Better.Lower, Pretrained, 500_000),
        Claim.Statistic("seven-bits", "With 7 bits they lose at most 3 points of top-5 accuracy", PretrainedArm.Top5, Better.Lower, [Pretrained], "top-5 with 8 bits - with 7",
            arms => arms[Pretrained][PretrainedArm.Top5] - arms[Pretrained][PretrainedArm.Top5At(7)], 3),
        Claim.Statistic("monotone", "From 4 to 8 bits no bit makes top-1 accuracy worse", PretrainedArm.Top1, Better.Higher, [Pretrained], "the least gain by a bit",
            arms => new[] { 4, 5, 6, 7 }.Min(bits => arms[Pretrained][PretrainedArm.Top1At(bits + 1)] - arms[Pretrained][PretrainedArm.Top1At(bits)]), 0),
        Claim.Level("headline-size", "With 6 bits they are at most 0.47 MB (the paper's table 2)", PretrainedArm.Bytes(6), Better.Lower, Pretrained, 470_000),
        Claim.Statistic("headline-6-bits", "With 6 bits they lose no accuracy (the paper's table 2; here without training the centroids)", PretrainedArm.Top5, Better.Lower, [Pretrained],
            "top-5 with 8 bits - with 6", arms => arms[Pretrained][PretrainedArm.Top5] - arms[Pretrained][PretrainedArm.Top5At(6)], 0),
    ];

    private static IEnumerable<Claim> Exact() =>
    [
        Claim.Exact("v10", "SqueezeNet v1.0 has 1,248,424 parameters", "parameters", 1_248_424, () => Count(SqueezeNetPlan.V10)),
        Claim.Exact("v11", "SqueezeNet v1.1 has 1,235,496", "parameters", 1_235_496, () => Count(SqueezeNetPlan.V11)),
        Claim.Exact("complex-bypass", "Complex bypass adds 341,248", "parameters", 341_248,
            () => Count(SqueezeNetPlan.V10 with { Bypass = Bypass.Complex }) - Count(SqueezeNetPlan.V10)),
        Claim.Exact("megabytes", "In floats it takes 4.8 MB, a fiftieth of AlexNet's 240", "mebibytes", 4.8, () => 4.0 * Count(SqueezeNetPlan.V10) / (1 << 20), 0.05),
    ];

    private static long Count(SqueezeNetPlan plan) => new SqueezeNet(plan, ImageNetPhotos.ClassCount, new Rng(0)).ParameterCount;

    /// <summary>The accuracy of the network that was compressed with so many bits.</summary>
    internal static string MetricName(int bits) => $"test accuracy with {bits} bits";

    /// <summary>1 for each test picture that this network takes for what it is.</summary>
    internal static string UnitsName(int bits) => $"correct with {bits} bits";

    /// <inheritdoc/>
    protected override SqueezeNetSettings Settings(Profile profile, string arm)
    {
        SqueezeNetSettings s = profile switch
        {
            Profile.Quick => new(),
            Profile.Full => new() { Data = ImageSet.Mnist, Epochs = 8 },
            _ => new()
            {
                Pictures = "imagenet",
                Form = SqueezeNetForm.V10,
                Dropout = 0.5,
                Epochs = 68, // 170,000 steps
                BatchSize = 32,
                Accumulate = 16,
                Optimizer = SqueezeNetOptimizer.Sgd,
                LearningRate = 0.04,
                RetrainRate = 0.004,
                CentroidRate = 1e-4,
            },
        };
        bool compresses = arm is Compressed or Unretrained;
        if (compresses) s = s with { Density = 0.2, Bits = [SomeBits, FewBits] };
        if (arm == Compressed) s = s with { RetrainEpochs = s.Epochs, CentroidEpochs = Math.Max(1, s.Epochs / 5) };
        if (arm == Pretrained) s = s with { Form = SqueezeNetForm.V10, Bits = [7, 6, 5, 4] };
        return s with { PlainConvolutions = arm == Plain };
    }

    /// <inheritdoc/>
    protected override SqueezeNetSettings Smoke(SqueezeNetSettings quick)
    {
        ArgumentNullException.ThrowIfNull(quick);
        return quick with { Epochs = 1, BatchSize = 256, RetrainEpochs = Math.Min(1, quick.RetrainEpochs), CentroidEpochs = Math.Min(1, quick.CentroidEpochs) };
    }

    /// <inheritdoc/>
    protected override ArmResult Run(ArmRun<SqueezeNetSettings> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return run.Arm == Pretrained ? PretrainedArm.Run(run) : new TrainedArm(run).Run();
    }

    /// <inheritdoc/>
    public override long? PublishedParameters(string arm) => arm == Plain ? null : 1_248_424;

    /// <inheritdoc/>
    protected override Probe Probe(ArmRun<SqueezeNetSettings> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        SqueezeNetSettings s = run.Settings;
        bool photos = s.Form != SqueezeNetForm.Mini;
        Rng images = run.Rng.Split("images");
        (Tensor x, IntTensor y) = photos
            ? (images.Normal([2, 3, ImageNetPhotos.Side, ImageNetPhotos.Side], 0, 60).Keep(), IntTensor.Of(1, 2))
            : ImageTask.Sample(s.Data, count: 16, images);
        SqueezeNet model = new(s.Plan(), photos ? ImageNetPhotos.ClassCount : 10, run.Rng.Split("weights"), x.Shape[1]);
        return new Probe(model, () => model.Forward(x).CrossEntropy(y), () => model.Forward(x)) { LearningRate = 3e-3 };
    }
}
