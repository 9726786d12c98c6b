using Rindoku.Autograd;
using Rindoku.Kernels;

namespace Rindoku.Ops;

/// <summary>What batch normalisation in training gives: the output and the batch's own statistics, from which running ones are kept.</summary>
/// <param name="Output">The normalised batch, of the shape of the input.</param>
/// <param name="Mean">The mean of each channel, (C); no gradient flows through it.</param>
/// <param name="Variance">The unbiased variance (divided by n - 1) of each channel, (C); no gradient flows through it.</param>
public sealed record BatchNormOutput(Tensor Output, Tensor Mean, Tensor Variance)
{
    /// <summary>Moves running statistics towards the batch's: <c>running += momentum · (batch - running)</c>.</summary>
    /// <param name="runningMean">(C), written in place.</param>
    /// <param name="runningVariance">(C), written in place.</param>
    /// <param name="momentum">How far to move, from 0 to 1; PyTorch's layers use 0.1.</param>
    /// <exception cref="ShapeException">The running statistics are not of shape (C).</exception>
    public void Update(BufferTensor runningMean, BufferTensor runningVariance, float momentum)
    {
        ArgumentNullException.ThrowIfNull(runningMean);
        ArgumentNullException.ThrowIfNull(runningVariance);
        ShapeException.Require(runningMean.Shape == Mean.Shape && runningVariance.Shape == Mean.Shape,
            $"BatchNorm: running statistics {runningMean.Shape} and {runningVariance.Shape} for batch statistics {Mean.Shape}");
        Span<float> mean = runningMean.Values, variance = runningVariance.Values;
        for (int i = 0; i < mean.Length; i++)
        {
            mean[i] += momentum * (Mean.Span[i] - mean[i]);
            variance[i] += momentum * (Variance.Span[i] - variance[i]);
        }
    }
}

public static partial class TensorOps
{
    /// <summary>Batch normalisation with the batch's own statistics (training): <c>y = (x - mean) / √(variance + ε) · weight + bias</c> by channel.</summary>
    /// <param name="x">(N, C, *): statistics of each channel are taken over all other axes.</param>
    /// <param name="weight">Scale, (C), or null for 1.</param>
    /// <param name="bias">Shift, (C), or null for 0.</param>
    /// <param name="epsilon">ε, added to the variance (divided by n here, not n - 1).</param>
    /// <returns>The output and the batch's statistics.</returns>
    /// <exception cref="ShapeException">x has fewer than two axes or a single number to a channel, or weight or bias are not of shape (C).</exception>
    /// <remarks>Source: Ioffe and Szegedy 2015, arXiv:1502.03167, algorithm 1.</remarks>
    public static BatchNormOutput BatchNormTraining(this Tensor x, Tensor? weight = null, Tensor? bias = null, float epsilon = 1e-5f)
    {
        (int samples, int channels, int length) = ByChannel("BatchNorm", x, weight, bias);
        int count = samples * length;
        ShapeException.Require(channels == 0 || count > 1,
            $"BatchNorm: x {x.Shape} has {count} numbers to a channel; training needs at least 2 to take a variance of");

        double[] exactMeans = new double[channels], variances = new double[channels];
        BatchNormKernel.Statistics(x.Span, exactMeans, variances, samples, length);
        Tensor means = Tensor.Generate([channels], c => (float)exactMeans[c]);
        Tensor rates = Tensor.Generate([channels], c => (float)(1 / Math.Sqrt(variances[c] + epsilon)));
        Tensor unbiased = Tensor.Generate([channels], c => (float)(variances[c] * count / (count - 1)));
        Tensor y = Tensor.Uninitialized(x.Shape);
        BatchNormKernel.Forward(x.Span, means.Span, rates.Span, SpanOf(weight), SpanOf(bias), y.Writable, samples, length);
        RecordNormalization("batch_norm", y, x, weight, bias, [samples, channels, length], [0, 2], [channels, 1], epsilon, centre: true,
            (dy, wanted) => BatchNormGradients(x, weight, means, rates, dy, wanted[0], fixedStatistics: false));
        return new BatchNormOutput(y, means, unbiased);
    }

    /// <summary>Batch normalisation with given statistics (evaluation): <c>y = (x - mean) / √(variance + ε) · weight + bias</c> by channel.</summary>
    /// <param name="x">(N, C, *).</param>
    /// <param name="mean">Running means, (C).</param>
    /// <param name="variance">Running variances, (C).</param>
    /// <param name="weight">Scale, (C), or null for 1.</param>
    /// <param name="bias">Shift, (C), or null for 0.</param>
    /// <param name="epsilon">ε, added to the variance.</param>
    /// <returns>A new tensor of the shape of <paramref name="x"/>.</returns>
    /// <exception cref="ShapeException">x has fewer than two axes, or one of the others is not of shape (C).</exception>
    /// <remarks>Source: Ioffe and Szegedy 2015, arXiv:1502.03167, algorithm 2.</remarks>
    public static Tensor BatchNormEvaluation(this Tensor x, Tensor mean, Tensor variance, Tensor? weight, Tensor? bias, float epsilon = 1e-5f)
    {
        ArgumentNullException.ThrowIfNull(mean);
        ArgumentNullException.ThrowIfNull(variance);
        (int samples, int channels, int length) = ByChannel("BatchNorm", x, weight, bias);
        ShapeException.Require(mean.Shape == [channels] && variance.Shape == [channels],
            $"BatchNorm: x {x.Shape} needs a mean and a variance of ({channels}), got {mean.Shape} and {variance.Shape}");
        Shape view = [samples, channels, length], affine = [channels, 1];
        if (Tape.Needs(mean, variance)) return BatchNormByParts(x, mean, variance, weight, bias, view, affine, epsilon);

        Tensor rates = Tensor.Generate([channels], c => (float)(1 / Math.Sqrt((double)variance.Span[c] + epsilon)));
        // Running statistics are written in place: the backward pass must see those that the forward pass saw.
        Tensor means = Tensor.From(mean.Span, mean.Shape);
        Tensor y = Tensor.Uninitialized(x.Shape);
        BatchNormKernel.Forward(x.Span, means.Span, rates.Span, SpanOf(weight), SpanOf(bias), y.Writable, samples, length);

        Edge byX = new(x, dy =>
        {
            Tensor slope = weight is null ? rates : rates * weight;
            return (dy.Reshape(view) * slope.Reshape(affine)).Reshape(x.Shape);
        });
        if (weight is null && bias is null) return Tape.Record("batch_norm", y, byX);
        // A missing scale or shift is a constant on the tape: no gradient is ever asked of it.
        Edge byWeight = new(weight ?? Tensor.Ones([channels]), dy =>
            (dy.Reshape(view) * ((x.Reshape(view) - means.Reshape(affine)) * rates.Reshape(affine))).SumTo(affine).Reshape(channels));
        Edge byBias = new(bias ?? Tensor.Zeros([channels]), dy => dy.Reshape(view).SumTo(affine).Reshape(channels));
        return Tape.RecordFused("batch_norm", y,
            (dy, wanted) => BatchNormGradients(x, weight, means, rates, dy, wanted[0], fixedStatistics: true), byX, byWeight, byBias);
    }

    private static Tensor BatchNormByParts(Tensor x, Tensor mean, Tensor variance, Tensor? weight, Tensor? bias, Shape view, Shape affine, float epsilon)
    {
        Tensor scale = (variance + epsilon).Rsqrt();
        if (weight is not null) scale *= weight;
        Tensor y = (x.Reshape(view) - mean.Reshape(affine)) * scale.Reshape(affine);
        return (bias is null ? y : y + bias.Reshape(affine)).Reshape(x.Shape);
    }

    private static Tensor?[] BatchNormGradients(Tensor x, Tensor? weight, Tensor means, Tensor rates, Tensor dy, bool wantX, bool fixedStatistics)
    {
        Tensor? dx = wantX ? Tensor.Uninitialized(x.Shape) : null;
        Tensor dweight = Tensor.Uninitialized(means.Shape), dbias = Tensor.Uninitialized(means.Shape);
        BatchNormKernel.Backward(dy.Span, x.Span, means.Span, rates.Span, SpanOf(weight), dx is null ? default : dx.Writable,
            dweight.Writable, dbias.Writable, x.Shape[0], x.Shape.Count(2..), fixedStatistics);
        return [dx, dweight, dbias];
    }

    private static (int Samples, int Channels, int Length) ByChannel(string operation, Tensor x, Tensor? weight, Tensor? bias)
    {
        ArgumentNullException.ThrowIfNull(x);
        ShapeException.Require(x.Rank >= 2, $"{operation}: x must be (N, C, *), got {x.Shape}");
        RequireAffine(operation, x, weight, bias, [x.Shape[1]]);
        return (x.Shape[0], x.Shape[1], x.Shape.Count(2..));
    }
}
