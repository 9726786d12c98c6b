using Rindoku.Kernels;

namespace Rindoku.Ops;

/// <summary>The gates of a <see cref="TensorOps.GatedPooling"/>.</summary>
public enum PoolingKind
{
    /// <summary>f-pooling, a forget gate: <c>h_t = f_t h_{t-1} + (1 - f_t) z_t</c>.</summary>
    Forget,

    /// <summary>fo-pooling, an output gate as well: <c>c_t = f_t c_{t-1} + (1 - f_t) z_t</c>, <c>h_t = o_t c_t</c>.</summary>
    ForgetOutput,

    /// <summary>ifo-pooling, an input gate of its own: <c>c_t = f_t c_{t-1} + i_t z_t</c>, <c>h_t = o_t c_t</c>.</summary>
    InputForgetOutput,
}

/// <summary>The choices of a gated pooling.</summary>
public sealed record GatedPoolingOptions
{
    /// <summary>c before the first step, (B, H), or null for 0.</summary>
    public Tensor? Start { get; init; }

    /// <summary>Zoneout's draws, (B, T, H): what 1 - f is multiplied with. 0 keeps a channel as it was for a step. No gradient flows to it.</summary>
    public Tensor? UpdateMask { get; init; }

    /// <summary>What 1 - f is multiplied with everywhere, where there is no mask: 1 - p in place of zoneout's draws.</summary>
    public float UpdateScale { get; init; } = 1;

    /// <summary>How many steps of each sample count, (B), or null for all. Beyond them a sample holds its c and gives 0.</summary>
    public IntTensor? Lengths { get; init; }
}

/// <summary>What a gated pooling gives.</summary>
/// <param name="Output">h at every step, (B, T, H); 0 beyond a sample's length.</param>
/// <param name="Cell">The last c, (B, H).</param>
public sealed record PooledSequence(Tensor Output, Tensor Cell);

public static partial class TensorOps
{
    /// <summary>
    /// The recurrence of quasi-recurrent networks, gates included, in one pass over time: <c>z = tanh, f = σ, o = σ, i = σ</c> of the sums, then one of
    /// <see cref="PoolingKind"/>.
    /// </summary>
    /// <param name="sums">(B, T, G·H): the gates in the order z, f, o, i, as many as the kind has (2, 3 or 4).</param>
    /// <param name="kind">Which gates there are.</param>
    /// <param name="options">Start, zoneout and lengths.</param>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A length is not from 0 to T.</exception>
    /// <remarks>Channels do not mix, so there is no product in the recurrence. Source: Bradbury et al. 2017, arXiv:1611.01576, section 2.1.</remarks>
    public static PooledSequence GatedPooling(this Tensor sums, PoolingKind kind, GatedPoolingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(sums);
        options ??= new GatedPoolingOptions();
        int gates = GatesOf(kind);
        ShapeException.Require(sums.Rank == 3 && sums.Shape[1] > 0 && sums.Shape[2] % gates == 0,
            $"GatedPooling: the sums must be (B, T, {gates} H) with at least one step, got {sums.Shape}");
        (int batch, int steps, int size) = (sums.Shape[0], sums.Shape[1], sums.Shape[2] / gates);
        ShapeException.Require(options.Start is null || options.Start.Shape == [batch, size], $"GatedPooling: the start must be ({batch}, {size}), got {options.Start?.Shape}");
        ShapeException.Require(options.UpdateMask is null || options.UpdateMask.Shape == [batch, steps, size],
            $"GatedPooling: the mask must be ({batch}, {steps}, {size}), got {options.UpdateMask?.Shape}");
        PoolingRun run = new(batch, steps, size, gates, options.UpdateScale, RequireLengths("GatedPooling", options.Lengths, batch, steps));
        Tensor packed = Pool(run, sums, options.Start, options.UpdateMask);
        int outputs = batch * steps * size;
        return new PooledSequence(packed.Narrow(0, 0, outputs).Reshape(batch, steps, size), packed.Narrow(0, outputs, batch * size).Reshape(batch, size));
    }

    /// <summary>How many sums a channel has at each step: 2, 3 or 4.</summary>
    public static int GatesOf(PoolingKind kind) => kind switch
    {
        PoolingKind.Forget => 2,
        PoolingKind.ForgetOutput => 3,
        PoolingKind.InputForgetOutput => 4,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "GatedPooling: there is no such kind"),
    };

    // One tensor, because an operation has one: all outputs, and behind them the last c.
    private static Tensor Pool(PoolingRun run, Tensor sums, Tensor? start, Tensor? mask)
    {
        int outputs = run.Batch * run.Steps * run.Size;
        Tensor y = Tensor.Uninitialized([outputs + run.Batch * run.Size]);
        bool saves = Autograd.Tape.Needs(sums, start);
        Tensor? gates = saves ? Tensor.Uninitialized(sums.Shape) : null, cells = saves && run.Gates > 2 ? Tensor.Uninitialized([outputs]) : null;
        GatedPoolingKernel.Forward(run, sums.Span, SpanOf(start), SpanOf(mask), gates is null ? default : gates.Writable,
            cells is null ? y.Writable[..outputs] : cells.Writable, y.Writable[..outputs], y.Writable[outputs..]);
        return start is null
            ? RecordByParts("gated_pooling", y, (dy, _) => [Backward(dy).Sums], t => PoolByParts(run, t[0], null, mask), sums)
            : RecordByParts("gated_pooling", y, (dy, _) =>
            {
                (Tensor dsums, Tensor dstart) = Backward(dy);
                return [dsums, dstart];
            }, t => PoolByParts(run, t[0], t[1], mask), sums, start);

        (Tensor Sums, Tensor Start) Backward(Tensor dy)
        {
            Tensor dsums = Tensor.Uninitialized(sums.Shape), dlast = Tensor.From(dy.Span[outputs..], [run.Batch, run.Size]);
            GatedPoolingKernel.Backward(run, gates!.Span, cells is null ? y.Span[..outputs] : cells.Span, SpanOf(start), SpanOf(mask), dy.Span[..outputs],
                dsums.Writable, dlast.Writable);
            return (dsums, dlast);
        }
    }

    private static Tensor PoolByParts(PoolingRun run, Tensor sums, Tensor? start, Tensor? mask)
    {
        Tensor[] parts = sums.Chunk(run.Gates, 2);
        Tensor z = parts[0].Tanh(), update = (1 - parts[1].Sigmoid()) * (mask ?? Tensor.Scalar(run.Scale));
        Tensor kept = 1 - update, added = (run.Gates > 3 ? parts[3].Sigmoid() : update) * z;
        Tensor? counts = run.Lengths is null ? null
            : Tensor.Generate([run.Batch, run.Steps, 1], i => i % run.Steps < run.Lengths[i / run.Steps] ? 1 : 0);
        if (counts is not null) (kept, added) = (1 - update * counts, added * counts);
        if (start is not null)
        {
            Tensor first = added.Narrow(1, 0, 1) + kept.Narrow(1, 0, 1) * start.Reshape(run.Batch, 1, run.Size);
            added = Concat([first, added.Narrow(1, 1, run.Steps - 1)], 1);
        }
        Tensor cells = added.LinearScan(kept, 1), y = run.Gates > 2 ? parts[2].Sigmoid() * cells : cells;
        if (counts is not null) y *= counts;
        return Concat([y.Reshape(-1), cells.Select(1, run.Steps - 1).Reshape(-1)], 0);
    }
}
