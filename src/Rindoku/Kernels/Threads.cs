namespace Rindoku.Kernels;

/// <summary>The one pool of worker threads for kernels.</summary>
/// <remarks>
/// Determinism: how work is cut into tasks depends on the work alone, never on <see cref="Count"/>; which thread runs a task
/// does not matter because tasks write to different places. So results are bitwise equal for any number of threads.
/// A call from inside a task, or while another thread uses the pool, runs on the calling thread.
/// </remarks>
public static partial class Threads
{
    // Between two kernels of a training step a worker spins this many rounds (some tens of microseconds) before it sleeps:
    // waking a sleeping thread costs more than most kernels.
    private const int SpinRounds = 300;

    private static readonly Lock Gate = new();
    private static readonly SemaphoreSlim Sleepers = new(0);
    private static readonly List<Thread> Workers = [];
    private static volatile Job? current;
    private static int runs; // of jobs so far, under the gate
    private static int sleeping;
    private static int count = Environment.ProcessorCount;

    [ThreadStatic] private static bool busy;

    /// <summary>How many threads kernels may use, the calling one included. Results do not depend on it.</summary>
    public static int Count
    {
        get => Volatile.Read(ref count);
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            Volatile.Write(ref count, value);
        }
    }

    /// <summary>Runs <c>body(0) ... body(tasks - 1)</c>, in any order and on several threads; returns when all are done.</summary>
    internal static void Run(int tasks, Action<int> body) => Run(tasks, body, static (body, task) => body(task));

    /// <summary>Runs <c>body(shared, 0) ... body(shared, tasks - 1)</c>: with a static body and a struct to share, a call makes no garbage.</summary>
    internal static void Run<T>(int tasks, T shared, Action<T, int> body)
    {
        if (tasks <= 1 || Count == 1 || busy || !Gate.TryEnter())
        {
            for (int i = 0; i < tasks; i++) body(shared, i);
            return;
        }

        try
        {
            busy = true;
            int helpers = Math.Min(Count, tasks) - 1;
            EnsureWorkers(helpers);
            Job<T> job = Job<T>.Make(shared, body, tasks, helpers, ++runs);
            current = job;
            int asleep = Math.Min(Volatile.Read(ref sleeping), helpers);
            if (asleep > 0) Sleepers.Release(asleep);
            job.Work(0);
            current = null;
            job.End();
        }
        finally
        {
            busy = false;
            Gate.Exit();
        }
    }

    /// <summary>Cuts 0 ... count - 1 into chunks of <paramref name="grain"/> and runs <c>body(from, to)</c> on each.</summary>
    internal static void RunChunks(int count, int grain, Action<int, int> body) =>
        RunChunks(count, grain, body, static (body, from, to) => body(from, to));

    /// <summary>Cuts 0 ... count - 1 into chunks of <paramref name="grain"/> and runs <c>body(shared, from, to)</c> on each, without garbage.</summary>
    internal static void RunChunks<T>(int count, int grain, T shared, Action<T, int, int> body)
    {
        if (count > grain)
            Run((count + grain - 1) / grain, (shared, body, count, grain), static (all, i) =>
                all.body(all.shared, i * all.grain, Math.Min(all.count, (i + 1) * all.grain)));
        else if (count > 0) body(shared, 0, count);
    }

    /// <summary>Starts a thread for long work beside the kernels, such as making batches; kernels that it calls run on it alone.</summary>
    internal static Thread Start(string name, Action work)
    {
        Thread thread = new(() =>
        {
            busy = true;
            work();
        })
        { IsBackground = true, Name = name };
        thread.Start();
        return thread;
    }

    private static void EnsureWorkers(int needed)
    {
        while (Workers.Count < needed)
        {
            Thread worker = new(Loop, 4 << 20) { IsBackground = true, Name = $"rindoku-{Workers.Count + 1}" };
            Workers.Add(worker);
            worker.Start();
        }
    }

    private static void Loop()
    {
        busy = true; // a kernel called from inside a task runs on this thread alone
        int last = 0;
        int idle = 0;
        while (true)
        {
            if (current is { } job && job.Number != last)
            {
                last = job.Number;
                job.Help();
                idle = 0;
            }
            else if (++idle < SpinRounds)
            {
                Thread.SpinWait(8);
            }
            else
            {
                Interlocked.Increment(ref sleeping);
                if (current is null || current?.Number == last) Sleepers.Wait();
                Interlocked.Decrement(ref sleeping);
                last = 0;
                idle = 0;
            }
        }
    }
}
