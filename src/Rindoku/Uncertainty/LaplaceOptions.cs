namespace Rindoku.Uncertainty;

/// <summary>How much of the curvature, a P × P matrix for P parameters, is kept.</summary>
public enum LaplaceStructure
{
    /// <summary>For each weight a Kronecker product of two small matrices, one of its inputs and one of its outputs (KFAC).</summary>
    Kronecker,

    /// <summary>Its diagonal.</summary>
    Diagonal,

    /// <summary>All of it: for small networks, or few data.</summary>
    Full,
}

/// <summary>What stands for the Hessian of the negative log-likelihood. Both never have a negative eigenvalue.</summary>
public enum Curvature
{
    /// <summary><c>Σ Jᵀ Λ J</c>, J the Jacobian of the outputs, Λ the Hessian of the negative log-likelihood by them.</summary>
    GaussNewton,

    /// <summary><c>Σ g gᵀ</c>, g the gradient of the log-likelihood of one example.</summary>
    EmpiricalFisher,
}

/// <summary>Which parameters share a precision of the prior.</summary>
public enum PriorStructure
{
    /// <summary>Those of one tensor: a weight, a bias.</summary>
    PerTensor,

    /// <summary>All.</summary>
    Scalar,

    /// <summary>None: each has its own. Not with <see cref="LaplaceStructure.Kronecker"/>.</summary>
    PerParameter,
}

/// <summary>How a <see cref="LaplaceApproximation"/> is made.</summary>
public sealed record LaplaceOptions
{
    /// <summary>How much of the curvature is kept.</summary>
    public LaplaceStructure Structure { get; init; }

    /// <summary>What stands for the Hessian.</summary>
    public Curvature Curvature { get; init; }

    /// <summary>Which parameters share a precision.</summary>
    public PriorStructure Prior { get; init; }

    /// <summary>T: everywhere the likelihood counts as its power 1/T. Evidences are comparable at equal T only.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>How many examples are worked on at once; it makes no difference but in rounding, memory and time.</summary>
    public int BatchSize { get; init; } = 256;

    internal LaplaceOptions Checked()
    {
        if (!(Temperature > 0 && double.IsFinite(Temperature)))
            throw new ArgumentOutOfRangeException(nameof(Temperature), Temperature, "LaplaceOptions.Temperature: needed a number above 0");
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(BatchSize);
        if (Structure == LaplaceStructure.Kronecker && Prior == PriorStructure.PerParameter)
            throw new ArgumentException("LaplaceOptions: a Kronecker product plus a diagonal of different numbers has no simple eigenvalues; " +
                "take PriorStructure.PerTensor or Scalar, or LaplaceStructure.Diagonal or Full");
        return this;
    }
}
