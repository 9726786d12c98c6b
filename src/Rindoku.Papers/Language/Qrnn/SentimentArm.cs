using Rindoku.Autograd;
using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Lab.Reports;
using Rindoku.Nn;
using Rindoku.Ops;
using Rindoku.Optim;

namespace Rindoku.Papers.Language.Qrnn;

/// <summary>Tells praise from blame: an embedding, densely connected layers, and a logistic regression on the top layer's last state (section 3.1).</summary>
internal sealed class SentimentNetwork : Module
{
    private readonly Embedding words;
    private readonly SequenceReader reader;
    private readonly Linear answer;
    private readonly Dropout? dropout;

    public SentimentNetwork(QrnnExperimentSettings s, int vocabulary, Rng rng)
    {
        words = Register("words", new Embedding(vocabulary, s.Embedding, rng));
        reader = Register("reader", SequenceReader.Of(s, rng, dense: true));
        answer = Register("answer", new Linear(s.Units, 1, rng));
        if (s.Dropout > 0) dropout = Register("dropout", new Dropout(s.Dropout, rng));
    }

    /// <summary>The top layer's output at every word, (B, T, H).</summary>
    public Tensor States(PairBatch reviews)
    {
        Tensor x = words.Forward(reviews.Sources);
        return reader.Read(dropout?.Forward(x) ?? x, lengths: reviews.SourceLengths).Output;
    }

    /// <summary>Logits of praise, (B).</summary>
    public Tensor Logits(PairBatch reviews)
    {
        Tensor last = SequenceReader.Last(States(reviews), reviews.SourceLengths);
        return answer.Forward(dropout?.Forward(last) ?? last).Reshape(reviews.Count);
    }

    /// <summary>The mean cross-entropy.</summary>
    public Tensor Loss(PairBatch reviews) => Logits(reviews).BinaryCrossEntropyWithLogits(SentimentArm.LabelsOf(reviews).ToTensor());
}

/// <summary>Training and measuring a network that tells praise from blame.</summary>
internal static class SentimentArm
{
    public const string Accuracy = "test accuracy", Units = "correct", Step = "training step seconds";

    private const double Smoothing = 0.9; // RMSprop's, as in the paper
    private const int TestBatch = 50, ShownUnits = 24;

    public static ArmResult Run(ArmRun<QrnnExperimentSettings> run)
    {
        QrnnExperimentSettings s = run.Settings;
        ReviewTask task = ReviewTask.Load(run);
        Vocabulary vocabulary = Vocabulary.Build(task.Train.SelectMany(review => review.Text.Split(' ')), symbols: SpecialSymbols.All);
        PairBatches train = Batches(task.Train, vocabulary, new PairBatchOptions(s.BatchSize, vocabulary.Padding, vocabulary.Begin, vocabulary.End), run.Rng.Split("batches"));
        PairBatches test = Batches(task.Test, vocabulary, new PairBatchOptions(TestBatch, vocabulary.Padding, vocabulary.Begin, vocabulary.End) { Shuffle = false });
        SentimentNetwork model = new(s, vocabulary.Count, run.Rng.Split("weights"));
        RmsProp optimizer = new(model.Parameters, s.LearningRate, Smoothing, weightDecay: s.WeightDecay);
        TrainingOutcome outcome = new Trainer<PairBatch>(run, model, optimizer, model.Loss)
        {
            Clip = parameters => GradientClipping.ByNorm(parameters, s.ClipNorm),
            Evaluate = () => new Dictionary<string, double> { [Accuracy] = 100 * Correct(model, test, task.Test.Count).Average() },
        }.Fit(train.ToSource(), s.Epochs);
        model.Eval();
        float[] correct = Correct(model, test, task.Test.Count);
        ArmResult result = new()
        {
            [Accuracy] = 100 * correct.Average(),
            ["training seconds"] = outcome.Seconds,
            ["parameters"] = model.ParameterCount,
        };
        result.Units[Units] = correct;
        result.Figures.Add(outcome.History.Chart("Accuracy on the test reviews", new Axis("accuracy", "%"), Accuracy));
        result.Figures.Add(Picture(model, task.Test[0], vocabulary));
        if (s.Network == RecurrentKind.Qrnn) CompareSteps(run, train, vocabulary.Count, result);
        return result;
    }

    public static Probe Probe(ArmRun<QrnnExperimentSettings> run)
    {
        IReadOnlyList<Review> reviews = ReviewGrammar.Make(4, new Rng(0)); // the same words whatever the seed
        Vocabulary vocabulary = Vocabulary.Build(reviews.SelectMany(review => review.Text.Split(' ')), symbols: SpecialSymbols.All);
        PairBatch batch = Batches(reviews, vocabulary, new PairBatchOptions(4, vocabulary.Padding, vocabulary.Begin, vocabulary.End)).Epoch(0, scoped: false).First();
        SentimentNetwork model = new(run.Settings, vocabulary.Count, run.Rng.Split("weights"));
        return new Probe(model, () => model.Loss(batch), () => model.Logits(batch));
    }

    /// <summary>1 for praise, 0 for blame: a review's "translation" is its label, so that the batches of sentence pairs serve for reviews.</summary>
    public static IntTensor LabelsOf(PairBatch reviews)
    {
        int width = reviews.TargetOutputs.Shape[1];
        return IntTensor.Of([.. Enumerable.Range(0, reviews.Count).Select(i => reviews.TargetOutputs[i * width])]);
    }

    private static PairBatches Batches(IReadOnlyList<Review> reviews, Vocabulary vocabulary, PairBatchOptions options, Rng? rng = null) =>
        new([.. reviews.Select(review => new SentencePair([.. review.Text.Split(' ').Select(word => vocabulary[word])], [review.Positive ? 1 : 0]))], options, rng);

    // 1 for each test review that is taken for what it is, in the order of the reviews.
    private static float[] Correct(SentimentNetwork model, PairBatches test, int count)
    {
        float[] correct = new float[count];
        using NoGrad noGrad = NoGrad.Enter();
        foreach (PairBatch batch in test.Epoch(0))
        {
            IntTensor labels = LabelsOf(batch);
            Tensor logits = model.Logits(batch);
            for (int i = 0; i < batch.Count; i++) correct[batch.Indices[i]] = logits.Span[i] > 0 == (labels[i] == 1) ? 1 : 0;
        }
        return correct;
    }

    // A training step of this network and of the baseline's, on the first batch of the training.
    private static void CompareSteps(ArmRun<QrnnExperimentSettings> run, PairBatches train, int vocabulary, ArmResult result)
    {
        PairBatch batch = train.Epoch(0, scoped: false).First();
        Rng rng = run.Rng.Split("speed");
        SentimentNetwork ours = new(run.Settings, vocabulary, rng), lstm = new(run.Settings with { Network = RecurrentKind.Lstm }, vocabulary, rng);
        (result[$"lstm {Step}"], result[$"qrnn {Step}"]) = LayerSpeed.Steps(run, (lstm, () => lstm.Loss(batch)), (ours, () => ours.Loss(batch)));
    }

    // As the paper's figure 5: how the top layer's units change over the words of a review.
    private static Heatmap Picture(SentimentNetwork model, Review review, Vocabulary vocabulary)
    {
        using NoGrad noGrad = NoGrad.Enter();
        Tensor states = model.States(Batches([review], vocabulary, new PairBatchOptions(1, vocabulary.Padding, vocabulary.Begin, vocabulary.End)).Epoch(0, scoped: false).First());
        string[] words = review.Text.Split(' ');
        double[,] values = new double[Math.Min(ShownUnits, states.Shape[2]), words.Length];
        for (int unit = 0; unit < values.GetLength(0); unit++)
            for (int word = 0; word < words.Length; word++) values[unit, word] = states[0, word, unit];
        return new Heatmap($"The top layer's first units while it reads a review ({(review.Positive ? "praise" : "blame")})", "word", "unit", words,
            [.. Enumerable.Range(1, values.GetLength(0)).Select(unit => $"{unit}")], values)
        { Caption = "A unit that keeps its colour remembers; where many change at once, a word has turned the opinion." };
    }
}
