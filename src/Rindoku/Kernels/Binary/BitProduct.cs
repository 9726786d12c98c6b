using System.Runtime.CompilerServices;

namespace Rindoku.Kernels;

/// <summary>Products of rows of signs: in how many places two rows differ, by XOR and a count of bits.</summary>
/// <remarks>
/// <para>For signs a, b in {−1, +1}ᴷ with one bit each, <c>a · b = K − 2 popcount(a xor b)</c> (the papers write <c>2 popcount(xnor) − K</c>, the
/// same). Bits that fill up the last word are 0 in both and so never differ.</para>
/// <para>Where a count takes several instructions, eight vectors are first added up bit by bit in a carry-save tree (Harley and Seal; Muła, Kurz and
/// Lemire 2016, arXiv:1611.07612), so that one count serves all eight. All forms count the same bits: their results are equal.</para>
/// </remarks>
internal static unsafe class BitProduct
{
    // Rows that go past one panel, which stays in the first-level cache with them.
    private const int RowsAtOnce = 16;

    private const int Tree = 8; // vectors that are added up before their bits are counted

    /// <summary><c>counts[i, j]</c> = places in which row i of a and row j of b differ, by the form that suits the processor.</summary>
    /// <param name="rows">Rows of a.</param>
    /// <param name="a">The rows of a, each of as many words as those of b.</param>
    /// <param name="b">The rows of b.</param>
    /// <param name="counts">(rows, <see cref="BitPanels.PaddedRows"/> of b), written.</param>
    public static void Differences(int rows, ulong* a, BitPanels b, int* counts)
    {
        if (Simd.Bits == 512 && B512.IsSupported) Differences<B512>(rows, a, b, counts);
        else if (Simd.Bits >= 256 && B256.IsSupported) Differences<B256>(rows, a, b, counts);
        else Differences<B64>(rows, a, b, counts);
    }

    private static void Differences<B>(int rows, ulong* a, BitPanels b, int* counts) where B : struct, IBits<B>
    {
        int words = b.Length, stride = b.PaddedRows;
        for (int first = 0; first < rows; first += RowsAtOnce)
            for (int panel = 0; panel < b.Count; panel++)
                for (int lane = 0; lane < BitPanels.Width; lane += B.Words)
                    Rows<B>(Math.Min(RowsAtOnce, rows - first), words, a + (long)first * words, b.Panel(panel) + lane,
                        counts + (long)first * stride + panel * BitPanels.Width + lane, stride);
    }

    // Rows of a against as many rows of a panel as a vector has words. A method of its own: inlined, its vectors would not stay in registers.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Rows<B>(int rows, int words, ulong* a, ulong* panel, int* counts, int stride) where B : struct, IBits<B>
    {
        for (; rows > 0; rows--, a += words, counts += stride)
        {
            B total = B.CountsCheaply || words < Tree ? B.Zero : CountByTree<B>(a, panel, words / Tree);
            for (int k = B.CountsCheaply ? 0 : words / Tree * Tree; k < words; k++) total += B.PopCount(Differing<B>(a + k, panel + k * BitPanels.Width));
            B.Store(total, counts);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static B CountByTree<B>(ulong* a, ulong* panel, int blocks) where B : struct, IBits<B>
    {
        B total = B.Zero, ones = B.Zero, twos = B.Zero, fours = B.Zero;
        for (; blocks > 0; blocks--, a += Tree, panel += Tree * BitPanels.Width)
        {
            B four = CarryOfFour(a, panel, ref ones, ref twos);
            B four2 = CarryOfFour(a + 4, panel + 4 * BitPanels.Width, ref ones, ref twos);
            total += B.PopCount(B.Carry(fours, four, four2));
            fours = B.Sum(fours, four, four2);
        }
        return (total << 3) + (B.PopCount(fours) << 2) + (B.PopCount(twos) << 1) + B.PopCount(ones);
    }

    // Adds four vectors to the bits that count ones and twos; what overflows counts fours.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static B CarryOfFour<B>(ulong* a, ulong* panel, ref B ones, ref B twos) where B : struct, IBits<B>
    {
        B a0 = Differing<B>(a, panel), a1 = Differing<B>(a + 1, panel + BitPanels.Width);
        B two = B.Carry(ones, a0, a1);
        ones = B.Sum(ones, a0, a1);
        a0 = Differing<B>(a + 2, panel + 2 * BitPanels.Width);
        a1 = Differing<B>(a + 3, panel + 3 * BitPanels.Width);
        B two2 = B.Carry(ones, a0, a1);
        ones = B.Sum(ones, a0, a1);
        B four = B.Carry(twos, two, two2);
        twos = B.Sum(twos, two, two2);
        return four;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static B Differing<B>(ulong* a, ulong* panel) where B : struct, IBits<B> => B.All(*a) ^ B.Load(panel);
}
