namespace Rindoku.Kernels;

/// <summary>Three numbers, one for each spatial axis; 1-D and 2-D work has ones in front.</summary>
internal readonly record struct Triple(int D, int H, int W)
{
    public int Product => D * H * W;
}

/// <summary>Everything that a convolution's shapes say; 1-D and 2-D are 3-D with axes of size 1.</summary>
/// <remarks>
/// x is (Batch, InChannels, Input), w is (OutChannels, InChannels / Groups, Kernel), y is (Batch, OutChannels, Output), and
/// <c>y[o] = Σ w[k] · x[o · Stride + k · Dilation - Padding]</c> along each axis.
/// </remarks>
internal sealed record ConvGeometry(int Batch, int Groups, int InChannels, int OutChannels,
    Triple Input, Triple Output, Triple Kernel, Triple Stride, Triple Padding, Triple Dilation)
{
    /// <summary>Input channels of a group.</summary>
    public int GroupInputs => InChannels / Groups;

    /// <summary>Output channels of a group.</summary>
    public int GroupOutputs => OutChannels / Groups;

    /// <summary>The same work in the form that runs fastest: a pointwise convolution is one long row.</summary>
    public ConvGeometry Simplified()
    {
        Triple one = new(1, 1, 1), zero = new(0, 0, 0);
        if (Kernel != one || Stride != one || Padding != zero) return this;
        Triple row = new(1, 1, Input.Product);
        return this with { Input = row, Output = row, Dilation = one };
    }
}
