namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>Squared error: <c>loss = (x - t)²</c>.</summary>
    /// <param name="x">The prediction, any shape.</param>
    /// <param name="target">t, of the same shape.</param>
    /// <param name="reduction">How the losses of all numbers become one.</param>
    /// <returns>A scalar, or the shape of <paramref name="x"/> without reduction.</returns>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    public static Tensor MseLoss(this Tensor x, Tensor target, Reduction reduction = Reduction.Mean)
    {
        RequireSameShape("MseLoss", x, target);
        return Reduce((x - target).Square(), reduction);
    }

    /// <summary>Absolute error: <c>loss = |x - t|</c>.</summary>
    /// <param name="x">The prediction, any shape.</param>
    /// <param name="target">t, of the same shape.</param>
    /// <param name="reduction">How the losses of all numbers become one.</param>
    /// <returns>A scalar, or the shape of <paramref name="x"/> without reduction.</returns>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    public static Tensor L1Loss(this Tensor x, Tensor target, Reduction reduction = Reduction.Mean)
    {
        RequireSameShape("L1Loss", x, target);
        return Reduce((x - target).Abs(), reduction);
    }

    /// <summary>Huber's loss: <c>d²/2</c> where <c>|d| ≤ δ</c>, else <c>δ (|d| - δ/2)</c>, with d = x - t.</summary>
    /// <param name="x">The prediction, any shape.</param>
    /// <param name="target">t, of the same shape.</param>
    /// <param name="delta">δ, above 0: where the square turns into a line.</param>
    /// <param name="reduction">How the losses of all numbers become one.</param>
    /// <returns>A scalar, or the shape of <paramref name="x"/> without reduction.</returns>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">δ is not above 0.</exception>
    /// <remarks>Source: Huber 1964, "Robust estimation of a location parameter".</remarks>
    public static Tensor HuberLoss(this Tensor x, Tensor target, float delta = 1, Reduction reduction = Reduction.Mean)
    {
        RequireSameShape("HuberLoss", x, target);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(delta);
        return Reduce(Huber(x - target, delta), reduction);
    }

    /// <summary>Smooth L1: <c>d²/(2β)</c> where <c>|d| ≤ β</c>, else <c>|d| - β/2</c>, with d = x - t: Huber's loss divided by β.</summary>
    /// <param name="x">The prediction, any shape.</param>
    /// <param name="target">t, of the same shape.</param>
    /// <param name="beta">β, 0 or more: where the square turns into a line; 0 is <see cref="L1Loss"/>.</param>
    /// <param name="reduction">How the losses of all numbers become one.</param>
    /// <returns>A scalar, or the shape of <paramref name="x"/> without reduction.</returns>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">β is negative.</exception>
    /// <remarks>Source: Girshick 2015, arXiv:1504.08083, equation 3.</remarks>
    public static Tensor SmoothL1Loss(this Tensor x, Tensor target, float beta = 1, Reduction reduction = Reduction.Mean)
    {
        RequireSameShape("SmoothL1Loss", x, target);
        ArgumentOutOfRangeException.ThrowIfNegative(beta);
        return beta == 0 ? x.L1Loss(target, reduction) : Reduce(Huber(x - target, beta) * (1 / beta), reduction);
    }

    // With c = d held within ±δ, c (d - c/2) is both branches at once.
    private static Tensor Huber(Tensor d, float delta)
    {
        Tensor held = d.Clamp(-delta, delta);
        return held * (d - held * 0.5f);
    }
}
