using Rindoku.Nn.Initialisers;

namespace Rindoku.Tests.Nn;

public sealed class InitialiseTests
{
    private static readonly Shape Filters = [64, 32, 3, 3]; // fan-in 288, fan-out 576

    [Fact]
    public void Kaiming_has_the_mean_square_of_two_over_the_fan()
    {
        Assert.Equal(2.0 / 288, MeanSquare(Initialise.KaimingNormal(new Rng(1), Filters)), 3e-4);
        Assert.Equal(2.0 / 576, MeanSquare(Initialise.KaimingNormal(new Rng(1), Filters, fanOut: true)), 2e-4);
        Tensor uniform = Initialise.KaimingUniform(new Rng(1), Filters);
        Assert.Equal(2.0 / 288, MeanSquare(uniform), 3e-4);
        Assert.InRange(uniform.ToArray().Max(), 0.99 * Math.Sqrt(6.0 / 288), Math.Sqrt(6.0 / 288));
    }

    [Fact]
    public void Xavier_has_the_mean_square_of_two_over_both_fans()
    {
        Assert.Equal(2.0 / 864, MeanSquare(Initialise.XavierNormal(new Rng(1), Filters)), 1e-4);
        Assert.Equal(2.0 / 864, MeanSquare(Initialise.XavierUniform(new Rng(1), Filters)), 1e-4);
    }

    [Fact]
    public void Truncated_normal_stays_within_its_cut()
    {
        float[] values = Initialise.TruncatedNormal(new Rng(1), [10_000], deviation: 0.5, cut: 1.5).ToArray();
        Assert.InRange(values.Max(x => Math.Abs(x)), 0.74f, 0.75f);
        Assert.InRange(values.Average(), -0.02f, 0.02f);
    }

    [Theory, InlineData(4, 6), InlineData(6, 4), InlineData(5, 5)]
    public void Orthogonal_rows_or_columns_are_orthonormal(int rows, int columns)
    {
        Tensor w = Initialise.Orthogonal(new Rng(1), [rows, columns], gain: 2);
        int count = Math.Min(rows, columns), length = Math.Max(rows, columns);
        for (int i = 0; i < count; i++)
            for (int j = 0; j < count; j++)
            {
                double dot = 0;
                for (int k = 0; k < length; k++) dot += rows <= columns ? w[i, k] * w[j, k] : w[k, i] * w[k, j];
                Assert.Equal(i == j ? 4 : 0, dot, 5);
            }
    }

    [Fact]
    public void A_vector_has_no_fan()
    {
        var error = Assert.Throws<ShapeException>(() => Initialise.KaimingNormal(new Rng(1), [3]));
        Assert.Equal("Initialise: the fan of shape (3) is not defined; a weight has two or more axes (out, in, kernel...)", error.Message);
    }

    private static double MeanSquare(Tensor t) => t.ToArray().Average(x => (double)x * x);
}
