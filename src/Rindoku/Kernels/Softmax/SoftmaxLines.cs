using System.Runtime.CompilerServices;
using static Rindoku.Kernels.SimdMemory;

namespace Rindoku.Kernels;

internal static unsafe partial class SoftmaxKernel
{
    private readonly struct ForwardLine(float* x, float* y, bool logarithm) : ILine
    {
        public void Along<V>(int line, long at, int size) where V : struct, ISimd<V>
        {
            float* source = x + at, target = y + at;
            float max = Max<V>(source, size);
            double sum = SumExp<V>(source, logarithm ? null : target, size, max);
            if (logarithm) Subtract(source, V.All(max), V.All((float)Math.Log(sum)), target, size);
            else Multiply(target, V.All((float)(1 / sum)), size);
        }

        private static void Subtract<V>(float* x, V max, V log, float* y, int size) where V : struct, ISimd<V>
        {
            int i = 0;
            for (; i <= size - V.Count; i += V.Count) V.Store(V.Load(ref x[i]) - max - log, ref y[i]);
            if (i < size) Store(Load<V>(x + i, size - i) - max - log, y + i, size - i);
        }

        private static void Multiply<V>(float* y, V factor, int size) where V : struct, ISimd<V>
        {
            int i = 0;
            for (; i <= size - V.Count; i += V.Count) V.Store(V.Load(ref y[i]) * factor, ref y[i]);
            if (i < size) Store(Load<V>(y + i, size - i) * factor, y + i, size - i);
        }

        public void Across<V>(int line, long at, int size, int stride, int count) where V : struct, ISimd<V>
        {
            float* source = x + at, target = y + at;
            V max = MaxAcross<V>(source, size, stride, count);
            V sum = SumExpAcross(source, logarithm ? null : target, size, stride, count, max);
            V log = logarithm ? SimdMath.Log(sum) : V.Zero, factor = V.All(1) / sum;
            for (long i = 0, end = (long)size * stride; i < end; i += stride)
                Store(logarithm ? Load<V>(source + i, count) - max - log : Load<V>(target + i, count) * factor, target + i, count);
        }

        [SkipLocalsInit]
        public void Turned<V>(int line, long at, int size, int count) where V : struct, ISimd<V>
        {
            float* room = stackalloc float[ShortRows.Room];
            ShortRows.Turn(x + at, size, count, room, V.Count);
            new ForwardLine(room, room, logarithm).Across<V>(0, 0, size, V.Count, V.Count);
            ShortRows.TurnBack(room, V.Count, y + at, size, count);
        }
    }

    private readonly struct BackwardLine(float* y, float* dy, float* dx, bool logarithm) : ILine
    {
        public void Along<V>(int line, long at, int size) where V : struct, ISimd<V>
        {
            double total = 0;
            for (int start = 0; start < size; start += Block)
            {
                int end = Math.Min(size, start + Block);
                V sum = V.Zero;
                for (int i = start; i < end; i += V.Count) sum += Term<V>(at + i, end - i);
                total += V.Sum(sum);
            }
            V all = V.All((float)total);
            for (int i = 0; i < size; i += V.Count) Write(at + i, size - i, all);
        }

        public void Across<V>(int line, long at, int size, int stride, int count) where V : struct, ISimd<V>
        {
            V sum = V.Zero;
            for (int i = 0; i < size; i++) sum += Term<V>(at + (long)i * stride, count);
            for (int i = 0; i < size; i++) Write(at + (long)i * stride, count, sum);
        }

        [SkipLocalsInit]
        public void Turned<V>(int line, long at, int size, int count) where V : struct, ISimd<V>
        {
            float* roomY = stackalloc float[ShortRows.Room], roomDy = stackalloc float[ShortRows.Room];
            ShortRows.Turn(y + at, size, count, roomY, V.Count);
            ShortRows.Turn(dy + at, size, count, roomDy, V.Count);
            new BackwardLine(roomY, roomDy, roomDy, logarithm).Across<V>(0, 0, size, V.Count, V.Count);
            ShortRows.TurnBack(roomDy, V.Count, dx + at, size, count);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private V Term<V>(long at, int count) where V : struct, ISimd<V>
        {
            V d = Load<V>(dy + at, count);
            return logarithm ? d : d * Load<V>(y + at, count);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Write<V>(long at, int count, V sum) where V : struct, ISimd<V>
        {
            V d = Load<V>(dy + at, count), v = Load<V>(y + at, count);
            Store(logarithm ? d - SimdMath.Exp(v) * sum : v * (d - sum), dx + at, count);
        }
    }

    private readonly struct LogSumExpLine(float* x, float* maxima, float* logSums) : ILine
    {
        public void Along<V>(int line, long at, int size) where V : struct, ISimd<V>
        {
            float max = maxima[line] = Max<V>(x + at, size);
            logSums[line] = (float)Math.Log(SumExp<V>(x + at, null, size, max));
        }

        public void Across<V>(int line, long at, int size, int stride, int count) where V : struct, ISimd<V>
        {
            V max = MaxAcross<V>(x + at, size, stride, count);
            Store(max, maxima + line, count);
            Store(SimdMath.Log(SumExpAcross(x + at, null, size, stride, count, max)), logSums + line, count);
        }

        [SkipLocalsInit]
        public void Turned<V>(int line, long at, int size, int count) where V : struct, ISimd<V>
        {
            float* room = stackalloc float[ShortRows.Room];
            ShortRows.Turn(x + at, size, count, room, V.Count);
            new LogSumExpLine(room, maxima + line, logSums + line).Across<V>(0, 0, size, V.Count, count);
        }
    }

    private readonly struct ScaledLine(float* x, float* maxima, float* logSums, float* factors, float* y) : ILine
    {
        public void Along<V>(int line, long at, int size) where V : struct, ISimd<V>
        {
            V max = V.All(maxima[line]), log = V.All(logSums[line]), factor = V.All(factors[line]);
            for (int i = 0; i < size; i += V.Count)
            {
                int count = size - i;
                Store(factor * SimdMath.Exp(Load<V>(x + at + i, count) - max - log), y + at + i, count);
            }
        }

        public void Across<V>(int line, long at, int size, int stride, int count) where V : struct, ISimd<V>
        {
            V max = Load<V>(maxima + line, count), log = Load<V>(logSums + line, count), factor = Load<V>(factors + line, count);
            for (long i = at, end = at + (long)size * stride; i < end; i += stride)
                Store(factor * SimdMath.Exp(Load<V>(x + i, count) - max - log), y + i, count);
        }

        [SkipLocalsInit]
        public void Turned<V>(int line, long at, int size, int count) where V : struct, ISimd<V>
        {
            float* room = stackalloc float[ShortRows.Room];
            ShortRows.Turn(x + at, size, count, room, V.Count);
            new ScaledLine(room, maxima + line, logSums + line, factors + line, room).Across<V>(0, 0, size, V.Count, count);
            ShortRows.TurnBack(room, V.Count, y + at, size, count);
        }
    }
}
