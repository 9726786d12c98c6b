using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Nn;
using Rindoku.Nn.ResNets;
using Rindoku.Ops;
using Rindoku.Optim;
using Rindoku.Uncertainty;

namespace Rindoku.Papers.Uncertainty.BeliefMatching;

/// <summary>A trained classifier: one network or several, asked once or several times.</summary>
/// <param name="Coefficient">λ of the loss that it was trained with; 0 where the loss has none.</param>
/// <param name="Trained">Its networks.</param>
/// <param name="Passes">Passes with dropout; 0 for one pass without.</param>
internal sealed record Classifier(double Coefficient, IReadOnlyList<TrainedClassifier> Trained, int Passes)
{
    private const string HeldOutError = "held-out error";
    private const float LeastProbability = 1e-30f; // the logarithm of none would be infinite

    /// <summary>Trains all classifiers that the settings ask for: one for each coefficient, where the loss has one.</summary>
    public static IReadOnlyList<Classifier> TrainAll(ArmRun<BeliefMatchingSettings> run, LabelledSet train, LabelledSet heldOut)
    {
        BeliefMatchingSettings s = run.Settings;
        return s.Method switch
        {
            Method.Ensemble => [new(0, [.. Enumerable.Range(0, s.Members).Select(m => Train(run, train, heldOut, 0, $"member {m + 1}", run.Rng.Split($"member {m}")))], 0)],
            Method.Belief or Method.Smoothing => [.. s.Coefficients.Select(c => new Classifier(c, [Train(run, train, heldOut, c, NameOf(s, c), run.Rng)], 0))],
            _ => [new(0, [Train(run, train, heldOut, 0, "", run.Rng)], s.Method == Method.Dropout ? s.Passes : 0)],
        };
    }

    /// <summary>The logits (n, K) of a network alone; of several answers the logarithm of their mean probability, which has the same softmax.</summary>
    public Tensor Logits(Tensor inputs)
    {
        Layer first = Trained[0].Model;
        if (Trained.Count == 1 && Passes == 0) return Classification.Scores(first.Forward, inputs);
        IReadOnlyList<Tensor> answers = Passes > 0
            ? McDropout.Sample(first, () => Probabilities(first), Passes)
            : [.. Trained.Select(member => Probabilities(member.Model))];
        return Ensemble.Mean(answers).Clamp(LeastProbability, 1).Log();

        Tensor Probabilities(Layer network) => Classification.Scores(x => network.Forward(x).Softmax(), inputs);
    }

    /// <summary>The loss of a method.</summary>
    public static Tensor Loss(Method method, Tensor logits, IntTensor labels, double coefficient) => method switch
    {
        Method.Belief => logits.BeliefMatching(labels, coefficient),
        Method.Smoothing => logits.CrossEntropy(labels, smoothing: (float)Belief.MatchingSmoothing(logits.Shape[1], coefficient)),
        _ => logits.CrossEntropy(labels),
    };

    /// <summary>The network of the settings, untrained.</summary>
    public static Sequential Build(BeliefMatchingSettings s, Shape image, int classes, Rng rng)
    {
        Rng weights = rng.Split("weights"), draws = rng.Split("dropout");
        if (s.Network == Network.Residual)
        {
            ResNet trunk = ResNet.PreActivationStages(s.Units, s.Width, classes: 0, weights, image[0]);
            return new Sequential([trunk, .. Drops(), new Linear(trunk.FeatureCount, classes, weights)]);
        }
        return new Sequential([new Flatten(), .. Hidden(image.Length, s.Width), .. Hidden(s.Width, s.Width), new Linear(s.Width, classes, weights)]);

        IEnumerable<Layer> Hidden(int inputs, int outputs) => [new Linear(inputs, outputs, weights), Activation.Relu, .. Drops()];
        IEnumerable<Layer> Drops() => s.Method == Method.Dropout ? [new Dropout(s.DropoutRate, draws)] : [];
    }

    private static TrainedClassifier Train(ArmRun<BeliefMatchingSettings> run, LabelledSet train, LabelledSet heldOut, double coefficient, string name, Rng rng)
    {
        BeliefMatchingSettings s = run.Settings;
        Sequential network = Build(s, train.InputShape, train.ClassCount, rng);
        Sgd optimizer = new(network.Parameters, s.LearningRate, momentum: 0.9, weightDecay: s.WeightDecay);
        ClassificationTask task = ClassificationTask.Of(train, heldOut, s.ShiftsAndMirrors ? ImageTask.AugmentationOf(s.Data) : null);
        return new ClassifierTraining(run, network, task, optimizer)
        {
            Name = name,
            BatchSize = s.BatchSize,
            Order = rng.Split("batches"),
            Loss = batch => Loss(s.Method, network.Forward(batch.X), batch.Y, coefficient),
            Schedule = steps => new WarmedSteps(s.LearningRate, steps / s.Epochs, s.Epochs, s.WarmUpEpochs),
            Clip = parameters => GradientClipping.EachByNorm(parameters, s.LargestNorm),
            EvaluateEvery = Every.Epochs(s.KeepsBest ? 1 : Math.Max(1, s.Epochs / 10)),
            Evaluate = () => new Dictionary<string, double> { [HeldOutError] = Answers.Of(network.Forward, heldOut).PercentWrong },
            Best = s.KeepsBest ? new BestBy(HeldOutError, Better.Lower) : null,
        }.Fit(s.Epochs);
    }

    private static string NameOf(BeliefMatchingSettings s, double coefficient) => s.Coefficients.Count == 1 ? "" : FormattableString.Invariant($"lambda {coefficient}");
}
