namespace Rindoku.Ops;

/// <summary>How the losses of the items of a batch become one.</summary>
public enum Reduction
{
    /// <summary>Their mean; where items have weights, their weighted mean.</summary>
    Mean,

    /// <summary>Their sum.</summary>
    Sum,

    /// <summary>They stay apart.</summary>
    None,
}

public static partial class TensorOps
{
    private static Tensor Reduce(Tensor losses, Reduction reduction) => reduction switch
    {
        Reduction.Mean => losses.Sum() * (1f / losses.Length),
        Reduction.Sum => losses.Sum(),
        _ => losses,
    };

    private static void RequireSameShape(string operation, Tensor x, Tensor target)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(target);
        ShapeException.Require(x.Shape == target.Shape, $"{operation}: the prediction is {x.Shape}, the target {target.Shape}; they must be the same");
    }
}
