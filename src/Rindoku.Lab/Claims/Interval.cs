namespace Rindoku.Lab;

/// <summary>Where a true value lies with 95 % confidence; both ends are infinite where nothing is known.</summary>
/// <param name="Low">The lower end.</param>
/// <param name="High">The upper end.</param>
public readonly record struct Interval(double Low, double High)
{
    /// <summary>The interval of no knowledge.</summary>
    public static Interval Unknown { get; } = new(double.NegativeInfinity, double.PositiveInfinity);

    /// <summary>The verdict on "the value is beyond <paramref name="bar"/>".</summary>
    /// <param name="bar">What the value must clear.</param>
    /// <param name="better">Whether it is cleared upwards or downwards.</param>
    public Verdict Judge(double bar, Better better)
    {
        bool above = Low > bar, below = High < bar;
        if (!above && !below) return Verdict.NotShown;
        return above == (better == Better.Higher) ? Verdict.Holds : Verdict.Fails;
    }
}
