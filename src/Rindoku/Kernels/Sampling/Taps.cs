namespace Rindoku.Kernels;

/// <summary>Where a sparse linear map reads: for each output (row) a few inputs (sources), each with the place of its weight.</summary>
/// <remarks>A source of -1 reads nothing. The transposed map uses the same weights by their places, so it is the exact adjoint.</remarks>
internal sealed class Taps
{
    private Taps? transposed;

    /// <summary>Taps of row i are <c>starts[i] .. starts[i + 1] - 1</c>; their weights lie in the same order.</summary>
    public Taps(int[] starts, int[] sources, int inputs) : this(starts, sources, null, inputs) { }

    private Taps(int[] starts, int[] sources, int[]? places, int inputs)
    {
        Starts = starts;
        Sources = sources;
        Places = places;
        Inputs = inputs;
    }

    public int[] Starts { get; }
    public int[] Sources { get; }

    /// <summary>Where each tap's weight lies; null when in order.</summary>
    public int[]? Places { get; }

    public int Inputs { get; }
    public int Outputs => Starts.Length - 1;

    /// <summary>The map from outputs back to inputs; its taps of an input are in the order of the outputs.</summary>
    public Taps Transposed => transposed ??= Transpose();

    /// <summary>The starts of rows that all have <paramref name="count"/> taps.</summary>
    public static int[] EvenStarts(int rows, int count)
    {
        int[] starts = new int[rows + 1];
        for (int i = 0; i <= rows; i++) starts[i] = i * count;
        return starts;
    }

    private Taps Transpose()
    {
        int[] starts = new int[Inputs + 1];
        foreach (int source in Sources)
            if (source >= 0) starts[source + 1]++;
        for (int i = 0; i < Inputs; i++) starts[i + 1] += starts[i];

        int[] next = starts[..^1], rows = new int[starts[^1]], places = new int[starts[^1]];
        for (int row = 0; row < Outputs; row++)
            for (int t = Starts[row]; t < Starts[row + 1]; t++)
            {
                if (Sources[t] < 0) continue;
                int at = next[Sources[t]]++;
                rows[at] = row;
                places[at] = Places?[t] ?? t;
            }
        return new Taps(starts, rows, places, Outputs) { transposed = Places is null ? this : null };
    }
}
