namespace Rindoku.Kernels;

/// <summary>How much work makes a task.</summary>
internal static class Grains
{
    /// <summary>How many rows a task takes: all of them if their work is no more than <paramref name="grain"/>, else as many as make it up.</summary>
    /// <remarks>Tasks are alike and a multiple of four, so that two or four threads end together. Rows come in whole vectors of the widest.</remarks>
    /// <param name="rows">How many there are.</param>
    /// <param name="work">Of one row: its numbers, and in addition what a row costs however short it is.</param>
    /// <param name="grain">The work that pays for handing it over.</param>
    public static int Rows(int rows, long work, int grain)
    {
        long all = rows * work;
        if (all <= grain) return Math.Max(1, rows);
        long tasks = (all / grain + 3) / 4 * 4;
        int each = (int)((rows + tasks - 1) / tasks);
        return each < 16 ? each : (each + 15) / 16 * 16;
    }
}
