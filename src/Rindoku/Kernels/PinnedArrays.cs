using System.Runtime.CompilerServices;

namespace Rindoku.Kernels;

/// <summary>Where aligned numbers begin in a pinned array.</summary>
internal static unsafe class PinnedArrays
{
    private const int LineBytes = 64; // a cache line and one AVX-512 vector

    /// <summary>The first element at an address that is a multiple of 64.</summary>
    public static int AlignedStart(float[] pinned)
    {
        nuint address = (nuint)Unsafe.AsPointer(ref pinned[0]);
        return (int)((LineBytes - address % LineBytes) % LineBytes / sizeof(float));
    }
}
