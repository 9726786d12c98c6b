using Rindoku.Nn.Decoding;
using Rindoku.Ops;

namespace Rindoku.Tests.Nn.Decoding;

public sealed class BeamSearchTests
{
    private const int Begin = 0, End = 3, Tokens = 4, Longest = 3;

    /// <summary>A model in which everything depends on the whole sequence so far, which is its state and follows the rows.</summary>
    private sealed class Remembering(long seed, bool attends = false)
    {
        private List<string> states = [""];

        public int Calls { get; private set; }

        public BeamStep Step(IntTensor tokens, IntTensor rows)
        {
            Calls++;
            states = [.. rows.ToArray().Select((row, i) => $"{states[row]} {tokens[i]}")];
            return new BeamStep(
                Tensor.Concat([.. states.Select(state => LogProbabilities(state).Reshape([1, Tokens]))], 0),
                attends ? Tensor.Concat([.. states.Select(state => Attention(state).Reshape([1, 2]))], 0) : null);
        }

        public Tensor LogProbabilities(string state) => new Rng(seed).Split(state).Normal([Tokens], deviation: 1.5f).LogSoftmax();

        public Tensor Attention(string state) => new Rng(seed).Split("attention" + state).Normal([2]).Softmax();

        /// <summary>All sequences that end in time, best first.</summary>
        public IEnumerable<(int[] Tokens, double Score)> All(BeamSettings settings) =>
            Ended([], $" {Begin}", 0, [], settings).OrderByDescending(found => found.Score);

        private IEnumerable<(int[], double Score)> Ended(int[] tokens, string state, double log, float[][] attention, BeamSettings settings)
        {
            if (tokens.Length == settings.Longest) yield break;
            float[] logs = LogProbabilities(state).ToArray();
            float[][] looked = attends ? [.. attention, Attention(state).ToArray()] : [];
            for (int token = 0; token < Tokens; token++)
            {
                if (token == End) yield return (tokens, settings.Score(log + logs[token], tokens.Length + 1, looked));
                else foreach (var found in Ended([.. tokens, token], $"{state} {token}", log + logs[token], looked, settings)) yield return found;
            }
        }
    }

    [Theory, InlineData(0, 0), InlineData(0.6, 0), InlineData(1, 0), InlineData(0.2, 0.2), InlineData(0, 1)]
    public void A_beam_as_wide_as_all_sequences_finds_the_best_of_all(double lengthPower, double coverage)
    {
        BeamSettings settings = new(Begin, End) { Width = 64, Longest = Longest, LengthPower = lengthPower, CoverageWeight = coverage };
        for (int seed = 0; seed < 20; seed++)
        {
            (int[] Tokens, double Score)[] all = [.. new Remembering(seed, attends: true).All(settings)];
            IReadOnlyList<Hypothesis> found = BeamSearch.Run(new Remembering(seed, attends: true).Step, settings);
            Assert.Equal(1 + 3 + 9, all.Length);
            Assert.Equal(all.Select(one => string.Join(' ', one.Tokens)), found.Select(one => string.Join(' ', one.Tokens)));
            for (int i = 0; i < all.Length; i++) Assert.Equal(all[i].Score, found[i].Score, 1e-6);
            Assert.All(found, one => Assert.True(one.Ended && one.Attention.Count == one.Tokens.Length + 1));
        }
    }

    [Fact]
    public void Ending_early_never_costs_a_better_sequence()
    {
        // The search with the same width that goes on to the longest length, written down plainly, has the same best.
        for (int seed = 0; seed < 20; seed++)
        {
            BeamSettings settings = new(Begin, End) { Width = 3, Longest = 8, LengthPower = 1 };
            Remembering model = new(seed);
            List<(string State, int[] Tokens, double Log)> live = [($" {Begin}", [], 0)];
            double best = double.NegativeInfinity;
            for (int length = 1; length <= 8; length++)
            {
                var next = live.SelectMany(path => model.LogProbabilities(path.State).ToArray().Select((log, token) => ($"{path.State} {token}", (int[])[.. path.Tokens, token], path.Log + log)))
                    .OrderByDescending(path => path.Item3).Take(3).ToList();
                foreach (var path in next.Where(path => path.Item2[^1] == End)) best = Math.Max(best, settings.Score(path.Item3, length, []));
                live = [.. next.Where(path => path.Item2[^1] != End)];
            }
            Assert.Equal(best, BeamSearch.Run(new Remembering(seed).Step, settings)[0].Score, 1e-6);
        }
    }

    [Theory, InlineData(1, double.PositiveInfinity), InlineData(8, 0.0)]
    public void A_beam_of_width_one_or_with_no_margin_is_greedy_search(int width, double margin)
    {
        for (int seed = 0; seed < 20; seed++)
        {
            Remembering model = new(seed);
            string state = $" {Begin}";
            List<int> greedy = [];
            for (int length = 1; length <= 6; length++)
            {
                int token = Sampling.Greedy(model.LogProbabilities(state).Span);
                greedy.Add(token);
                state += $" {token}";
                if (token == End) break;
            }
            Hypothesis found = Assert.Single(BeamSearch.Run(model.Step, new BeamSettings(Begin, End) { Width = width, Longest = 6, LengthPower = 0, PruneMargin = margin }));
            Assert.Equal(greedy, found.Ended ? [.. found.Tokens, End] : found.Tokens);
            Assert.Equal(greedy[^1] == End, found.Ended);
            Assert.Equal(found.LogProbability, found.Score, 1e-12);
        }
    }

    [Theory]
    [InlineData(0.2, new[] { 1, 1.107566, 1.201124, 1.330325, 1.557551 })]
    [InlineData(0.6, new[] { 1, 1.358655, 1.732862, 2.354362, 3.778565 })]
    [InlineData(1.0, new[] { 1, 1.666667, 2.5, 4.166667, 9.166667 })]
    [InlineData(0.0, new[] { 1.0, 1, 1, 1, 1 })]
    public void Length_penalties_of_the_paper(double power, double[] expected)
    {
        int[] lengths = [1, 5, 10, 20, 50];
        for (int i = 0; i < lengths.Length; i++) Assert.Equal(expected[i], new BeamSettings(0, 1) { LengthPower = power }.LengthPenalty(lengths[i]), 1e-6);
    }

    [Fact]
    public void Coverage_by_hand()
    {
        BeamSettings settings = new(0, 1) { LengthPower = 0.2, CoverageWeight = 0.2 };
        float[][] attention = [[0.7f, 0.2f, 0.1f], [0.6f, 0.3f, 0.1f], [0.1f, 0.2f, 0.7f]];
        Assert.Equal(-0.092407, settings.CoveragePenalty(attention), 1e-6);
        Assert.Equal(1.059224, settings.LengthPenalty(3), 1e-6);
        Assert.Equal(-2.924670, settings.Score(-3, 3, attention), 1e-6);
        Assert.Equal(0, settings.CoveragePenalty([[1, 0.5f], [0, 0.5f]]));
        Assert.True(double.IsFinite(settings.CoveragePenalty([[1, 0]])));
        Assert.Equal(0, settings.CoveragePenalty([]));
    }

    [Fact]
    public void Margins_drop_tokens_and_sequences_that_fall_behind()
    {
        // Ends at once with 0.9; else goes on with a coin toss each time.
        int calls = 0;
        BeamStep Step(IntTensor tokens, IntTensor rows)
        {
            double end = calls++ == 0 ? 0.9 : 0.5;
            return new BeamStep(Tensor.Concat([.. rows.ToArray().Select(_ => Tensor.From([(float)Math.Log(1 - end), (float)Math.Log(end)], [1, 2]))], 0));
        }
        BeamSettings settings = new(Begin: 0, End: 1) { LengthPower = 0 };
        Assert.Equal([0.9, 0.05, 0.025, 0.0125], BeamSearch.Run(Step, settings).Select(found => Math.Round(Math.Exp(found.Score), 6)));
        Assert.Equal(4, calls);
        calls = 0;
        // log 0.9 - log 0.1 = 2.197 is within the margin, log 0.9 - log 0.05 = 2.89 is not.
        Assert.Equal(2, BeamSearch.Run(Step, settings with { PruneMargin = 2.4 }).Count);
        Assert.Equal(2, calls);
        calls = 0;
        Assert.Empty(Assert.Single(BeamSearch.Run(Step, settings with { PruneMargin = 2.1 })).Tokens);
        Assert.Equal(1, calls);
    }

    [Fact]
    public void A_sequence_that_does_not_end_is_cut_off_only_where_none_has_ended()
    {
        BeamStep Never(IntTensor tokens, IntTensor rows) =>
            new(Tensor.Concat([.. rows.ToArray().Select(_ => Tensor.From([(float)Math.Log(0.75), (float)Math.Log(0.25), float.NegativeInfinity], [1, 3]))], 0));
        IReadOnlyList<Hypothesis> found = BeamSearch.Run(Never, new BeamSettings(0, 2) { Width = 2, Longest = 4 });
        Assert.Equal(2, found.Count);
        Assert.Equal([0, 0, 0, 0], found[0].Tokens);
        Assert.False(found[0].Ended || found[1].Ended);
        Assert.Equal(4 * Math.Log(0.75), found[0].LogProbability, 1e-6);
    }

    [Fact]
    public void Bad_steps_and_settings_are_refused()
    {
        BeamSettings settings = new(0, 1);
        IReadOnlyList<Hypothesis> Run(BeamStep step, BeamSettings with) => BeamSearch.Run((_, _) => step, with);
        Assert.Throws<ShapeException>(() => Run(new BeamStep(Tensor.Zeros([2, 3])), settings));
        Assert.Throws<ShapeException>(() => Run(new BeamStep(Tensor.Zeros([1, 3])), settings with { End = 3 }));
        Assert.Throws<ShapeException>(() => Run(new BeamStep(Tensor.Zeros([1, 3]), Tensor.Zeros([2, 2])), settings));
        Assert.Contains("attention", Assert.Throws<ArgumentException>(() => Run(new BeamStep(Tensor.Zeros([1, 3])), settings with { CoverageWeight = 1 })).Message, StringComparison.Ordinal);
        Assert.Contains("NaN", Assert.Throws<ArgumentException>(() => Run(new BeamStep(Tensor.From([float.NaN, 0], [1, 2])), settings)).Message, StringComparison.Ordinal);
        Assert.Contains("LogSoftmax", Assert.Throws<ArgumentException>(() => Run(new BeamStep(Tensor.From([3, 0], [1, 2])), settings)).Message, StringComparison.Ordinal);
        Assert.Contains("ruled every token out", Assert.Throws<ArgumentException>(() => Run(new BeamStep(Tensor.Full([1, 2], float.NegativeInfinity)), settings)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => Run(new BeamStep(Tensor.Zeros([1, 2])), settings with { Width = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Run(new BeamStep(Tensor.Zeros([1, 2])), settings with { PruneMargin = -1 }));
    }
}
