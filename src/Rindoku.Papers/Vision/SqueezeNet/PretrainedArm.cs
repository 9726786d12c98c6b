using System.Globalization;
using System.Security.Cryptography;
using Rindoku.Autograd;
using Rindoku.Data;
using Rindoku.IO;
using Rindoku.Lab;
using Rindoku.Lab.Reports;
using Rindoku.Ops;

namespace Rindoku.Papers.Vision.SqueezeNet;

/// <summary>The authors' network as deep compression left it: names a photo, or measures 250 of them with ever fewer bits.</summary>
internal static class PretrainedArm
{
    public const string Top1 = "top-1 accuracy", Top5 = "top-5 accuracy";

    private const int ShippedBits = 8, Named = 5, Shown = 24;

    public static string Top1At(int bits) => bits == ShippedBits ? Top1 : $"{Top1} with {bits} bits";

    public static string Top5At(int bits) => bits == ShippedBits ? Top5 : $"{Top5} with {bits} bits";

    public static string Bytes(int bits) => $"file bytes with {bits} bits";

    public static ArmResult Run(ArmRun<SqueezeNetSettings> run)
    {
        SqueezeNetSettings s = run.Settings;
        if (s.Form != SqueezeNetForm.V10 || s.Bypass != Bypass.None || s.PlainConvolutions)
            throw new LabException($"--set form, bypass, plain-convolutions: the weights are of SqueezeNet v1.0 without bypass; leave these settings alone with --arm {run.Arm}.");
        // A picture that cannot be read should be told before anything else is.
        Tensor? photo = s.Image.Length == 0 ? null : ImageNetPhotos.Prepare(Image.Read(s.Image));
        SqueezeNet model = new(s.Plan(), ImageNetPhotos.ClassCount, run.Rng.Split("weights"));
        model.Eval();
        CompressedNetwork network = Read(run, model);
        network.LoadInto(model);
        ArmResult result = new()
        {
            ["parameters"] = model.ParameterCount,
            ["weights left"] = network.Remaining,
            ["bytes in floats"] = network.FloatBytes,
        };
        if (photo is not null) NamePhoto(run, model, photo, result);
        else Measure(run, model, network, result);
        return result;
    }

    /// <summary>The weights that the settings name: the authors' file, whose every bit is known, or another of either format.</summary>
    private static CompressedNetwork Read(ArmRun<SqueezeNetSettings> run, SqueezeNet model)
    {
        string path = run.Settings.Weights;
        if (path.Length > 0) return HuffmanFile.IsOne(path) ? HuffmanFile.Read(path, model) : DeepCompressionFile.Read(path, model);
        DataFile file = run.Data.Require(DataCatalogue.Find("squeezenet")).Files[0];
        path = run.Data.PathOf(file);
        CompressedNetwork network = DeepCompressionFile.Read(path, model);
        // The format has no checksum, so a bit that flipped in a weight would go unseen.
        string found = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
        return found == file.Sha256 ? network
            : throw new FileFormatException(path, 0, $"SHA-256 {found}", $"{file.Sha256}, that of the authors' file: it is damaged; get it again, or name it with --set weights=PATH if it is meant to be another");
    }

    private static void NamePhoto(ArmRun<SqueezeNetSettings> run, SqueezeNet model, Tensor photo, ArmResult result)
    {
        using NoGrad noGrad = NoGrad.Enter();
        IReadOnlyList<string>? names = ImageNetPhotos.ClassNames(run.Data);
        float[] probabilities = model.Forward(photo.Reshape(photo.Shape.Insert(0, 1))).Softmax(-1).ToArray();
        int[] best = [.. Enumerable.Range(0, probabilities.Length).OrderByDescending(c => probabilities[c]).Take(Named)];
        for (int i = 0; i < best.Length; i++)
        {
            string name = names is null ? $"class {best[i]}" : $"{names[best[i]]} (class {best[i]})";
            result.Notes.Add(string.Create(CultureInfo.InvariantCulture, $"{i + 1}. {name}: {100 * probabilities[best[i]]:0.0} %"));
        }
        if (names is null) result.Notes.Add($"The names of the classes are in the data set imagenet-sample, which is not in {run.Data.Root}.");
        result["likeliest class"] = best[0];
        result["its probability"] = 100 * probabilities[best[0]];
        result.Figures.Add(new BarChart("The likeliest classes", new Axis("probability", "%"),
            [.. best.Select(c => new Bar(names is null ? $"class {c}" : names[c], 100 * probabilities[c]))]));
    }

    private static void Measure(ArmRun<SqueezeNetSettings> run, SqueezeNet model, CompressedNetwork shipped, ArmResult result)
    {
        int parts = 2 + run.Settings.Bits.Count, part = 0;
        long began = run.Time.GetTimestamp();
        LabelledSet photos = ImageNetPhotos.Read(run.Data, run.Folder, done => Report("reading photos", done), stop: run.Stop);
        List<int> allBits = [ShippedBits, .. run.Settings.Bits.Where(bits => bits != ShippedBits)];
        foreach (int bits in allBits)
        {
            part++;
            CompressedNetwork network = bits == ShippedBits ? shipped : shipped.Requantised(bits);
            network.LoadInto(model);
            Tensor scores = PictureTask.Scores(model, photos, done =>
            {
                run.Stop.ThrowIfCancellationRequested();
                Report($"{bits} bits", done);
            });
            float[] first = Classification.Correct(scores, photos.Labels), five = Classification.TopK(scores, photos.Labels, Named);
            result[Top1At(bits)] = 100 * Errors.Mean(first);
            result[Top5At(bits)] = 100 * Errors.Mean(five);
            result[$"bytes without Huffman coding, {bits} bits"] = network.RawBytes;
            result[Bytes(bits)] = HuffmanFile.ToBytes(network).Length;
            if (bits != ShippedBits) continue;
            (result.Units["correct"], result.Units["correct in five"]) = (first, five);
            result.Figures.Add(Grid(photos, scores));
        }
        foreach (Figure figure in Charts(allBits, result)) result.Figures.Add(figure);

        void Report(string stage, double done) =>
            run.Progress.Report(new Progress(stage, (part + done) / parts, run.Time.GetElapsedTime(began), null, 0, ""));
    }

    private static IEnumerable<Figure> Charts(List<int> allBits, ArmResult result)
    {
        double[] bits = [.. allBits.Order().Select(b => (double)b)];
        LineSeries Series(string name, Func<int, string> metric) => new(name, bits, [.. bits.Select(b => result[metric((int)b)])]);
        yield return new LineChart("Accuracy on the photos", "bits of a weight's code", new Axis("accuracy", "%"), [Series("top-5", Top5At), Series("top-1", Top1At)])
        { Caption = "Clustered anew from the authors' 8 bits, without training." };
        yield return new LineChart("Size of the network", "bits of a weight's code", new Axis("size", "bytes"),
            [Series("without Huffman coding", b => $"bytes without Huffman coding, {b} bits"), Series("Huffman-coded, with its tables", Bytes)])
        { Caption = "Half a megabyte is the paper's title." };
    }

    private static ImageGrid Grid(LabelledSet photos, Tensor scores)
    {
        const int small = 96;
        int[] predicted = Classification.Predictions(scores);
        int[] shown = [.. Enumerable.Range(0, Math.Min(Shown, photos.Count)).Select(i => i * photos.Count / Math.Min(Shown, photos.Count))];
        Resize resize = new(small, small);
        Rng unused = new(0);
        Tensor[] pictures = [.. shown.Select(i => resize.Apply(CaffeInput.Undo(Tensor.From(photos[i].Input, photos.InputShape)), unused))];
        return new ImageGrid("Some of the photos, with what they were taken for", Tensor.Stack(pictures),
            [.. shown.Select(i => photos.ClassNames[predicted[i]] + (predicted[i] == photos.Labels[i] ? "" : " (wrong)"))]);
    }
}
