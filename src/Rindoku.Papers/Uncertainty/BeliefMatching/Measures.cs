using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Lab.Reports;
using Rindoku.Ops;
using Rindoku.Uncertainty;

namespace Rindoku.Papers.Uncertainty.BeliefMatching;

/// <summary>What is measured of a classifier, and its pictures.</summary>
internal static class Measures
{
    public const string Error = "test error", Nll = "test nll", Ece = "ece", Scaled = " with temperature", Auroc = "auroc ", Wrong = "wrong";

    /// <summary>The metric of one of several classifiers: <c>ece at 0.003</c>.</summary>
    public static string At(string metric, double coefficient) => FormattableString.Invariant($"{metric} at {coefficient}");

    /// <summary>All that is measured of the classifier that was chosen.</summary>
    public static ArmResult Of(Classifier classifier, OutsideTask task, LabelledSet heldOut, bool isBelief)
    {
        LabelledSet test = task.Test;
        Tensor logits = classifier.Logits(test.Inputs), probabilities = logits.Softmax();
        Answers answers = new(test.ClassNames);
        answers.Add(logits, test.Labels);
        double temperature = TemperatureScaling.Fit(classifier.Logits(heldOut.Inputs), heldOut.Labels);
        Tensor scaled = TemperatureScaling.Apply(logits, temperature);
        ArmResult result = new()
        {
            [Error] = answers.PercentWrong,
            [Nll] = Calibration.Nll(probabilities, test.Labels),
            [Ece] = Calibration.Ece(probabilities, test.Labels),
            ["brier"] = Calibration.Brier(probabilities, test.Labels),
            ["confidence"] = Confidence(probabilities),
            ["temperature"] = temperature,
            [Nll + Scaled] = Calibration.Nll(scaled, test.Labels),
            [Ece + Scaled] = Calibration.Ece(scaled, test.Labels),
            ["coefficient"] = classifier.Coefficient,
            ["training seconds"] = classifier.Trained.Sum(network => network.Outcome.Seconds),
            ["parameters"] = classifier.Trained.Sum(network => network.Model.ParameterCount),
        };
        result.Units[Wrong] = answers.Wrong;
        result.Figures.Add(Reliability(probabilities, scaled, test.Labels));
        MeasureOutside(result, classifier, logits, task.Outside, isBelief);
        return result;
    }

    /// <summary>Calibration at each coefficient, against what the loss itself lets expect: metrics, and a picture.</summary>
    public static void Compare(ArmResult result, IReadOnlyList<Classifier> classifiers, LabelledSet test)
    {
        List<double> errors = [], confidences = [], accuracies = [];
        foreach (Classifier classifier in classifiers)
        {
            Tensor logits = classifier.Logits(test.Inputs), probabilities = logits.Softmax();
            errors.Add(Calibration.Ece(probabilities, test.Labels));
            confidences.Add(Confidence(probabilities));
            accuracies.Add(Classification.Accuracy(logits, test.Labels));
            result[At(Ece, classifier.Coefficient)] = errors[^1];
            result[At("confidence", classifier.Coefficient)] = confidences[^1];
            result[At(Error, classifier.Coefficient)] = 100 - 100 * accuracies[^1];
        }
        double[] coefficients = [.. classifiers.Select(c => c.Coefficient)];
        result.Figures.Add(new LineChart("Calibration against lambda", new Axis("lambda") { Logarithmic = true }, "probability",
        [
            new LineSeries("calibration error (ECE)", coefficients, errors),
            new LineSeries("accuracy", coefficients, accuracies),
            new LineSeries("mean confidence", coefficients, confidences),
            new LineSeries("predicted ceiling of confidence", coefficients, [.. coefficients.Select(c => Belief.Ceiling(test.ClassCount, c))]),
        ])
        { Caption = "A network that has matched its beliefs is never surer than the ceiling: where that lies far below the accuracy, the gap is most of its calibration error." });
    }

    /// <summary>By how much the calibration error rises from one coefficient to the next, where it does so least.</summary>
    public static double LeastRise(ArmResult result, IReadOnlyList<double> coefficients) =>
        coefficients.Zip(coefficients.Skip(1), (low, high) => result[At(Ece, high)] - result[At(Ece, low)]).Min();

    private static void MeasureOutside(ArmResult result, Classifier classifier, Tensor logits, IReadOnlyList<OutsideSet> outside, bool isBelief)
    {
        float[] inside = PredictiveUncertainty.OfMaximum(logits.Softmax());
        List<(string, float[])> scores = [("test images", inside)];
        foreach (OutsideSet set in outside)
        {
            Tensor there = classifier.Logits(set.Inputs);
            float[] ofSet = PredictiveUncertainty.OfMaximum(there.Softmax());
            scores.Add((set.Name, ofSet));
            result[Auroc + set.Name] = Detection.Of(inside, ofSet).Auroc;
            if (!isBelief) continue; // logits of other losses are no concentrations
            result[$"{Auroc}{set.Name} by evidence"] = Detection.Of(Doubt(logits), Doubt(there)).Auroc;
            result[$"{Auroc}{set.Name} by mutual information"] =
                Detection.Of(DirichletUncertainty.MutualInformation(logits.Exp()), DirichletUncertainty.MutualInformation(there.Exp())).Auroc;
        }
        result[Auroc + "mean"] = outside.Average(set => result[Auroc + set.Name]);
        result.Figures.Add(Detection.Histogram("How unsure it is of images like those in training, and of others", "1 - largest probability", scores));

        static float[] Doubt(Tensor logits) => [.. DirichletUncertainty.Evidence(logits.Exp()).Select(evidence => -evidence)];
    }

    private static LineChart Reliability(Tensor probabilities, Tensor scaled, IntTensor labels)
    {
        LineChart alone = Calibration.Reliability("How often it is right when it is so sure", probabilities, labels);
        LineSeries divided = Calibration.Reliability("", scaled, labels).Series[0] with { Name = "with temperature scaling" };
        return alone with { Series = [alone.Series[0] with { Name = "as trained" }, divided, alone.Series[1]], Caption = "Below the diagonal it is too sure of itself, above it not sure enough." };
    }

    private static double Confidence(Tensor probabilities) => 1 - Errors.Mean(PredictiveUncertainty.OfMaximum(probabilities));
}
