using Rindoku.Autograd;

namespace Rindoku.Nn.Decoding;

/// <summary>What a model says of the next token.</summary>
/// <param name="LogProbabilities">(R, V): normalised, as <c>LogSoftmax</c> gives them; -∞ rules a token out.</param>
/// <param name="Attention">(R, S): how much of each source token was looked at for this; null where the model has no attention.</param>
public sealed record BeamStep(Tensor LogProbabilities, Tensor? Attention = null);

/// <summary>A sequence that a beam search found.</summary>
/// <param name="Tokens">The tokens, without begin and end symbol.</param>
/// <param name="LogProbability">log P, that of the end symbol included.</param>
/// <param name="Score">What sequences are compared by.</param>
/// <param name="Ended">Whether the end symbol was reached; if not, the sequence was cut off at the longest length.</param>
/// <param name="Attention">The attention for each token and the end symbol, if the model has any; else empty.</param>
public sealed record Hypothesis(int[] Tokens, double LogProbability, double Score, bool Ended, IReadOnlyList<float[]> Attention);

/// <summary>Looks for the most probable sequence by following the best few side by side.</summary>
/// <remarks>
/// <para>At each step all sequences are prolonged by all tokens, and the <see cref="BeamSettings.Width"/> most probable of these go on, or
/// are put aside if they have ended. Normalised scores do not fall evenly with length, so the search goes on until no sequence that is
/// still followed can come among the best that have ended.</para>
/// <para>Ties go to the sequence that ranked higher before, then to the lower token, so results are the same on every run.</para>
/// </remarks>
/// <example><code>
/// IReadOnlyList&lt;Hypothesis&gt; found = BeamSearch.Run((tokens, rows) =&gt;
/// {
///     state = state.IndexSelect(0, rows);            // the state follows the sequences
///     (Tensor logits, state) = decoder.Step(tokens, state);
///     return new BeamStep(logits.LogSoftmax());
/// }, new BeamSettings(begin, end));
/// int[] best = found[0].Tokens;
/// </code></example>
public static class BeamSearch
{
    /// <summary>Searches for one source.</summary>
    /// <param name="step">
    /// From the last token of each sequence, (R), and for each the row of the step before that it prolongs, (R), to what may come next. The first
    /// call has one row: the begin symbol, and row 0. No gradients are recorded.
    /// </param>
    /// <param name="settings">How to score, prune and end.</param>
    /// <returns>
    /// The best sequences that have ended, at most as many as the beam is wide, best first. If none has, the sequences that were cut off at the longest length.
    /// </returns>
    /// <exception cref="ShapeException">The step gave other shapes than it should.</exception>
    /// <exception cref="ArgumentException">The step gave NaN, no attention where coverage is wanted, or nothing that can go on.</exception>
    public static IReadOnlyList<Hypothesis> Run(Func<IntTensor, IntTensor, BeamStep> step, BeamSettings settings)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(settings);
        settings.Checked();
        using NoGrad noGrad = NoGrad.Enter();
        List<Path> live = [new Path([], 0, [], 0, settings.Begin)];
        List<Hypothesis> ended = [];
        for (int length = 1; length <= settings.Longest && live.Count > 0; length++)
        {
            BeamStep next = step(IntTensor.Of([.. live.Select(path => path.Last)]), IntTensor.Of([.. live.Select(path => path.Row)]));
            Check(next, live.Count, settings);
            List<Path> best = Prolong(live, next, settings);
            foreach (Path path in best.Where(path => path.Last == settings.End)) ended.Add(path.End(settings));
            live = [.. best.Where(path => path.Last != settings.End)];
            ended = [.. ended.OrderByDescending(found => found.Score).Take(settings.Width)];
            if (ended.Count > 0) live.RemoveAll(path => path.LogProbability / settings.LengthPenalty(length) < ended[0].Score - settings.PruneMargin);
            // A probability only falls, and no length divides it by more than the longest: this is the best that a sequence can come to.
            if (ended.Count == settings.Width) live.RemoveAll(path => path.LogProbability / settings.LengthPenalty(settings.Longest) <= ended[^1].Score);
        }
        if (ended.Count == 0 && live.Count == 0) throw new ArgumentException("BeamSearch: the step ruled every token out, so no sequence can go on", nameof(step));
        return ended.Count > 0 ? ended : [.. live.Select(path => path.CutOff(settings)).OrderByDescending(found => found.Score)];
    }

    private static List<Path> Prolong(List<Path> live, BeamStep next, BeamSettings settings)
    {
        int tokens = next.LogProbabilities.Shape[1];
        List<(double LogProbability, int Row, int Token)> candidates = [];
        for (int row = 0; row < live.Count; row++)
        {
            ReadOnlySpan<float> logs = next.LogProbabilities.Span.Slice(row * tokens, tokens);
            double floor = Best(logs) - settings.PruneMargin;
            // Not more than the beam is wide can be taken from one row: sorting those of a row first keeps the list short.
            List<(double, int, int)> ofRow = [];
            for (int token = 0; token < tokens; token++)
                if (logs[token] >= floor && !float.IsNegativeInfinity(logs[token])) ofRow.Add((live[row].LogProbability + logs[token], row, token));
            candidates.AddRange(ofRow.Count > settings.Width ? Ranked(ofRow, settings.Width) : ofRow);
        }
        return [.. Ranked(candidates, settings.Width).Select(c => live[c.Row].Followed(c.Row, c.Token, c.LogProbability, AttentionOf(next, c.Row)))];
    }

    private static IEnumerable<(double LogProbability, int Row, int Token)> Ranked(List<(double LogProbability, int Row, int Token)> candidates, int width)
    {
        candidates.Sort((a, b) => a.LogProbability != b.LogProbability ? b.LogProbability.CompareTo(a.LogProbability)
            : a.Row != b.Row ? a.Row.CompareTo(b.Row) : a.Token.CompareTo(b.Token));
        return candidates.Take(width);
    }

    private static double Best(ReadOnlySpan<float> logs)
    {
        float best = float.NegativeInfinity;
        foreach (float log in logs)
        {
            if (float.IsNaN(log) || log > 1e-3f) throw new ArgumentException($"BeamSearch: the step gave the log-probability {log}; needed are numbers of at most 0, as LogSoftmax gives them");
            best = Math.Max(best, log);
        }
        return best;
    }

    private static float[]? AttentionOf(BeamStep step, int row) =>
        step.Attention?.Span.Slice(row * step.Attention.Shape[1], step.Attention.Shape[1]).ToArray();

    private static void Check(BeamStep step, int rows, BeamSettings settings)
    {
        Shape shape = step.LogProbabilities.Shape;
        ShapeException.Require(shape.Rank == 2 && shape[0] == rows && (uint)settings.End < (uint)shape[1],
            $"BeamSearch: the step gave log-probabilities {shape}; needed is ({rows}, V) with the end symbol {settings.End} among the V tokens");
        if (step.Attention is { } attention)
            ShapeException.Require(attention.Rank == 2 && attention.Shape[0] == rows, $"BeamSearch: the step gave attention {attention.Shape}; needed is ({rows}, S)");
        else if (settings.CoverageWeight > 0)
            throw new ArgumentException("BeamSearch: a coverage penalty needs the attention of every step; give it, or set CoverageWeight to 0");
    }

    /// <summary>A sequence that is being followed; Row is that of the last step which it prolongs.</summary>
    private sealed record Path(int[] Tokens, double LogProbability, IReadOnlyList<float[]> Attention, int Row, int Last)
    {
        public Path Followed(int row, int token, double logProbability, float[]? attention) =>
            new([.. Tokens, token], logProbability, attention is null ? Attention : [.. Attention, attention], row, token);

        public Hypothesis End(BeamSettings settings) =>
            new(Tokens[..^1], LogProbability, settings.Score(LogProbability, Tokens.Length, Attention), true, Attention);

        public Hypothesis CutOff(BeamSettings settings) =>
            new(Tokens, LogProbability, settings.Score(LogProbability, Tokens.Length, Attention), false, Attention);
    }
}
