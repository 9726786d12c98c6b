using Rindoku.Kernels;
using Rindoku.Ops;

namespace Rindoku.Tests.Kernels;

/// <summary>Kernels compute with more places than there are numbers. Whatever lies in those, results have the same bits.</summary>
[Collection(nameof(KernelSettings))]
public sealed unsafe class FreshMemoryTests
{
    public static TheoryData<string> Names => new(Works.Keys);

    private static readonly Dictionary<string, Func<Tensor>> Works = new()
    {
        ["convolution by Winograd's way"] = () => Numbers(2, 32, 33, 33).Conv2d(Numbers(33, 32, 3, 3), Numbers(33), padding: 1),
        ["convolution by Winograd's way, one image"] = () => Numbers(1, 90, 17, 17).Conv2d(Numbers(90, 90, 3, 3), Numbers(90), padding: 1),
        ["convolution of many small images"] = () => Numbers(37, 20, 7, 7).Conv2d(Numbers(17, 20, 3, 3), Numbers(17), padding: 1),
        ["dilated convolution"] = () => Numbers(2, 5, 33, 33).Conv2d(Numbers(17, 5, 3, 3), Numbers(17), padding: 2, dilation: 2),
        ["convolution with a stride"] = () => Numbers(2, 5, 33, 33).Conv2d(Numbers(17, 5, 3, 3), Numbers(17), stride: 2, padding: 1),
        ["convolution along a line"] = () => Numbers(1, 9, 3001).Conv1d(Numbers(17, 9, 3), Numbers(17), padding: 2, dilation: 2),
        ["depthwise convolution"] = () => Numbers(3, 5, 7, 7).Conv2d(Numbers(5, 1, 3, 3), Numbers(5), padding: 1, groups: 5),
        ["product with biases"] = () => Numbers(61, 70).Linear(Numbers(35, 70), Numbers(35)),
        ["softmax of short rows"] = () => Numbers(3, 31).Softmax(),
        ["softmax of longer rows"] = () => Numbers(3, 33).Softmax(),
        ["layer normalisation of short rows"] = () => Numbers(3, 17).LayerNorm([17]),
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void Results_do_not_depend_on_it(string name)
    {
        Spoil(0);
        float[] expected = Works[name]().ToArray();
        foreach (float value in (ReadOnlySpan<float>)[float.NaN, 1e-41f, float.MaxValue])
        {
            Spoil(value);
            Assert.Equal(expected, Works[name]().ToArray());
        }
    }

    private static Tensor Numbers(params ReadOnlySpan<int> shape) => new Rng(3).Normal([.. shape]);

    // Fills some waiting buffers of every size that these works take, and the stack below.
    private static void Spoil(float value)
    {
        for (int length = 16; length <= 1 << 20; length += Math.Max(1, length / 4))
            using (Workspace first = new(length), second = new(length), third = new(length))
                foreach (nint start in (ReadOnlySpan<nint>)[(nint)first.Start, (nint)second.Start, (nint)third.Start])
                    new Span<float>((float*)start, length).Fill(value);
        SpoilStack(value);
    }

    private static void SpoilStack(float value)
    {
        Span<float> room = stackalloc float[32 << 10];
        room.Fill(value);
    }
}
