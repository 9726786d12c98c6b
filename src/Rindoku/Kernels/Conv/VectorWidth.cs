namespace Rindoku.Kernels;

/// <summary>Chooses vectors for rows of a given length.</summary>
internal static class VectorWidth
{
    /// <summary>The width in bits that computes a row of <paramref name="length"/> numbers fastest, with its last vector only partly used.</summary>
    public static int For(int length) => Best(length).Bits;

    /// <summary>The time that such a row takes: 1 for each place of a 512-bit vector.</summary>
    public static double Cost(int length) => Best(length).Cost;

    private static (int Bits, double Cost) Best(int length)
    {
        int best = 128;
        double least = double.MaxValue;
        // 256-bit vectors are as fast as 512-bit ones on some processors and half as fast on others; 128-bit ones are half as fast again.
        foreach ((int bits, double cost) in (ReadOnlySpan<(int, double)>)[(512, 1), (256, 1.1), (128, 2)])
        {
            int count = bits / 32;
            double work = (length + count - 1) / count * count * cost;
            if (bits <= Simd.Bits && work < least) (best, least) = (bits, work);
        }
        return (best, least);
    }
}
