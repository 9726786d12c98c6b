using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rindoku;

/// <summary>The memory behind one or several tensors: a stretch of floats, 64-byte aligned when it is large.</summary>
/// <remarks>
/// Small buffers are ordinary arrays for the garbage collector. Large ones made inside a <see cref="MemoryScope"/> come from
/// <see cref="BufferPool"/> and go back to it when the scope ends; reading one after that throws, it never yields other data.
/// </remarks>
internal sealed class Storage
{
    /// <summary>Up to this many floats (4 KiB) the garbage collector's nursery beats any pool.</summary>
    public const int SmallLength = 1024;

    private float[]? array;
    private readonly int start;

    /// <summary>The scope that gives the buffer back when it ends, if any.</summary>
    public MemoryScope? Owner;

    /// <summary>How many pending gradients of a running backward pass use this storage (see <c>BackwardPass</c>).</summary>
    public int PendingUses;

    private Storage(float[] array, int start, int length)
    {
        this.array = array;
        this.start = start;
        Length = length;
    }

    public int Length { get; }

    public bool IsReleased => array is null;

    /// <summary>Wraps an array that the caller gives away.</summary>
    public static Storage Own(float[] array) => new(array, 0, array.Length);

    /// <summary>A buffer with arbitrary content, given back by the current scope if there is one.</summary>
    public static Storage Allocate(int length)
    {
        if (length <= SmallLength) return new Storage(new float[length], 0, length);
        if (MemoryScope.Current is not { } scope) return Persistent(length);

        float[] array = BufferPool.Rent(length);
        Storage storage = new(array, BufferPool.AlignedStart(array), length);
        scope.Add(storage);
        return storage;
    }

    /// <summary>A buffer with arbitrary content that no scope gives back: parameters, optimizer state, results to keep.</summary>
    public static Storage Persistent(int length)
    {
        if (length <= SmallLength) return new Storage(new float[length], 0, length);
        float[] array = BufferPool.New(length);
        return new Storage(array, BufferPool.AlignedStart(array), length);
    }

    public Span<float> Span
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            float[]? held = array;
            if (held is null) ThrowReleased();
            return MemoryMarshal.CreateSpan(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(held), start), Length);
        }
    }

    /// <summary>Gives a scoped buffer back to the pool now; later reads throw.</summary>
    public void Release()
    {
        if (Owner is null || array is null) return;
        BufferPool.Return(array);
        array = null;
    }

    /// <summary>Takes the buffer out of the pool for good: the garbage collector frees it.</summary>
    public void Keep()
    {
        if (Owner is null || array is null) return;
        Owner = null;
        BufferPool.Forget(array);
    }

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    private static void ThrowReleased() => throw new InvalidOperationException(
        "This tensor was a temporary of a step that has ended, and its memory has been used again. " +
        "Inside the step, read what you need with Item() or ToArray(), or hold on to the tensor with Keep().");
}
