using Rindoku.Kernels;

namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>
    /// A cell through time as one operation. From input-side sums (T, B, G·H) and the state before to one tensor (T + 1 or 2, B, H):
    /// the outputs in the order of time, then the last h, then the last c if the cell has one.
    /// </summary>
    /// <param name="cell">The kind of cell.</param>
    /// <param name="step">One step of it in differentiable operations: from the sums at one time, h, c (or h again), weight and bias.</param>
    /// <param name="run">Sizes and direction.</param>
    /// <param name="input">(T, B, G·H).</param>
    /// <param name="hidden">(B, H).</param>
    /// <param name="cellState">(B, H), or null if the cell has none.</param>
    /// <param name="weight">(G·H, H).</param>
    /// <param name="bias">(G·H), or null for 0.</param>
    private static Tensor ThroughTime<C>(C cell, Func<Tensor, Tensor, Tensor, Tensor, Tensor?, (Tensor, Tensor)> step, RecurrentRun run,
        Tensor input, Tensor hidden, Tensor? cellState, Tensor weight, Tensor? bias) where C : struct, IRecurrentCell
    {
        int state = run.Batch * run.Size, last = C.HasCell ? 2 : 1;
        Tensor states = Tensor.Uninitialized([run.Steps + 1, run.Batch, run.Size]);
        Tensor? cells = C.HasCell ? Tensor.Uninitialized(states.Shape) : null;
        Tensor saved = Tensor.Uninitialized([run.Steps, run.Batch, C.Saved * run.Size]);
        Tensor y = Tensor.Uninitialized([run.Steps + last, run.Batch, run.Size]);
        hidden.Span.CopyTo(states.Writable);
        cellState?.Span.CopyTo(cells!.Writable);
        RecurrentKernel.Forward(cell, run, input.Span, weight.Span, SpanOf(bias), states.Writable, cells is null ? default : cells.Writable,
            saved.Writable, y.Writable[..(run.Steps * state)]);
        states.Span[(run.Steps * state)..].CopyTo(y.Writable[(run.Steps * state)..]);
        cells?.Span[(run.Steps * state)..].CopyTo(y.Writable[((run.Steps + 1) * state)..]);

        Tensor[] inputs = [input, hidden, weight, .. cellState is null ? (Tensor[])[] : [cellState], .. bias is null ? (Tensor[])[] : [bias]];
        return RecordByParts("recurrent", y, (dy, _) => Backward(dy), t => ByParts(step, run, t, C.HasCell, bias is not null), inputs);

        Tensor?[] Backward(Tensor dy)
        {
            Tensor dh = Tensor.From(dy.Span.Slice(run.Steps * state, state), hidden.Shape);
            Tensor? dc = C.HasCell ? Tensor.From(dy.Span[((run.Steps + 1) * state)..], hidden.Shape) : null;
            Tensor dinput = Tensor.Uninitialized(input.Shape), dproduct = Tensor.Uninitialized(input.Shape), dweight = Tensor.Uninitialized(weight.Shape);
            RecurrentKernel.Backward(cell, run, weight.Span, states.Span, SpanOf(cells), saved.Span, dy.Span[..(run.Steps * state)],
                dh.Writable, dc is null ? default : dc.Writable, dinput.Writable, dproduct.Writable);
            // All steps' share of the weight at once: its gradient is one product over time and batch.
            Gemm.Multiply(weight.Shape[0], run.Size, run.Steps * run.Batch, dproduct.Span, true, states.Span[..(run.Steps * state)], false, dweight.Writable);
            return [dinput, dh, dweight, .. dc is null ? (Tensor?[])[] : [dc], .. bias is null ? (Tensor?[])[] : [dproduct.SumTo(bias.Shape)]];
        }
    }

    private static Tensor ByParts(Func<Tensor, Tensor, Tensor, Tensor, Tensor?, (Tensor, Tensor)> step, RecurrentRun run, Tensor[] t, bool hasCell, bool hasBias)
    {
        Tensor input = t[0], hidden = t[1], weight = t[2], cell = hasCell ? t[3] : hidden;
        Tensor? bias = hasBias ? t[^1] : null;
        Tensor[] outputs = new Tensor[run.Steps];
        for (int k = 0; k < run.Steps; k++)
        {
            int time = run.Time(k);
            (Tensor nextHidden, Tensor nextCell) = step(input.Select(0, time), hidden, cell, weight, bias);
            if (run.Lengths is null)
            {
                (hidden, cell, outputs[time]) = (nextHidden, nextCell, nextHidden);
                continue;
            }
            // 1 where the sample still counts: elsewhere it holds its state and gives 0.
            Tensor counts = Tensor.Generate([run.Batch, 1], sample => run.Counts(sample, time) ? 1 : 0);
            outputs[time] = nextHidden * counts;
            hidden += (nextHidden - hidden) * counts;
            cell += (nextCell - cell) * counts;
        }
        return Stack([.. outputs, hidden, .. hasCell ? (Tensor[])[cell] : []], 0);
    }
}
