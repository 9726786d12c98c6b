using Rindoku.Autograd;
using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Nn.Decoding;
using Rindoku.Ops;
using Rindoku.Optim;
using Rindoku.Optim.Schedules;

namespace Rindoku.Papers.Language.Qrnn;

/// <summary>Training and measuring a language model.</summary>
internal static class LanguageArm
{
    /// <summary>What a token of the validation text costs, in bits.</summary>
    public const string Bits = "validation bits";

    private const int SampleLength = 150;
    private const double SampleTemperature = 0.8;
    private const int ConstantEpochs = 6; // of the paper's schedule

    public static ArmResult Run(ArmRun<QrnnExperimentSettings> run)
    {
        QrnnExperimentSettings s = run.Settings;
        TextTask text = TextTask.Load(s.Text, run.Data);
        Tokenizer tokenizer = TokenizerOf(s, text.Train);
        BpttBatches train = Batches(text.Train, s.TrainingTokens, s.SequenceLength), validation = Batches(text.Validation, s.ValidationTokens, s.SequenceLength);
        LanguageModel model = new(s, tokenizer.Count, run.Rng.Split("weights"));
        CarriedState carried = new();
        Trainer<TextSegment> trainer = new(run, model, OptimizerOf(s, model), segment => model.Loss(segment, carried))
        {
            Clip = parameters => GradientClipping.ByNorm(parameters, s.ClipNorm),
            Schedule = s.PlainDescent
                ? new Then(new Constant(s.LearningRate), (long)ConstantEpochs * train.BatchCount, new StepDecay(0.95 * s.LearningRate, train.BatchCount, 0.95))
                : null,
            Evaluate = () => new Dictionary<string, double> { [Bits] = Measure(model, validation).BitsPerToken },
        };
        trainer.State.Add("carried", carried);
        TrainingOutcome outcome = trainer.Fit(train.ToSource(), s.Epochs);
        model.Eval();
        Perplexity measured = Measure(model, validation);
        ArmResult result = new()
        {
            [Bits] = measured.BitsPerToken,
            ["validation perplexity"] = measured.Value,
            ["training seconds"] = outcome.Seconds,
            ["parameters"] = model.ParameterCount,
        };
        result.Figures.Add(outcome.History.Chart("Bits for a character (or word) of the validation text", "bits", Bits));
        result.Notes.Add($"After '{Shown(text.Validation[..20])}': {Shown(Continue(model, tokenizer, text.Validation[..20], run.Rng.Split("sample")))}");
        return result;

        BpttBatches Batches(string of, int most, int length)
        {
            int[] tokens = tokenizer.Encode(of);
            return new BpttBatches(IntTensor.Of(tokens.AsSpan(0, Math.Min(most, tokens.Length))), s.BatchSize, length);
        }
    }

    public static Probe Probe(ArmRun<QrnnExperimentSettings> run)
    {
        QrnnExperimentSettings s = run.Settings;
        int tokens = s.Words > 0 ? s.Words : CharacterTokenizer.Train(Novel.Load()).Count;
        Rng rng = run.Rng.Split("text");
        IntTensor text = IntTensor.Of([.. Enumerable.Range(0, 13).Select(_ => rng.NextInt(tokens))]);
        TextSegment segment = new BpttBatches(text, streams: 2, length: 6).Epoch(0, scoped: false).First();
        LanguageModel model = new(s, tokens, run.Rng.Split("weights"));
        return new Probe(model, () => model.Loss(segment, new CarriedState()), () => model.Run(segment.Inputs).Logits);
    }

    private static Tokenizer TokenizerOf(QrnnExperimentSettings s, string text) => s.Words == 0
        ? CharacterTokenizer.Train(text)
        : WordTokenizer.Train(text, largest: s.Words - 1, rule: s.Text == TextSet.WikiText2 ? WordRule.Spaces : WordRule.Words); // and one for all others

    private static Optimizer OptimizerOf(QrnnExperimentSettings s, LanguageModel model) => s.PlainDescent
        ? new Sgd(model.Parameters, s.LearningRate, weightDecay: s.WeightDecay)
        : new Adam(model.Parameters, s.LearningRate, weightDecay: s.WeightDecay);

    private static Perplexity Measure(LanguageModel model, BpttBatches batches)
    {
        Perplexity perplexity = new();
        CarriedState carried = new();
        using NoGrad noGrad = NoGrad.Enter();
        foreach (TextSegment segment in batches.Epoch(0)) perplexity.Add(model.Loss(segment, carried, Reduction.Sum).Item(), segment.Targets.Length);
        return perplexity;
    }

    private static string Continue(LanguageModel model, Tokenizer tokenizer, string beginning, Rng rng)
    {
        using NoGrad noGrad = NoGrad.Enter();
        int[] tokens = tokenizer.Encode(beginning);
        List<int> drawn = [];
        Tensor[]? state = null;
        for (int i = 0; i < SampleLength; i++)
        {
            (Tensor logits, state) = model.Run(IntTensor.From(tokens, [1, tokens.Length]), state);
            drawn.Add(Sampling.Draw(logits.Select(1, tokens.Length - 1), rng, new SamplingSettings { Temperature = SampleTemperature })[0]);
            tokens = [drawn[^1]];
        }
        return tokenizer.Decode([.. drawn]);
    }

    private static string Shown(string text) => text.Replace("\n", " / ", StringComparison.Ordinal);
}
