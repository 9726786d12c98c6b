using System.Globalization;
using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Lab.Reports;
using Rindoku.Ops;
using Rindoku.Optim;
using Rindoku.Optim.Schedules;

namespace Rindoku.Papers.Vision.SqueezeNet;

/// <summary>Trains a network, and compresses it as the settings say: prune, retrain, cluster, train the centroids, Huffman-code.</summary>
internal sealed class TrainedArm
{
    private readonly ArmRun<SqueezeNetSettings> run;
    private readonly SqueezeNetSettings s;
    private readonly PictureTask task;
    private readonly SqueezeNet model;
    private readonly ArmResult result = new();
    private double seconds;

    public TrainedArm(ArmRun<SqueezeNetSettings> run)
    {
        this.run = run;
        s = run.Settings;
        task = PictureTask.Of(run);
        model = new SqueezeNet(s.Plan(), task.Classes.Count, run.Rng.Split("weights"), task.Channels);
    }

    public ArmResult Run()
    {
        Train("", s.Epochs, s.LearningRate);
        float[] correct = Correct();
        result["parameters"] = model.ParameterCount;
        result["bytes in floats"] = 4.0 * model.ParameterCount;
        if (s.Bits.Count > 0)
        {
            result["test accuracy in floats"] = 100 * Errors.Mean(correct);
            correct = Compress();
        }
        result["test accuracy"] = 100 * Errors.Mean(correct);
        result["training seconds"] = seconds;
        result.Units["correct"] = correct;
        result.Figures.Add(Confusion());
        return result;
    }

    /// <summary>Compresses the trained network with each number of bits; the first is the one that the arm stands for.</summary>
    private float[] Compress()
    {
        Pruning pruning = new(model, s.Density);
        pruning.Apply();
        result["test accuracy pruned, untrained"] = 100 * Errors.Mean(Correct());
        if (s.RetrainEpochs > 0) Train("pruned", s.RetrainEpochs, s.RetrainRate, afterStep: _ => pruning.Apply());
        result["test accuracy pruned"] = 100 * Errors.Mean(Correct());
        Dictionary<string, Tensor> pruned = model.State().ToDictionary(entry => entry.Key, entry => Tensor.From(entry.Value.Span, entry.Value.Shape).Keep());
        float[] first = [];
        List<Bar> stages = [new("floats", 4.0 * model.ParameterCount)];
        foreach (int bits in s.Bits)
        {
            model.Load(pruned);
            (CompressedNetwork compressed, int bytes) = CompressTo(bits);
            float[] correct = Correct();
            result[SqueezeNetExperiment.MetricName(bits)] = 100 * Errors.Mean(correct);
            result.Units[SqueezeNetExperiment.UnitsName(bits)] = correct;
            result[$"file bytes with {bits} bits"] = bytes;
            if (first.Length == 0)
            {
                (first, result["file bytes"], result["weights left"]) = (correct, bytes, compressed.Remaining);
                stages.AddRange([new("pruned, 4-bit gaps", PrunedBytes(compressed)), new($"quantised, {bits} bits", compressed.RawBytes), new("Huffman-coded", bytes)]);
            }
        }
        result.Figures.Add(new BarChart("What each stage of deep compression leaves", new Axis("size", "bytes"), stages)
        { Caption = "Codebooks, biases and tables of the codes are counted. The line is a tenth of the size in floats.", Reference = 0.4 * model.ParameterCount });
        return first;
    }

    /// <summary>Clusters, trains the centroids, writes the file, and reads it back into the model: what is measured is the file.</summary>
    private (CompressedNetwork Network, int Bytes) CompressTo(int bits)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"bits{bits}");
        SharedWeights shared = new(model, bits);
        CompressedNetwork clustered = shared.Read();
        // Not clipping, but the same place: gradients are changed before the optimizer sees them.
        if (s.CentroidEpochs > 0) Train(name, s.CentroidEpochs, s.CentroidRate, changeGradients: _ => shared.ShareGradients());
        CompressedNetwork compressed = shared.Read();
        string file = $"{name}.rndk", path = Path.Combine(run.Folder, file);
        HuffmanFile.Write(path, compressed);
        HuffmanFile.Read(path, model).LoadInto(model);
        result.Artefacts[$"the network with {bits} bits"] = file;
        if (s.CentroidEpochs > 0 && bits == s.Bits[0]) result.Figures.Add(Moves(clustered, compressed));
        return (compressed, (int)new FileInfo(path).Length);
    }

    private void Train(string name, int epochs, double rate, Action<long>? afterStep = null, Func<IReadOnlyList<Parameter>, double>? changeGradients = null)
    {
        BatchSource<Batch> batches = task.Train(name);
        Optimizer optimizer = s.Optimizer == SqueezeNetOptimizer.Adam
            ? new Adam(model.Parameters, rate)
            : new Sgd(model.Parameters, rate, momentum: 0.9, weightDecay: s.WeightDecay);
        long steps = (long)epochs * ((batches.BatchesPerEpoch + s.Accumulate - 1) / s.Accumulate);
        Trainer<Batch> trainer = new(run, model, optimizer, batch => model.Forward(batch.X).CrossEntropy(batch.Y))
        {
            Name = name,
            Schedule = new Polynomial(rate, 0, steps),
            Accumulate = s.Accumulate,
            AfterStep = afterStep,
            Clip = changeGradients,
            EvaluateEvery = Every.Epochs(Math.Max(1, epochs / 5)),
            Evaluate = () => new Dictionary<string, double> { ["test accuracy"] = 100 * Errors.Mean(task.Correct(model)) },
        };
        seconds += trainer.Fit(batches, epochs).Seconds;
    }

    private float[] Correct()
    {
        model.Eval();
        return task.Correct(model);
    }

    // Pruning alone: a float for each entry, and its gap.
    private static long PrunedBytes(CompressedNetwork network) => network.Layers.Sum(layer =>
    {
        int entries = SparseCode.Encode(layer.Codes).Codes.Length;
        return 4L * entries + (entries + 1) / 2 + 4L * layer.Bias.Length;
    });

    private static Scatter Moves(CompressedNetwork before, CompressedNetwork after) =>
        new("Centroids before and after they were trained", "as clustered", "as trained",
            [.. before.Layers.Zip(after.Layers).Where(pair => pair.First.Name.EndsWith("expand3x3", StringComparison.Ordinal) || pair.First.Name == "conv10")
                .Select(pair => new PointSeries(pair.First.Name, [.. pair.First.Codebook.Select(c => (double)c)], [.. pair.Second.Codebook.Select(c => (double)c)]))])
        { Caption = "On the diagonal a centroid has not moved." };

    private Heatmap Confusion()
    {
        ConfusionMatrix confusion = new(task.Classes);
        foreach ((Tensor x, IntTensor y) in task.Test())
        {
            using MemoryScope scope = MemoryScope.Open();
            confusion.Add(y.Span, Classification.Predictions(model.Forward(x)));
        }
        return confusion.Figure("What the test images were taken for");
    }
}
