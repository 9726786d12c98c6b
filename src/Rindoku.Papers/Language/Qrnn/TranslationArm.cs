using Rindoku.Autograd;
using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Lab.Reports;
using Rindoku.Nn.Decoding;
using Rindoku.Ops;
using Rindoku.Optim;

namespace Rindoku.Papers.Language.Qrnn;

/// <summary>Pairs of texts to learn from and to measure with, and their characters.</summary>
internal sealed record PairTask(IReadOnlyList<Translation> Train, IReadOnlyList<Translation> Test)
{
    private const string Letters = "abcdefghijklmnopqrstuvwxyz";

    /// <summary>Loads or makes pairs; random test pairs are the same for all seeds.</summary>
    public static PairTask Load(ArmRun<QrnnExperimentSettings> run)
    {
        QrnnExperimentSettings s = run.Settings;
        if (s.Pairs == PairSet.Reversal)
            return new PairTask(Reversals(s.TrainingPairs, s, run.Rng.Split("pairs")), Reversals(s.TestPairs, s, new Rng(0).Split("test pairs")));
        TranslationTask captions = TranslationTask.Load(TranslationSet.Multi30k, Data.Language.German, Data.Language.English, run.Data);
        return new PairTask([.. captions.Train.Where(IsShort).Take(s.TrainingPairs)], [.. captions.Test.Where(IsShort).Take(s.TestPairs)]);

        bool IsShort(Translation pair) => pair.Source.Length <= s.Longest && pair.Target.Length <= s.Longest;
    }

    /// <summary>Random letters, and the same from back to front.</summary>
    public static Translation[] Reversals(int count, QrnnExperimentSettings s, Rng rng) =>
        [.. Enumerable.Range(0, count).Select(_ =>
        {
            string source = string.Concat(Enumerable.Range(0, s.Shortest + rng.NextInt(s.Longest - s.Shortest + 1)).Select(_ => Letters[rng.NextInt(Letters.Length)]));
            return new Translation(source, string.Concat(source.Reverse()));
        })];

    /// <summary>A tokenizer for the characters of one side of the training pairs.</summary>
    public CharacterTokenizer Characters(Func<Translation, string> side) => CharacterTokenizer.Train(string.Concat(Train.Select(side)), symbols: SpecialSymbols.All);
}

/// <summary>Training and measuring a translator of characters.</summary>
internal static class TranslationArm
{
    public const string BleuPercent = "BLEU", Step = "training step seconds";

    private const int BleuOrder = 4, TestBatch = 100;
    private const double LengthPower = 0.6; // the paper's alpha

    public static ArmResult Run(ArmRun<QrnnExperimentSettings> run)
    {
        QrnnExperimentSettings s = run.Settings;
        PairTask task = PairTask.Load(run);
        CharacterTokenizer sources = task.Characters(pair => pair.Source), targets = task.Characters(pair => pair.Target);
        PairBatches train = Batches(task.Train, sources, targets, s.BatchSize, run.Rng.Split("batches"));
        PairBatches test = Batches(task.Test, sources, targets, TestBatch);
        int padding = targets.Vocabulary.Padding;
        Translator model = Translator.Of(s, sources.Count, targets.Count, run.Rng.Split("weights"));
        TrainingOutcome outcome = new Trainer<PairBatch>(run, model, new Adam(model.Parameters, s.LearningRate, weightDecay: s.WeightDecay), batch => model.Loss(batch, padding))
        {
            Clip = parameters => GradientClipping.ByNorm(parameters, s.ClipNorm),
            Evaluate = () => new Dictionary<string, double> { ["test bits"] = Bits(model, test, padding) },
        }.Fit(train.ToSource(), s.Epochs);
        model.Eval();
        string[] translations = Translate(model, test, task.Test.Count, targets, s);
        ArmResult result = new()
        {
            [BleuPercent] = 100 * Bleu.Corpus([.. translations.Select(Words)], [.. task.Test.Select(pair => (string[][])[Words(pair.Target)])], BleuOrder),
            ["test bits"] = Bits(model, test, padding),
            ["training seconds"] = outcome.Seconds,
            ["parameters"] = model.ParameterCount,
        };
        result.Units["exact"] = [.. translations.Zip(task.Test, (text, pair) => text == pair.Target ? 1f : 0f)];
        result["exact"] = 100 * result.Units["exact"].Average();
        result.Figures.Add(outcome.History.Chart("Bits for a character of the test translations", "bits", "test bits"));
        if (model.Attends) result.Figures.Add(Picture(model, task.Test[0], sources, targets));
        for (int i = 0; i < Math.Min(3, translations.Length); i++) result.Notes.Add($"{task.Test[i].Source} -> {translations[i]} ({task.Test[i].Target})");
        if (s.Network == RecurrentKind.Qrnn && s.Attention) CompareSteps(run, train, sources.Count, targets.Count, padding, result);
        return result;

        // Random letters have no words: their characters stand for these.
        string[] Words(string text) => s.Pairs == PairSet.Reversal ? [.. text.Select(letter => letter.ToString())] : [.. WordTokenizer.Words(text)];
    }

    public static Probe Probe(ArmRun<QrnnExperimentSettings> run)
    {
        QrnnExperimentSettings s = run.Settings;
        PairTask task = new(PairTask.Reversals(3, s with { Shortest = 3, Longest = 5 }, new Rng(0)), []); // the same characters whatever the seed
        CharacterTokenizer sources = task.Characters(pair => pair.Source), targets = task.Characters(pair => pair.Target);
        PairBatch batch = Batches(task.Train, sources, targets, 3).Epoch(0, scoped: false).First();
        Translator model = Translator.Of(s, sources.Count, targets.Count, run.Rng.Split("weights"));
        return new Probe(model, () => model.Loss(batch, targets.Vocabulary.Padding), () => model.Decode(batch.TargetInputs, model.Encode(batch.Sources, batch.SourceLengths)).Logits);
    }

    private static PairBatches Batches(IReadOnlyList<Translation> pairs, CharacterTokenizer sources, CharacterTokenizer targets, int batchSize, Rng? rng = null) =>
        new([.. pairs.Select(pair => new SentencePair(sources.Encode(pair.Source), targets.Encode(pair.Target)))],
            PairBatchOptions.Of(targets.Vocabulary, batchSize) with { Shuffle = rng is not null }, rng);

    private static double Bits(Translator model, PairBatches test, int padding)
    {
        Perplexity perplexity = new();
        using NoGrad noGrad = NoGrad.Enter();
        foreach (PairBatch batch in test.Epoch(0))
        {
            long tokens = batch.TargetLengths.Span.ToArray().Sum(length => (long)length);
            perplexity.Add(model.Loss(batch, padding).Item() * (double)tokens, tokens);
        }
        return perplexity.BitsPerToken;
    }

    /// <summary>The translations of the test sources, in their order, each at most twice as long as the longest there may be.</summary>
    private static string[] Translate(Translator model, PairBatches test, int count, CharacterTokenizer targets, QrnnExperimentSettings s)
    {
        string[] translations = new string[count];
        using NoGrad noGrad = NoGrad.Enter();
        foreach (PairBatch batch in test.Epoch(0))
        {
            Encoded source = model.Encode(batch.Sources, batch.SourceLengths);
            int[][] found = s.Beam == 1
                ? SideBySide(model, source, batch.Count, targets.Vocabulary, 2 * s.Longest)
                : [.. Enumerable.Range(0, batch.Count).Select(i => ByBeam(model, source.Rows(IntTensor.Of(i)), targets.Vocabulary, s))];
            for (int i = 0; i < batch.Count; i++) translations[batch.Indices[i]] = targets.Decode(found[i]);
        }
        return translations;
    }

    /// <summary>The likeliest character at each step, for all sources of a batch at once.</summary>
    public static int[][] SideBySide(Translator model, Encoded source, int count, Vocabulary vocabulary, int longest)
    {
        List<int>[] found = [.. Enumerable.Range(0, count).Select(_ => new List<int>())];
        bool[] ended = new bool[count];
        IntTensor last = IntTensor.Full([count, 1], vocabulary.Begin);
        Tensor[]? state = null;
        for (int step = 0; step < longest && ended.Contains(false); step++)
        {
            (Tensor logits, state) = model.Decode(last, source, state);
            last = Sampling.Greedy(logits.Select(1, 0)).Reshape([count, 1]);
            for (int i = 0; i < count; i++)
            {
                ended[i] |= last[i] == vocabulary.End;
                if (!ended[i]) found[i].Add(last[i]);
            }
        }
        return [.. found.Select(tokens => tokens.ToArray())];
    }

    /// <summary>The best translation that a beam search finds for one source.</summary>
    public static int[] ByBeam(Translator model, Encoded source, Vocabulary vocabulary, QrnnExperimentSettings s)
    {
        Tensor[]? state = null;
        return BeamSearch.Run((tokens, rows) =>
        {
            Tensor[]? before = state is null ? null : [.. state.Select(tensor => tensor.IndexSelect(0, rows))];
            (Tensor logits, state) = model.Decode(tokens.Reshape([tokens.Length, 1]), source.Rows(IntTensor.Full([tokens.Length], 0)), before);
            return new BeamStep(logits.Select(1, 0).LogSoftmax(1));
        }, new BeamSettings(vocabulary.Begin, vocabulary.End) { Width = s.Beam, Longest = 2 * s.Longest, LengthPower = LengthPower })[0].Tokens;
    }

    // A training step of this translator and of the baseline's, on the first batch of the training.
    private static void CompareSteps(ArmRun<QrnnExperimentSettings> run, PairBatches train, int sources, int targets, int padding, ArmResult result)
    {
        PairBatch batch = train.Epoch(0, scoped: false).First();
        Rng rng = run.Rng.Split("speed");
        Translator ours = Translator.Of(run.Settings, sources, targets, rng), lstm = Translator.Of(run.Settings with { Network = RecurrentKind.Lstm }, sources, targets, rng);
        (result[$"lstm {Step}"], result[$"qrnn {Step}"]) = LayerSpeed.Steps(run, (lstm, () => lstm.Loss(batch, padding)), (ours, () => ours.Loss(batch, padding)));
    }

    private static Heatmap Picture(Translator model, Translation pair, CharacterTokenizer sources, CharacterTokenizer targets)
    {
        using NoGrad noGrad = NoGrad.Enter();
        PairBatch batch = Batches([pair], sources, targets, 1).Epoch(0, scoped: false).First();
        Tensor weights = model.Attention(batch.TargetInputs, model.Encode(batch.Sources, batch.SourceLengths));
        double[,] values = new double[weights.Shape[1], weights.Shape[2]];
        for (int t = 0; t < weights.Shape[1]; t++)
            for (int source = 0; source < weights.Shape[2]; source++) values[t, source] = weights[0, t, source];
        return new Heatmap("Where the decoder looks", "source", "next character", [.. batch.Sources.Span.ToArray().Select(sources.Show)],
            [.. batch.TargetOutputs.Span.ToArray().Select(targets.Show)], values)
        { Caption = "A row for each character that is written: how much of each source position it is made from." };
    }
}
