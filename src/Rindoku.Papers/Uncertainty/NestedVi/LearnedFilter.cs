using Rindoku.Autograd;
using Rindoku.Nn;
using Rindoku.Ops;

namespace Rindoku.Papers.Uncertainty.NestedVi;

/// <summary>Learned guides of a particle filter: proposals, and with them heuristics of what is yet to come.</summary>
/// <remarks>
/// <para>A GRU reads a sequence from its end to its start; its state after x_t has read x_t ... x_T. The proposal q_t has that state and x_t as inputs, the heuristic
/// ψ_t the state after x_{t+1}, which knows nothing of x_t. What is read of an observation is how likely it makes each state. Proposals start
/// near the model's own transitions, heuristics at 1: training starts from the bootstrap filter.</para>
/// <para>Without heuristics this is neural adaptive SMC (Gu, Ghahramani and Turner 2015), the baseline: the same network without one head, trained in the same way.</para>
/// <para>Source: the paper, section 5.2; the network is ours.</para>
/// </remarks>
public sealed class LearnedFilter : Module
{
    // Log-likelihoods further down than this say no more than "not this state"; then scaled to the size that networks like.
    private const float Lowest = -10, Scale = 0.2f;

    private readonly HiddenMarkov model;
    private readonly Gru reader;
    private readonly Parameter moves;
    private readonly Linear proposals;
    private readonly Linear? heuristics;

    /// <summary>A filter with random start values.</summary>
    /// <param name="model">The model.</param>
    /// <param name="withHeuristics">Whether its targets look ahead.</param>
    /// <param name="units">Units of the GRU.</param>
    /// <param name="rng">Source of the start values.</param>
    public LearnedFilter(HiddenMarkov model, bool withHeuristics, int units, Rng rng)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(rng);
        this.model = model;
        reader = Register("reader", new Gru(model.States, units, rng.Split("reader")));
        moves = Register("moves", model.LogTransitions);
        proposals = Register("proposals", new Linear(units + model.States, model.States, rng.Split("proposals")));
        if (!withHeuristics) return;
        heuristics = Register("heuristics", new Linear(units, model.States, rng.Split("heuristics")));
        heuristics.Weight.Values.Clear();
        heuristics.Bias!.Values.Clear();
    }

    /// <summary>The guides for sequences.</summary>
    public Guides Guides(Sequences sequences)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        (int count, int length, int states) = (sequences.Count, sequences.Length, model.States);
        Tensor likely = sequences.LogEmissions.LogSoftmax().Maximum(Lowest) * Scale; // (B, T, M)
        Tensor read = reader.Forward(likely.Flip(1)).Flip(1);                        // (B, T, H), at t: of x_t ... x_T
        Tensor here = proposals.Forward(Tensor.Concat([read, likely], axis: 2));
        Tensor logProposals = (moves + here.Unsqueeze(2)).LogSoftmax();              // (B, T, M + 1, M)
        if (heuristics is null) return new Guides(null, logProposals);
        Tensor ahead = heuristics.Forward(read.Slice(1, 1..));
        return new Guides(Tensor.Concat([ahead, Tensor.Zeros([count, 1, states])], axis: 1), logProposals);
    }

    /// <summary>The training loss: for each sequence the sum over t of the forward divergences of <see cref="NestedObjective.ForwardKl"/>, the mean over sequences.</summary>
    /// <param name="sequences">Sequences.</param>
    /// <param name="particles">S for each.</param>
    /// <param name="rng">The source of randomness of the filter.</param>
    public Tensor Loss(Sequences sequences, int particles, Rng rng) => Loss(model, sequences, Guides(sequences), particles, rng);

    /// <summary>The same for any guides.</summary>
    public static Tensor Loss(HiddenMarkov model, Sequences sequences, Guides guides, int particles, Rng rng)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(sequences);
        ArgumentNullException.ThrowIfNull(guides);
        FilterPass pass;
        using (NoGrad.Enter()) pass = ParticleFilter.Run(model, sequences, guides, particles, rng);
        Tensor nothing = Tensor.Zeros(pass.LogIncrement.Shape); // after resampling all weights are equal
        Tensor logProposal = Taken(guides.LogProposals, pass, (place, before, now) => (place * (model.States + 1) + before) * model.States + now);
        if (guides.LogHeuristics is not { } psi) return NestedObjective.ForwardKl(nothing, pass.LogIncrement, logProposal, nothing, nothing) * (1f / sequences.Count);

        // ln γ_{t−1} and ln γ_t depend on what is learned by ln ψ alone. At the first time there is nothing before: there stands ψ_T = 1, which nothing changes.
        int length = sequences.Length;
        Tensor logPrevious = Taken(psi, pass, (place, before, _) => place % length == 0 ? (place + length - 1) * model.States : (place - 1) * model.States + before);
        Tensor logNext = Taken(psi, pass, (place, _, now) => place * model.States + now);
        return NestedObjective.ForwardKl(nothing, pass.LogIncrement, logProposal, logPrevious, logNext) * (1f / sequences.Count);
    }

    // From a table the numbers that belong to the particles, (B, T, S), by sequence and time together and both states.
    private static Tensor Taken(Tensor table, FilterPass pass, Func<int, int, int, int> where)
    {
        int particles = pass.LogIncrement.Shape[2];
        int[] places = new int[pass.LogIncrement.Length];
        for (int i = 0; i < places.Length; i++) places[i] = where(i / particles, pass.Previous[i], pass.Current[i]);
        return table.Reshape([table.Length]).IndexSelect(0, IntTensor.Of(places)).Reshape(pass.LogIncrement.Shape);
    }
}
