using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Rindoku.Kernels;

namespace Rindoku;

/// <summary>A counter-based source of random numbers: the numbers depend only on seed, stream and how many were drawn before.</summary>
/// <remarks>
/// Philox 4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"). Give every user of randomness a stream
/// of its own with <see cref="Split(string)"/>, so that one more draw in one place changes nothing elsewhere.
/// </remarks>
public sealed class Rng
{
    /// <summary>The generator of a seed and a stream.</summary>
    public Rng(long seed, long stream = 0)
    {
        Seed = seed;
        Stream = stream;
    }

    /// <summary>The seed.</summary>
    public long Seed { get; private set; }

    /// <summary>The stream: generators of one seed and different streams are independent.</summary>
    public long Stream { get; private set; }

    /// <summary>How many blocks of four 32-bit numbers have been drawn; with seed and stream the whole state.</summary>
    public long Counter { get; private set; }

    /// <summary>The state as three numbers, for checkpoints.</summary>
    public (long Seed, long Stream, long Counter) State
    {
        get => (Seed, Stream, Counter);
        set => (Seed, Stream, Counter) = value;
    }

    /// <summary>An independent generator named by <paramref name="purpose"/>; drawing from it does not move this one.</summary>
    public Rng Split(string purpose)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{Stream}/{purpose}"));
        return new Rng(Seed, BinaryPrimitives.ReadInt64LittleEndian(hash));
    }

    /// <summary>An independent generator for the i-th of many, such as a worker or an epoch.</summary>
    public Rng Split(long i) => Split(i.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>A copy in the same state.</summary>
    public Rng Clone() => new(Seed, Stream) { Counter = Counter };

    /// <summary>Numbers evenly distributed over [low, high).</summary>
    public Tensor Uniform(Shape shape, float low = 0, float high = 1)
    {
        Tensor y = Tensor.Uninitialized(shape);
        FillUniform(y.Writable, low, high);
        return y;
    }

    /// <summary>Normally distributed numbers.</summary>
    public Tensor Normal(Shape shape, float mean = 0, float deviation = 1)
    {
        Tensor y = Tensor.Uninitialized(shape);
        FillNormal(y.Writable, mean, deviation);
        return y;
    }

    /// <summary>Ones with the given probability, else zeros.</summary>
    public Tensor Bernoulli(Shape shape, float probability)
    {
        Tensor y = Uniform(shape);
        Span<float> span = y.Writable;
        for (int i = 0; i < span.Length; i++) span[i] = span[i] < probability ? 1 : 0;
        return y;
    }

    /// <summary>Fills a span with numbers evenly distributed over [low, high).</summary>
    public void FillUniform(Span<float> destination, float low = 0, float high = 1)
    {
        Philox.FillUniform(Seed, Stream, Counter, destination, low, high);
        Counter += (destination.Length + 3L) / 4;
    }

    /// <summary>Fills a span with normally distributed numbers (Box and Muller's method).</summary>
    public void FillNormal(Span<float> destination, float mean = 0, float deviation = 1)
    {
        Philox.FillNormal(Seed, Stream, Counter, destination, mean, deviation);
        Counter += (destination.Length + 3L) / 4;
    }

    /// <summary>One number evenly distributed over [0, 1).</summary>
    public double NextDouble()
    {
        (uint a, uint b, _, _) = Philox.Block(Seed, Stream, Counter++);
        return ((a >> 5) * 67108864.0 + (b >> 6)) / 9007199254740992.0;
    }

    /// <summary>One normally distributed number.</summary>
    public double NextNormal() =>
        Math.Sqrt(-2 * Math.Log(1 - NextDouble())) * Math.Cos(2 * Math.PI * NextDouble());

    /// <summary>One integer from 0 to <paramref name="count"/> - 1, each as likely.</summary>
    public int NextInt(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        (uint a, uint b, _, _) = Philox.Block(Seed, Stream, Counter++);
        return (int)Math.BigMul((ulong)a << 32 | b, (ulong)count, out _); // the bias is below count / 2^64
    }

    /// <summary>The numbers 0 to <paramref name="count"/> - 1 in random order (Fisher and Yates).</summary>
    public int[] Permutation(int count)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        Shuffle(order.AsSpan());
        return order;
    }

    /// <summary>Puts the items in random order.</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = NextInt(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}
