namespace Rindoku.Papers.Audio.WaveNet;

/// <summary>What can be said of the next sample by counting, in bits a sample.</summary>
internal static class Baselines
{
    /// <summary>By how often each class comes, one having been added to every count.</summary>
    public static double HistogramBits(SoundTask task, int testPieces)
    {
        double[] counts = [.. Enumerable.Repeat(1.0, task.Law.Levels)];
        foreach (Tape tape in task.Train)
            foreach (int level in tape.Classes) counts[level]++;
        double all = counts.Sum();
        return MeanBits(task, testPieces, (_, next) => counts[next] / all);
    }

    /// <summary>By how often each class comes after the newest one (a Markov chain of first order), one having been added to every count.</summary>
    public static double MarkovBits(SoundTask task, int testPieces)
    {
        int levels = task.Law.Levels;
        double[] counts = [.. Enumerable.Repeat(1.0, levels * levels)], sums = [.. Enumerable.Repeat((double)levels, levels)];
        foreach (Tape tape in task.Train)
            for (int t = 1; t < tape.Classes.Length; t++)
            {
                counts[tape.Classes[t - 1] * levels + tape.Classes[t]]++;
                sums[tape.Classes[t - 1]]++;
            }
        return MeanBits(task, testPieces, (newest, next) => counts[newest * levels + next] / sums[newest]);
    }

    // Over the same samples that networks are measured on.
    private static double MeanBits(SoundTask task, int testPieces, Func<int, int, double> probability)
    {
        double bits = 0;
        long count = 0;
        foreach (Pieces pieces in task.TestPieces(testPieces))
        {
            int length = pieces.X.Shape[1];
            for (int i = 0; i < pieces.X.Length; i++)
            {
                if (i % length < SoundTask.Context) continue;
                bits -= Math.Log2(probability(pieces.X[i], pieces.Next[i]));
                count++;
            }
        }
        return bits / count;
    }
}
