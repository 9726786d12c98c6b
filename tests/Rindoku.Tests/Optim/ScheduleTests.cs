using Rindoku.Optim.Schedules;

namespace Rindoku.Tests.Optim;

public sealed class ScheduleTests
{
    // Values of PyTorch 1.13's schedulers of the same settings, or worked by hand from the formula.
    public static TheoryData<ISchedule, long, double> Cases => new()
    {
        { new Constant(0.1), 1000, 0.1 },
        { new StepDecay(1, 10), 9, 1 },
        { new StepDecay(1, 10), 10, 0.1 },
        { new MultiStep(1, [5, 8]), 4, 1 },
        { new MultiStep(1, [5, 8]), 5, 0.1 },
        { new MultiStep(1, [5, 8]), 8, 0.01 },
        { new Exponential(1, 0.5), 3, 0.125 },
        { new Polynomial(1, 0, 10), 5, 0.5 },
        { new Polynomial(1, 0.2, 10, 2), 5, 0.4 },
        { new Polynomial(1, 0.2, 10, 2), 50, 0.2 },
        { new Cosine(1, 0, 10), 0, 1 },
        { new Cosine(1, 0, 10), 5, 0.5 },
        { new Cosine(1, 0.1, 10), 10, 0.1 },
        { new CosineRestarts(1, 0, 4), 6, 0.5 },
        { new CosineRestarts(1, 0, 4, 2), 8, 0.5 },
        { new CosineRestarts(1, 0, 4, 2), 12, 1 },
        { new OneCycle(1, 100), 0, 0.04 },
        { new OneCycle(1, 100), 29, 1 },
        { new OneCycle(1, 100), 64, 0.500002 },
        { new OneCycle(1, 100), 99, 4e-6 },
        { new InverseSquareRoot(1, 4), 0, 0.125 },
        { new InverseSquareRoot(1, 4), 3, 0.5 },
        { new InverseSquareRoot(1, 4), 15, 0.25 },
        { new WarmUp(new Cosine(1, 0, 10), 4), 0, 0 },
        { new WarmUp(new Cosine(1, 0, 10), 4), 2, 0.5 },
        { new WarmUp(new Cosine(1, 0, 10), 4, 0.5), 2, 0.75 },
        { new WarmUp(new Cosine(1, 0, 10), 4), 9, 0.5 },
        { new Then(new Constant(1), 3, new Exponential(0.5, 0.5)), 2, 1 },
        { new Then(new Constant(1), 3, new Exponential(0.5, 0.5)), 4, 0.25 },
    };

    [Theory, MemberData(nameof(Cases))]
    public void Rates_are_those_of_the_formula(ISchedule schedule, long step, double expected) => Assert.Equal(expected, schedule.Rate(step), 9);

    [Fact]
    public void Plateau_lowers_the_rate_after_more_than_its_patience()
    {
        Plateau schedule = new(1, factor: 0.5, patience: 2);
        foreach (double metric in (double[])[1, 0.9, 0.95, 0.95]) schedule.Observe(metric);
        Assert.Equal(1, schedule.Rate(0));
        schedule.Observe(0.95);
        Assert.Equal(0.5, schedule.Rate(0));

        Plateau copy = new(1, factor: 0.5, patience: 2) { State = schedule.State };
        foreach (double metric in (double[])[0.9, 0.9, 0.9]) copy.Observe(metric);
        Assert.Equal(0.25, copy.Rate(0));
    }

    [Fact]
    public void Plateau_of_a_metric_that_grows_waits_for_it_to_stop()
    {
        Plateau schedule = new(1, factor: 0.1, patience: 0, higherIsBetter: true);
        foreach (double metric in (double[])[0.1, 0.2, 0.3]) schedule.Observe(metric);
        Assert.Equal(1, schedule.Rate(0));
        schedule.Observe(0.3);
        Assert.Equal(0.1, schedule.Rate(0));
    }
}
