namespace Rindoku.Ops;

public static partial class TensorOps
{
    /// <summary>The largest number of each window along one axis: <c>y[n, c, o] = max over k of x[n, c, o · stride + k · dilation − padding]</c>.</summary>
    /// <param name="x">(N, C, L).</param>
    /// <param name="kernel">Places of a window.</param>
    /// <param name="stride">From one window to the next; the kernel size if not given.</param>
    /// <param name="padding">Places outside x that windows may reach over, at most half the kernel; they never are the maximum. 0 if not given.</param>
    /// <param name="dilation">From one place of a window to the next; 1 if not given.</param>
    /// <param name="ceilMode">Whether a last, partial window counts.</param>
    /// <returns>(N, C, L'), each size L' = ⌊(L + 2 padding − dilation (kernel − 1) − 1) / stride⌋ + 1, rounded up in <paramref name="ceilMode"/>.</returns>
    /// <exception cref="ShapeException">The shapes or settings do not fit together.</exception>
    /// <remarks>NaN counts as largest. The gradient goes to the first of equal numbers. As PyTorch's max_pool1d.</remarks>
    public static Tensor MaxPool1d(this Tensor x, PerAxis kernel, PerAxis stride = default, PerAxis padding = default, PerAxis dilation = default,
        bool ceilMode = false) => EvenPool("MaxPool1d", 1, max: true, x, kernel, stride, padding, dilation, ceilMode, false);

    /// <summary>The mean of each window along one axis.</summary>
    /// <param name="x">(N, C, L).</param>
    /// <param name="kernel">Places of a window.</param>
    /// <param name="stride">From one window to the next; the kernel size if not given.</param>
    /// <param name="padding">Zeros on every side, at most half the kernel; 0 if not given.</param>
    /// <param name="ceilMode">Whether a last, partial window counts.</param>
    /// <param name="countIncludePad">Whether means divide by the places in the padding too.</param>
    /// <returns>(N, C, L'), each size as for <see cref="MaxPool1d"/>.</returns>
    /// <exception cref="ShapeException">The shapes or settings do not fit together.</exception>
    /// <remarks>As PyTorch's avg_pool1d.</remarks>
    public static Tensor AveragePool1d(this Tensor x, PerAxis kernel, PerAxis stride = default, PerAxis padding = default, bool ceilMode = false,
        bool countIncludePad = true) => EvenPool("AveragePool1d", 1, max: false, x, kernel, stride, padding, 1, ceilMode, countIncludePad);

    /// <summary>The largest number of windows that cover x so that the output has a given size: window o goes from ⌊o L / L'⌋ to ⌈(o + 1) L / L'⌉.</summary>
    /// <param name="x">(N, C, L).</param>
    /// <param name="output">The size to reach.</param>
    /// <returns>(N, C, L').</returns>
    /// <exception cref="ShapeException">x has another number of axes, or a size is less than 1.</exception>
    public static Tensor AdaptiveMaxPool1d(this Tensor x, PerAxis output) => AdaptivePool("AdaptiveMaxPool1d", 1, max: true, x, output);

    /// <summary>The mean of windows that cover x so that the output has a given size: window o goes from ⌊o L / L'⌋ to ⌈(o + 1) L / L'⌉.</summary>
    /// <param name="x">(N, C, L).</param>
    /// <param name="output">The size to reach.</param>
    /// <returns>(N, C, L').</returns>
    /// <exception cref="ShapeException">x has another number of axes, or a size is less than 1.</exception>
    public static Tensor AdaptiveAveragePool1d(this Tensor x, PerAxis output) => AdaptivePool("AdaptiveAveragePool1d", 1, max: false, x, output);
}
