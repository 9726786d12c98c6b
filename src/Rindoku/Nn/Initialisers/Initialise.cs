namespace Rindoku.Nn.Initialisers;

/// <summary>What follows a layer, for the factor that keeps the size of its signals: ReLU halves the mean square, so √2 makes up for it.</summary>
public static class Gain
{
    /// <summary>For a layer followed by nothing, or by a sigmoid.</summary>
    public const double Linear = 1;

    /// <summary>For a layer followed by ReLU: √2.</summary>
    public const double Relu = 1.4142135623730951;

    /// <summary>For a layer followed by tanh: 5/3.</summary>
    public const double Tanh = 5.0 / 3;

    /// <summary>For a layer followed by SELU: 3/4.</summary>
    public const double Selu = 0.75;

    /// <summary>For a layer followed by leaky ReLU of the given slope: <c>√(2 / (1 + slope²))</c>.</summary>
    public static double LeakyRelu(double slope) => Math.Sqrt(2 / (1 + slope * slope));
}

/// <summary>Start values of parameters.</summary>
/// <remarks>
/// For a weight of shape (out, in, kernel...) the fan-in is in · kernel and the fan-out out · kernel, as in PyTorch; a transposed
/// convolution's weight (in, out, kernel...) is treated by the same rule.
/// </remarks>
public static class Initialise
{
    /// <summary>Kaiming's normal: N(0, gain² / fan).</summary>
    /// <remarks>Source: He et al. 2015, arXiv:1502.01852, equations 10 and 14.</remarks>
    public static Tensor KaimingNormal(Rng rng, Shape shape, double gain = Gain.Relu, bool fanOut = false)
    {
        ArgumentNullException.ThrowIfNull(rng);
        return rng.Normal(shape, 0, (float)(gain / Math.Sqrt(fanOut ? Fans(shape).Out : Fans(shape).In)));
    }

    /// <summary>Kaiming's uniform: U(−b, b) with <c>b = gain √(3 / fan)</c>.</summary>
    /// <remarks>Source: He et al. 2015, arXiv:1502.01852.</remarks>
    public static Tensor KaimingUniform(Rng rng, Shape shape, double gain = Gain.Relu, bool fanOut = false)
    {
        ArgumentNullException.ThrowIfNull(rng);
        float bound = (float)(gain * Math.Sqrt(3.0 / (fanOut ? Fans(shape).Out : Fans(shape).In)));
        return rng.Uniform(shape, -bound, bound);
    }

    /// <summary>Xavier's normal: N(0, 2 gain² / (fan-in + fan-out)).</summary>
    /// <remarks>Source: Glorot and Bengio 2010.</remarks>
    public static Tensor XavierNormal(Rng rng, Shape shape, double gain = Gain.Linear)
    {
        ArgumentNullException.ThrowIfNull(rng);
        (int fanIn, int fanOut) = Fans(shape);
        return rng.Normal(shape, 0, (float)(gain * Math.Sqrt(2.0 / (fanIn + fanOut))));
    }

    /// <summary>Xavier's uniform: U(−b, b) with <c>b = gain √(6 / (fan-in + fan-out))</c>.</summary>
    /// <remarks>Source: Glorot and Bengio 2010.</remarks>
    public static Tensor XavierUniform(Rng rng, Shape shape, double gain = Gain.Linear)
    {
        ArgumentNullException.ThrowIfNull(rng);
        (int fanIn, int fanOut) = Fans(shape);
        float bound = (float)(gain * Math.Sqrt(6.0 / (fanIn + fanOut)));
        return rng.Uniform(shape, -bound, bound);
    }

    /// <summary>U(−1/√fan-in, 1/√fan-in): what PyTorch's linear and convolutional layers start from.</summary>
    /// <param name="rng">The source of randomness.</param>
    /// <param name="shape">The shape of what starts (a weight or its bias).</param>
    /// <param name="fanIn">How many inputs each output has.</param>
    public static Tensor UniformByFanIn(Rng rng, Shape shape, int fanIn)
    {
        ArgumentNullException.ThrowIfNull(rng);
        float bound = 1 / MathF.Sqrt(Math.Max(1, fanIn));
        return rng.Uniform(shape, -bound, bound);
    }

    /// <summary>A normal distribution cut off at <paramref name="cut"/> deviations to both sides (drawn again until inside).</summary>
    public static Tensor TruncatedNormal(Rng rng, Shape shape, double deviation = 0.02, double cut = 2)
    {
        ArgumentNullException.ThrowIfNull(rng);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(cut);
        return Tensor.Generate(shape, _ =>
        {
            double z;
            do z = rng.NextNormal();
            while (Math.Abs(z) > cut);
            return (float)(z * deviation);
        });
    }

    /// <summary>A matrix with orthonormal rows or columns, whichever are fewer, times the gain; axes after the first are taken together.</summary>
    /// <remarks>
    /// Gram and Schmidt's method, run twice, on a normal matrix. Source: Saxe, McClelland and Ganguli 2013, arXiv:1312.6120.
    /// </remarks>
    public static Tensor Orthogonal(Rng rng, Shape shape, double gain = Gain.Linear)
    {
        ArgumentNullException.ThrowIfNull(rng);
        ShapeException.Require(shape.Rank >= 2, $"Orthogonal: needs two or more axes, got {shape}");
        int rows = shape[0], columns = shape.Count(1..);
        (int count, int length) = (Math.Min(rows, columns), Math.Max(rows, columns));
        double[][] vectors = [.. Enumerable.Range(0, count).Select(_ => new double[length].Select(_ => rng.NextNormal()).ToArray())];
        for (int pass = 0; pass < 2; pass++)
            for (int i = 0; i < count; i++) Orthogonalise(vectors, i);
        return Tensor.Generate(shape, at =>
        {
            (int row, int column) = Math.DivRem(at, columns);
            return (float)(gain * (rows <= columns ? vectors[row][column] : vectors[column][row]));
        });
    }

    private static void Orthogonalise(double[][] vectors, int i)
    {
        double[] v = vectors[i];
        for (int j = 0; j < i; j++)
        {
            double along = System.Numerics.Tensors.TensorPrimitives.Dot<double>(v, vectors[j]);
            for (int k = 0; k < v.Length; k++) v[k] -= along * vectors[j][k];
        }
        double norm = Math.Sqrt(System.Numerics.Tensors.TensorPrimitives.Dot<double>(v, v));
        for (int k = 0; k < v.Length; k++) v[k] /= norm;
    }

    private static (int In, int Out) Fans(Shape shape)
    {
        ShapeException.Require(shape.Rank >= 2, $"Initialise: the fan of shape {shape} is not defined; a weight has two or more axes (out, in, kernel...)");
        int kernel = shape.Count(2..);
        return (shape[1] * kernel, shape[0] * kernel);
    }
}
