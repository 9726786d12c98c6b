namespace Rindoku.Kernels;

/// <summary>The patches that a convolution reads, written out as columns (im2col), and columns added up into an image (col2im).</summary>
/// <remarks>Determinism: planes are independent, and a plane is one thread's work. Aliasing: none.</remarks>
internal static unsafe class Columns
{
    private const int Grain = 16384;

    /// <summary>columns[n, (c, tap), place] = x[n, c, place · stride + tap · dilation - padding], or 0 outside.</summary>
    public static void Unfold(ConvGeometry g, ReadOnlySpan<float> x, Span<float> columns)
    {
        RequireLengths(g, x.Length, columns.Length);
        fixed (float* px = x, pc = columns) ForPlanes(g, px, pc, add: false);
    }

    /// <summary>Adds columns up in the places that they were read from; the opposite of <see cref="Unfold"/>.</summary>
    public static void Fold(ConvGeometry g, ReadOnlySpan<float> columns, Span<float> x)
    {
        RequireLengths(g, x.Length, columns.Length);
        fixed (float* px = x, pc = columns) ForPlanes(g, px, pc, add: true);
    }

    private static void RequireLengths(ConvGeometry g, int x, int columns)
    {
        int planes = g.Batch * g.InChannels;
        if (x != planes * g.Input.Product || columns != planes * g.Kernel.Product * g.Output.Product)
            throw new ArgumentException($"Columns: spans of {x} and {columns} numbers for {g}");
    }

    private static void ForPlanes(ConvGeometry g, float* x, float* columns, bool add)
    {
        int input = g.Input.Product, output = g.Kernel.Product * g.Output.Product;
        Threads.RunChunks(g.Batch * g.InChannels, Math.Max(1, Grain / (Math.Max(input, output) + 1)), (from, to) =>
        {
            if (add) new Span<float>(x + (long)from * input, (to - from) * input).Clear();
            bool thin = g.Kernel.Product == 1 && g.Padding == default;
            for (int plane = from; plane < to; plane++)
            {
                if (thin) ThinPlane(g, x + (long)plane * input, columns + (long)plane * output, add);
                else Plane(g, x + (long)plane * input, columns + (long)plane * output, add);
            }
        });
    }

    // A single tap, which never leaves the plane.
    private static void ThinPlane(ConvGeometry g, float* x, float* columns, bool add)
    {
        for (int z = 0; z < g.Output.D; z++)
            for (int y = 0; y < g.Output.H; y++, columns += g.Output.W)
            {
                float* row = x + ((long)z * g.Stride.D * g.Input.H + y * g.Stride.H) * g.Input.W;
                if (add) AddRow(columns, row, 0, g.Output.W, g.Stride.W);
                else CopyRow(row, columns, 0, g.Output.W, g.Stride.W);
            }
    }

    private static void Plane(ConvGeometry g, float* x, float* columns, bool add)
    {
        for (int tap = 0; tap < g.Kernel.Product; tap++)
        {
            int kz = tap / (g.Kernel.H * g.Kernel.W), ky = tap / g.Kernel.W % g.Kernel.H, kx = tap % g.Kernel.W;
            int shift = kx * g.Dilation.W - g.Padding.W;
            // The outputs from first to last (exclusive) read inside the row.
            int first = Math.Min(g.Output.W, Math.Max(0, (-shift + g.Stride.W - 1) / g.Stride.W));
            int last = Math.Clamp((g.Input.W - shift + g.Stride.W - 1) / g.Stride.W, first, g.Output.W);
            for (int oz = 0; oz < g.Output.D; oz++)
                for (int oy = 0; oy < g.Output.H; oy++, columns += g.Output.W)
                {
                    int z = oz * g.Stride.D + kz * g.Dilation.D - g.Padding.D, y = oy * g.Stride.H + ky * g.Dilation.H - g.Padding.H;
                    bool inside = (uint)z < (uint)g.Input.D && (uint)y < (uint)g.Input.H;
                    float* row = x + ((long)z * g.Input.H + y) * g.Input.W + shift;
                    if (add)
                    {
                        if (inside) AddRow(columns, row, first, last, g.Stride.W);
                    }
                    else if (inside)
                    {
                        new Span<float>(columns, first).Clear();
                        CopyRow(row, columns, first, last, g.Stride.W);
                        new Span<float>(columns + last, g.Output.W - last).Clear();
                    }
                    else
                    {
                        new Span<float>(columns, g.Output.W).Clear();
                    }
                }
        }
    }

    private static void CopyRow(float* row, float* columns, int first, int last, int stride)
    {
        if (stride == 1) new ReadOnlySpan<float>(row + first, last - first).CopyTo(new Span<float>(columns + first, last - first));
        else
            for (int i = first; i < last; i++) columns[i] = row[i * stride];
    }

    private static void AddRow(float* columns, float* row, int first, int last, int stride)
    {
        for (int i = first; i < last; i++) row[i * stride] += columns[i];
    }
}
