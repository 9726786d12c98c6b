using System.Globalization;
using Rindoku.Autograd;
using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Lab.Reports;
using Rindoku.Ops;

namespace Rindoku.Papers.Memory.Dnc;

/// <summary>What trained computers do that others published, and what is left of it when one mechanism is taken away.</summary>
internal static class PublishedArm
{
    public const string Series = "% exact, four problems in a row", SeriesTwo = "% exact, four problems in a row, trained on two", Larger = "% exact, length 20 with 40 rows";

    private const int SeriesRows = 10, SingleRows = 15, LargeRows = 40, Problems = 4, Vectors = 5;

    public static string Single(int length) => $"% exact, length {length.ToString(CultureInfo.InvariantCulture)}";

    public static string Without(string mechanism) => $"% exact without {mechanism}";

    /// <summary>Mechanisms, and how each is taken away. The interface is told otherwise, or the memory has no links.</summary>
    public static IReadOnlyDictionary<string, (Func<MemoryOptions, MemoryOptions>? Memory, Func<MemoryInterface, MemoryInterface>? Told)> Lesions { get; } =
        new Dictionary<string, (Func<MemoryOptions, MemoryOptions>?, Func<MemoryInterface, MemoryInterface>?)>
        {
            ["links"] = (options => options with { Links = false }, null),
            ["free gates"] = (null, told => told with { FreeGates = Tensor.Zeros(told.FreeGates.Shape) }),
            ["allocation"] = (null, told => told with { AllocationGate = Tensor.Zeros(told.AllocationGate.Shape) }),
            ["erasing"] = (null, told => told with { Erase = Tensor.Zeros(told.Erase.Shape) }),
            ["telling forward from backward"] = (null, told => told with { ReadModes = told.ReadModes.Flip(2) }),
        };

    public static ArmResult Run(ArmRun run, DncSettings s)
    {
        ArmResult result = new();
        Rng draws = run.Rng.Split("test");
        SequenceBatch series = SeriesOf(s.TestSequences, draws.Split("series"));
        Dnc model = PublishedModel.Load(run.Data, "series-4", SeriesRows);
        result["parameters"] = model.ParameterCount;
        (result[Series], result["% right bits, four problems in a row"]) = Measure(model, series);
        (result[SeriesTwo], result["% right bits, four problems in a row, trained on two"]) = Measure(PublishedModel.Load(run.Data, "series-2", SeriesRows), series);
        foreach ((string mechanism, (Func<MemoryOptions, MemoryOptions>? memory, Func<MemoryInterface, MemoryInterface>? told)) in Lesions)
        {
            run.Stop.ThrowIfCancellationRequested();
            (result[Without(mechanism)], result[$"% right bits without {mechanism}"]) = Measure(PublishedModel.Load(run.Data, "series-4", SeriesRows, memory, told), series);
        }
        Dnc single = PublishedModel.Load(run.Data, "single-10", SingleRows);
        foreach (int length in (int[])[1, 5, 10, 12, 15, 20]) result[Single(length)] = Measure(single, Copies(s.TestSequences, length, draws.Split(length))).Exact;
        result[Larger] = Measure(PublishedModel.Load(run.Data, "single-10", LargeRows), Copies(s.TestSequences, 20, draws.Split(20))).Exact;
        result.Figures.Add(new BarChart("Sequences copied without a mistake, by what is taken away", new Axis("exact", "%"),
            [new Bar("intact", result[Series]), .. Lesions.Keys.Select(mechanism => new Bar($"no {mechanism}", result[Without(mechanism)]))]));
        IReadOnlyList<string> steps = [.. Enumerable.Range(0, Problems * (2 * Vectors + 1)).Select(t => (t % (2 * Vectors + 1)) switch { < Vectors => "in", Vectors => "mark", _ => "out" })];
        return result.With(MemoryFigures.Of(model, series.Inputs.Narrow(0, 0, 1), steps));
    }

    /// <summary>Copy problems one after the other; the memory is not emptied between them.</summary>
    internal static SequenceBatch SeriesOf(int count, Rng rng)
    {
        SequenceBatch[] problems = [.. Enumerable.Range(0, Problems).Select(_ => Copies(count, Vectors, rng))];
        return new SequenceBatch(Tensor.Concat([.. problems.Select(p => p.Inputs)], axis: 1), Tensor.Concat([.. problems.Select(p => p.Targets)], axis: 1),
            Tensor.Concat([.. problems.Select(p => p.Mask)], axis: 1));
    }

    internal static SequenceBatch Copies(int count, int length, Rng rng) => CopyTask.Make(count, length, PublishedModel.Channels - 1, rng);

    /// <summary>How many sequences are exactly right, and how many bits, in percent. The sixth output says nothing while a sequence is recalled.</summary>
    internal static (double Exact, double Bits) Measure(Dnc model, SequenceBatch batch)
    {
        using NoGrad recording = NoGrad.Enter();
        using MemoryScope scope = MemoryScope.Open();
        Tensor bits = model.Forward(batch.Inputs).Narrow(2, 0, PublishedModel.Channels - 1);
        (int Wrong, int All)[] sequences = [.. BitTask.MistakesOf(bits, batch)];
        return (100.0 * sequences.Count(sequence => sequence.Wrong == 0) / sequences.Length, 100 - 100.0 * sequences.Sum(sequence => sequence.Wrong) / sequences.Sum(sequence => sequence.All));
    }
}
