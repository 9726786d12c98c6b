using System.Globalization;
using Rindoku.Autograd;
using Rindoku.Lab.Reports;
using Rindoku.Ops;

namespace Rindoku.Papers.Memory.Dnc;

/// <summary>Where a computer writes and reads over time, and what its gates do: the paper's figure 1 and its extended figures.</summary>
internal static class MemoryFigures
{
    // More steps than this make cells too small to see.
    private const int MostSteps = 64;

    /// <summary>Pictures of one sequence.</summary>
    /// <param name="model">A trained computer.</param>
    /// <param name="input">(1, T, In).</param>
    /// <param name="steps">A word for each step.</param>
    public static IEnumerable<Figure> Of(Dnc model, Tensor input, IReadOnlyList<string> steps)
    {
        int length = Math.Min(MostSteps, input.Shape[1]), rows = model.Size.Rows, heads = model.Size.Reads;
        double[,] writes = new double[rows, length], reads = new double[rows, length], usage = new double[rows, length], gates = new double[3 + 3 * heads, length];
        int t = 0;
        using NoGrad recording = NoGrad.Enter();
        using MemoryScope scope = MemoryScope.Open();
        model.Run(input.Narrow(1, 0, length), (told, memory) =>
        {
            for (int row = 0; row < rows; row++)
            {
                (writes[row, t], usage[row, t]) = (Rounded(memory.Write[0, row]), Rounded(memory.Usage[0, row]));
                for (int head = 0; head < heads; head++) reads[row, t] += Rounded(memory.ReadWeights[0, head, row] / heads);
            }
            (gates[0, t], gates[1, t], gates[2, t]) = (Rounded(told.WriteGate[0, 0]), Rounded(told.AllocationGate[0, 0]), Rounded(told.FreeGates.Mean().Item()));
            for (int head = 0; head < heads; head++)
                for (int mode = 0; mode < 3; mode++) gates[3 + 3 * head + mode, t] = Rounded(told.ReadModes[0, head, mode]);
            t++;
        });
        string[] columns = [.. steps.Take(length)], names = [.. Enumerable.Range(1, rows).Select(row => row.ToString(CultureInfo.InvariantCulture))];
        string[] says = ["write", "allocate", "free", .. Enumerable.Range(1, heads).SelectMany(head => (string[])[$"{head} back", $"{head} content", $"{head} forward"])];
        return
        [
            new Heatmap("Where it writes", "step", "row of the memory", columns, names, writes) { Caption = "The write weighting of one sequence." },
            new Heatmap("Where it reads", "step", "row of the memory", columns, names, reads) { Caption = heads == 1 ? "The read weighting." : $"The mean of the {heads} read weightings." },
            new Heatmap("What is in use", "step", "row of the memory", columns, names, usage) { Caption = "Usage: rows that were written to and not freed." },
            new Heatmap("What the controller says", "step", "gate", columns, says, gates) { Caption = "Gates, and for each read head the shares of its three ways to find a row." },
        ];
    }

    private static double Rounded(float value) => Math.Round(value, 2);
}
