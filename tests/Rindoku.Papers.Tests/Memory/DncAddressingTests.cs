using Rindoku.Ops;
using Rindoku.Papers.Memory.Dnc;
using Rindoku.Testing;

namespace Rindoku.Papers.Tests.Memory;

/// <summary>The exact checks of the paper's sheet, of the memory and how it is addressed.</summary>
public sealed class DncAddressingTests
{
    private static readonly MemorySize Small = new(Rows: 6, Width: 4, Reads: 2);

    [Theory, InlineData(256, 64, 4, 471), InlineData(16, 10, 1, 48), InlineData(16, 16, 4, 135)]
    public void The_interface_has_the_sheets_length(int rows, int width, int reads, int expected)
    {
        MemorySize size = new(rows, width, reads);
        Assert.Equal(expected, size.InterfaceLength);
        Assert.Equal(expected, size.Parts.Sum());
    }

    [Fact]
    public void The_interface_is_cut_in_the_papers_order_and_squashed()
    {
        MemorySize size = new(Rows: 3, Width: 2, Reads: 2); // 4 keys, 2 strengths, 2, 1, 2 erase, 2 vector, 2 free, 1, 1, 6 modes
        MemoryInterface told = MemoryInterface.Of(Tensor.Generate([1, 23], i => i * 0.1f), size);
        static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
        static double OnePlus(double x) => 1 + Math.Log(1 + Math.Exp(x));
        Close([0, 0.1, 0.2, 0.3], told.ReadKeys);
        Close([OnePlus(0.4), OnePlus(0.5)], told.ReadStrengths);
        Close([0.6, 0.7], told.WriteKey);
        Close([OnePlus(0.8)], told.WriteStrength);
        Close([Sigmoid(0.9), Sigmoid(1.0)], told.Erase);
        Close([1.1, 1.2], told.Vector);
        Close([Sigmoid(1.3), Sigmoid(1.4)], told.FreeGates);
        Close([Sigmoid(1.5)], told.AllocationGate);
        Close([Sigmoid(1.6)], told.WriteGate);
        double[] modes = [Math.Exp(0), Math.Exp(0.1), Math.Exp(0.2)];
        Close([.. modes.Concat(modes).Select(m => m / modes.Sum())], told.ReadModes);
        Close([OnePlus(0.4) - 1, OnePlus(0.5) - 1], MemoryInterface.Of(Tensor.Generate([1, 23], i => i * 0.1f), size, strengthsFromZero: true).ReadStrengths);
        Assert.Contains("(B, 23), got (1, 22)", Assert.Throws<ShapeException>(() => MemoryInterface.Of(Tensor.Zeros([1, 22]), size)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Allocation_is_the_sheets_and_what_is_left_is_the_product_of_usages()
    {
        Tensor allocation = Addressing.Allocation(Row(0.9f, 0.1f, 0.5f, 0.1f));
        Close([0.0005, 0.9, 0.005, 0.09], allocation);
        Assert.Equal(0.9955, allocation.Sum().Item(), 6);
        Close([0, 0, 0], Addressing.Allocation(Row(1, 1, 1)));
        Close([1, 0, 0], Addressing.Allocation(Row(0, 0, 0))); // a tie: the first row
        Tensor usage = new Rng(1).Uniform([5, 7]);
        Tensor sums = Addressing.Allocation(usage).Sum([1]), products = usage.Prod([1]);
        for (int b = 0; b < 5; b++) Assert.Equal(1 - products[b], sums[b], 6);
    }

    [Fact]
    public void Allocations_gradient_is_right_at_zeros_and_ones_too_and_its_two_forms_agree()
    {
        int[] order = new Rng(2).Permutation(12);
        Check.Gradient(Addressing.Allocation, Tensor.Generate([3, 4], i => (order[i] + 0.5f) / 12), step: 1e-3);
        Tensor usage = Tensor.Of(0.9f, 0.15f, 0.5f, 0.3f, 0.7f, 0.2f, 0, 0.4f, 1, 0.6f).Reshape(2, 5).Tracked(), dy = new Rng(1).Normal([2, 5]);
        Tensor fused = Grad.Of((Addressing.Allocation(usage) * dy).Sum(), usage);
        Check.Close(Grad.Of((Addressing.Allocation(usage) * dy).Sum(), usage, createGraph: true).Detach(), fused);
    }

    [Fact]
    public void Links_follow_the_order_of_writing()
    {
        Tensor links = Tensor.Zeros([1, 3, 3]), precedence = Tensor.Zeros([1, 3]);
        foreach (Tensor write in (Tensor[])[Row(1, 0, 0), Row(0, 1, 0), Row(0, 0, 0.5f)])
            (links, precedence) = (Addressing.Links(links, write, precedence, Addressing.OffDiagonal(3)), Addressing.Precedence(precedence, write));
        Close([0, 0, 0, 1, 0, 0, 0, 0.5, 0], links);
        Close([0, 0.5, 0.5], precedence);
        Close([0, 1, 0], Addressing.Forward(links, Row(1, 0, 0).Reshape(1, 1, 3)));
        Close([1, 0, 0], Addressing.Backward(links, Row(0, 1, 0).Reshape(1, 1, 3)));
    }

    [Fact]
    public void Usage_is_the_sheets()
    {
        Tensor reads = Tensor.Of(0.5f, 0.5f, 0, 0, 1, 0).Reshape(1, 2, 3), retention = Addressing.Retention(Tensor.Of(0.9f, 0.2f).Reshape(1, 2, 1), reads);
        Close([0.55, 0.44, 1], retention);
        Close([0.3575, 0.22, 1], Addressing.Usage(Row(0.3f, 0, 1), Row(0.5f, 0.5f, 0), retention));
    }

    [Theory]
    [InlineData(10, 0.278395, 0.358435, 0.363170), InlineData(1, 0.327597, 0.335981, 0.336422)]
    public void Content_is_the_sheets(float strength, double first, double second, double third)
    {
        Tensor memory = Tensor.Of(1, 2, 3, 4, 5, 6).Reshape(1, 3, 2), key = Tensor.Of(5, 6).Reshape(1, 1, 2);
        Tensor rows = Addressing.AtUnitLength(memory);
        Close([0.973417, 0.998688, 1], Addressing.AtUnitLength(key).MatMul(rows, transposeB: true));
        Close([first, second, third], Addressing.ByContent(rows, key, Tensor.Full([1, 1, 1], strength)));
        Assert.All(Addressing.ByContent(Addressing.AtUnitLength(Tensor.Zeros([1, 3, 2])), key, Tensor.Ones([1, 1, 1])).ToArray(), share => Assert.Equal(1f / 3, share, 6)); // an empty memory
    }

    [Fact]
    public void Whatever_it_is_told_the_memory_keeps_its_bounds()
    {
        const float little = 1e-5f; // rounding
        ExternalMemory memory = ExternalMemory.Empty(3, Small);
        Rng rng = new(3);
        for (int step = 0; step < 50; step++)
        {
            memory = memory.Step(MemoryInterface.Of(rng.Normal([3, Small.InterfaceLength], 0, 3), Small));
            AllWithin(memory.Links, 0, 1 + little);
            AllWithin(memory.Links.Sum([1]), 0, 1 + little);
            AllWithin(memory.Links.Sum([2]), 0, 1 + little);
            AllWithin(memory.Links.Diagonal(), 0, 0);
            AllWithin(memory.Usage, 0, 1);
            foreach (Tensor weighting in (Tensor[])[memory.Write, memory.Precedence, memory.ReadWeights])
            {
                AllWithin(weighting, 0, 1 + little);
                AllWithin(weighting.Sum([-1]), 0, 1 + little);
            }
        }
    }

    [Fact]
    public void A_closed_gate_writes_nothing_an_open_one_all_and_a_free_gate_frees_the_row_that_was_read()
    {
        ExternalMemory memory = Filled(new Rng(4));
        MemoryInterface told = MemoryInterface.Of(new Rng(5).Normal([2, Small.InterfaceLength]), Small);
        ExternalMemory closed = memory.Step(told with { WriteGate = Tensor.Zeros([2, 1]) });
        Check.Close(closed.Memory, memory.Memory);
        Check.Close(closed.Links, memory.Links);
        Check.Close(closed.Precedence, memory.Precedence);

        // Everything free but nothing used: the first row is allocated.
        ExternalMemory unused = memory with { Usage = Tensor.Zeros([2, 6]), Write = Tensor.Zeros([2, 6]) };
        ExternalMemory open = unused.Step(told with { WriteGate = Tensor.Ones([2, 1]), AllocationGate = Tensor.Ones([2, 1]), Erase = Tensor.Ones([2, 1, 4]) });
        Check.Close(open.Memory.Select(1, 0), told.Vector.Select(1, 0));
        Check.Close(open.Memory.Narrow(1, 1, 5), memory.Memory.Narrow(1, 1, 5));

        Tensor second = Tensor.Generate([2, 2, 6], i => i % 6 == 1 ? 1 : 0);
        ExternalMemory freed = (memory with { ReadWeights = second }).Step(told with { FreeGates = Tensor.Ones([2, 2, 1]) });
        Assert.All([0, 1], b => Assert.Equal(0, freed.Usage[b, 1]));
        Tensor kept = memory.Usage + memory.Write - memory.Usage * memory.Write;
        Check.Close(freed.Usage.Narrow(1, 2, 4), kept.Narrow(1, 2, 4));
    }

    [Fact]
    public void Rows_in_another_order_end_in_that_order_and_what_is_read_stays()
    {
        IntTensor order = IntTensor.Of(new Rng(6).Permutation(6));
        ExternalMemory memory = Filled(new Rng(7));
        MemoryInterface told = MemoryInterface.Of(new Rng(8).Normal([2, Small.InterfaceLength]), Small);
        ExternalMemory next = memory.Step(told), moved = Moved(memory).Step(told), expected = Moved(next);
        Check.Close(moved.Reads, next.Reads);
        Check.Close(moved.Memory, expected.Memory);
        Check.Close(moved.Usage, expected.Usage);
        Check.Close(moved.Links, expected.Links);
        Check.Close(moved.Precedence, expected.Precedence);
        Check.Close(moved.ReadWeights, expected.ReadWeights);

        ExternalMemory Moved(ExternalMemory m) => m with
        {
            Memory = m.Memory.IndexSelect(1, order),
            UnitRows = m.UnitRows.IndexSelect(1, order),
            Usage = m.Usage.IndexSelect(1, order),
            Precedence = m.Precedence.IndexSelect(1, order),
            Links = m.Links.IndexSelect(1, order).IndexSelect(2, order),
            Write = m.Write.IndexSelect(1, order),
            ReadWeights = m.ReadWeights.IndexSelect(2, order),
        };
    }

    [Theory, InlineData(1), InlineData(3)]
    public void The_batched_step_is_the_papers_equations_written_as_loops(int reads)
    {
        MemorySize size = new(Rows: 5, Width: 3, Reads: reads);
        ExternalMemory memory = ExternalMemory.Empty(2, size);
        LoopMemory[] loops = [new(size), new(size)];
        Rng rng = new(9);
        for (int step = 0; step < 12; step++)
        {
            Tensor xi = rng.Normal([2, size.InterfaceLength], 0, 2);
            memory = memory.Step(MemoryInterface.Of(xi, size));
            for (int b = 0; b < 2; b++)
            {
                loops[b].Step(xi.Select(0, b).ToArray().Select(x => (double)x).ToArray());
                Close([.. loops[b].M.Cast<double>()], memory.Memory.Select(0, b), 1e-4);
                Close(loops[b].U, memory.Usage.Select(0, b), 1e-4);
                Close([.. loops[b].L.Cast<double>()], memory.Links.Select(0, b), 1e-4);
                Close([.. loops[b].Wr.Cast<double>()], memory.ReadWeights.Select(0, b), 1e-4);
                Close([.. loops[b].R.Cast<double>()], memory.Reads.Select(0, b), 1e-4);
            }
        }
    }

    [Fact]
    public void The_gradient_of_a_whole_step_is_right()
    {
        ExternalMemory memory = Filled(new Rng(10));
        Check.Gradient(xi => Everything(memory.Step(MemoryInterface.Of(xi, Small))), new Rng(11).Normal([2, Small.InterfaceLength]), step: 3e-3);
        MemoryInterface told = MemoryInterface.Of(new Rng(12).Normal([2, Small.InterfaceLength]), Small);
        Check.Gradient(m => Everything((memory with { Memory = m, UnitRows = Addressing.AtUnitLength(m) }).Step(told)), memory.Memory, step: 3e-3);
        Check.Gradient(u => Everything((memory with { Usage = u }).Step(told)), memory.Usage, step: 3e-3);
        Check.Gradient(links => Everything((memory with { Links = links }).Step(told)), memory.Links, step: 3e-3);
        Check.Gradient(reads => Everything((memory with { ReadWeights = reads }).Step(told)), memory.ReadWeights, step: 3e-3);
    }

    [Fact]
    public void The_authors_option_lets_no_gradient_through_usage_to_the_last_write()
    {
        ExternalMemory memory = Filled(new Rng(13));
        MemoryInterface told = MemoryInterface.Of(new Rng(14).Normal([2, Small.InterfaceLength]), Small);
        float[] Slope(bool stop)
        {
            Tensor write = memory.Write.Tracked();
            Tensor outcome = (memory with { Write = write }).Step(told, new MemoryOptions { StopUsageGradient = stop }).Reads.Sum() + write.Sum() * 0;
            return Grad.Of(outcome, write).ToArray();
        }
        Assert.All(Slope(stop: true), slope => Assert.Equal(0, slope));
        Assert.Contains(Slope(stop: false), slope => slope != 0);
    }

    [Fact]
    public void Without_links_only_content_finds_rows()
    {
        ExternalMemory memory = Filled(new Rng(15));
        MemoryInterface told = MemoryInterface.Of(new Rng(16).Normal([2, Small.InterfaceLength]), Small);
        ExternalMemory next = memory.Step(told, new MemoryOptions { Links = false });
        Check.Close(next.ReadWeights, told.ReadModes.Narrow(2, 1, 1) * Addressing.ByContent(next.UnitRows, told.ReadKeys, told.ReadStrengths));
        Check.Same(next.Links, memory.Links);
    }

    private static Tensor Everything(ExternalMemory m) => Tensor.Concat(
        [m.Memory.Flatten(), m.Usage.Flatten(), m.Precedence.Flatten(), m.Links.Flatten(), m.Write.Flatten(), m.ReadWeights.Flatten(), m.Reads.Flatten()]);

    /// <summary>A memory in which everything has some value and no usages are equal.</summary>
    private static ExternalMemory Filled(Rng rng)
    {
        Tensor memory = rng.Normal([2, 6, 4]);
        return ExternalMemory.Empty(2, Small) with
        {
            Memory = memory,
            UnitRows = Addressing.AtUnitLength(memory),
            Usage = Tensor.Generate([2, 6], i => (i * 5 % 12 + 0.5f) / 13), // far apart: no small change brings them into another order
            Precedence = rng.Normal([2, 6]).Softmax() * 0.9f,
            Links = rng.Uniform([2, 6, 6]) * Addressing.OffDiagonal(6) * 0.15f,
            Write = rng.Normal([2, 6]).Softmax() * 0.04f,
            ReadWeights = rng.Normal([2, 2, 6]).Softmax() * 0.9f,
        };
    }

    private static Tensor Row(params float[] values) => Tensor.Own(values, [1, values.Length]);

    private static void AllWithin(Tensor x, float low, float high) => Assert.All(x.ToArray(), value => Assert.InRange(value, low, high));

    private static void Close(double[] expected, Tensor actual, double within = 1e-6)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual.Span[i], within);
    }

    /// <summary>The paper's Methods in double precision, one sequence, one number at a time.</summary>
    private sealed class LoopMemory(MemorySize size)
    {
        private readonly int n = size.Rows, w = size.Width, r = size.Reads;
        private double[] p = new double[size.Rows], write = new double[size.Rows];

        public double[,] M { get; private set; } = new double[size.Rows, size.Width];
        public double[] U { get; private set; } = new double[size.Rows];
        public double[,] L { get; private set; } = new double[size.Rows, size.Rows];
        public double[,] Wr { get; private set; } = new double[size.Reads, size.Rows];
        public double[,] R { get; private set; } = new double[size.Reads, size.Width];

        public void Step(double[] xi)
        {
            int at = 0;
            double[] Next(int count) => xi[at..(at += count)];
            static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
            double[] keys = Next(r * w), strengths = [.. Next(r).Select(OnePlus)], key = Next(w);
            double strength = OnePlus(Next(1)[0]);
            double[] erase = [.. Next(w).Select(Sigmoid)], vector = Next(w), free = [.. Next(r).Select(Sigmoid)];
            double allocate = Sigmoid(Next(1)[0]), gate = Sigmoid(Next(1)[0]);
            double[] modes = Next(3 * r);

            double[] u = [.. Enumerable.Range(0, n).Select(i => (U[i] + write[i] - U[i] * write[i]) * Enumerable.Range(0, r).Aggregate(1.0, (psi, h) => psi * (1 - free[h] * Wr[h, i])))];
            double[] a = new double[n], content = Content(M, key, strength), next = new double[n];
            double used = 1;
            foreach (int i in Enumerable.Range(0, n).OrderBy(i => (float)u[i])) (a[i], used) = ((1 - u[i]) * used, used * u[i]);
            for (int i = 0; i < n; i++) next[i] = gate * (allocate * a[i] + (1 - allocate) * content[i]);
            double[,] memory = new double[n, w], links = new double[n, n], reads = new double[r, n];
            for (int i = 0; i < n; i++)
                for (int k = 0; k < w; k++) memory[i, k] = M[i, k] * (1 - next[i] * erase[k]) + next[i] * vector[k];
            for (int i = 0; i < n; i++)
                for (int j = 0; j < n; j++) links[i, j] = i == j ? 0 : (1 - next[i] - next[j]) * L[i, j] + next[i] * p[j];
            double sum = next.Sum();
            p = [.. Enumerable.Range(0, n).Select(i => (1 - sum) * p[i] + next[i])];
            for (int h = 0; h < r; h++)
            {
                double[] c = Content(memory, keys[(h * w)..((h + 1) * w)], strengths[h]), shares = Softmax(modes[(3 * h)..(3 * h + 3)]);
                for (int i = 0; i < n; i++)
                {
                    double forward = Enumerable.Range(0, n).Sum(j => links[i, j] * Wr[h, j]), backward = Enumerable.Range(0, n).Sum(j => links[j, i] * Wr[h, j]);
                    reads[h, i] = shares[0] * backward + shares[1] * c[i] + shares[2] * forward;
                }
                for (int k = 0; k < w; k++) R[h, k] = Enumerable.Range(0, n).Sum(i => memory[i, k] * reads[h, i]);
            }
            (M, U, L, Wr, write) = (memory, u, links, reads, next);
        }

        private static double OnePlus(double x) => 1 + Math.Log(1 + Math.Exp(x));

        private static double[] Softmax(double[] x)
        {
            double[] e = [.. x.Select(value => Math.Exp(value - x.Max()))];
            return [.. e.Select(value => value / e.Sum())];
        }

        private double[] Content(double[,] memory, double[] key, double strength)
        {
            double Length(Func<int, double> x) => Math.Sqrt(Enumerable.Range(0, w).Sum(k => x(k) * x(k)) + 1e-6);
            return Softmax([.. Enumerable.Range(0, n).Select(i =>
                strength * Enumerable.Range(0, w).Sum(k => memory[i, k] * key[k]) / (Length(k => memory[i, k]) * Length(k => key[k])))]);
        }
    }
}
