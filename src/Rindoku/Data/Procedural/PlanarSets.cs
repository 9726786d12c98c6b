namespace Rindoku.Data;

/// <summary>Small classification sets of points in the plane, (N, 2), made from random numbers: the shapes that every method is first tried on.</summary>
/// <remarks>Classes have the same number of points, or the first ones one more; the order is random.</remarks>
public static class PlanarSets
{
    /// <summary>Two half circles that reach into each other, as scikit-learn's <c>make_moons</c>.</summary>
    /// <param name="count">How many points.</param>
    /// <param name="rng">The randomness.</param>
    /// <param name="noise">The standard deviation of what is added to each coordinate.</param>
    public static LabelledSet TwoMoons(int count, Rng rng, double noise = 0.1) => Make(count, 2, noise, rng, (label, part) =>
    {
        (double sin, double cos) = Math.SinCos(Math.PI * part);
        return label == 0 ? (cos, sin) : (1 - cos, 0.5 - sin);
    });

    /// <summary>A circle of radius 1 around another, as scikit-learn's <c>make_circles</c>.</summary>
    /// <param name="count">How many points.</param>
    /// <param name="rng">The randomness.</param>
    /// <param name="noise">The standard deviation of what is added to each coordinate.</param>
    /// <param name="factor">The radius of the inner circle, class 1.</param>
    public static LabelledSet Circles(int count, Rng rng, double noise = 0.1, double factor = 0.5) => Make(count, 2, noise, rng, (label, part) =>
    {
        // Not to the end of the turn: it is its start, and would hold two points.
        (double sin, double cos) = Math.SinCos(2 * Math.PI * part * (1 - 1.0 / PerClass(count, 2, label)));
        double radius = label == 0 ? 1 : factor;
        return (radius * cos, radius * sin);
    });

    /// <summary>Arms that wind once around the origin, from radius 0.1 to 1.</summary>
    /// <param name="count">How many points.</param>
    /// <param name="rng">The randomness.</param>
    /// <param name="arms">How many arms, each a class.</param>
    /// <param name="noise">The standard deviation of what is added to each coordinate.</param>
    public static LabelledSet Spirals(int count, Rng rng, int arms = 3, double noise = 0.02) => Make(count, arms, noise, rng, (label, part) =>
    {
        (double sin, double cos) = Math.SinCos(2 * Math.PI * (part + (double)label / arms));
        double radius = 0.1 + 0.9 * part;
        return (radius * cos, radius * sin);
    });

    /// <summary>Round clouds about centres that are drawn evenly from a square.</summary>
    /// <param name="count">How many points.</param>
    /// <param name="rng">The randomness; the centres are drawn first.</param>
    /// <param name="centres">How many clouds, each a class.</param>
    /// <param name="deviation">The standard deviation of a cloud along each axis.</param>
    /// <param name="extent">Centres lie between -extent and extent.</param>
    public static LabelledSet Blobs(int count, Rng rng, int centres = 3, double deviation = 1, double extent = 10)
    {
        ArgumentNullException.ThrowIfNull(rng);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(centres);
        (double X, double Y)[] places = [.. Enumerable.Range(0, centres).Select(_ => (extent * (2 * rng.NextDouble() - 1), extent * (2 * rng.NextDouble() - 1)))];
        return Make(count, centres, deviation, rng, (label, _) => places[label]);
    }

    /// <summary>Round clouds on a circle about the origin; neighbours are of one class as far as the numbers allow.</summary>
    /// <param name="count">How many points.</param>
    /// <param name="rng">The randomness.</param>
    /// <param name="clouds">How many clouds.</param>
    /// <param name="classes">How many classes; at most as many as there are clouds.</param>
    /// <param name="radius">The radius of the circle.</param>
    /// <param name="deviation">The standard deviation of a cloud along each axis.</param>
    public static LabelledSet Ring(int count, Rng rng, int clouds = 8, int classes = 3, double radius = 4, double deviation = 0.3)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(classes);
        ArgumentOutOfRangeException.ThrowIfLessThan(clouds, classes);
        return Make(count, classes, deviation, rng, (label, part) =>
        {
            int first = label * clouds / classes, own = (label + 1) * clouds / classes - first;
            (double sin, double cos) = Math.SinCos(2 * Math.PI * (first + Math.Min((int)(part * own), own - 1)) / clouds);
            return (radius * cos, radius * sin);
        });
    }

    private static int PerClass(int count, int classes, int label) => (count - label + classes - 1) / classes;

    // place(label, part) is the place of a point of a class, part going evenly from 0 to 1 over the points of the class.
    private static LabelledSet Make(int count, int classes, double noise, Rng rng, Func<int, double, (double X, double Y)> place)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(classes);
        ArgumentOutOfRangeException.ThrowIfNegative(noise);
        ArgumentNullException.ThrowIfNull(rng);
        float[] points = new float[2 * count];
        int[] labels = new int[count];
        int[] order = rng.Permutation(count);
        for (int i = 0; i < count; i++)
        {
            int label = i % classes, last = PerClass(count, classes, label) - 1;
            (double x, double y) = place(label, last == 0 ? 0 : (double)(i / classes) / last);
            int at = order[i];
            points[2 * at] = (float)(x + noise * rng.NextNormal());
            points[2 * at + 1] = (float)(y + noise * rng.NextNormal());
            labels[at] = label;
        }
        return new LabelledSet(Tensor.Own(points, [count, 2]), IntTensor.Of(labels), [.. Enumerable.Range(0, classes).Select(c => $"{c}")]);
    }
}
