using Rindoku.Ops;

namespace Rindoku.Distributions;

/// <summary>Normal distributions of vectors, by the lower Cholesky factor of the covariance: <c>Σ = L Lᵀ</c>.</summary>
public sealed class MultivariateNormal : RealDistribution
{
    private readonly Tensor mean, factor;

    /// <summary>Normal distributions with the given means and Cholesky factors, whose batch axes broadcast.</summary>
    /// <param name="mean">μ, (..., d), finite.</param>
    /// <param name="factor">L, (..., d, d), of which the lower triangle counts; its diagonal is positive.</param>
    /// <exception cref="ShapeException">The shapes are not as above.</exception>
    /// <exception cref="ArgumentException">A parameter has a value that it must not have.</exception>
    public MultivariateNormal(Tensor mean, Tensor factor) : base(BatchOf(mean, factor), [mean.Shape[^1]])
    {
        this.mean = Finite(mean, nameof(MultivariateNormal));
        this.factor = Finite(factor, nameof(MultivariateNormal)).Tril();
        using (Autograd.NoGrad.Enter()) Positive(factor.Diagonal(), nameof(MultivariateNormal), "the diagonal of factor");
    }

    /// <summary>Normal distributions with the given means and covariances.</summary>
    /// <param name="mean">μ, (..., d).</param>
    /// <param name="covariance">Σ, (..., d, d), symmetric and positive definite.</param>
    /// <exception cref="LinearAlgebraException">A covariance is not positive definite.</exception>
    public static MultivariateNormal FromCovariance(Tensor mean, Tensor covariance) => new(mean, covariance.Cholesky());

    /// <inheritdoc/>
    public override Tensor Mean => mean.Expand(SampleShape(Shape.Scalar));

    /// <inheritdoc/>
    public override Tensor Variance => factor.Square().Sum([-1]).Expand(SampleShape(Shape.Scalar));

    /// <summary>The covariances, Σ, (..., d, d).</summary>
    public Tensor Covariance => factor.MatMul(factor, transposeB: true).Expand(Shape.Own([.. BatchShape.Sizes, Size, Size]));

    /// <inheritdoc/>
    public override bool IsReparameterized => true;

    private int Size => EventShape[0];

    /// <inheritdoc/>
    public override Tensor LogProb(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        ShapeException.Require(value.Rank >= 1 && value.Shape[^1] == Size, $"MultivariateNormal: outcomes {value.Shape} for vectors of {Size}");
        return Whitened(value - mean).Square().Sum([-1]) * -0.5f - (LogVolume() + 0.5f * Size * Noise.LogTwoPi);
    }

    /// <inheritdoc/>
    public override Tensor Entropy() => (LogVolume() + 0.5f * Size * (1 + Noise.LogTwoPi)).Expand(BatchShape);

    /// <summary><c>log(|Lq| / |Lp|) + (|Lq⁻¹ Lp|² + |Lq⁻¹ (μp - μq)|² - d) / 2</c>.</summary>
    internal Tensor Divergence(MultivariateNormal q)
    {
        ShapeException.Require(Size == q.Size, $"Kl.Divergence: {this} of vectors of {Size} and {q} of vectors of {q.Size}");
        Tensor spread = q.factor.TriangularSolve(factor).Square().Sum([-2, -1]);
        Tensor distance = q.Whitened(mean - q.mean).Square().Sum([-1]);
        return q.LogVolume() - LogVolume() + (spread + distance - Size) * 0.5f;
    }

    private protected override Tensor Draw(Rng rng, Shape shape)
    {
        Tensor noise = rng.Normal(shape);
        Tensor moved = factor.Rank == 2
            ? noise.MatMul(factor, transposeB: true)
            : noise.Unsqueeze(-2).MatMul(factor, transposeB: true).Squeeze(-2);
        return mean + moved;
    }

    private Tensor LogVolume() => factor.Diagonal().Log().Sum([-1]);

    // L⁻¹ x. With one factor for all, all vectors are columns of one right-hand side.
    private Tensor Whitened(Tensor x) => factor.Rank == 2
        ? factor.TriangularSolve(x.Reshape(-1, Size).T()).T().Reshape(x.Shape)
        : factor.TriangularSolve(x.Unsqueeze(-1)).Squeeze(-1);

    private static Shape BatchOf(Tensor mean, Tensor factor)
    {
        ArgumentNullException.ThrowIfNull(mean);
        ArgumentNullException.ThrowIfNull(factor);
        ShapeException.Require(mean.Rank >= 1 && factor.Rank >= 2 && factor.Shape[^1] == mean.Shape[^1] && factor.Shape[^2] == mean.Shape[^1],
            $"MultivariateNormal: mean {mean.Shape} and factor {factor.Shape}: needs (..., d) and (..., d, d)");
        return Shape.Broadcast(mean.Shape[..^1], factor.Shape[..^2], nameof(MultivariateNormal));
    }
}
