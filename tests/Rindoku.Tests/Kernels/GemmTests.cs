using Rindoku.Kernels;

namespace Rindoku.Tests.Kernels;

/// <summary>Every result of the matrix product is one chain of fused multiply-adds, so the plain reference agrees to the last bit.</summary>
[Collection(nameof(KernelSettings))]
public sealed class GemmTests
{
    private static readonly int[] Widths = [.. new[] { 512, 256, 128 }.Where(bits => bits <= Simd.Bits)];

    private static float[] Numbers(int count, long stream)
    {
        float[] numbers = new float[count];
        new Rng(7, stream).FillUniform(numbers, -1, 1);
        return numbers;
    }

    private static float[] Reference(int m, int n, int k, float[] a, bool transposeA, float[] b, bool transposeB, float[]? bias)
    {
        float[] c = new float[m * n];
        for (int i = 0; i < m; i++)
            for (int j = 0; j < n; j++)
            {
                float sum = bias is null ? 0 : bias[j];
                for (int p = 0; p < k; p++)
                    sum = MathF.FusedMultiplyAdd(transposeA ? a[p * m + i] : a[i * k + p], transposeB ? b[j * k + p] : b[p * n + j], sum);
                c[i * n + j] = sum;
            }
        return c;
    }

    public static TheoryData<int, int, int> Shapes
    {
        get
        {
            TheoryData<int, int, int> shapes = [];
            foreach (int m in new[] { 1, 2, 5, 12, 13, 16, 23, 32, 49, 97 })
                foreach (int n in new[] { 1, 7, 8, 9, 16, 17, 31, 32, 33, 65 })
                    shapes.Add(m, n, 1 + (m * 31 + n * 17) % 70);
            shapes.Add(3, 5, 0);
            shapes.Add(49, 64, 300); // more than one block of depth
            shapes.Add(130, 300, 513);
            return shapes;
        }
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Product_equals_the_reference_bit_for_bit(int m, int n, int k)
    {
        float[] a = Numbers(m * k, 1), b = Numbers(k * n, 2), bias = Numbers(n, 3);
        foreach ((bool transposeA, bool transposeB) in new[] { (false, false), (true, false), (false, true), (true, true) })
        {
            float[]? withBias = transposeA == transposeB ? bias : null;
            float[] expected = Reference(m, n, k, a, transposeA, b, transposeB, withBias);
            foreach (int bits in Widths)
            {
                using Settings _ = new(bits, 1);
                float[] c = Poisoned(m * n);
                Gemm.Multiply(m, n, k, a, transposeA, b, transposeB, c.AsSpan(Zone, m * n), withBias);
                Assert.Equal(expected, c[Zone..^Zone]);
                AssertPoison(c);
            }
        }
    }

    [Theory, InlineData(5, 300, 40), InlineData(64, 33, 300), InlineData(200, 520, 300)]
    public void Product_has_the_same_bits_for_any_number_of_threads(int m, int n, int k)
    {
        float[] a = Numbers(m * k, 4), b = Numbers(k * n, 5);
        float[] expected = Reference(m, n, k, a, false, b, true, null);
        foreach (int threads in new[] { 1, 2, 3, 8 })
        {
            using Settings _ = new(Simd.Bits, threads);
            float[] c = new float[m * n];
            Gemm.Multiply(m, n, k, a, false, b, true, c);
            Assert.Equal(expected, c);
        }
    }

    [Fact]
    public unsafe void Product_adds_to_a_part_of_a_larger_matrix_with_biases_of_rows()
    {
        const int m = 51, n = 37, k = 270, stride = 45;
        float[] a = Numbers(m * k, 6), b = Numbers(k * n, 7), bias = Numbers(m, 8), c = Numbers(m * stride, 9), before = [.. c];
        fixed (float* pa = a, pb = b, pc = c, pBias = bias)
            Gemm.Multiply(new(m, n, k, new(pa, k, false), new(pb, n, false), pc, stride) { Add = true, RowBias = pBias });
        for (int i = 0; i < m; i++)
            for (int j = 0; j < stride; j++)
            {
                float sum = before[i * stride + j];
                if (j < n)
                {
                    sum += bias[i];
                    for (int p = 0; p < k; p++) sum = MathF.FusedMultiplyAdd(a[i * k + p], b[p * n + j], sum);
                }
                Assert.Equal(sum, c[i * stride + j]);
            }
    }

    [Theory, InlineData(4, 6, 5), InlineData(60, 70, 65)]
    public void Batch_equals_single_products(int m, int n, int k)
    {
        int[] placesA = [0, 2, 1, 1, 0], placesB = [1, 0, 0, 1, 1];
        float[] a = Numbers(3 * m * k, 10), b = Numbers(2 * k * n, 11), c = new float[5 * m * n];
        Gemm.MultiplyBatch(m, n, k, a, false, placesA, b, true, placesB, c);
        for (int i = 0; i < 5; i++)
        {
            float[] one = Reference(m, n, k, a[(placesA[i] * m * k)..], false, b[(placesB[i] * k * n)..], true, null);
            Assert.Equal(one, c[(i * m * n)..((i + 1) * m * n)]);
        }
    }

    [Fact]
    public void Spans_of_the_wrong_length_are_refused() =>
        Assert.Contains("(2, 3) x (3, 4)", Assert.Throws<ArgumentException>(() => Gemm.Multiply(2, 4, 3, new float[5], false, new float[12], false, new float[8])).Message);

    private const int Zone = 40;

    private static float[] Poisoned(int count)
    {
        float[] room = new float[count + 2 * Zone];
        Array.Fill(room, float.NaN);
        return room;
    }

    private static void AssertPoison(float[] room)
    {
        Assert.All(room[..Zone], x => Assert.True(float.IsNaN(x)));
        Assert.All(room[^Zone..], x => Assert.True(float.IsNaN(x)));
    }
}
