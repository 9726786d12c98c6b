using Rindoku.Lab;
using Rindoku.Lab.Reports;
using Rindoku.Ops;

namespace Rindoku.Papers.Language.Qrnn;

/// <summary>Quasi-recurrent networks against LSTMs: language modelling, sentiment, translation of characters, and speed.</summary>
public sealed class QrnnExperiment : Experiment<QrnnExperimentSettings>
{
    private const string Fo = "lm-fo", Lstm = "lm-lstm", WindowOne = "lm-fo-window1", Forget = "lm-f", Input = "lm-ifo", Zoneout = "lm-zoneout";
    private const string Reviews = "sentiment-qrnn", ReviewsLstm = "sentiment-lstm";
    private const string Translation = "translate-qrnn", Blind = "translate-blind", TranslationLstm = "translate-lstm";

    /// <inheritdoc/>
    public override IReadOnlyList<Arm> Arms { get; } =
    [
        new(Fo, "language model: QRNN, fo-pooling, a window of 2; also times layers"),
        new(Lstm, "language model: LSTM of the same width; the baseline"),
        new(WindowOne, "language model: QRNN with a window of 1, where only the pooling mixes steps"),
        new(Forget, "language model: QRNN, f-pooling"),
        new(Input, "language model: QRNN, ifo-pooling"),
        new(Zoneout, "language model: QRNN, fo-pooling, zoneout 0.1"),
        new(Reviews, "sentiment: four densely connected QRNN layers; also times training steps"),
        new(ReviewsLstm, "sentiment: four densely connected LSTM layers; the baseline"),
        new(Translation, "characters: QRNN encoder and decoder with attention; also times training steps"),
        new(Blind, "characters: the same without attention"),
        new(TranslationLstm, "characters: LSTM encoder and decoder with the same attention; the baseline"),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<Claim> Claims(Profile profile) =>
    [
        Claim.Paired("window", "A window of 2 predicts characters better than one of 1", LanguageArm.Bits, Better.Lower, Fo, WindowOne),
        Claim.Ratio("near-lstm", "The QRNN needs at most 1.05 times the bits of the LSTM", LanguageArm.Bits, Better.Lower, Fo, Lstm, 1.05),
        Claim.Statistic("poolings", "... and so do f- and ifo-pooling", LanguageArm.Bits, Better.Lower, [Forget, Input, Lstm],
            "larger ratio", arms => Math.Max(arms[Forget][LanguageArm.Bits], arms[Input][LanguageArm.Bits]) / arms[Lstm][LanguageArm.Bits], 1.05),
        Claim.Paired("headline-lm", "The QRNN predicts better than the LSTM (the paper's headline: perplexity 79.9 against 82.0)", LanguageArm.Bits, Better.Lower, Fo, Lstm),
        Claim.Paired("headline-zoneout", "With zoneout it predicts better still (the paper: 78.3)", LanguageArm.Bits, Better.Lower, Zoneout, Fo),
        Claim.Statistic("speed", "At every length and batch size a QRNN layer trains faster than an LSTM layer of its width", LayerSpeed.LeastTraining, Better.Higher, [Fo],
            "least speed-up", arms => arms[Fo][LayerSpeed.LeastTraining], 1),
        Claim.Statistic("speed-trend", "Its advantage in inference is greater for the longest sequences in the smallest batch than for the shortest in the largest", LayerSpeed.LongAndFew,
            Better.Higher, [Fo], "ratio of the speed-ups", arms => arms[Fo][LayerSpeed.LongAndFew] / arms[Fo][LayerSpeed.ShortAndMany], 1),
        Claim.Level("headline-speed", "At some length and batch size it is at least 16 times as fast in inference (the paper's headline, on a GPU)", LayerSpeed.MostInference,
            Better.Higher, Fo, 16),
        Claim.Paired("headline-sentiment", "Dense QRNN layers judge reviews more accurately than dense LSTM layers (the paper's headline: 91.4 against 90.9 %)", SentimentArm.Accuracy,
            Better.Higher, Reviews, ReviewsLstm, units: SentimentArm.Units, unitScale: 100),
        Steps("sentiment-time", "... and a training step takes at most a third of the time (the paper: 150 and 480 s an epoch)", SentimentArm.Step, Reviews, 3),
        Claim.Paired("attention", "A decoder that attends to the source translates better than one that does not", TranslationArm.BleuPercent, Better.Higher, Translation, Blind),
        Claim.Paired("headline-translation", "The QRNN translates characters better than the LSTM (the paper's headline: BLEU 19.41 against 16.53)", TranslationArm.BleuPercent,
            Better.Higher, Translation, TranslationLstm),
        Steps("translation-time", "... and a training step takes at most a quarter of the time (the paper: 1.0 and 4.2 hours an epoch)", TranslationArm.Step, Translation, 4),
        Claim.Exact("parameters", "The paper's language model has 17,729,040 parameters (the paper: 18 million)", "parameters", 17_729_040,
            () => new LanguageModel(PaperLanguage(new()), PaperLanguage(new()).Words, new Rng(0)).ParameterCount),
        Claim.Exact("closed-form", "fo-pooling is the sum of all z, each times its 1 - f and all later f", "largest difference", 0, LargestDifference, 1e-6),
    ];

    private static Claim Steps(string id, string statement, string metric, string arm, double bar) => Claim.Statistic(id, statement, $"lstm {metric}", Better.Higher, [arm],
        "lstm / qrnn", arms => arms[arm][$"lstm {metric}"] / arms[arm][$"qrnn {metric}"], bar);

    // c_t = Σ_s (1 - f_s) z_s Π_{r > s} f_r in double precision, and the fused recurrence.
    private static double LargestDifference()
    {
        const int steps = 50, channels = 20;
        Tensor sums = new Rng(1).Normal([1, steps, 2 * channels]), c = sums.GatedPooling(PoolingKind.Forget).Output;
        double largest = 0;
        for (int channel = 0; channel < channels; channel++)
            for (int t = 0; t < steps; t++)
            {
                double sum = 0, product = 1;
                for (int s = t; s >= 0; s--)
                {
                    double f = 1 / (1 + Math.Exp(-sums[0, s, channels + channel]));
                    sum += (1 - f) * Math.Tanh(sums[0, s, channel]) * product;
                    product *= f;
                }
                largest = Math.Max(largest, Math.Abs(sum - c[0, t, channel]));
            }
        return largest;
    }

    /// <inheritdoc/>
    protected override QrnnExperimentSettings Settings(Profile profile, string arm)
    {
        QrnnExperimentSettings s = new()
        {
            Task = arm is Reviews or ReviewsLstm ? SequenceTask.Sentiment : arm is Translation or Blind or TranslationLstm ? SequenceTask.Translation : SequenceTask.LanguageModel,
            Network = arm is Lstm or ReviewsLstm or TranslationLstm ? RecurrentKind.Lstm : RecurrentKind.Qrnn,
            Pooling = arm switch { Forget => PoolingKind.Forget, Input => PoolingKind.InputForgetOutput, _ => PoolingKind.ForgetOutput },
            Window = arm == WindowOne ? 1 : 2,
            Zoneout = arm == Zoneout ? 0.1 : 0,
            Attention = arm != Blind,
        };
        return s.Task switch
        {
            SequenceTask.Sentiment => Sentiment(profile, s),
            SequenceTask.Translation => Translations(profile, s),
            _ => Language(profile, s),
        };
    }

    private static QrnnExperimentSettings Language(Profile profile, QrnnExperimentSettings s) => profile switch
    {
        Profile.Quick => s,
        Profile.Full => s with
        {
            Text = TextSet.TinyShakespeare,
            TrainingTokens = 200_000,
            BatchSize = 20,
            Epochs = 5,
            SpeedUnits = 320,
            SpeedLengths = [32, 128, 512],
            SpeedBatches = [8, 32],
            SpeedRounds = 3,
        },
        _ => PaperLanguage(s),
    };

    private static QrnnExperimentSettings PaperLanguage(QrnnExperimentSettings s) => s with
    {
        Text = TextSet.WikiText2,
        Words = 10_000,
        TrainingTokens = int.MaxValue,
        ValidationTokens = int.MaxValue,
        Units = 640,
        Embedding = 640,
        BatchSize = 20,
        SequenceLength = 105,
        Epochs = 72,
        PlainDescent = true,
        LearningRate = 1,
        WeightDecay = 2e-4,
        ClipNorm = 10,
        Dropout = s.Zoneout > 0 ? 0 : 0.5,
        SpeedUnits = 320,
        SpeedLengths = [32, 64, 128, 256, 512],
        SpeedBatches = [8, 16, 32, 64, 128, 256],
    };

    private static QrnnExperimentSettings Sentiment(Profile profile, QrnnExperimentSettings s)
    {
        s = s with { Layers = 4, BatchSize = 24, WeightDecay = 4e-6, Dropout = 0.3, ClipNorm = 5 };
        return profile switch
        {
            Profile.Quick => s with { Units = 32, Embedding = 32, Dropout = 0.1 },
            Profile.Full => s with { Reviews = ReviewSet.Sst2, TrainingReviews = 30_000, TestReviews = int.MaxValue, BatchSize = 48, LearningRate = 2e-3 },
            _ => s with
            {
                Reviews = ReviewSet.Sst2,
                TrainingReviews = int.MaxValue,
                TestReviews = int.MaxValue,
                Units = 256,
                Embedding = 300,
                Epochs = 10,
                LearningRate = 1e-3,
            },
        };
    }

    private static QrnnExperimentSettings Translations(Profile profile, QrnnExperimentSettings s)
    {
        s = s with { BatchSize = 16, ClipNorm = 5, LearningRate = 4e-3 };
        return profile switch
        {
            Profile.Quick => s,
            Profile.Full => s with
            {
                Pairs = PairSet.Captions,
                TrainingPairs = 6000,
                TestPairs = 200,
                Longest = 60,
                FirstWindow = s.Network == RecurrentKind.Qrnn ? 6 : null,
                Units = 128,
                Epochs = 3,
                BatchSize = 32,
                LearningRate = 2e-3,
                Dropout = 0.1,
            },
            _ => s with
            {
                Pairs = PairSet.Captions,
                TrainingPairs = int.MaxValue,
                TestPairs = int.MaxValue,
                Longest = 300,
                FirstWindow = s.Network == RecurrentKind.Qrnn ? 6 : null,
                Layers = 4,
                Units = 320,
                Embedding = 320,
                Epochs = 10,
                LearningRate = 1e-3,
                Beam = 8,
            },
        };
    }

    /// <inheritdoc/>
    protected override QrnnExperimentSettings Smoke(QrnnExperimentSettings quick)
    {
        ArgumentNullException.ThrowIfNull(quick);
        return quick with
        {
            Units = 16,
            Embedding = 12,
            Epochs = 1,
            BatchSize = 4,
            TrainingTokens = 240,
            ValidationTokens = 120,
            SequenceLength = 10,
            TrainingReviews = 24,
            TestReviews = 8,
            TrainingPairs = 24,
            TestPairs = 4,
            Shortest = 3,
            Longest = 5,
            SpeedUnits = 8,
            SpeedLengths = [4],
            SpeedBatches = [2],
            SpeedRounds = 1,
        };
    }

    /// <inheritdoc/>
    public override long? PublishedParameters(string arm) => arm is Fo or Zoneout ? 17_729_040 : null;

    /// <inheritdoc/>
    protected override Probe Probe(ArmRun<QrnnExperimentSettings> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return run.Settings.Task switch
        {
            SequenceTask.Sentiment => SentimentArm.Probe(run),
            SequenceTask.Translation => TranslationArm.Probe(run),
            _ => LanguageArm.Probe(run),
        };
    }

    /// <inheritdoc/>
    protected override ArmResult Run(ArmRun<QrnnExperimentSettings> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (run.Settings.Task == SequenceTask.Sentiment) return SentimentArm.Run(run);
        if (run.Settings.Task == SequenceTask.Translation) return TranslationArm.Run(run);
        ArmResult result = LanguageArm.Run(run);
        if (run.Arm == Fo) LayerSpeed.Measure(run, result);
        return result;
    }

    /// <summary>How fast layers are, units that read a review, and where a decoder looks.</summary>
    public override IEnumerable<Figure> Compare(IReadOnlyDictionary<string, ArmResult> oneSeed)
    {
        ArgumentNullException.ThrowIfNull(oneSeed);
        foreach (string arm in (string[])[Fo, Reviews, Translation])
            if (oneSeed.TryGetValue(arm, out ArmResult? result))
                foreach (Figure figure in result.Figures.Skip(1)) yield return figure;
    }
}
