namespace Rindoku.Optim.Schedules;

/// <summary>The same rate at every step.</summary>
/// <param name="LearningRate">The rate.</param>
public sealed record Constant(double LearningRate) : ISchedule
{
    /// <inheritdoc/>
    public double Rate(long step) => LearningRate;
}

/// <summary><c>rate · factor^⌊t / every⌋</c>: multiplied by a factor every so many steps.</summary>
/// <param name="LearningRate">The rate at the start.</param>
/// <param name="Every">How many steps between changes.</param>
/// <param name="Factor">What the rate is multiplied by.</param>
public sealed record StepDecay(double LearningRate, long Every, double Factor = 0.1) : ISchedule
{
    /// <inheritdoc/>
    public double Rate(long step) => LearningRate * Math.Pow(Factor, step / Every);
}

/// <summary>Multiplied by a factor at each of some steps.</summary>
/// <param name="LearningRate">The rate at the start.</param>
/// <param name="Milestones">The first steps with a new rate, in rising order.</param>
/// <param name="Factor">What the rate is multiplied by.</param>
public sealed record MultiStep(double LearningRate, IReadOnlyList<long> Milestones, double Factor = 0.1) : ISchedule
{
    /// <inheritdoc/>
    public double Rate(long step) => LearningRate * Math.Pow(Factor, Milestones.Count(m => step >= m));
}

/// <summary><c>rate · factor^t</c>.</summary>
/// <param name="LearningRate">The rate at the start.</param>
/// <param name="Factor">What the rate is multiplied by every step.</param>
public sealed record Exponential(double LearningRate, double Factor) : ISchedule
{
    /// <inheritdoc/>
    public double Rate(long step) => LearningRate * Math.Pow(Factor, step);
}

/// <summary><c>to + (from − to) (1 − t / steps)^power</c>, and <c>to</c> from then on; linear with power 1.</summary>
/// <param name="From">The rate at the start.</param>
/// <param name="To">The rate at the end.</param>
/// <param name="Steps">How many steps it takes.</param>
/// <param name="Power">The power.</param>
public sealed record Polynomial(double From, double To, long Steps, double Power = 1) : ISchedule
{
    /// <inheritdoc/>
    public double Rate(long step) => To + (From - To) * Math.Pow(1 - Math.Min(1, (double)step / Steps), Power);
}

/// <summary><c>to + (from − to) (1 + cos(π t / steps)) / 2</c>, and <c>to</c> from then on.</summary>
/// <param name="From">The rate at the start.</param>
/// <param name="To">The rate at the end.</param>
/// <param name="Steps">How many steps it takes.</param>
/// <remarks>Source: Loshchilov and Hutter 2016, arXiv:1608.03983, equation 5.</remarks>
public sealed record Cosine(double From, double To, long Steps) : ISchedule
{
    /// <inheritdoc/>
    public double Rate(long step) => To + (From - To) * (1 + Math.Cos(Math.PI * Math.Min(1, (double)step / Steps))) / 2;
}

/// <summary>Cosine decay that starts again, each time over a stretch that is longer by a factor.</summary>
/// <param name="From">The rate at each start.</param>
/// <param name="To">The rate just before each start.</param>
/// <param name="First">How many steps the first stretch has.</param>
/// <param name="Growth">How many times as long each next stretch is.</param>
/// <remarks>Source: Loshchilov and Hutter 2016, arXiv:1608.03983, equation 5 (SGDR).</remarks>
public sealed record CosineRestarts(double From, double To, long First, int Growth = 1) : ISchedule
{
    /// <inheritdoc/>
    public double Rate(long step)
    {
        long length = First;
        while (step >= length)
        {
            if (Growth == 1) // all stretches are alike: no need to walk through them
            {
                step %= length;
                break;
            }
            step -= length;
            length *= Growth;
        }
        return new Cosine(From, To, length).Rate(step);
    }
}

/// <summary>Up to a peak along a cosine, then down to almost nothing along another.</summary>
/// <param name="Peak">The highest rate.</param>
/// <param name="Steps">How many steps both ways take together.</param>
/// <param name="RisingPart">Which part of the steps goes up.</param>
/// <param name="StartDivisor">How many times lower than the peak the start is.</param>
/// <param name="EndDivisor">How many times lower than the start the end is.</param>
/// <remarks>Source: Smith and Topin 2017, arXiv:1708.07120; the numbers are those of PyTorch's <c>OneCycleLR</c>.</remarks>
public sealed record OneCycle(double Peak, long Steps, double RisingPart = 0.3, double StartDivisor = 25, double EndDivisor = 1e4) : ISchedule
{
    /// <inheritdoc/>
    public double Rate(long step)
    {
        double top = RisingPart * Steps - 1, last = Steps - 1, start = Peak / StartDivisor;
        return step <= top
            ? Between(start, Peak, step / top)
            : Between(Peak, start / EndDivisor, Math.Min(1, (step - top) / (last - top)));
    }

    private static double Between(double from, double to, double part) => to + (from - to) * (1 + Math.Cos(Math.PI * part)) / 2;
}

/// <summary><c>scale · min((t + 1)^−½, (t + 1) · warmUp^−³ᐟ²)</c>: up for some steps, then down with the root of the steps.</summary>
/// <param name="Scale">The factor; in the paper the model's width to the power −½.</param>
/// <param name="WarmUp">How many steps go up.</param>
/// <remarks>Source: Vaswani et al. 2017, arXiv:1706.03762, equation 3.</remarks>
public sealed record InverseSquareRoot(double Scale, long WarmUp) : ISchedule
{
    /// <inheritdoc/>
    public double Rate(long step) => Scale * Math.Min(1 / Math.Sqrt(step + 1), (step + 1) * Math.Pow(WarmUp, -1.5));
}

/// <summary>Up in a straight line to another schedule's first rate, then that schedule from its start.</summary>
/// <param name="Next">The schedule after the warm-up.</param>
/// <param name="Steps">How many steps the warm-up takes.</param>
/// <param name="StartFactor">Which part of the first rate it starts from.</param>
public sealed record WarmUp(ISchedule Next, long Steps, double StartFactor = 0) : ISchedule
{
    /// <inheritdoc/>
    public double Rate(long step) => step >= Steps
        ? Next.Rate(step - Steps)
        : Next.Rate(0) * (StartFactor + (1 - StartFactor) * step / Steps);
}

/// <summary>One schedule for some steps, then another from its start.</summary>
/// <param name="First">The schedule at first.</param>
/// <param name="Steps">How many steps it is followed.</param>
/// <param name="Next">The schedule afterwards.</param>
public sealed record Then(ISchedule First, long Steps, ISchedule Next) : ISchedule
{
    /// <inheritdoc/>
    public double Rate(long step) => step < Steps ? First.Rate(step) : Next.Rate(step - Steps);
}
