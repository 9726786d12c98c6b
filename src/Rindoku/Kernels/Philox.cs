namespace Rindoku.Kernels;

/// <summary>Philox 4x32-10: four 32-bit numbers from a counter and a key, with no other state.</summary>
/// <remarks>Deterministic on every machine for uniform numbers; for normal ones as far as MathF is. Aliasing: none.</remarks>
internal static class Philox
{
    /// <summary>The block at <paramref name="counter"/> of a stream.</summary>
    public static (uint, uint, uint, uint) Block(long seed, long stream, long counter)
    {
        uint c0 = (uint)counter, c1 = (uint)(counter >> 32), c2 = (uint)stream, c3 = (uint)(stream >> 32);
        uint k0 = (uint)seed, k1 = (uint)(seed >> 32);
        for (int round = 0; round < 10; round++)
        {
            ulong p0 = (ulong)c0 * 0xD2511F53, p1 = (ulong)c2 * 0xCD9E8D57;
            (c0, c1, c2, c3) = ((uint)(p1 >> 32) ^ c1 ^ k0, (uint)p1, (uint)(p0 >> 32) ^ c3 ^ k1, (uint)p0);
            k0 += 0x9E3779B9;
            k1 += 0xBB67AE85;
        }
        return (c0, c1, c2, c3);
    }

    public static unsafe void FillUniform(long seed, long stream, long counter, Span<float> destination, float low, float high)
    {
        float scale = high - low;
        int length = destination.Length;
        fixed (float* start = destination)
        {
            float* y = start;
            Threads.RunChunks((length + 3) / 4, 4096, (from, to) =>
            {
                for (int i = from; i < to; i++)
                {
                    (uint a, uint b, uint c, uint d) = Block(seed, stream, counter + i);
                    Store(y + 4 * i, length - 4 * i, low + scale * Unit(a), low + scale * Unit(b), low + scale * Unit(c), low + scale * Unit(d));
                }
            });
        }
    }

    public static unsafe void FillNormal(long seed, long stream, long counter, Span<float> destination, float mean, float deviation)
    {
        int length = destination.Length;
        fixed (float* start = destination)
        {
            float* y = start;
            Threads.RunChunks((length + 3) / 4, 2048, (from, to) =>
            {
                for (int i = from; i < to; i++)
                {
                    (uint a, uint b, uint c, uint d) = Block(seed, stream, counter + i);
                    (float p, float q) = Pair(a, b);
                    (float r, float s) = Pair(c, d);
                    Store(y + 4 * i, length - 4 * i, mean + deviation * p, mean + deviation * q, mean + deviation * r, mean + deviation * s);
                }
            });
        }
    }

    // 24 bits: every value is exact in a float and below 1.
    private static float Unit(uint bits) => (bits >> 8) * (1f / 16777216f);

    private static (float, float) Pair(uint a, uint b)
    {
        float radius = MathF.Sqrt(-2 * MathF.Log(1 - Unit(a)));
        (float sin, float cos) = MathF.SinCos(2 * MathF.PI * Unit(b));
        return (radius * cos, radius * sin);
    }

    private static unsafe void Store(float* y, int room, float a, float b, float c, float d)
    {
        y[0] = a;
        if (room > 1) y[1] = b;
        if (room > 2) y[2] = c;
        if (room > 3) y[3] = d;
    }
}
