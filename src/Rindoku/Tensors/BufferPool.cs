using System.Numerics;
using Rindoku.Kernels;

namespace Rindoku;

/// <summary>Large buffers that steps share: pinned arrays in size classes, so that a warm training step takes no new memory.</summary>
internal static class BufferPool
{
    private const int AlignmentFloats = 16; // 64 bytes: a cache line and one AVX-512 vector

    // Four classes to each doubling: at most a quarter of a buffer is slack.
    // Stacks under a lock, because a concurrent stack makes garbage with every return.
    private static readonly Stack<float[]>[] Classes = [.. Enumerable.Range(0, 4 * 32).Select(_ => new Stack<float[]>())];
    private static long held;

    /// <summary>Bytes of all buffers that the pool has made and not let go, in use or waiting.</summary>
    public static long HeldBytes => Interlocked.Read(ref held);

    public static float[] Rent(int length)
    {
        int index = ClassOf(length);
        lock (Classes[index])
        {
            if (Classes[index].TryPop(out float[]? array)) return array;
        }
        float[] made = New(ClassLength(index));
        Interlocked.Add(ref held, 4L * made.Length);
        return made;
    }

    public static void Return(float[] array)
    {
        Stack<float[]> waiting = Classes[ClassOf(array.Length - AlignmentFloats)];
        lock (waiting) waiting.Push(array);
    }

    /// <summary>Stops counting a buffer that its user keeps.</summary>
    public static void Forget(float[] array) => Interlocked.Add(ref held, -4L * array.Length);

    /// <summary>Lets all waiting buffers go to the garbage collector.</summary>
    public static void Trim()
    {
        foreach (Stack<float[]> waiting in Classes)
            lock (waiting)
            {
                while (waiting.TryPop(out float[]? array)) Interlocked.Add(ref held, -4L * array.Length);
                waiting.TrimExcess();
            }
    }

    /// <summary>A pinned array with room to align <paramref name="length"/> floats.</summary>
    public static float[] New(int length)
    {
        float[] array = GC.AllocateUninitializedArray<float>(checked(length + AlignmentFloats), pinned: true);
        LargePages.Ask(array);
        return array;
    }

    /// <summary>The first 64-byte aligned element of a pinned array.</summary>
    public static int AlignedStart(float[] array) => PinnedArrays.AlignedStart(array);

    // Class 4e + q holds 2^e (1 + q/4) floats, for e = log2(length) and the smallest q that fits.
    internal static int ClassOf(int length)
    {
        int e = BitOperations.Log2((uint)length);
        int quarter = Math.Max(1, (1 << e) / 4);
        int q = (length - (1 << e) + quarter - 1) / quarter;
        return 4 * e + q;
    }

    internal static int ClassLength(int index)
    {
        long length = (1L << (index / 4)) / 4 * (4 + index % 4);
        return (int)Math.Min(length, int.MaxValue - 64);
    }
}
