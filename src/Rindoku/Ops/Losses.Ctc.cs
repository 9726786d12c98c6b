using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    // Stands for log 0 in the differentiable rule: finite, so that no difference of two of them is NaN.
    private const float LogZero = -1e30f;

    /// <summary>Connectionist temporal classification: <c>loss = -log p(labels)</c>, summed over all alignments of the labels to the steps.</summary>
    /// <param name="logProbabilities">Logarithms of probabilities (<see cref="LogSoftmax"/>), (N, T, C). PyTorch has (T, N, C).</param>
    /// <param name="labels">(N, S), padded with anything; none is the blank.</param>
    /// <param name="inputLengths">How many steps of each item count, (N), 1 to T.</param>
    /// <param name="labelLengths">How many labels of each item count, (N), 0 to S.</param>
    /// <param name="blank">The class that stands for no label.</param>
    /// <param name="zeroInfinity">Whether an item whose labels do not fit its steps counts 0, with no gradient, instead of +∞.</param>
    /// <param name="reduction">The mean divides each loss by its number of labels first (by 1 if it has none), as PyTorch does.</param>
    /// <returns>A scalar, or (N) without reduction.</returns>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label, a length or the blank lies outside its range.</exception>
    /// <remarks>Source: Graves et al. 2006, "Connectionist temporal classification".</remarks>
    public static Tensor CtcLoss(this Tensor logProbabilities, IntTensor labels, IntTensor inputLengths, IntTensor labelLengths, int blank = 0,
        bool zeroInfinity = false, Reduction reduction = Reduction.Mean)
    {
        ArgumentNullException.ThrowIfNull(logProbabilities);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(inputLengths);
        ArgumentNullException.ThrowIfNull(labelLengths);
        CtcBatch batch = RequireCtc(logProbabilities, labels, inputLengths, labelLengths, blank);
        Tensor losses = CtcOfItems(logProbabilities, batch, zeroInfinity);
        if (reduction != Reduction.Mean) return Reduce(losses, reduction);
        return Reduce(losses * Tensor.Generate(losses.Shape, i => 1f / Math.Max(1, labelLengths[i])), Reduction.Mean);
    }

    private static Tensor CtcOfItems(Tensor x, CtcBatch batch, bool zeroInfinity)
    {
        Tensor losses = Tensor.Uninitialized([x.Shape[0]]);
        CtcKernel.Loss(batch, x.Span, losses.Writable);
        Tensor counts = Tensor.Generate(losses.Shape, i => zeroInfinity && float.IsInfinity(losses.Span[i]) ? 0 : 1);
        for (int i = 0; i < losses.Length; i++)
            if (counts.Span[i] == 0) losses.Writable[i] = 0;
        return RecordByParts("ctc_loss", losses, (dy, _) =>
        {
            Tensor dx = Tensor.Zeros(x.Shape), g = Tensor.Generate(dy.Shape, i => counts.Span[i] == 0 ? 0 : dy.Span[i]);
            CtcKernel.Gradient(batch, x.Span, g.Span, dx.Writable);
            return [dx];
        }, t => CtcByParts(t[0], batch) * counts, x);
    }

    /// <summary>The same recursion over all items at once, in differentiable operations.</summary>
    private static Tensor CtcByParts(Tensor x, CtcBatch batch)
    {
        int items = batch.Paths.Length, places = batch.Paths.Max(p => p.Length);
        int At(int i) => i / places % items;
        int[] PathOf(int i) => batch.Paths[At(i)];
        IntTensor classes = IntTensor.From([.. Enumerable.Range(0, items * batch.Steps * places).Select(i =>
        {
            int[] path = batch.Paths[i / places / batch.Steps];
            return i % places < path.Length ? path[i % places] : path[0];
        })], [items, batch.Steps, places]);
        Tensor emissions = x.Gather(2, classes);
        Tensor skips = Tensor.Generate([items, places], i => i % places < PathOf(i).Length && CtcBatch.Skips(PathOf(i), i % places) ? 0 : LogZero);

        Tensor alpha = emissions.Select(1, 0) + Tensor.Generate([items, places], i => i % places < 2 ? 0 : LogZero);
        for (int t = 1; t < batch.Steps; t++)
        {
            int time = t;
            Tensor step = alpha.Pad(1, 1, 0, value: LogZero).Narrow(1, 0, places);
            Tensor skip = alpha.Pad(1, 2, 0, value: LogZero).Narrow(1, 0, places) + skips;
            Tensor next = Stack([alpha, step, skip], 0).LogSumExp([0]) + emissions.Select(1, t);
            Tensor counts = Tensor.Generate([items, 1], i => time < batch.InputLengths[i] ? 1 : 0);
            alpha = Tensor.Where(counts, next, alpha);
        }
        Tensor ends = Tensor.Generate([items, places], i => i % places < PathOf(i).Length && i % places >= PathOf(i).Length - 2 ? 0 : LogZero);
        return -(alpha + ends).LogSumExp([1]);
    }

    private static CtcBatch RequireCtc(Tensor x, IntTensor labels, IntTensor inputLengths, IntTensor labelLengths, int blank)
    {
        ShapeException.Require(x.Rank == 3 && x.Shape[1] > 0, $"CtcLoss: log-probabilities must be (N, T, C) with at least one step, got {x.Shape}");
        (int items, int steps, int classes) = (x.Shape[0], x.Shape[1], x.Shape[2]);
        ShapeException.Require(labels.Rank == 2 && labels.Shape[0] == items && inputLengths.Shape == [items] && labelLengths.Shape == [items],
            $"CtcLoss: log-probabilities {x.Shape} need labels of ({items}, S) and lengths of ({items}), got {labels.Shape}, {inputLengths.Shape} and {labelLengths.Shape}");
        if ((uint)blank >= (uint)classes) throw new ArgumentOutOfRangeException(nameof(blank), $"CtcLoss: blank {blank} is none of the {classes} classes");
        int[][] paths = new int[items][];
        for (int n = 0; n < items; n++)
        {
            int count = labelLengths[n];
            if (inputLengths[n] < 1 || inputLengths[n] > steps || count < 0 || count > labels.Shape[1])
                throw new ArgumentOutOfRangeException(nameof(inputLengths),
                    $"CtcLoss: item {n} has {inputLengths[n]} of {steps} steps (at least 1) and {count} of {labels.Shape[1]} labels");
            paths[n] = new int[2 * count + 1];
            Array.Fill(paths[n], blank);
            for (int s = 0; s < count; s++)
            {
                int label = paths[n][2 * s + 1] = labels[n * labels.Shape[1] + s];
                if ((uint)label >= (uint)classes || label == blank)
                    throw new ArgumentOutOfRangeException(nameof(labels), $"CtcLoss: label {label} of item {n} is the blank {blank} or none of the {classes} classes");
            }
        }
        return new CtcBatch(steps, classes, inputLengths.ToArray(), paths);
    }
}
