namespace Rindoku.Lab.Tests.Metrics;

/// <summary>Every metric against values worked out by hand.</summary>
public sealed class MetricTests
{
    private static readonly Tensor Scores = Tensor.From([3, 2, 1, 0, 5, 4, 1, 1, 0, 2, 9, 7], [4, 3]);
    private static readonly IntTensor Labels = IntTensor.Of(0, 2, 1, 1);

    [Fact]
    public void Accuracy_counts_the_largest_score_the_first_of_equals()
    {
        Assert.Equal([1f, 0, 0, 1], Classification.Correct(Scores, Labels));
        Assert.Equal(0.5, Classification.Accuracy(Scores, Labels));
        Assert.Equal([0, 1, 0, 1], Classification.Predictions(Scores));
        Assert.Equal([1f, 1, 1, 1], Classification.TopK(Scores, Labels, 2));
    }

    [Fact]
    public void A_model_that_gives_NaN_is_never_right()
    {
        Tensor scores = Tensor.From([float.NaN, float.NaN, 1, float.NaN], [2, 2]);
        Assert.Equal([0f, 0], Classification.Correct(scores, IntTensor.Of(0, 0)));
    }

    [Fact]
    public void Scores_and_labels_that_do_not_fit_are_refused()
    {
        Assert.Contains("(4, 3) and (2)", Assert.Throws<ShapeException>(() => Classification.Accuracy(Scores, IntTensor.Of(0, 1))).Message, StringComparison.Ordinal);
        Assert.Contains("label 3 of example 1", Assert.Throws<ArgumentException>(() => Classification.Accuracy(Scores, IntTensor.Of(0, 3, 0, 0))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_confusion_matrix_gives_precision_recall_F1_and_overlap()
    {
        ConfusionMatrix matrix = new(["a", "b", "c"]);
        matrix.Add([0, 0, 0, 1, 1, 2, 255], [0, 0, 1, 1, 0, 2, 0], ignore: 255);
        // a: TP 2, FP 1, FN 1; b: TP 1, FP 1, FN 1; c: TP 1.
        Assert.Equal(6, matrix.Total);
        Assert.Equal(1, matrix[0, 1]);
        Assert.Equal(4 / 6.0, matrix.Accuracy, 1e-12);
        Assert.Equal((2 / 3.0, 2 / 3.0, 2 / 3.0), (matrix.Precision(0), matrix.Recall(0), matrix.F1(0)));
        Assert.Equal((0.5, 0.5, 0.5), (matrix.Precision(1), matrix.Recall(1), matrix.F1(1)));
        Assert.Equal((2 / 3.0 + 0.5 + 1) / 3, matrix.MacroF1, 1e-12);
        Assert.Equal((0.5, 1 / 3.0, 1.0), (matrix.Iou(0), matrix.Iou(1), matrix.Iou(2)));
        Assert.Equal((0.5 + 1 / 3.0 + 1) / 3, matrix.MeanIou, 1e-12);
        Assert.Throws<ArgumentException>(() => matrix.Add([3], [0]));
    }

    [Fact]
    public void A_class_that_nobody_has_seen_does_not_count_in_the_mean_overlap()
    {
        ConfusionMatrix matrix = new(["a", "b", "c"]);
        matrix.Add([0, 0, 1], [0, 1, 1]);
        Assert.Equal((0.5 + 0.5) / 2, matrix.MeanIou);
        Assert.Equal((0, 0, 0), (matrix.Precision(2), matrix.Recall(2), matrix.F1(2)));
    }

    private static readonly float[] Ranked = [0.9f, 0.8f, 0.8f, 0.6f, 0.5f, 0.4f, 0.3f, 0.1f];
    private static readonly bool[] Positive = [true, false, true, true, false, false, true, false];

    [Fact]
    public void Areas_are_those_of_pairs_and_of_scikit_learn()
    {
        // Of 16 pairs: 0.9 beats 4; 0.8 beats 3 and ties 1; 0.6 beats 3; 0.3 beats 1: 11.5.
        Assert.Equal(11.5 / 16, Ranking.Auroc(Ranked, Positive), 1e-12);
        // Precisions 1, 2/3, 3/4, 4/7 at gains of recall of 1/4 each; average_precision_score gives 0.74702381.
        Assert.Equal((1 + 2 / 3.0 + 3 / 4.0 + 4 / 7.0) / 4, Ranking.Aupr(Ranked, Positive), 1e-12);
    }

    [Fact]
    public void The_false_positive_rate_is_that_of_the_first_threshold_that_lets_enough_through()
    {
        Assert.Equal(3 / 4.0, Ranking.FalsePositiveRateAt(Ranked, Positive, 0.95));
        Assert.Equal(1 / 4.0, Ranking.FalsePositiveRateAt(Ranked, Positive, 0.75));
        Assert.Equal(0, Ranking.FalsePositiveRateAt(Ranked, Positive, 0.25));
    }

    [Fact]
    public void Ranking_does_not_depend_on_the_order_and_refuses_what_has_no_rank()
    {
        Assert.Equal(0.5, Ranking.Auroc([1, 1, 1, 1], [true, false, true, false]));
        Assert.Equal(11.5 / 16, Ranking.Auroc([.. Ranked.Reverse()], [.. Positive.Reverse()]), 1e-12);
        Assert.Throws<ArgumentException>(() => Ranking.Auroc([1, float.NaN], [true, false]));
        Assert.Throws<ArgumentException>(() => Ranking.Auroc([1, 2], [true, true]));
    }

    private static readonly Tensor Probabilities = Tensor.From([0.9f, 0.1f, 0.8f, 0.2f, 0.4f, 0.6f, 0.45f, 0.55f], [4, 2]);
    private static readonly IntTensor Truth = IntTensor.Of(0, 1, 1, 1);

    [Fact]
    public void Calibration_by_hand()
    {
        // Two bins: nobody up to 1/2; all above: confidence 2.85 / 4, accuracy 3 / 4.
        Assert.Equal(Math.Abs(0.75 - 0.7125), Calibration.Ece(Probabilities, Truth, bins: 2), 1e-6);
        // Four bins: (0.5, 0.75] has 0.6 and 0.55, both right; (0.75, 1] has 0.8, wrong, and 0.9, right.
        Assert.Equal(0.5 * Math.Abs(1 - 0.575) + 0.5 * Math.Abs(0.5 - 0.85), Calibration.Ece(Probabilities, Truth, bins: 4), 1e-6);
        Assert.Equal((2 * 0.01 + 2 * 0.64 + 2 * 0.16 + 2 * 0.2025) / 4, Calibration.Brier(Probabilities, Truth), 1e-6);
        Assert.Equal(-(Math.Log(0.9) + Math.Log(0.2) + Math.Log(0.6) + Math.Log(0.55)) / 4, Calibration.Nll(Probabilities, Truth), 1e-6);
        Assert.Throws<ArgumentException>(() => Calibration.Ece(Scores, Labels));
    }

    private static string[] Words(string text) => text.Split(' ');

    [Fact]
    public void Bleu_by_hand()
    {
        // Papineni's example: "the" seven times against references with two of them: 2 of 7.
        Assert.Equal(2 / 7.0, Bleu.Corpus([Words("the the the the the the the")], [[Words("the cat is on the mat"), Words("there is a cat on the mat")]], order: 1), 1e-12);
        // 5 words against 6: matches 5/5, 3/4, 1/3 (the cat ... on the mat: "on the mat"); brevity exp(1 - 6/5).
        double expected = Math.Exp(1 - 6 / 5.0) * Math.Exp((Math.Log(1) + Math.Log(3 / 4.0) + Math.Log(1 / 3.0)) / 3);
        Assert.Equal(expected, Bleu.Corpus([Words("the cat on the mat")], [[Words("the cat is on the mat")]], order: 3), 1e-12);
        Assert.Equal(1, Bleu.Corpus([Words("a b c d e")], [[Words("a b c d e")]]), 1e-12);
        Assert.Equal(0, Bleu.Corpus([Words("a b c d e")], [[Words("e d c b a")]]));
    }

    [Fact]
    public void Bleu_adds_up_over_the_corpus_before_dividing()
    {
        // 1-grams: 1 of 1 and 1 of 3 make 2 of 4, not the mean of 1 and 1/3.
        Assert.Equal(0.5, Bleu.Corpus([["a"], ["x", "b", "y"]], [[["a"]], [["p", "b", "q"]]], order: 1), 1e-12);
    }

    [Fact]
    public void Errors_perplexity_and_bits_by_hand()
    {
        Assert.Equal(2.0, Errors.Mae([1, 5, 3], [2, 2, 5]), 1e-12);
        Assert.Equal(Math.Sqrt(14 / 3.0), Errors.Rmse([1, 5, 3], [2, 2, 5]), 1e-12);
        Assert.Equal(8, Errors.Perplexity(30 * Math.Log(2), 10), 1e-9);
        Assert.Equal(3, Errors.BitsPerDim(3 * 12 * Math.Log(2), 12), 1e-12);
        Assert.Equal(8, Errors.BitsPerDim(0, 12, levels: 256)); // the uniform density over 256 levels
        Assert.Throws<ShapeException>(() => Errors.Mae([1], [1, 2]));
    }
}
