using Rindoku.Nn;

namespace Rindoku.Uncertainty;

/// <summary>A parameter tensor that a Laplace approximation covers.</summary>
/// <param name="Name">Its full name in the model.</param>
/// <param name="Parameter">The tensor.</param>
/// <param name="Layer">The place of its layer in <see cref="ParameterLayout.Layers"/>.</param>
/// <param name="IsBias">Whether it is the bias of its layer, or the weight.</param>
/// <param name="Start">Where its numbers begin among all that are covered.</param>
internal sealed record CoveredTensor(string Name, Parameter Parameter, int Layer, bool IsBias, int Start)
{
    public int Length => Parameter.Length;

    public Range Range => Start..(Start + Length);

    /// <summary>Rows of the weight as a matrix, and of the bias: the layer's outputs.</summary>
    public int Rows => Parameter.Shape[0];

    /// <summary>Columns of the weight as a matrix; 1 for a bias.</summary>
    public int Columns => IsBias ? 1 : Length / Rows;
}

/// <summary>The parameters of a model, one after the other, and which of them share a precision of the prior.</summary>
internal sealed class ParameterLayout
{
    private readonly PriorStructure prior;

    /// <summary>The parameters of a model that are not frozen.</summary>
    /// <exception cref="NotSupportedException">One belongs to a layer that is not supported; names both.</exception>
    public ParameterLayout(Module model, PriorStructure prior)
    {
        this.prior = prior;
        List<CoveredTensor> tensors = [];
        List<Layer> layers = [];
        int start = 0;
        foreach ((string name, Parameter parameter) in model.NamedParameters.Where(p => p.Parameter.Trainable))
        {
            Module owner = OwnerOf(model, name);
            IWeighted weighted = Supported(owner, name);
            if (layers.Count == 0 || layers[^1] != owner) layers.Add((Layer)owner);
            tensors.Add(new CoveredTensor(name, parameter, layers.Count - 1, ReferenceEquals(weighted.Bias, parameter), start));
            start = checked(start + parameter.Length);
        }
        if (tensors.Count == 0) throw new ArgumentException($"Laplace: {model.GetType().Name} has no parameters that are learned", nameof(model));
        (Tensors, Layers, Count) = (tensors, layers, start);
    }

    public IReadOnlyList<CoveredTensor> Tensors { get; }

    public IReadOnlyList<Layer> Layers { get; }

    /// <summary>P: how many numbers there are.</summary>
    public int Count { get; }

    /// <summary>How many precisions the prior has.</summary>
    public int Groups => prior switch { PriorStructure.Scalar => 1, PriorStructure.PerTensor => Tensors.Count, _ => Count };

    /// <summary>The group of a whole tensor; not with a precision for each parameter.</summary>
    public int GroupOf(int tensor) => prior == PriorStructure.Scalar ? 0 : tensor;

    /// <summary>One range of parameters for each group.</summary>
    public Range[] GroupRanges => prior switch
    {
        PriorStructure.Scalar => [new Range(0, Count)],
        PriorStructure.PerTensor => [.. Tensors.Select(t => t.Range)],
        _ => [.. Enumerable.Range(0, Count).Select(i => i..(i + 1))],
    };

    /// <summary>From one number for each group to one for each parameter.</summary>
    public double[] Spread(double[] byGroup)
    {
        double[] all = new double[Count];
        Range[] ranges = GroupRanges;
        for (int g = 0; g < ranges.Length; g++) all.AsSpan(ranges[g]).Fill(byGroup[g]);
        return all;
    }

    /// <summary>From one number for each parameter to the sum over each group.</summary>
    public double[] Gather(ReadOnlySpan<double> all)
    {
        Range[] ranges = GroupRanges;
        double[] sums = new double[ranges.Length];
        for (int g = 0; g < ranges.Length; g++) sums[g] = System.Numerics.Tensors.TensorPrimitives.Sum(all[ranges[g]]);
        return sums;
    }

    /// <summary>‖θ‖² of each group.</summary>
    public double[] SquaredNorms()
    {
        double[] squares = new double[Count];
        foreach (CoveredTensor tensor in Tensors)
            for (int i = 0; i < tensor.Length; i++) squares[tensor.Start + i] = (double)tensor.Parameter.Span[i] * tensor.Parameter.Span[i];
        return Gather(squares);
    }

    private static Module OwnerOf(Module model, string name)
    {
        int dot = name.LastIndexOf('.');
        return dot < 0 ? model : model.NamedModules.First(m => m.Name == name[..dot]).Module;
    }

    private static IWeighted Supported(Module owner, string name) => owner switch
    {
        Linear linear => linear,
        Conv2d { Groups: 1 } convolution => convolution,
        _ => throw new NotSupportedException($"Laplace: the parameter '{name}' belongs to {owner}, which is not supported. " +
            "Supported are Linear and Conv2d without groups, and all layers without parameters; freeze other parameters (Trainable = false) to keep them as they are"),
    };
}
