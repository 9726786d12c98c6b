namespace Rindoku.Lab.Tests.Claims;

public sealed class StudentTTests
{
    // Tables of Student's distribution; the closed forms for one and two degrees of freedom agree.
    [Theory]
    [InlineData(0.975, 1, 12.706204736432095)]
    [InlineData(0.975, 2, 4.302652729911275)]
    [InlineData(0.975, 3, 3.182446305284263)]
    [InlineData(0.975, 9, 2.2621571627409915)]
    [InlineData(0.975, 30, 2.0422724563012373)]
    [InlineData(0.025, 3, -3.182446305284263)]
    [InlineData(0.5, 3, 0)]
    public void Quantiles_are_those_of_the_tables(double p, double freedom, double expected) =>
        Assert.Equal(expected, StudentT.Quantile(p, freedom), 1e-9 * Math.Max(1, Math.Abs(expected)));

    [Theory, InlineData(0.6), InlineData(0.9), InlineData(0.9999)]
    public void Quantiles_of_one_and_two_degrees_have_closed_forms(double p)
    {
        double cauchy = Math.Tan(Math.PI * (p - 0.5)), two = (2 * p - 1) / Math.Sqrt(2 * p * (1 - p));
        Assert.Equal(cauchy, StudentT.Quantile(p, 1), 1e-8 * cauchy);
        Assert.Equal(two, StudentT.Quantile(p, 2), 1e-8 * two);
    }

    [Theory, InlineData(0.3, 2.5), InlineData(0.8, 2.5), InlineData(0.975, 4.0755), InlineData(0.999, 77)]
    public void Cumulative_undoes_the_quantile(double p, double freedom) =>
        Assert.Equal(p, StudentT.Cumulative(StudentT.Quantile(p, freedom), freedom), 1e-11);

    [Fact]
    public void Even_quantiles_are_symmetric_and_sorted()
    {
        double[] even = StudentT.EvenQuantiles(5, 2);
        Assert.Equal(even.Order(), even);
        Assert.Equal(0, even[2]);
        Assert.Equal(-even[0], even[4]);
        Assert.Equal(StudentT.Quantile(0.9, 2), even[4], 1e-12);
    }
}
