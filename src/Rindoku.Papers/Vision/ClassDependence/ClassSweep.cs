namespace Rindoku.Papers.Vision.ClassDependence;

/// <summary>A_c(θ): the test accuracy of every class c for every strength θ of a regulariser, of several networks for each.</summary>
/// <remarks>
/// <para>Networks of one number and different strengths are paired: they share data, start values and the order of batches.
/// The first strength, θ_0, is that without regularisation.</para>
/// <para>Whatever is chosen by looking - the best strength, the class that loses most - is chosen by one half of the networks and judged by
/// the other: the maximum of noise is not zero. See <see cref="Crossed"/>.</para>
/// </remarks>
public sealed class ClassSweep
{
    private readonly double[,,] accuracies; // strength, network, class; NaN until set

    /// <summary>A sweep of which nothing is measured yet.</summary>
    public ClassSweep(int strengths, int networks, int classes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(strengths, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(networks, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        (Strengths, Classes) = (strengths, classes);
        All = [.. Enumerable.Range(0, networks)];
        accuracies = new double[strengths, networks, classes];
    }

    /// <summary>How many strengths there are.</summary>
    public int Strengths { get; }

    /// <summary>How many classes there are.</summary>
    public int Classes { get; }

    /// <summary>The numbers of all networks.</summary>
    public IReadOnlyList<int> All { get; }

    /// <summary>Takes the accuracies of one network.</summary>
    public void Set(int strength, int network, ReadOnlySpan<double> ofClasses)
    {
        if (ofClasses.Length != Classes) throw new ArgumentException($"ClassSweep: {ofClasses.Length} accuracies for {Classes} classes", nameof(ofClasses));
        for (int c = 0; c < Classes; c++) accuracies[strength, network, c] = ofClasses[c];
    }

    /// <summary>A_c(θ), the mean over networks.</summary>
    public double Accuracy(int strength, int ofClass, IReadOnlyList<int> networks) => networks.Average(n => accuracies[strength, n, ofClass]);

    /// <summary>A(θ), the mean over classes and networks: the accuracy, where classes have as many test examples as each other.</summary>
    public double Mean(int strength, IReadOnlyList<int> networks) => Enumerable.Range(0, Classes).Average(c => Accuracy(strength, c, networks));

    /// <summary>θ*: the strength with the best mean; of equal ones the weakest.</summary>
    public int Best(IReadOnlyList<int> networks) => ArgMax(Strengths, t => Mean(t, networks));

    /// <summary>θ_c: the strength that is best for one class; of equal ones the weakest.</summary>
    public int BestFor(int ofClass, IReadOnlyList<int> networks) => ArgMax(Strengths, t => Accuracy(t, ofClass, networks));

    /// <summary>Δ_c(θ) = A_c(θ) − A_c(θ_0).</summary>
    public double Change(int strength, int ofClass, IReadOnlyList<int> networks) => Accuracy(strength, ofClass, networks) - Accuracy(0, ofClass, networks);

    /// <summary>The class that loses most by a strength.</summary>
    public int Worst(int strength, IReadOnlyList<int> networks) => ArgMax(Classes, c => -Change(strength, c, networks));

    /// <summary>R_c = A_c(θ_c) − A_c(θ*), both strengths chosen by some networks and judged by others.</summary>
    public double Regret(int ofClass, IReadOnlyList<int> choosing, IReadOnlyList<int> judging) =>
        Accuracy(BestFor(ofClass, choosing), ofClass, judging) - Accuracy(Best(choosing), ofClass, judging);

    /// <summary>The class with the greatest regret.</summary>
    public int MostRegretful(IReadOnlyList<int> networks) => ArgMax(Classes, c => Regret(c, networks, networks));

    /// <summary>How many classes have a best strength that is not the best on average.</summary>
    public int Dissenters(IReadOnlyList<int> networks) => Enumerable.Range(0, Classes).Count(c => BestFor(c, networks) != Best(networks));

    /// <summary>The networks of even and of odd numbers.</summary>
    public (IReadOnlyList<int> Even, IReadOnlyList<int> Odd) Halves => ([.. All.Where(n => n % 2 == 0)], [.. All.Where(n => n % 2 == 1)]);

    /// <summary>A number that one half of the networks chooses and the other half judges, averaged over both ways round.</summary>
    /// <param name="judged">From the networks that choose and those that judge to the number.</param>
    public double Crossed(Func<IReadOnlyList<int>, IReadOnlyList<int>, double> judged)
    {
        ArgumentNullException.ThrowIfNull(judged);
        (IReadOnlyList<int> even, IReadOnlyList<int> odd) = Halves;
        return (judged(even, odd) * odd.Count + judged(odd, even) * even.Count) / All.Count;
    }

    /// <summary>The standard error over networks of A_c(θ), or of Δ_c(θ) where it is <paramref name="paired"/> with θ_0.</summary>
    public double Error(int strength, int ofClass, bool paired)
    {
        if (All.Count < 2) return 0;
        double[] values = [.. All.Select(n => accuracies[strength, n, ofClass] - (paired ? accuracies[0, n, ofClass] : 0))];
        double mean = values.Average();
        return Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1) / values.Length);
    }

    /// <summary>Gini's coefficient of the classes' accuracies at a strength: 0 where all are treated alike.</summary>
    public double Gini(int strength)
    {
        double[] values = [.. Enumerable.Range(0, Classes).Select(c => Accuracy(strength, c, All))];
        double differences = values.Sum(a => values.Sum(b => Math.Abs(a - b))), sum = values.Sum();
        return sum == 0 ? 0 : differences / (2 * Classes * sum);
    }

    private static int ArgMax(int count, Func<int, double> value)
    {
        int best = 0;
        for (int i = 1; i < count; i++)
            if (value(i) > value(best)) best = i;
        return best;
    }
}
