using Rindoku.Nn.ResNets;
using Rindoku.Ops;
using Rindoku.Optim;

namespace Rindoku.Papers.Vision.ResNeXt;

/// <summary>How three networks of the same start values, one of each form of figure 3, went through the same training steps.</summary>
/// <remarks>
/// The forms differ by rounding alone, about 1e-7, until it takes an activation to the other side of ReLU's kink. The gradients then differ by a
/// hundredth, and networks that train apart go apart, as two computations of one form would that add up in another order. Networks that are given
/// the weights of form (c) again before each step show the forms and nothing else.
/// </remarks>
/// <param name="Losses">For each form its losses, step by step.</param>
/// <param name="LossDifference">The largest relative difference of the losses of forms (a) and (b) from those of (c).</param>
/// <param name="WeightDifference">The largest difference of a final weight or statistic from that of (c).</param>
public sealed record FormComparison(IReadOnlyDictionary<AggregationForm, double[]> Losses, double LossDifference, double WeightDifference)
{
    /// <summary>Trains the three networks side by side.</summary>
    /// <param name="network">Makes a network with blocks of a form; what it starts from does not matter but for form (c).</param>
    /// <param name="optimizer">Makes the optimizer of a network.</param>
    /// <param name="paths">C.</param>
    /// <param name="batches">Images and labels of each step.</param>
    /// <param name="synchronised">Whether forms (a) and (b) get the weights of (c) before each step, or only before the first.</param>
    /// <param name="stop">Ends the comparison between two steps.</param>
    public static FormComparison Of(Func<AggregationForm, ResNet> network, Func<ResNet, Optimizer> optimizer, int paths,
        IEnumerable<(Tensor X, IntTensor Y)> batches, bool synchronised = false, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(batches);
        AggregationForm[] forms = [AggregationForm.Grouped, AggregationForm.Concatenated, AggregationForm.Summed];
        ResNet[] models = [.. forms.Select(network)];
        void Synchronise() => MemoryScope.Run(() =>
        {
            for (int f = 1; f < models.Length; f++) models[f].Load(FormWeights.Split(models[0].State(), forms[f], paths));
        });

        Synchronise();
        Optimizer[] optimizers = [.. models.Select(optimizer)];
        List<double>[] losses = [.. forms.Select(_ => new List<double>())];
        foreach ((Tensor x, IntTensor y) in batches)
        {
            stop.ThrowIfCancellationRequested();
            if (synchronised) Synchronise();
            for (int f = 0; f < models.Length; f++) losses[f].Add(Step(models[f], optimizers[f], x, y));
        }
        double apart = forms[1..].Select((_, f) => losses[f + 1].Zip(losses[0], (loss, grouped) => Math.Abs(loss - grouped) / grouped).Max()).Max();
        double weights = models[1..].Max(model => Difference(FormWeights.Merge(model.State()), models[0].State()));
        return new FormComparison(Enumerable.Range(0, forms.Length).ToDictionary(f => forms[f], f => losses[f].ToArray()), apart, weights);
    }

    private static double Step(ResNet model, Optimizer optimizer, Tensor x, IntTensor y)
    {
        using MemoryScope scope = MemoryScope.Open();
        optimizer.ZeroGrad();
        Tensor loss = model.Forward(x).CrossEntropy(y);
        loss.Backward();
        optimizer.Step();
        return loss.Item();
    }

    private static double Difference(IReadOnlyDictionary<string, Tensor> actual, IReadOnlyDictionary<string, Tensor> expected) =>
        expected.Max(pair => actual[pair.Key].ToArray().Zip(pair.Value.ToArray(), (x, y) => Math.Abs(x - y)).Max());
}
