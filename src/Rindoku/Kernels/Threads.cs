namespace Rindoku.Kernels;

/// <summary>The one pool of worker threads for kernels.</summary>
/// <remarks>
/// Determinism: how work is cut into tasks depends on the work alone, never on <see cref="Count"/>; which thread runs a task
/// does not matter because tasks write to different places. So results are bitwise equal for any number of threads.
/// A call from inside a task, or while another thread uses the pool, runs on the calling thread.
/// </remarks>
public static class Threads
{
    // Between two kernels of a training step a worker spins this many rounds (some tens of microseconds) before it sleeps:
    // waking a sleeping thread costs more than most kernels.
    private const int SpinRounds = 300;

    private static readonly Lock Gate = new();
    private static readonly SemaphoreSlim Sleepers = new(0);
    private static readonly List<Thread> Workers = [];
    private static volatile Job? current;
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
    internal static void Run(int tasks, Action<int> body)
    {
        if (tasks <= 1 || Count == 1 || busy || !Gate.TryEnter())
        {
            for (int i = 0; i < tasks; i++) body(i);
            return;
        }

        try
        {
            busy = true;
            int helpers = Math.Min(Count, tasks) - 1;
            EnsureWorkers(helpers);
            Job job = new(body, tasks, helpers);
            current = job;
            int asleep = Math.Min(Volatile.Read(ref sleeping), helpers);
            if (asleep > 0) Sleepers.Release(asleep);
            job.Work(0);
            current = null;
            job.Wait();
        }
        finally
        {
            busy = false;
            Gate.Exit();
        }
    }

    /// <summary>Cuts 0 ... count - 1 into chunks of <paramref name="grain"/> and runs <c>body(from, to)</c> on each.</summary>
    internal static void RunChunks(int count, int grain, Action<int, int> body)
    {
        if (count <= grain)
        {
            if (count > 0) body(0, count);
            return;
        }
        Run((count + grain - 1) / grain, i => body(i * grain, Math.Min(count, (i + 1) * grain)));
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
        Job? last = null;
        int idle = 0;
        while (true)
        {
            Job? job = current;
            if (job is not null && job != last)
            {
                last = job;
                int place = job.Join();
                if (place > 0) job.Work(place);
                idle = 0;
            }
            else if (++idle < SpinRounds)
            {
                Thread.SpinWait(8);
            }
            else
            {
                Interlocked.Increment(ref sleeping);
                if (current is null || current == last) Sleepers.Wait();
                Interlocked.Decrement(ref sleeping);
                last = null;
                idle = 0;
            }
        }
    }

    /// <summary>Tasks in as many parts as there are threads; a thread that has done its own part takes tasks of the others'.</summary>
    /// <remarks>So one kernel after the other meets the same part of a tensor on the same core, where it is still in the cache.</remarks>
    private sealed class Job(Action<int> body, int tasks, int helpers)
    {
        private const int Apart = 16; // integers: each counter in a cache line of its own

        private readonly int[] taken = new int[(helpers + 2) * Apart];
        private int done, joined;
        private Exception? error;

        /// <summary>Takes one of the places for helpers, from 1 on; 0 if none is left.</summary>
        public int Join()
        {
            int place = Interlocked.Increment(ref joined);
            return place <= helpers ? place : 0;
        }

        public void Work(int place)
        {
            int finished = 0, parts = helpers + 1;
            for (int turn = 0; turn < parts; turn++)
            {
                int part = (place + turn) % parts;
                int start = (int)((long)tasks * part / parts), count = (int)((long)tasks * (part + 1) / parts) - start;
                for (int i; (i = Interlocked.Increment(ref taken[(part + 1) * Apart]) - 1) < count; finished++) One(start + i);
            }
            if (finished > 0) Interlocked.Add(ref done, finished);
        }

        private void One(int task)
        {
            try
            {
                body(task);
            }
#pragma warning disable CA1031 // whatever the task throws is thrown again on the calling thread
            catch (Exception e)
#pragma warning restore CA1031
            {
                Interlocked.CompareExchange(ref error, e, null);
            }
        }

        public void Wait()
        {
            SpinWait spin = default;
            while (Volatile.Read(ref done) < tasks) spin.SpinOnce(sleep1Threshold: -1);
            if (error is not null) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(error);
        }
    }
}
