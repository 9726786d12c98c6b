namespace Rindoku.Kernels;

/// <summary>Count, mean and sum of squared distances from the mean, gathered block by block in double.</summary>
/// <remarks>Source: Chan, Golub and LeVeque 1979, "Updating formulae and a pairwise algorithm for computing sample variances".</remarks>
internal struct BlockMoments
{
    public double Count { get; private set; }

    public double Mean { get; private set; }

    public double Squares { get; private set; }

    /// <summary>The mean squared distance.</summary>
    public readonly double Variance => Squares / Count;

    /// <summary>Adds a block by its count, its sum and its squared distances from its own mean.</summary>
    public void Add(double count, double sum, double squares)
    {
        double distance = sum / count - Mean, total = Count + count;
        Squares += squares + distance * distance * (Count * count / total);
        Mean += distance * (count / total);
        Count = total;
    }
}
