using static Rindoku.Kernels.SimdMemory;

namespace Rindoku.Kernels;

/// <summary>Sums over stretches of memory that normalisation needs, taken in vectors of floats over blocks and in double over the blocks.</summary>
/// <remarks>Four sums run side by side, so that no addition waits for the one before; the last, partial vector is taken after the loops.</remarks>
internal static unsafe class BlockSums
{
    /// <summary>Numbers in a block: 16 KiB stay in the first-level cache for the second look that the squares need.</summary>
    public const int Block = 4096;

    /// <summary>The mean and the squared distances of a stretch, however long.</summary>
    public static BlockMoments Measure<V>(float* x, int length) where V : struct, ISimd<V>
    {
        BlockMoments moments = default;
        for (int at = 0; at < length; at += Block)
        {
            int count = Math.Min(Block, length - at);
            (double sum, double squares) = Distances<V>(x + at, count);
            moments.Add(count, sum, squares);
        }
        return moments;
    }

    /// <summary>Of one block the sum, and the sum of squared distances from its own mean.</summary>
    /// <remarks>
    /// The mean is first found in float; the distances from it, small numbers, then correct the sum and give the squares, so that
    /// neither loses digits where the mean is large.
    /// </remarks>
    public static (double Sum, double Squares) Distances<V>(float* x, int count) where V : struct, ISimd<V>
    {
        float mean = Sum<V>(x, count) / count;
        V m = V.All(mean), s = V.Zero, t = V.Zero, a = V.Zero, b = V.Zero;
        int i = 0;
        for (; i <= count - 2 * V.Count; i += 2 * V.Count)
        {
            V u = V.Load(ref x[i]) - m, v = V.Load(ref x[i + V.Count]) - m;
            s += u;
            t += v;
            a = V.Fma(u, u, a);
            b = V.Fma(v, v, b);
        }
        for (; i < count; i += V.Count)
        {
            V u = Load<V>(x + i, count - i, mean) - m;
            s += u;
            a = V.Fma(u, u, a);
        }
        double rest = V.Sum(s + t);
        return ((double)mean * count + rest, Math.Max(0, V.Sum(a + b) - rest * rest / count));
    }

    /// <summary><c>Σ g</c> and <c>Σ g (x - mean)</c> where <c>g = dy · weight</c>; a weight of null is 1.</summary>
    public static (double Sum, double Product) Products<V>(float* dy, float* weight, float* x, float mean, int length) where V : struct, ISimd<V>
    {
        double sum = 0, product = 0;
        V m = V.All(mean);
        for (int start = 0; start < length; start += Block)
        {
            int end = Math.Min(length, start + Block), i = start;
            V s = V.Zero, t = V.Zero, p = V.Zero, q = V.Zero;
            for (; i <= end - 2 * V.Count; i += 2 * V.Count)
            {
                V d = V.Load(ref dy[i]), e = V.Load(ref dy[i + V.Count]);
                if (weight is not null) (d, e) = (d * V.Load(ref weight[i]), e * V.Load(ref weight[i + V.Count]));
                s += d;
                t += e;
                p = V.Fma(d, V.Load(ref x[i]) - m, p);
                q = V.Fma(e, V.Load(ref x[i + V.Count]) - m, q);
            }
            for (; i < end; i += V.Count)
            {
                V d = Load<V>(dy + i, end - i);
                if (weight is not null) d *= Load<V>(weight + i, end - i);
                s += d;
                p = V.Fma(d, Load<V>(x + i, end - i, mean) - m, p);
            }
            sum += V.Sum(s + t);
            product += V.Sum(p + q);
        }
        return (sum, product);
    }

    private static float Sum<V>(float* x, int count) where V : struct, ISimd<V>
    {
        V a = V.Zero, b = V.Zero, c = V.Zero, d = V.Zero;
        int i = 0;
        for (; i <= count - 4 * V.Count; i += 4 * V.Count)
        {
            a += V.Load(ref x[i]);
            b += V.Load(ref x[i + V.Count]);
            c += V.Load(ref x[i + 2 * V.Count]);
            d += V.Load(ref x[i + 3 * V.Count]);
        }
        for (; i < count; i += V.Count) a += Load<V>(x + i, count - i);
        return V.Sum(a + b + (c + d));
    }
}
