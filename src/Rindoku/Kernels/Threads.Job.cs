namespace Rindoku.Kernels;

public static partial class Threads
{
    /// <summary>Tasks in as many parts as there are threads; a thread that has done its own part takes tasks of the others'.</summary>
    /// <remarks>
    /// <para>So one kernel after the other meets the same part of a tensor on the same core, where it is still in the cache.</para>
    /// <para>Jobs are used again, because thousands of them go by in a second. A worker may have read <see cref="current"/> and be late: it
    /// finds the job closed, or open again for another run, which it is welcome to join. Only a job without anybody inside is opened again.</para>
    /// </remarks>
    private abstract class Job
    {
        private const int Apart = 16; // integers: each counter in a cache line of its own
        private const int Closed = 1 << 30;

        private int[] taken = [];
        private int tasks, helpers, done, inside, number, joined = Closed;
        private Exception? error;

        /// <summary>Of the run that it is open for.</summary>
        public int Number => Volatile.Read(ref number);

        protected abstract void One(int task);

        /// <summary>Takes part if one of the places for helpers is left.</summary>
        public void Help()
        {
            Interlocked.Increment(ref inside);
            int place = Interlocked.Increment(ref joined);
            if (place <= helpers) Work(place);
            Interlocked.Decrement(ref inside);
        }

        public void Work(int place)
        {
            int finished = 0, parts = helpers + 1;
            for (int turn = 0; turn < parts; turn++)
            {
                int part = (place + turn) % parts;
                int start = (int)((long)tasks * part / parts), count = (int)((long)tasks * (part + 1) / parts) - start;
                for (int i; (i = Interlocked.Increment(ref taken[(part + 1) * Apart]) - 1) < count; finished++) Try(start + i);
            }
            if (finished > 0) Interlocked.Add(ref done, finished);
        }

        private void Try(int task)
        {
            try
            {
                One(task);
            }
#pragma warning disable CA1031 // whatever the task throws is thrown again on the calling thread
            catch (Exception e)
#pragma warning restore CA1031
            {
                Interlocked.CompareExchange(ref error, e, null);
            }
        }

        protected bool IsEmpty => Volatile.Read(ref inside) == 0;

        protected void Open(int tasks, int helpers, int number)
        {
            if (taken.Length < (helpers + 2) * Apart) taken = new int[(helpers + 2) * Apart];
            Array.Clear(taken);
            (this.tasks, this.helpers, done, error) = (tasks, helpers, 0, null);
            Volatile.Write(ref this.number, number);
            Interlocked.Exchange(ref joined, 0); // from here on workers may come
        }

        /// <summary>Waits until all tasks are done, and lets nobody in any more.</summary>
        protected Exception? Close()
        {
            SpinWait spin = default;
            while (Volatile.Read(ref done) < tasks) spin.SpinOnce(sleep1Threshold: -1);
            Interlocked.Exchange(ref joined, Closed);
            return error;
        }
    }

    /// <summary>A job whose tasks share something.</summary>
    private sealed class Job<T> : Job
    {
        private static Job<T>? spare; // the one made last; under the gate
        private T? shared;
        private Action<T, int>? body;

        public static Job<T> Make(T shared, Action<T, int> body, int tasks, int helpers, int number)
        {
            if (spare is not { IsEmpty: true } job) spare = job = new Job<T>();
            (job.shared, job.body) = (shared, body);
            job.Open(tasks, helpers, number);
            return job;
        }

        protected override void One(int task) => body!(shared!, task);

        /// <summary>Waits until all is done, and throws again what a task threw.</summary>
        public void End()
        {
            Exception? error = Close();
            (shared, body) = (default, null); // what they hold need not live on
            if (error is not null) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(error);
        }
    }
}
