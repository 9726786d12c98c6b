namespace Rindoku.Kernels;

/// <summary>What kernels found out about the processor.</summary>
public static class Processor
{
    /// <summary>The width of the vectors that kernels compute with: 512, 256 or 128 bits.</summary>
    public static int VectorBits => Simd.Bits;
}
