using System.Numerics.Tensors;

namespace Rindoku.Kernels;

/// <summary>Convolutions whose kernel covers the whole image, so that there is one output: products of images, as rows, with the weights.</summary>
/// <remarks>Determinism: that of <see cref="Gemm"/>; groups are independent. Aliasing: results must not overlap the others.</remarks>
internal static unsafe class CoveringConvolution
{
    private const int Grain = 1 << 16; // multiply-adds of a task

    /// <summary>Whether a convolution is one.</summary>
    public static bool Is(ConvGeometry g) => g.Output.Product == 1 && g.Kernel == g.Input && g.Padding == default;

    /// <summary><c>y = x wᵀ + bias</c>, in each group.</summary>
    public static void Forward(ConvGeometry g, float* x, float* w, float* bias, float* y)
    {
        if (IsScaling(g))
        {
            Scale(g, x, w, bias, y);
            return;
        }
        int terms = g.GroupInputs * g.Kernel.Product, outputs = g.GroupOutputs;
        ForGroups(g, group =>
        {
            MatrixView images = new(x + group * terms, g.Groups * terms, false), weights = new(w + (long)group * outputs * terms, terms, false);
            Multiply(new(g.Batch, outputs, terms, images, weights.Transpose(), y + group * outputs, g.OutChannels)
            {
                ColumnBias = bias == null ? null : bias + group * outputs,
            });
        });
    }

    /// <summary><c>dx = dy w + bias</c>, in each group; the bias is one for each channel.</summary>
    public static void InputGradient(ConvGeometry g, float* dy, float* w, float* bias, float* dx)
    {
        if (IsScaling(g))
        {
            Scale(g, dy, w, bias, dx);
            return;
        }
        int taps = g.Kernel.Product, terms = g.GroupInputs * taps, outputs = g.GroupOutputs;
        using Workspace room = new(bias == null ? 0 : (long)g.InChannels * taps);
        float* biases = bias == null ? null : room.Start;
        if (bias != null)
            for (int c = 0; c < g.InChannels; c++) new Span<float>(biases + c * taps, taps).Fill(bias[c]);
        ForGroups(g, group =>
        {
            MatrixView errors = new(dy + group * outputs, g.OutChannels, false), weights = new(w + (long)group * outputs * terms, terms, false);
            Multiply(new(g.Batch, terms, outputs, errors, weights, dx + group * terms, g.Groups * terms)
            {
                ColumnBias = biases == null ? null : biases + group * terms,
            });
        });
    }

    /// <summary><c>dw = dyᵀ x</c>, in each group.</summary>
    public static void WeightGradient(ConvGeometry g, float* dy, float* x, float* dw)
    {
        if (IsScaling(g))
        {
            ScalingGradient(g, dy, x, dw);
            return;
        }
        int terms = g.GroupInputs * g.Kernel.Product, outputs = g.GroupOutputs;
        ForGroups(g, group =>
        {
            MatrixView errors = new(dy + group * outputs, g.OutChannels, false), images = new(x + group * terms, g.Groups * terms, false);
            Multiply(new(outputs, terms, g.Batch, errors.Transpose(), images, dw + (long)group * outputs * terms, terms));
        });
    }

    // What is smaller than this is done before a blocked product has made its plans: the same chains of multiply-adds, one by one.
    private static void Multiply(in GemmProduct g)
    {
        const int tiny = 256; // multiply-adds
        if ((long)g.M * g.N * g.K > tiny)
        {
            Gemm.Multiply(g);
            return;
        }
        (int rowA, int depthA) = g.A.Transposed ? (1, g.A.Stride) : (g.A.Stride, 1);
        (int columnB, int depthB) = g.B.Transposed ? (g.B.Stride, 1) : (1, g.B.Stride);
        for (int i = 0; i < g.M; i++)
            for (int j = 0; j < g.N; j++)
            {
                float* a = g.A.Start + i * rowA, b = g.B.Start + j * columnB;
                float sum = g.ColumnBias == null ? 0 : g.ColumnBias[j];
                for (int p = 0; p < g.K; p++, a += depthA, b += depthB) sum = MathF.FusedMultiplyAdd(*a, *b, sum);
                g.C[(long)i * g.Stride + j] = sum;
            }
    }

    private static void ForGroups(ConvGeometry g, Action<int> one)
    {
        long work = Math.Max(1, (long)g.Batch * g.GroupOutputs * g.GroupInputs * g.Kernel.Product);
        Threads.RunChunks(g.Groups, (int)Math.Clamp(Grain / work, 1, g.Groups), (from, to) =>
        {
            for (int group = from; group < to; group++) one(group);
        });
    }

    // Every channel for itself, and a place only: numbers times numbers.
    private static bool IsScaling(ConvGeometry g) => g.GroupInputs == 1 && g.GroupOutputs == 1 && g.Kernel.Product == 1;

    private static void Scale(ConvGeometry g, float* from, float* w, float* bias, float* to) =>
        Threads.RunChunks(g.Batch, Math.Max(1, Grain / g.Groups), (first, last) =>
        {
            for (int n = first; n < last; n++)
            {
                ReadOnlySpan<float> image = new(from + (long)n * g.Groups, g.Groups), weights = new(w, g.Groups);
                Span<float> result = new(to + (long)n * g.Groups, g.Groups);
                if (bias == null) TensorPrimitives.Multiply(image, weights, result);
                else TensorPrimitives.FusedMultiplyAdd(image, weights, new ReadOnlySpan<float>(bias, g.Groups), result);
            }
        });

    private static void ScalingGradient(ConvGeometry g, float* dy, float* x, float* dw) =>
        Threads.RunChunks(g.Groups, Math.Max(1, Grain / Math.Max(1, g.Batch)), (first, last) =>
        {
            Span<float> sum = new(dw + first, last - first);
            sum.Clear();
            for (int n = 0; n < g.Batch; n++)
            {
                long at = (long)n * g.Groups + first;
                TensorPrimitives.FusedMultiplyAdd(new(dy + at, sum.Length), new ReadOnlySpan<float>(x + at, sum.Length), sum, sum);
            }
        });
}
