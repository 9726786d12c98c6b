namespace Rindoku.Kernels;

/// <summary>One batch of connectionist temporal classification: sizes, and each item's labels with blanks between, in front and behind.</summary>
/// <param name="Steps">T.</param>
/// <param name="Classes">C.</param>
/// <param name="InputLengths">For each item how many steps count.</param>
/// <param name="Paths">For each item the classes of its 2 S + 1 places.</param>
internal sealed record CtcBatch(int Steps, int Classes, int[] InputLengths, int[][] Paths)
{
    /// <summary>Whether a place can be reached over the blank before it: it is a label other than the one before.</summary>
    public static bool Skips(int[] path, int place) => place >= 2 && path[place] != path[place - 2] && place % 2 == 1;
}

/// <summary>The loss and gradient of CTC by the forward-backward algorithm, in logarithms and in double.</summary>
/// <remarks>
/// After Graves et al. 2006, "Connectionist temporal classification", section 4. Aliasing: none. Deterministic: items are independent.
/// </remarks>
internal static unsafe class CtcKernel
{
    /// <summary><c>loss = -log Σ over alignments of Π p</c> for each item; +∞ where no alignment fits.</summary>
    /// <param name="batch">Sizes and labels.</param>
    /// <param name="x">Logarithms of probabilities, (N, T, C).</param>
    /// <param name="losses">(N), written.</param>
    public static void Loss(CtcBatch batch, ReadOnlySpan<float> x, Span<float> losses)
    {
        fixed (float* px = x, py = losses)
        {
            float* source = px, y = py;
            Threads.Run(batch.Paths.Length, item =>
            {
                float* lines = source + (long)item * batch.Steps * batch.Classes;
                y[item] = (float)-Total(Alphas(batch, lines, item), batch.InputLengths[item], batch.Paths[item].Length);
            });
        }
    }

    /// <summary><c>dx_tc = -g Σ over places of class c of their probability at time t, given the labels</c>.</summary>
    /// <param name="batch">Sizes and labels.</param>
    /// <param name="x">Logarithms of probabilities, (N, T, C).</param>
    /// <param name="g">The gradient of each loss, (N).</param>
    /// <param name="dx">(N, T, C), zeros, added to.</param>
    public static void Gradient(CtcBatch batch, ReadOnlySpan<float> x, ReadOnlySpan<float> g, Span<float> dx)
    {
        fixed (float* px = x, pg = g, pdx = dx)
        {
            float* source = px, gradient = pg, target = pdx;
            Threads.Run(batch.Paths.Length, item =>
            {
                if (gradient[item] == 0) return;
                long start = (long)item * batch.Steps * batch.Classes;
                AddGradient(batch, source + start, item, gradient[item], target + start);
            });
        }
    }

    private static void AddGradient(CtcBatch batch, float* x, int item, double g, float* dx)
    {
        int[] path = batch.Paths[item];
        int steps = batch.InputLengths[item], places = path.Length;
        double[] alphas = Alphas(batch, x, item), beta = new double[places], next = new double[places];
        double total = Total(alphas, steps, places);
        // beta: the logarithm of the probability of all that comes after the time, given the place.
        Array.Fill(beta, double.NegativeInfinity);
        for (int s = Math.Max(0, places - 2); s < places; s++) beta[s] = 0;
        for (int t = steps - 1; t >= 0; t--)
        {
            for (int s = 0; s < places; s++) dx[(long)t * batch.Classes + path[s]] -= (float)(g * Math.Exp(alphas[t * places + s] + beta[s] - total));
            float* line = x + (long)t * batch.Classes;
            for (int s = 0; s < places; s++)
            {
                double sum = beta[s] + line[path[s]];
                if (s + 1 < places) sum = AddLogs(sum, beta[s + 1] + line[path[s + 1]]);
                if (s + 2 < places && CtcBatch.Skips(path, s + 2)) sum = AddLogs(sum, beta[s + 2] + line[path[s + 2]]);
                next[s] = sum;
            }
            (beta, next) = (next, beta);
        }
    }

    /// <summary>The logarithm of the probability of all up to a time, ending at a place: (steps, places).</summary>
    private static double[] Alphas(CtcBatch batch, float* x, int item)
    {
        int[] path = batch.Paths[item];
        int steps = batch.InputLengths[item], places = path.Length;
        double[] alphas = new double[steps * places];
        for (int t = 0; t < steps; t++)
        {
            float* line = x + (long)t * batch.Classes;
            for (int s = 0; s < places; s++)
            {
                double before = t == 0 ? (s < 2 ? 0 : double.NegativeInfinity) : alphas[(t - 1) * places + s];
                if (t > 0 && s > 0) before = AddLogs(before, alphas[(t - 1) * places + s - 1]);
                if (t > 0 && CtcBatch.Skips(path, s)) before = AddLogs(before, alphas[(t - 1) * places + s - 2]);
                alphas[t * places + s] = before + line[path[s]];
            }
        }
        return alphas;
    }

    // The last place is the last blank, the one before it the last label.
    private static double Total(double[] alphas, int steps, int places)
    {
        double total = alphas[steps * places - 1];
        return places > 1 ? AddLogs(total, alphas[steps * places - 2]) : total;
    }

    private static double AddLogs(double a, double b)
    {
        if (double.IsNegativeInfinity(a)) return b;
        if (double.IsNegativeInfinity(b)) return a;
        return Math.Max(a, b) + Math.Log(1 + Math.Exp(-Math.Abs(a - b)));
    }
}
