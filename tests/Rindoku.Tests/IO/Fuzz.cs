using System.Diagnostics;
using Rindoku.IO;

namespace Rindoku.Tests.IO;

/// <summary>Feeds a reader damaged copies of a file: it must either read something or say what is wrong, in bounded memory and time.</summary>
internal static class Fuzz
{
    /// <summary>Cuts the file at every byte, then damages copies of it in <paramref name="rounds"/> ways; counts how many were refused.</summary>
    public static (int Read, int Refused) Run(byte[] file, Action<Stream> read, int rounds, long maxBytes = 4 << 20)
    {
        read(new MemoryStream(file));
        (int Read, int Refused) count = (0, 0);
        for (int length = 0; length < file.Length; length++) Try(file[..length], $"cut to {length} of {file.Length} bytes");

        Random random = new(12345);
        for (int round = 0; round < rounds; round++)
        {
            byte[] copy = [.. file];
            for (int changes = random.Next(1, 4); changes > 0; changes--) Damage(copy, random);
            Try(copy, $"round {round}");
        }
        return count;

        void Try(byte[] damaged, string what)
        {
            long before = GC.GetAllocatedBytesForCurrentThread(), start = Stopwatch.GetTimestamp();
            try
            {
                read(new MemoryStream(damaged));
                count.Read++;
            }
            catch (FileFormatException)
            {
                count.Refused++;
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"{what}: {error.GetType().Name} instead of a FileFormatException; file {Convert.ToHexString(damaged)}", error);
            }
            long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(bytes <= maxBytes, $"{what}: took {bytes} bytes");
            TimeSpan time = Stopwatch.GetElapsedTime(start);
            Assert.True(time < TimeSpan.FromSeconds(5), $"{what}: took {time}");
        }
    }

    // Single flipped bits, bytes at the ends of their range, and stretches moved elsewhere find different faults.
    private static void Damage(byte[] file, Random random)
    {
        int at = random.Next(file.Length);
        switch (random.Next(5))
        {
            case 0: file[at] = 0xFF; break;
            case 1: file[at] = 0; break;
            case 2:
                int length = Math.Min(random.Next(1, 9), file.Length - at);
                file.AsSpan(random.Next(file.Length - length + 1), length).CopyTo(file.AsSpan(at));
                break;
            default: file[at] ^= (byte)(1 << random.Next(8)); break;
        }
    }
}
