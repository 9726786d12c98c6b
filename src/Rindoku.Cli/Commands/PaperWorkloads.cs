using Rindoku.Bench;
using Rindoku.Nn;
using Rindoku.Nn.ResNets;
using Rindoku.Ops;
using Rindoku.Papers.Language.Qrnn;
using Rindoku.Papers.Vision.FractalNet;
using Rindoku.Papers.Vision.ResNeXt;
using Rindoku.Papers.Vision.Ror;

namespace Rindoku.Cli.Commands;

/// <summary>Training steps of the papers' own networks, beside the workloads of the library: bench/paper_networks.py has them in PyTorch.</summary>
/// <remarks>Drop-path, dropout and stochastic depth are off: what they leave out differs from step to step.</remarks>
public static class PaperWorkloads
{
    private const int Classes = 10;

    /// <summary>The workloads.</summary>
    public static IReadOnlyList<Workload> All { get; } =
    [
        Training("resnext29-8x64d-train", "ResNeXt-29 (8x64d) on 32 x 32 images, batch 4", 4, [3, 32, 32], 129.3e9, rng => ResNeXt29(new(8, 64), rng)),
        Training("resnext29-32x4d-train", "ResNeXt-29 (32x4d) on 32 x 32 images, batch 16", 16, [3, 32, 32], 74.25e9, rng => ResNeXt29(new(32, 4), rng)),
        Training("fractalnet-train", "FractalNet of 20 layers on 32 x 32 images, batch 16", 16, [3, 32, 32], 80.97e9,
            rng => new FractalNet(new FractalSize(3, [64, 128, 256, 512, 512]), Classes, rng)),
        Training("ror-train", "RoR-3 of 38 layers on 32 x 32 images, batch 64", 64, [3, 32, 32], 32.05e9,
            rng => new MultilevelResNet(MultilevelShape.OfDepth(38), Classes, rng)),
        Training("ror-wide-train", "RoR-3-WRN16-4 on 32 x 32 images, batch 32", 32, [3, 32, 32], 76.41e9,
            rng => new MultilevelResNet(MultilevelShape.Wide(16, 4), Classes, rng)),
        Training("ror-digits-train", "RoR-3 of 38 narrow layers on 8 x 8 digits, batch 64, as in its quick profile", 64, [1, 8, 8], 0.5003e9,
            rng => new MultilevelResNet(MultilevelShape.OfDepth(38) with { Width = 8, NormalisesLevels = true }, Classes, rng, channels: 1)),
        Characters("qrnn-char-train", "a QRNN model of characters (2 x 256, fo-pooling, a window of 2)", RecurrentKind.Qrnn, 19.74e9),
        Characters("lstm-char-train", "an LSTM model of characters (2 x 256)", RecurrentKind.Lstm, 26.18e9),
    ];

    /// <summary>The workload of a name, of the library's or of the papers'; null if there is none.</summary>
    public static Workload? Find(string name) => Workloads.Find(name) ?? All.FirstOrDefault(workload => workload.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static ResNet ResNeXt29(Cardinality cardinality, Rng rng) => ResNeXtNetwork.Build(ResNeXtTemplate.Cifar, 29, Classes, rng, cardinality);

    private static Workload Training(string name, string network, int batch, Shape image, double flops, Func<Rng, Layer> make) =>
        new(name, $"training of {network}", divisor =>
        {
            Rng rng = Steps.Numbers();
            return Steps.Classify(make(rng), rng.Normal(image.Insert(0, batch / divisor)), Classes, rng);
        }, flops);

    private static Workload Characters(string name, string model, RecurrentKind kind, double flops) =>
        new(name, $"training of {model}, 32 x 128 characters", divisor =>
        {
            const int characters = 65, steps = 128;
            int streams = 32 / divisor;
            Rng rng = Steps.Numbers();
            LanguageModel model = new(new QrnnExperimentSettings { Network = kind, Units = 256, Embedding = 256 }, characters, rng);
            IntTensor x = Steps.Labels(rng, characters, [streams, steps]), y = Steps.Labels(rng, characters, [streams * steps]);
            return Steps.Train(model, Steps.Sgd(model), Loss) with { Labels = [("x", x, characters), ("y", y, characters)] };

            Tensor Loss() => model.Run(x).Logits.Reshape(-1, characters).CrossEntropy(y);
        }, flops);
}
