using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Rindoku.Data;
using Rindoku.Lab.Reports;
using Rindoku.Nn;
using Rindoku.Ops;
using Rindoku.Optim;

namespace Rindoku.Lab.Tests.Tiny;

public enum TinyKind
{
    Plain,
    VeryNoisy,
}

public sealed record TinySettings
{
    [Range(1, 1000), Description("How often the data is seen")]
    public int Epochs { get; init; } = 2;

    public double LearningRate { get; init; } = 1e-4;

    public float Noise { get; init; } = 0.1f;

    public bool Shuffle { get; init; } = true;

    public TinyKind Kind { get; init; }

    public int[] Widths { get; init; } = [8, 16];

    public int? Limit { get; init; }

    public string Label { get; init; } = "a";

    public long CheckpointMilliseconds { get; init; } = 60_000;
}

/// <summary>A sum of silu(x w) over the pixels, with noise on the input while training and a running mean: a bit of all that a checkpoint holds.</summary>
public sealed class TinyModel : Module
{
    public TinyModel(Rng rng, float noise)
    {
        Noise = noise;
        Weight = Register("weight", rng.Split("weight").Normal([1, 8, 8], 0, 0.1f));
        Bias = Register("bias", Tensor.Zeros([1]));
        Mean = RegisterBuffer("running_mean", Tensor.Zeros([1]));
        Source = Register("noise", rng.Split("noise"));
    }

    public float Noise { get; }
    public Parameter Weight { get; }
    public Parameter Bias { get; }
    public BufferTensor Mean { get; }
    public Rng Source { get; }

    public Tensor Forward(Tensor x)
    {
        if (IsTraining)
        {
            x += Source.Normal(x.Shape, 0, Noise);
            Mean.Values[0] = 0.9f * Mean.Span[0] + 0.1f * x.Sum().Item() / x.Length;
        }
        return (x * Weight).Silu().Sum([1, 2, 3]) + Bias;
    }

    public Tensor Loss(Batch batch)
    {
        Tensor error = Forward(batch.X) - batch.Y.ToTensor();
        return (error * error).Sum() * (1f / batch.Count);
    }
}

public sealed class TinyExperiment : Experiment<TinySettings>
{
    public override IReadOnlyList<Arm> Arms { get; } = [new("noisy", "noise on the input"), new("plain", "no noise")];

    public Func<ArmRun<TinySettings>, ArmResult>? Instead { get; init; }

    protected override TinySettings Settings(Profile profile, string arm) =>
        new() { Noise = arm == "noisy" ? 0.1f : 0, Epochs = profile == Profile.Quick ? 2 : 4 };

    public override IReadOnlyList<Claim> Claims(Profile profile) =>
    [
        Claim.Paired("error", "Noise makes the error at most 1 larger.", "error", Better.Lower, "noisy", "plain", margin: -1, units: "errors"),
        Claim.Exact("parameters", "The model has 65 parameters.", "parameters", 65, () => new TinyModel(new Rng(0), 0).ParameterCount),
    ];

    public override IEnumerable<Figure> Compare(IReadOnlyDictionary<string, ArmResult> oneSeed) =>
        [new BarChart("Errors beside each other", "error", [.. Arms.Select(arm => new Bar(arm.Name, oneSeed[arm.Name]["error"]))])];

    protected override ArmResult Run(ArmRun<TinySettings> run)
    {
        if (Instead is not null) return Instead(run);
        TinyModel model = new(run.Rng.Split("model"), run.Settings.Noise);
        (Trainer<Batch> trainer, LabelledSet test, Loader loader) = Make(run, model);
        trainer.Fit(loader, run.Settings.Epochs);
        float[] errors = Errors(model, test);
        return new ArmResult { ["error"] = Lab.Errors.Mean(errors), Units = { ["errors"] = errors } };
    }

    public static (Trainer<Batch> Trainer, LabelledSet Test, Loader Loader) Make(ArmRun<TinySettings> run, TinyModel model)
    {
        (LabelledSet train, LabelledSet test) = Digits.Load();
        Loader loader = new(train, new LoaderOptions(32) { Shuffle = run.Settings.Shuffle }, run.Rng.Split("data"));
        Sgd optimizer = new(model.Parameters, run.Settings.LearningRate, momentum: 0.9, nesterov: true);
        Trainer<Batch> trainer = new(run, model, optimizer, model.Loss)
        {
            Evaluate = () => new Dictionary<string, double> { ["test/error"] = Lab.Errors.Mean(Errors(model, test)) },
            Best = new BestBy("test/error", Better.Lower),
            CheckpointEvery = TimeSpan.FromMilliseconds(run.Settings.CheckpointMilliseconds),
        };
        return (trainer, test, loader);
    }

    private static float[] Errors(TinyModel model, LabelledSet test)
    {
        model.Eval();
        using (NoGradScope()) return [.. model.Forward(test.Inputs).ToArray().Zip(test.Labels.ToArray(), (p, y) => MathF.Abs(p - y))];
    }

    private static Autograd.NoGrad NoGradScope() => Autograd.NoGrad.Enter();
}
