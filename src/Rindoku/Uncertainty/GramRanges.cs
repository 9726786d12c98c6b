using Rindoku.Kernels;
using Rindoku.Nn;

namespace Rindoku.Uncertainty;

/// <summary>The least and the greatest of each statistic over a group of examples, layer by layer.</summary>
internal sealed class GramRange(IReadOnlyList<int> counts)
{
    // So that a bound of 0 does not divide by 0; the authors' code has |min + ε|, which is 0 at min = −ε.
    private const double Epsilon = 1e-6;

    private readonly double[][] least = [.. counts.Select(count => Filled(count, double.PositiveInfinity))];
    private readonly double[][] most = [.. counts.Select(count => Filled(count, double.NegativeInfinity))];

    /// <summary>Makes the range of a layer contain an example.</summary>
    public void Widen(int layer, ReadOnlySpan<double> statistics) => Widen(layer, statistics, statistics);

    /// <summary>Makes all ranges contain those of another group.</summary>
    public void Widen(GramRange other)
    {
        for (int layer = 0; layer < least.Length; layer++) Widen(layer, other.least[layer], other.most[layer]);
    }

    /// <summary><c>Σ relu(min − S) / (|min| + ε) + relu(S − max) / (|max| + ε)</c> over the statistics S of an example in a layer.</summary>
    public double Deviation(int layer, ReadOnlySpan<double> statistics)
    {
        double sum = 0;
        for (int i = 0; i < statistics.Length; i++)
        {
            (double s, double low, double high) = (statistics[i], least[layer][i], most[layer][i]);
            if (s < low) sum += (low - s) / (Math.Abs(low) + Epsilon);
            else if (s > high) sum += (s - high) / (Math.Abs(high) + Epsilon);
        }
        return sum;
    }

    private void Widen(int layer, ReadOnlySpan<double> low, ReadOnlySpan<double> high)
    {
        for (int i = 0; i < low.Length; i++)
        {
            least[layer][i] = Math.Min(least[layer][i], low[i]);
            most[layer][i] = Math.Max(most[layer][i], high[i]);
        }
    }

    private static double[] Filled(int count, double value)
    {
        double[] values = new double[count];
        Array.Fill(values, value);
        return values;
    }
}

/// <summary>A classifier with the ranges of its statistics over the training inputs, for each class as it predicts them.</summary>
internal sealed class GramRanges
{
    // An upper triangle of many channels has so many numbers that a batch of them would not fit into memory.
    private const int NumbersAtOnce = 1 << 20;

    private readonly GramOptions options;
    private readonly FeatureRecorder recorder;
    private readonly string model;
    private GramRange?[] ofClass = [];
    private GramRange ofAll = new([]);
    private string[] names = [];
    private int[] counts = [];

    private GramRanges(Layer model, GramOptions options)
    {
        this.options = options;
        this.model = model.GetType().Name;
        recorder = new FeatureRecorder(model, options);
    }

    public GramOptions Options => options;

    public IReadOnlyList<string> Layers => names;

    public IReadOnlyList<int> PredictedClasses => [.. Enumerable.Range(0, ofClass.Length).Where(c => ofClass[c] is not null)];

    /// <summary>How many numbers a class needs: two for each statistic.</summary>
    public long NumbersPerClass => 2 * counts.Sum(count => (long)count);

    public static GramRanges Of(Layer model, Tensor trainingInputs, GramOptions options)
    {
        GramRanges ranges = new(model, options);
        ranges.Examine(trainingInputs, (layer, example, answer, statistics) =>
        {
            if (statistics.IsEmpty) throw ranges.NotFinite("training", example, layer);
            (ranges.ofClass[answer.Class] ??= new GramRange(ranges.counts)).Widen(layer, statistics);
        });
        ranges.ofAll = new GramRange(ranges.counts);
        foreach (GramRange? range in ranges.ofClass)
            if (range is not null) ranges.ofAll.Widen(range);
        return ranges;
    }

    /// <summary>How far each input leaves the ranges of its predicted class.</summary>
    /// <remarks>An input of a class that no training input was taken for is compared with all training inputs. Features that are not finite deviate without end.</remarks>
    public GramDeviations Deviations(Tensor inputs)
    {
        double[,] deviations = new double[inputs.Rank > 0 ? inputs.Shape[0] : 0, names.Length];
        Answer[] answers = new Answer[deviations.GetLength(0)];
        Examine(inputs, (layer, example, answer, statistics) =>
        {
            answers[example] = answer;
            double deviation = statistics.IsEmpty ? double.PositiveInfinity : (ofClass[answer.Class] ?? ofAll).Deviation(layer, statistics);
            deviations[example, layer] = deviation / answer.Confidence;
        });
        return new GramDeviations(deviations, [.. answers.Select(a => a.Class)], [.. answers.Select(a => a.Confidence)]);
    }

    public ArgumentException NotFinite(string which, int example, int layer) =>
        new($"OutOfDistribution: the features of {which} input {example} in '{names[layer]}' are not finite; without finite features there are no ranges to compare with");

    private readonly record struct Answer(int Class, double Confidence);

    private delegate void StatisticsTaker(int layer, int example, Answer answer, ReadOnlySpan<double> statistics);

    // Gives the statistics of each example in each layer; an empty span where they are not finite.
    private void Examine(Tensor inputs, StatisticsTaker take)
    {
        double[] statistics = [];
        recorder.Run(inputs, batch =>
        {
            Accept(batch);
            Answer[] answers = [.. Enumerable.Range(0, batch.Logits.Shape[0]).Select(i => AnswerOf(batch.Logits, i))];
            for (int layer = 0; layer < batch.Maps.Count; layer++)
            {
                RecordedMap map = batch.Maps[layer];
                int count = counts[layer], length = map.Map.Shape.Count(1..), atOnce = Math.Clamp(NumbersAtOnce / count, 1, answers.Length);
                if (statistics.Length < atOnce * count) statistics = new double[atOnce * count];
                for (int from = 0; from < answers.Length; from += atOnce)
                {
                    int here = Math.Min(atOnce, answers.Length - from);
                    GramKernel.Write(map.Map.Span.Slice(from * length, here * length), here, map.Channels, map.ChannelsLast, options.Orders, Triangle, statistics.AsSpan(..(here * count)));
                    for (int i = 0; i < here; i++)
                    {
                        ReadOnlySpan<double> ofExample = statistics.AsSpan(i * count, count);
                        take(layer, batch.From + from + i, answers[from + i], double.IsNaN(ofExample[0]) ? [] : ofExample);
                    }
                }
            }
        });
    }

    // The first batch says which layers there are; all others must have the same.
    private void Accept(RecordedBatch batch)
    {
        if (names.Length == 0)
        {
            if (batch.Maps.Count == 0)
                throw new ArgumentException($"OutOfDistribution: {model} has no layer to look at{(options.Layers is null ? "" : " among those that options.Layers chooses")}; needed is a "
                    + "convolution, a batch normalisation, an activation of Nn.Activation or a linear map before the last one. A model that calls an activation as a function can note it by LayerTrace.NoteFeature");
            names = [.. batch.Maps.Select(map => map.Name)];
            counts = [.. batch.Maps.Select(map => Count(map))];
            ofClass = new GramRange?[batch.Logits.Shape[1]];
            return;
        }
        if (!batch.Maps.Select(map => (map.Name, Count(map))).SequenceEqual(names.Zip(counts)))
            throw new ArgumentException($"OutOfDistribution: {model} passes {batch.Maps.Count} layers for the inputs from {batch.From} on but {names.Length} for the first training inputs; needed are the same layers of the same sizes for all");
    }

    private bool Triangle => options.Statistic == GramStatistic.UpperTriangle;

    private int Count(RecordedMap map) => GramKernel.Count(map.Channels, options.Orders, Triangle);

    // The largest softmax probability, of the logits as they are: the score depends on their temperature.
    private static Answer AnswerOf(Tensor logits, int example)
    {
        int classes = logits.Shape[1], predicted = 0;
        ReadOnlySpan<float> row = logits.Span.Slice(example * classes, classes);
        for (int c = 1; c < classes; c++)
            if (row[c] > row[predicted]) predicted = c;
        double sum = 0;
        foreach (float z in row) sum += Math.Exp((double)z - row[predicted]);
        return new Answer(predicted, double.IsFinite(sum) ? 1 / sum : 1.0 / classes);
    }
}
