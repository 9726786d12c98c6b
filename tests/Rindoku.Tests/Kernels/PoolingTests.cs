using Rindoku.Kernels;

namespace Rindoku.Tests.Kernels;

[Collection(nameof(KernelSettings))]
public sealed class PoolingTests
{
    private const int Zone = 20, Planes = 70; // enough planes for several tasks

    private static readonly PoolWindows[] Cases =
    [
        new(PoolAxis.None, PoolAxis.Even(17, 3, 2, 1, 1, false, true), PoolAxis.Even(33, 2, 2, 0, 1, false, true)),
        new(PoolAxis.Even(5, 2, 1, 1, 2, true, false), PoolAxis.Even(7, 3, 2, 1, 1, true, false), PoolAxis.Even(15, 5, 3, 2, 2, true, false)),
        new(PoolAxis.None, PoolAxis.Adaptive(13, 4), PoolAxis.Adaptive(31, 40)),
        new(PoolAxis.None, PoolAxis.None, PoolAxis.Even(1, 1, 1, 0, 1, false, true)),
    ];

    public static TheoryData<int> Numbers => [.. Enumerable.Range(0, Cases.Length)];

    [Theory, InlineData(3, 2, 1, 1), InlineData(2, 2, 0, 1), InlineData(5, 3, 2, 1), InlineData(3, 1, 2, 2)]
    public void Of_equal_numbers_the_first_is_taken_and_a_NaN_is_largest(int kernel, int stride, int padding, int rowStep)
    {
        PoolWindows w = new(PoolAxis.None, PoolAxis.Even(11, kernel, stride, padding, rowStep, true, true), PoolAxis.Even(37, kernel, stride, padding, 1, true, true));
        float[] x = [.. Random(Planes * w.InputPlane, 5).Select((v, i) => i % 211 == 0 ? float.NaN : MathF.Round(2 * v) / 2)];
        int[] expected = new int[Planes * w.OutputPlane];
        for (int i = 0; i < expected.Length; i++)
        {
            int start = i / w.OutputPlane * w.InputPlane;
            List<int> window = Window(w, i % w.OutputPlane);
            int nan = window.FindLastIndex(place => float.IsNaN(x[start + place]));
            expected[i] = nan >= 0 ? window[nan] : window.MaxBy(place => x[start + place]);
        }
        foreach (int bits in new[] { 512, 256, 128 }.Where(bits => bits <= Simd.Bits))
        {
            using Settings _ = new(bits, 2);
            int[] places = new int[expected.Length];
            float[] y = new float[expected.Length];
            Pooling.Max(w, x, y, places);
            Assert.Equal(expected, places);
            Assert.Equal(expected.Select((place, i) => x[i / w.OutputPlane * w.InputPlane + place]), y);
        }
    }

    private static float[] Random(int count, long stream)
    {
        float[] numbers = new float[count];
        new Rng(7, stream).FillUniform(numbers, -1, 1);
        return numbers;
    }

    /// <summary>The places in its plane that an output's window covers.</summary>
    private static List<int> Window(PoolWindows w, int output)
    {
        (int z, int y, int x) = (output / (w.H.Count * w.W.Count), output / w.W.Count % w.H.Count, output % w.W.Count);
        List<int> places = [];
        for (int d = w.D.Starts[z]; d < w.D.Ends[z]; d += w.D.Step)
            for (int h = w.H.Starts[y]; h < w.H.Ends[y]; h += w.H.Step)
                for (int i = w.W.Starts[x]; i < w.W.Ends[x]; i += w.W.Step) places.Add((d * w.H.Size + h) * w.W.Size + i);
        return places;
    }

    [Theory, MemberData(nameof(Numbers))]
    public void Maxima_and_their_places_equal_the_definition_for_any_number_of_threads(int number)
    {
        PoolWindows w = Cases[number];
        float[] x = Random(Planes * w.InputPlane, 1), dy = Random(Planes * w.OutputPlane, 2), dx = new float[x.Length];
        int[] expected = new int[dy.Length];
        for (int i = 0; i < dy.Length; i++)
        {
            int start = i / w.OutputPlane * w.InputPlane;
            expected[i] = Window(w, i % w.OutputPlane).MaxBy(place => x[start + place]);
            dx[start + expected[i]] += dy[i];
        }
        foreach (int threads in new[] { 1, 2, 3, 8 })
        {
            using Settings _ = new(Simd.Bits, threads);
            float[] y = Poisoned(dy.Length), gathered = Poisoned(dy.Length), scattered = Poisoned(x.Length);
            int[] places = new int[dy.Length];
            Pooling.Max(w, x, y.AsSpan(Zone, dy.Length), places);
            Pooling.Gather(w, x, places, gathered.AsSpan(Zone, dy.Length));
            Pooling.Scatter(w, dy, places, scattered.AsSpan(Zone, x.Length));
            Assert.Equal(expected, places);
            Assert.Equal(y, gathered);
            AssertSame([.. expected.Select((place, i) => x[i / w.OutputPlane * w.InputPlane + place])], y);
            AssertSame(dx, scattered);
        }
    }

    [Theory, InlineData(0), InlineData(2), InlineData(3)] // means have no dilation
    public void Means_and_their_gradient_equal_the_definition_for_any_number_of_threads(int number)
    {
        PoolWindows w = Cases[number];
        float[] x = Random(Planes * w.InputPlane, 3), dy = Random(Planes * w.OutputPlane, 4), y = new float[dy.Length], dx = new float[x.Length];
        for (int i = 0; i < dy.Length; i++)
        {
            int o = i % w.OutputPlane, start = i / w.OutputPlane * w.InputPlane;
            float count = w.D.Counts[o / (w.H.Count * w.W.Count)] * w.H.Counts[o / w.W.Count % w.H.Count] * w.W.Counts[o % w.W.Count];
            foreach (int place in Window(w, o))
            {
                y[i] += x[start + place];
                dx[start + place] += dy[i] / count;
            }
            y[i] /= count;
        }
        foreach (int threads in new[] { 1, 2, 3, 8 })
        {
            using Settings _ = new(Simd.Bits, threads);
            float[] means = Poisoned(dy.Length), spread = Poisoned(x.Length);
            Pooling.Average(w, x, means.AsSpan(Zone, dy.Length));
            Pooling.Spread(w, dy, spread.AsSpan(Zone, x.Length));
            AssertSame(y, means);
            AssertSame(dx, spread);
        }
    }

    private static float[] Poisoned(int count)
    {
        float[] room = new float[count + 2 * Zone];
        Array.Fill(room, float.NaN);
        return room;
    }

    private static void AssertSame(float[] expected, float[] room)
    {
        Assert.Equal(expected, room[Zone..^Zone]);
        Assert.All(room[..Zone], x => Assert.True(float.IsNaN(x)));
        Assert.All(room[^Zone..], x => Assert.True(float.IsNaN(x)));
    }
}
