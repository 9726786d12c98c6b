using System.Runtime.ExceptionServices;
using Rindoku.Kernels;

namespace Rindoku.Data;

/// <summary>
/// Makes items 0, 1, 2, ... on background threads, a bounded number ahead, and gives them out in order. What is given out, an
/// exception in its turn included, does not depend on the number of threads.
/// </summary>
internal sealed class OrderedPrefetch<T>
{
    private readonly object gate = new(); // guards everything below; pulsed at every change
    private readonly Slot[] slots;
    private readonly Thread[] workers;
    private readonly Func<long, T> make;
    private readonly long count;
    private long started, taken;
    private bool stopped;

    public OrderedPrefetch(long count, int threads, int ahead, Func<long, T> make)
    {
        this.count = count;
        this.make = make;
        slots = new Slot[ahead];
        workers = [.. Enumerable.Range(0, (int)Math.Min(threads, count)).Select(i => Threads.Start($"rindoku-data-{i + 1}", Work))];
    }

    /// <summary>The next item; waits until it is made, and throws what making it threw.</summary>
    public T Take()
    {
        if (workers.Length == 0) return make(taken++);
        Slot made;
        lock (gate)
        {
            ref Slot slot = ref slots[taken % slots.Length];
            while (!slot.Full) Monitor.Wait(gate);
            made = slot;
            slot = default;
            taken++;
            Monitor.PulseAll(gate);
        }
        made.Error?.Throw();
        return made.Item!;
    }

    private void Work()
    {
        while (true)
        {
            long number;
            lock (gate)
            {
                // The numbers in work or waiting are never more than there are slots, so each has one to itself.
                while (!stopped && started < count && started - taken >= slots.Length) Monitor.Wait(gate);
                if (stopped || started == count) return;
                number = started++;
            }

            Slot made = Run(number);
            lock (gate)
            {
                slots[number % slots.Length] = made;
                Monitor.PulseAll(gate);
            }
        }
    }

    private Slot Run(long number)
    {
        try
        {
            return new Slot(true, make(number), null);
        }
#pragma warning disable CA1031 // whatever it is, the consumer's thread throws it when the item's turn comes
        catch (Exception e)
#pragma warning restore CA1031
        {
            return new Slot(true, default, ExceptionDispatchInfo.Capture(e));
        }
    }

    /// <summary>Stops the workers, waits for the items in work, and returns those that nobody took.</summary>
    public T[] Stop()
    {
        lock (gate)
        {
            stopped = true;
            Monitor.PulseAll(gate);
        }
        foreach (Thread worker in workers) worker.Join();
        return [.. slots.Where(slot => slot.Full && slot.Error is null).Select(slot => slot.Item!)];
    }

    private readonly record struct Slot(bool Full, T? Item, ExceptionDispatchInfo? Error);
}
