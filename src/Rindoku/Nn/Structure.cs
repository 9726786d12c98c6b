using Rindoku.Ops;

namespace Rindoku.Nn;

/// <summary>The layer that returns what it gets.</summary>
public sealed class Identity : Layer
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => x;

    /// <summary>The name.</summary>
    public override string ToString() => "Identity";
}

/// <summary>Takes the axes from one on together: (N, C, H, W) → (N, C·H·W) with the first kept.</summary>
/// <param name="first">The first axis that is taken together with those after it; 1 leaves the batch alone.</param>
public sealed class Flatten(int first = 1) : Layer
{
    /// <inheritdoc/>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    public override Tensor Forward(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        int axis = x.Shape.Axis(first, nameof(Flatten));
        return x.Reshape([.. x.Shape[..axis], x.Shape.Count(axis..)]);
    }

    /// <summary>The name.</summary>
    public override string ToString() => "Flatten";
}

/// <summary>A block with a way around it: <c>y = body(x) + shortcut(x)</c>.</summary>
/// <remarks>
/// The shapes of both must be equal. Checkpoint keys: those of the body under <c>body</c>, those of the shortcut under <c>shortcut</c>.
/// Source: He et al. 2016, arXiv:1512.03385, equations 1 and 2.
/// </remarks>
public sealed class Residual : Layer
{
    private readonly Layer body;
    private readonly Layer? shortcut;

    /// <summary>A block around <paramref name="body"/>.</summary>
    /// <param name="body">What is added.</param>
    /// <param name="shortcut">What it is added to, or null for x itself.</param>
    public Residual(Layer body, Layer? shortcut = null)
    {
        this.body = Register("body", body);
        if (shortcut is not null) this.shortcut = Register("shortcut", shortcut);
    }

    /// <inheritdoc/>
    /// <exception cref="ShapeException">Body and shortcut give different shapes.</exception>
    public override Tensor Forward(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        Tensor added = body.Forward(x), kept = shortcut is null ? x : shortcut.Forward(x);
        ShapeException.Require(added.Shape == kept.Shape,
            $"Residual: x {x.Shape} becomes {added.Shape} in the body but {kept.Shape} in the shortcut; give a shortcut that makes them equal");
        return added + kept;
    }

    /// <summary>The parts.</summary>
    public override string ToString() => $"Residual({body}{(shortcut is null ? "" : $", shortcut {shortcut}")})";
}
