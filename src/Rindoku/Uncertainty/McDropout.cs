using Rindoku.Autograd;
using Rindoku.Nn;

namespace Rindoku.Uncertainty;

/// <summary>Dropout that stays on at test: each pass is a draw from an approximate posterior over networks.</summary>
/// <remarks>Source: Gal and Ghahramani 2016, arXiv:1506.02142.</remarks>
public static class McDropout
{
    /// <summary>The answers of several passes, each with its own draws; everything but dropout is in evaluation mode.</summary>
    /// <param name="model">The model. It is in evaluation mode afterwards.</param>
    /// <param name="predict">One pass over all inputs: probabilities (n, classes), or whatever the model gives.</param>
    /// <param name="passes">How many.</param>
    /// <exception cref="ArgumentException">The model has no dropout, so that all passes would be equal.</exception>
    public static IReadOnlyList<Tensor> Sample(Module model, Func<Tensor> predict, int passes)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(predict);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(passes);
        DropoutLayer[] dropouts = [.. model.NamedModules.Select(m => m.Module).OfType<DropoutLayer>().Where(d => d.Probability > 0)];
        if (dropouts.Length == 0)
            throw new ArgumentException($"McDropout: {model.GetType().Name} has no dropout layer with a probability above 0, so all passes would be equal", nameof(model));
        model.Eval();
        foreach (DropoutLayer dropout in dropouts) dropout.Train();
        try
        {
            using NoGrad noGrad = NoGrad.Enter();
            return [.. Enumerable.Range(0, passes).Select(_ => predict().Keep())];
        }
        finally
        {
            model.Eval();
        }
    }
}
