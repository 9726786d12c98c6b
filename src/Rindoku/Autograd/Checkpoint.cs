using System.Runtime.InteropServices;
using Rindoku.Autograd;

namespace Rindoku;

/// <summary>
/// Gradient checkpointing: the intermediate results of a stretch of work are not kept for the way back but computed again there,
/// which costs one more forward pass and saves their memory.
/// </summary>
/// <remarks>
/// <para>Gradients reach everything the work uses: its input, parameters of modules, and other tensors that it captures. They can
/// be differentiated again.</para>
/// <para>The work must do the same when it is done again: name every <see cref="Rng"/> that it draws from, and let it look at
/// <see cref="IsRecomputing"/> where it has side effects, such as running statistics. Other numbers the second time are an error.</para>
/// <para>Source: Chen et al. 2016, "Training deep nets with sublinear memory cost", arXiv:1604.06174.</para>
/// </remarks>
public static class Checkpoint
{
    [ThreadStatic] private static int recomputing;

    /// <summary>Whether the work of a checkpoint is being done again on this thread, on the way back.</summary>
    public static bool IsRecomputing => recomputing > 0;

    /// <summary>f(x) whose intermediate results are computed again on the way back.</summary>
    /// <param name="f">The work.</param>
    /// <param name="x">Its input.</param>
    /// <param name="randomness">The generators that f draws from; their states are saved and restored.</param>
    public static Tensor Run(Func<Tensor, Tensor> f, Tensor x, params Rng[] randomness)
    {
        ArgumentNullException.ThrowIfNull(f);
        return Run(() => f(x), randomness);
    }

    /// <summary>f(xs) whose intermediate results are computed again on the way back.</summary>
    /// <param name="f">The work.</param>
    /// <param name="xs">Its inputs.</param>
    /// <param name="randomness">The generators that f draws from; their states are saved and restored.</param>
    public static Tensor Run(Func<Tensor[], Tensor> f, Tensor[] xs, params Rng[] randomness)
    {
        ArgumentNullException.ThrowIfNull(f);
        return Run(() => f(xs), randomness);
    }

    /// <summary>The result of work whose intermediate results are computed again on the way back.</summary>
    /// <param name="work">The work.</param>
    /// <param name="randomness">The generators that it draws from; their states are saved and restored.</param>
    public static Tensor Run(Func<Tensor> work, params Rng[] randomness)
    {
        ArgumentNullException.ThrowIfNull(work);
        ArgumentNullException.ThrowIfNull(randomness);
        if (!Tape.IsRecording) return work();

        Segment segment = new(work, randomness);
        (Tensor y, List<Tensor> uses) = segment.Forward();
        Edge[] edges = new Edge[uses.Count];
        for (int i = 0; i < edges.Length; i++)
        {
            int place = i;
            edges[i] = new Edge(uses[i], dy => segment.Differentiable(y, dy, uses)[place]);
        }
        return Tape.RecordFused("checkpoint", y, (dy, wanted) => segment.Backward(y, dy, uses, wanted), edges);
    }

    /// <summary>One stretch of work and the random numbers it starts from.</summary>
    private sealed class Segment(Func<Tensor> work, Rng[] randomness)
    {
        private readonly (long, long, long)[] states = [.. randomness.Select(rng => rng.State)];
        private Tensor? lastGradient;
        private Tensor[] lastGradients = [];

        /// <summary>Does the work in a memory scope of its own; only the result stays, and what gradients will flow to.</summary>
        // It is recorded so that the tape can tell what the work uses; then the record is dropped with the temporaries.
        public (Tensor Y, List<Tensor> Uses) Forward()
        {
            using MemoryScope scope = MemoryScope.Open();
            long floor = Node.Newest;
            Tensor y = work();
            BackwardPass.Reachable(y, floor, out List<Tensor> uses);
            scope.HandOver(y);
            return (y.Detach(), uses);
        }

        public Tensor?[] Backward(Tensor y, Tensor dy, List<Tensor> uses, bool[] wanted)
        {
            List<Tensor> targets = [.. uses.Where((_, i) => wanted[i])];
            Tensor[] found = Gradients(y, dy, targets, createGraph: false);
            Tensor?[] gradients = new Tensor?[wanted.Length];
            for (int i = 0, next = 0; i < wanted.Length; i++)
                if (wanted[i]) gradients[i] = found[next++];
            return gradients;
        }

        /// <summary>The gradients by all that the work uses, on the tape; the rules of one pass ask for them one after the other.</summary>
        public Tensor[] Differentiable(Tensor y, Tensor dy, List<Tensor> uses)
        {
            if (lastGradient != dy) (lastGradient, lastGradients) = (dy, Gradients(y, dy, uses, createGraph: true));
            return lastGradients;
        }

        private Tensor[] Gradients(Tensor y, Tensor dy, List<Tensor> targets, bool createGraph) => Tape.Recorded(() =>
        {
            long floor = Node.Newest;
            Tensor again = Recompute();
            if (!MemoryMarshal.AsBytes(again.Span).SequenceEqual(MemoryMarshal.AsBytes(y.Span)))
                throw new InvalidOperationException($"Checkpoint: the work gave other numbers when it was done again for the gradient, so that would be wrong. " +
                    $"Pass every Rng that it draws from, and change no parameter or buffer in between (output {y.Shape}).");
            return Grad.Since(floor, again, dy, targets, createGraph);
        });

        private Tensor Recompute()
        {
            (long, long, long)[] now = [.. randomness.Select(rng => rng.State)];
            for (int i = 0; i < randomness.Length; i++) randomness[i].State = states[i];
            recomputing++;
            try
            {
                return work();
            }
            finally
            {
                recomputing--;
                for (int i = 0; i < randomness.Length; i++) randomness[i].State = now[i];
            }
        }
    }
}
