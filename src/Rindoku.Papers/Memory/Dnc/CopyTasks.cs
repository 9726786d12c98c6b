using System.Globalization;
using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Nn;

namespace Rindoku.Papers.Memory.Dnc;

/// <summary>Copying: of sequences as long as those of the training, of longer ones, and of ones in which vectors come again.</summary>
internal sealed class CopySequences(DncSettings s) : BitTask
{
    /// <summary>Lengths that are measured; the last two are longer than any seen in training.</summary>
    public static IReadOnlyList<int> Lengths { get; } = [3, 5, 8, 12];

    private const int Repeated = 5, Pictured = 8;

    public static string WrongAt(int length) => $"% wrong bits at length {length.ToString(CultureInfo.InvariantCulture)}";

    public const string WrongRepeated = "% wrong bits where vectors come again";

    public override int Inputs => s.Bits + 1;

    public override int Outputs => s.Bits;

    public override SequenceBatch Draw(int count, double progress, Rng rng) =>
        CopyTask.Make(count, s.Lengths[0] + rng.NextInt(s.Lengths[1] - s.Lengths[0] + 1), s.Bits, rng);

    public override SequenceBatch Validation(Rng rng) => CopyTask.Make(64, s.Lengths[1], s.Bits, rng);

    public override (SequenceBatch Sequence, IReadOnlyList<string> Steps) Shown() =>
        (CopyTask.Make(1, Pictured, s.Bits, new Rng(0).Split("shown")), [.. Steps("in ", Pictured), "mark", .. Steps("out ", Pictured)]);

    public override void Measure(Layer model, ArmResult result)
    {
        Rng test = new Rng(0).Split("test"); // the same for all seeds
        foreach (int length in Lengths) result[WrongAt(length)] = PercentWrong(model, CopyTask.Make(s.TestSequences, length, s.Bits, test.Split(length)));
        result[WrongRepeated] = PercentWrong(model, TwoVectors(test.Split("repeated")));
    }

    // Sequences of two vectors in random order: what follows one of them cannot be told by its content.
    private SequenceBatch TwoVectors(Rng rng)
    {
        Tensor pairs = rng.Bernoulli([s.TestSequences, 2, s.Bits], 0.5f), which = rng.Bernoulli([s.TestSequences, Repeated], 0.5f);
        return CopyTask.Of(Tensor.Generate([s.TestSequences, Repeated, s.Bits], i =>
        {
            (int vector, int bit) = Math.DivRem(i, s.Bits);
            return pairs[vector / Repeated, (int)which[vector / Repeated, vector % Repeated], bit];
        }));
    }

    private static IEnumerable<string> Steps(string word, int count) => Enumerable.Range(1, count).Select(i => word + i.ToString(CultureInfo.InvariantCulture));
}

/// <summary>Copying several times over, the task that the authors published.</summary>
internal sealed class RepeatCopySequences(DncSettings s) : BitTask
{
    public const string Wrong = "% wrong bits", Whole = "% sequences without a mistake";

    public override int Inputs => s.Bits + 2;

    public override int Outputs => s.Bits + 1;

    public override SequenceBatch Draw(int count, double progress, Rng rng) =>
        RepeatCopyTask.Make(count, (s.Lengths[0], s.Lengths[1]), (s.Repeats[0], s.Repeats[1]), s.Bits, rng);

    public override SequenceBatch Validation(Rng rng) => Draw(64, 1, rng);

    public override (SequenceBatch Sequence, IReadOnlyList<string> Steps) Shown()
    {
        (int length, int repeats) = (s.Lengths[1], s.Repeats[1]);
        SequenceBatch sequence = RepeatCopyTask.Make(1, (length, length), (repeats, repeats), s.Bits, new Rng(0).Split("shown"));
        return (sequence, ["start", .. Enumerable.Repeat("in", length), $"x {repeats.ToString(CultureInfo.InvariantCulture)}", .. Enumerable.Repeat("out", length * repeats), "end"]);
    }

    public override void Measure(Layer model, ArmResult result)
    {
        IReadOnlyList<(int, int)> answered = Answered(model, Draw(s.TestSequences, 1, new Rng(0).Split("test")));
        (result[Wrong], result[Whole]) = (PercentWrong(answered), PercentWhole(answered));
    }
}
