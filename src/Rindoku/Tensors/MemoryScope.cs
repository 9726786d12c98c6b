namespace Rindoku;

/// <summary>
/// A stretch of work whose temporary tensors give their memory back together when it ends. The trainer and the data loader
/// open one for every step, so programs seldom need to.
/// </summary>
/// <remarks>
/// A tensor made in a scope and read after it throws; <see cref="Tensor.Keep"/> lets one outlive it. Parameters, optimizer state
/// and tensors of up to 1,024 numbers are never affected. Scopes nest, and belong to the thread that opened them.
/// Without any scope all memory is left to the garbage collector.
/// </remarks>
public sealed class MemoryScope : IDisposable
{
    [ThreadStatic] private static MemoryScope? current;
    [ThreadStatic] private static MemoryScope? spare;

    private readonly List<Storage> storages = [];
    private MemoryScope? parent;
    private bool open;

    private MemoryScope() { }

    internal static MemoryScope? Current => current;

    /// <summary>Opens a scope on this thread; dispose it to end it.</summary>
    public static MemoryScope Open()
    {
        MemoryScope scope = spare ?? new MemoryScope();
        spare = scope.parent; // finished scopes wait in a chain, so that opening one costs no allocation
        scope.parent = current;
        scope.open = true;
        current = scope;
        return scope;
    }

    /// <summary>Runs work in a scope of its own; only the tensor that it returns lives on.</summary>
    public static Tensor Run(Func<Tensor> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        using MemoryScope scope = Open();
        Tensor result = work();
        scope.HandOver(result);
        return result;
    }

    /// <summary>Runs work in a scope of its own.</summary>
    public static void Run(Action work)
    {
        ArgumentNullException.ThrowIfNull(work);
        using MemoryScope scope = Open();
        work();
    }

    /// <summary>Bytes of pooled step memory held by the process, in use or waiting to be used again.</summary>
    public static long PooledBytes => BufferPool.HeldBytes;

    /// <summary>Lets pooled memory that is not in use go back to the garbage collector.</summary>
    public static void Trim() => BufferPool.Trim();

    /// <summary>Lets <paramref name="tensor"/> live on in the scope around this one.</summary>
    public void HandOver(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        Storage storage = tensor.Storage;
        if (storage.Owner != this) return; // made outside, or kept already: not ours to end
        if (parent is null) storage.Keep();
        else parent.Add(storage);
    }

    internal void Add(Storage storage)
    {
        storage.Owner = this;
        storages.Add(storage);
    }

    /// <summary>Gives up the temporaries made so far, for the scope of another thread to <see cref="Add"/>; this one forgets them.</summary>
    internal Storage[] Surrender()
    {
        Storage[] given = [.. storages.Where(storage => storage.Owner == this)];
        storages.Clear();
        return given;
    }

    /// <summary>Ends the scope: the memory of its temporaries can be used again.</summary>
    public void Dispose()
    {
        if (!open) return;
        if (current != this) throw new InvalidOperationException("MemoryScope: scopes must end in the reverse order of their opening, on the same thread.");
        foreach (Storage storage in storages)
            if (storage.Owner == this) storage.Release();
        storages.Clear();
        open = false;
        current = parent;
        parent = spare;
        spare = this;
    }
}
