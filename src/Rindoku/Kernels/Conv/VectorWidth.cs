using System.Runtime.Intrinsics.X86;

namespace Rindoku.Kernels;

/// <summary>Chooses vectors for rows of a given length.</summary>
/// <remarks>Kernels that ask it give the same bits for every width, but for sums across a vector.</remarks>
internal static class VectorWidth
{
    // What a place costs in vectors of each width. Zen 4 computes 512 bits in two halves, so that halves on their own are as fast; others
    // compute as many vectors of either width in a cycle. Where it takes as many, the narrower are a little better: they are loaded faster.
    private static readonly (int Bits, double Cost)[] Widths = ComputesInHalves() ? [(512, 1), (256, 1.1), (128, 2)] : [(512, 1), (256, 1.9), (128, 3.6)];

    /// <summary>The width in bits that computes a row of <paramref name="length"/> numbers fastest, with its last vector only partly used.</summary>
    public static int For(int length) => Best(length).Bits;

    /// <summary>The time that such a row takes: 1 for each place of a 512-bit vector.</summary>
    public static double Cost(int length) => Best(length).Cost;

    private static (int Bits, double Cost) Best(int length)
    {
        int best = 128;
        double least = double.MaxValue;
        foreach ((int bits, double cost) in Widths)
        {
            int count = bits / 32;
            double work = (length + count - 1) / count * count * cost;
            if (bits <= Simd.Bits && work < least) (best, least) = (bits, work);
        }
        return (best, least);
    }

    // AMD's family 19h, of which those with 512 bits are Zen 4. Without 512 bits the question does not arise.
    private static bool ComputesInHalves()
    {
        if (!Avx512F.IsSupported) return true;
        const int authenticAmd = 0x68747541; // its first four letters
        (int signature, _, _, _) = X86Base.CpuId(1, 0);
        int family = (signature >> 8 & 0xF) + (signature >> 20 & 0xFF);
        return X86Base.CpuId(0, 0).Ebx == authenticAmd && family == 0x19;
    }
}
