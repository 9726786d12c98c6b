using Rindoku.Ops;

namespace Rindoku.Papers.Memory.Dnc;

/// <summary>Choices about the memory; what is not set is the paper's.</summary>
public sealed record MemoryOptions
{
    /// <summary>Whether reads can follow the order of writing. Without, only content finds a row.</summary>
    public bool Links { get; init; } = true;

    /// <summary>What memory and weightings hold at the start: 0 in the paper, 1e-6 in some programs.</summary>
    public float Start { get; init; }

    /// <summary>ε of the cosine.</summary>
    public float Epsilon { get; init; } = 1e-6f;

    /// <summary>Whether strengths begin at 0, softplus(x), as in the authors' code.</summary>
    public bool StrengthsFromZero { get; init; }

    /// <summary>Whether no gradient goes through usage to the write weighting, as in the authors' code.</summary>
    public bool StopUsageGradient { get; init; }
}

/// <summary>An external memory after some steps: what it holds, and how it was addressed.</summary>
/// <param name="Memory">M, (B, N, W).</param>
/// <param name="UnitRows">The rows of M at unit length.</param>
/// <param name="Usage">u, (B, N).</param>
/// <param name="Precedence">p, (B, N).</param>
/// <param name="Links">L, (B, N, N).</param>
/// <param name="Write">w^w, (B, N).</param>
/// <param name="ReadWeights">w^r, (B, R, N).</param>
/// <param name="Reads">r, (B, R, W): what was read.</param>
public sealed record ExternalMemory(Tensor Memory, Tensor UnitRows, Tensor Usage, Tensor Precedence, Tensor Links, Tensor Write, Tensor ReadWeights, Tensor Reads)
{
    private Tensor OffDiagonal { get; init; } = Addressing.OffDiagonal(Memory.Shape[1]);

    /// <summary>A memory that nothing has been written to.</summary>
    /// <param name="batch">B.</param>
    /// <param name="size">Its sizes.</param>
    /// <param name="options">Choices; null for the paper's.</param>
    public static ExternalMemory Empty(int batch, MemorySize size, MemoryOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(size);
        options ??= new MemoryOptions();
        (int rows, int width, int reads) = (size.Rows, size.Width, size.Reads);
        Tensor memory = Tensor.Full([batch, rows, width], options.Start);
        return new ExternalMemory(memory, Addressing.AtUnitLength(memory, options.Epsilon), Tensor.Zeros([batch, rows]), Tensor.Zeros([batch, rows]),
            Tensor.Zeros([batch, rows, rows]), Tensor.Full([batch, rows], options.Start), Tensor.Full([batch, reads, rows], options.Start),
            Tensor.Full([batch, reads, width], options.Start));
    }

    /// <summary>One step: free, write, link, read, in this order.</summary>
    /// <param name="told">What the controller says.</param>
    /// <param name="options">Choices; null for the paper's.</param>
    /// <remarks>
    /// The order matters: usage knows the last write, the new write looks at the old content, links take the old precedence, and reads see the new memory and
    /// the new links. Source: the paper, Methods, "Dynamic memory allocation" to "Reading and writing to memory".
    /// </remarks>
    public ExternalMemory Step(MemoryInterface told, MemoryOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(told);
        options ??= new MemoryOptions();
        int batch = Memory.Shape[0], rows = Memory.Shape[1];
        Tensor usage = Addressing.Usage(Usage, options.StopUsageGradient ? Write.Detach() : Write, Addressing.Retention(told.FreeGates, ReadWeights));
        Tensor similar = Addressing.ByContent(UnitRows, told.WriteKey, told.WriteStrength, options.Epsilon).Reshape(batch, rows);
        Tensor write = Addressing.Write(told.WriteGate, told.AllocationGate, Addressing.Allocation(usage), similar);
        Tensor memory = Addressing.Written(Memory, write, told.Erase, told.Vector), unitRows = Addressing.AtUnitLength(memory, options.Epsilon);
        Tensor content = Addressing.ByContent(unitRows, told.ReadKeys, told.ReadStrengths, options.Epsilon);
        if (!options.Links)
        {
            Tensor byContent = told.ReadModes.Narrow(2, 1, 1) * content; // forward and backward find nothing
            return this with { Memory = memory, UnitRows = unitRows, Usage = usage, Write = write, ReadWeights = byContent, Reads = byContent.MatMul(memory) };
        }
        Tensor links = Addressing.Links(Links, write, Precedence, OffDiagonal), precedence = Addressing.Precedence(Precedence, write);
        Tensor read = Addressing.Read(told.ReadModes, Addressing.Backward(links, ReadWeights), content, Addressing.Forward(links, ReadWeights));
        return this with
        {
            Memory = memory,
            UnitRows = unitRows,
            Usage = usage,
            Precedence = precedence,
            Links = links,
            Write = write,
            ReadWeights = read,
            Reads = read.MatMul(memory),
        };
    }
}
