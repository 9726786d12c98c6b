using Rindoku.Kernels;

namespace Rindoku.Tests.Kernels;

/// <summary>Jobs are used again from run to run, also while a late worker still looks at one.</summary>
[Collection(nameof(KernelSettings))]
public sealed class ThreadsTests
{
    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(8)]
    public void Every_task_of_thousands_of_runs_is_done_once(int threads)
    {
        using Settings _ = new(Simd.Bits, threads);
        for (int run = 0; run < 5000; run++)
        {
            int[] times = new int[1 + run % 23];
            if (run % 2 == 0) Threads.Run(times.Length, task => Interlocked.Increment(ref times[task]));
            else Threads.Run(times.Length, times, static (times, task) => Interlocked.Increment(ref times[task]));
            Assert.All(times, count => Assert.Equal(1, count));
        }
    }

    [Fact]
    public void What_a_task_throws_reaches_the_caller_and_the_next_run_is_whole()
    {
        using Settings _ = new(Simd.Bits, 2);
        Assert.Throws<InvalidOperationException>(() => Threads.Run(9, task => { if (task == 4) throw new InvalidOperationException(); }));
        int done = 0;
        Threads.RunChunks(10, 3, (from, to) => Interlocked.Add(ref done, to - from));
        Assert.Equal(10, done);
    }

    [Fact]
    public void Runs_with_a_static_body_and_a_struct_to_share_make_no_garbage()
    {
        using Settings _ = new(Simd.Bits, 1);
        long Garbage()
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++) Threads.RunChunks(10, 3, (i, 1), static (_, _, _) => { });
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
        Garbage();
        Assert.Equal(0, Garbage());
    }
}
