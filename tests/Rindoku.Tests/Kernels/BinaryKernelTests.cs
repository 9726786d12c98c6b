using Rindoku.Kernels;
using Rindoku.Ops;
using Rindoku.Testing;

namespace Rindoku.Tests.Kernels;

/// <summary>Packed signs give the whole numbers of a plain loop over −1 and +1, whatever the length, the form and the number of threads.</summary>
[Collection(nameof(KernelSettings))]
public sealed class BinaryKernelTests
{
    private static readonly int[] Widths = [.. new[] { 512, 256, 128 }.Where(bits => bits <= Simd.Bits)];

    private static Tensor Signs(Shape shape, long stream) => Tensor.From([.. new Rng(7, stream).Uniform(shape, -1, 1).ToArray().Select(v => v >= 0 ? 1f : -1f)], shape);

    public static TheoryData<int> Depths => [1, 5, 63, 64, 65, 100, 127, 128, 129, 448, 512, 513, 575, 576, 577, 1000, 2304];

    [Theory, MemberData(nameof(Depths))]
    public void A_product_of_signs_equals_the_plain_sum_in_every_form(int depth)
    {
        foreach ((int rows, int outputs) in new[] { (1, 1), (3, 7), (17, 8), (33, 19) })
        {
            Tensor a = Signs([rows, depth], 1), b = Signs([outputs, depth], 2);
            Tensor expected = Tensor.Generate([rows, outputs], i => Enumerable.Range(0, depth).Sum(k => a[i / outputs, k] * b[i % outputs, k]));
            foreach (int bits in Widths)
            {
                using Settings _ = new(bits, 1);
                Check.Same(SignTensor.Pack(a).Linear(new SignWeights(b)), expected, $"{rows} x {outputs} x {depth} with {bits} bits");
            }
            Check.Same(a.MatMul(b, transposeB: true), expected, "the float product");
        }
    }

    [Fact]
    public void The_sheets_example()
    {
        Tensor a = Tensor.From([1, -1, -1, 1, 1], [1, 5]), b = Tensor.From([1, 1, -1, -1, 1], [1, 5]);
        Assert.Equal(1, SignTensor.Pack(a).Linear(new SignWeights(b)).Item());
        ulong wordA = SignTensor.Pack(a).Words[0], wordB = SignTensor.Pack(b).Words[0];
        Assert.Equal(3, System.Numerics.BitOperations.PopCount(~(wordA ^ wordB) & 0b11111));
    }

    public static TheoryData<int, int, int, int, int, int, int> Convolutions => new()
    {
        // batch, channels, outputs, size, kernel, stride, padding
        { 2, 3, 5, 6, 3, 1, 1 }, { 1, 64, 8, 5, 3, 1, 1 }, { 2, 65, 9, 7, 3, 2, 1 }, { 1, 100, 16, 8, 5, 1, 2 }, { 3, 32, 33, 4, 1, 1, 0 },
        { 1, 70, 3, 6, 1, 2, 0 }, { 2, 128, 17, 3, 3, 1, 0 }, { 1, 33, 4, 2, 5, 1, 4 }, { 1, 7, 2, 9, 3, 3, 2 }, { 1, 20, 5, 1, 3, 1, 1 },
    };

    [Theory, MemberData(nameof(Convolutions))]
    public void A_convolution_of_signs_leaves_out_what_is_outside(int batch, int channels, int outputs, int size, int kernel, int stride, int padding)
    {
        Tensor x = Signs([batch, channels, size, size + 1], 3), w = Signs([outputs, channels, kernel, kernel], 4);
        int height = (size + 2 * padding - kernel) / stride + 1, width = (size + 1 + 2 * padding - kernel) / stride + 1;
        Tensor expected = Tensor.Generate([batch, height, width, outputs], i =>
            Reference(x, w, i / (height * width * outputs), i % outputs, i / (width * outputs) % height * stride - padding, i / outputs % width * stride - padding));
        foreach (int bits in Widths)
        {
            using Settings _ = new(bits, 1);
            Check.Same(SignTensor.Pack(x).Conv2d(new SignWeights(w), stride, padding), expected, $"with {bits} bits");
        }
        Check.Same(x.Conv2d(w, null, stride, padding).Round().Permute(0, 2, 3, 1), expected, "the float convolution");
    }

    private static float Reference(Tensor x, Tensor w, int image, int output, int top, int left)
    {
        float sum = 0;
        for (int c = 0; c < w.Shape[1]; c++)
            for (int ky = 0; ky < w.Shape[2]; ky++)
                for (int kx = 0; kx < w.Shape[3]; kx++)
                    if ((uint)(top + ky) < (uint)x.Shape[2] && (uint)(left + kx) < (uint)x.Shape[3]) sum += x[image, c, top + ky, left + kx] * w[output, c, ky, kx];
        return sum;
    }

    [Fact]
    public void The_number_of_threads_makes_no_difference()
    {
        Tensor x = Signs([5, 130, 13, 13], 5), w = Signs([40, 130, 3, 3], 6), a = Signs([700, 300], 7), b = Signs([70, 300], 8);
        Tensor[] Work() => [SignTensor.Pack(x).Conv2d(new SignWeights(w), padding: 1), SignTensor.Pack(a).Linear(new SignWeights(b))];
        Rindoku.Tests.Ops.Determinism.Check(Work);
    }

    [Fact]
    public void Packing_and_unpacking_come_back_for_every_length()
    {
        foreach (int channels in Lengths.AroundVectorWidths.Where(length => length > 0))
            foreach (int length in new[] { 1, 3, 16 })
            {
                Tensor x = new Rng(1).Normal([2, channels, length]);
                SignTensor signs = SignTensor.Pack(x);
                Check.Same(signs.Unpack(), x.BinarySign(), $"{channels} channels of {length}");
                Assert.Equal(2L * length * ((channels + 63) / 64) * 8, signs.Bytes);
            }
        Assert.Equal(0, SignTensor.Pack(Tensor.Zeros([0, 5])).Bytes);
        Check.Same(SignTensor.Pack(Tensor.From([0, -0f, float.NaN, 1e-40f, -1e-40f, float.NegativeInfinity], [1, 6])).Unpack(), Tensor.From([1, 1, -1, 1, -1, -1], [1, 6]));
    }

    [Fact]
    public void The_bits_of_bytes_are_signs_that_add_up_to_them()
    {
        Tensor x = Tensor.Generate([2, 256], i => (2 * (i < 256 ? i : 511 - i) - 255) / 256f), w = Signs([9, 256], 9);
        Tensor planes = SignTensor.PackBytes(x).Linear(new SignWeights(w)); // (16, 9)
        Tensor sums = Tensor.Generate([2, 9], i => Enumerable.Range(0, 8).Sum(n => planes[i / 9 * 8 + n, i % 9] * (1 << n)) / 256);
        Check.Same(sums, x.MatMul(w, transposeB: true));
        for (int b = 0; b < 256; b++)
        {
            Tensor bits = SignTensor.PackBytes(Tensor.From([(2 * b - 255) / 256f], [1, 1])).Unpack();
            Assert.Equal(2 * b - 255, Enumerable.Range(0, 8).Sum(n => (int)bits[n, 0] << n));
        }
        Assert.StartsWith("SignTensor.PackBytes: 0.5 is not", Assert.Throws<ArgumentException>(() => SignTensor.PackBytes(Tensor.From([0.5f], [1, 1]))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Thresholds_make_the_signs_of_the_function_for_every_sum()
    {
        // Rising, falling, never and always positive, and changing just at a whole number.
        float[] scale = [0.3f, -0.7f, 1e-3f, -1e-3f, 1, 0], shift = [0.41f, 2.2f, -5, 5, -3, 0];
        Tensor s = Tensor.From(scale, [6]), b = Tensor.From(shift, [6]);
        SignThresholds thresholds = SignThresholds.Of(x => x * s + b, 6, largest: 20);
        Tensor sums = Tensor.Generate([41, 6], i => i / 6 - 20);
        Check.Same(SignTensor.PackChannelsLast(sums, thresholds).Unpack(), (sums * s + b).BinarySign());
        Assert.Equal(48, thresholds.Bytes);
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        SignTensor x = SignTensor.Pack(Tensor.Ones([2, 5]));
        Assert.Equal("SignTensor.Linear: signs (2, 5) with weights (3, 4); needed are (N, In) and (Out, In)",
            Assert.Throws<ShapeException>(() => x.Linear(new SignWeights(Tensor.Ones([3, 4])))).Message);
        Assert.StartsWith("SignTensor.Conv2d: signs (2, 5) with weights (3, 5, 1, 1)",
            Assert.Throws<ShapeException>(() => x.Conv2d(new SignWeights(Tensor.Ones([3, 5, 1, 1])))).Message, StringComparison.Ordinal);
        SignTensor map = SignTensor.Pack(Tensor.Ones([1, 5, 2, 2]));
        Assert.Contains("smaller than the weights", Assert.Throws<ShapeException>(() => map.Conv2d(new SignWeights(Tensor.Ones([3, 5, 3, 3])))).Message, StringComparison.Ordinal);
        Assert.Throws<ShapeException>(() => new SignWeights(Tensor.Ones([3, 5, 3])));
        Assert.Throws<ShapeException>(() => SignTensor.Pack(Tensor.Ones([3])));
        Assert.Throws<ShapeException>(() => SignTensor.PackChannelsLast(Tensor.Ones([2, 4]), SignThresholds.Of(v => v, 3, 1)));
    }
}
