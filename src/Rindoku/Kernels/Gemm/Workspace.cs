namespace Rindoku.Kernels;

/// <summary>Aligned scratch memory for one kernel call, from the pool and back to it: <c>using Workspace w = new(count)</c>.</summary>
internal readonly unsafe ref struct Workspace : IDisposable
{
    private readonly float[] array;

    public Workspace(long floats)
    {
        array = BufferPool.Rent(checked((int)Math.Max(floats, 16)));
        fixed (float* start = &array[BufferPool.AlignedStart(array)]) Start = start; // the pool's arrays are pinned for good
    }

    /// <summary>The first float, 64-byte aligned; the content is arbitrary.</summary>
    public float* Start { get; }

    public void Dispose() => BufferPool.Return(array);
}
