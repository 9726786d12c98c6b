using Rindoku.Ops;

namespace Rindoku.Papers.Memory.Dnc;

/// <summary>The sizes of a memory.</summary>
/// <param name="Rows">N.</param>
/// <param name="Width">W, numbers in a row.</param>
/// <param name="Reads">R, read heads.</param>
public sealed record MemorySize(int Rows, int Width, int Reads)
{
    /// <summary>How many numbers the controller gives a step: <c>W R + 3 W + 5 R + 3</c>.</summary>
    public int InterfaceLength => Width * Reads + 3 * Width + 5 * Reads + 3;

    /// <summary>The parts of the interface vector, in the paper's order.</summary>
    internal int[] Parts => [Reads * Width, Reads, Width, 1, Width, Width, Reads, 1, 1, 3 * Reads];
}

/// <summary>What a controller tells the memory in one step: the interface vector ξ, cut up and squashed.</summary>
/// <param name="ReadKeys">k^r, (B, R, W).</param>
/// <param name="ReadStrengths">β^r, (B, R, 1), 1 or more.</param>
/// <param name="WriteKey">k^w, (B, 1, W).</param>
/// <param name="WriteStrength">β^w, (B, 1, 1), 1 or more.</param>
/// <param name="Erase">e, (B, 1, W), from 0 to 1.</param>
/// <param name="Vector">v, what is written, (B, 1, W).</param>
/// <param name="FreeGates">f, (B, R, 1), from 0 to 1.</param>
/// <param name="AllocationGate">g^a, (B, 1), from 0 to 1.</param>
/// <param name="WriteGate">g^w, (B, 1), from 0 to 1.</param>
/// <param name="ReadModes">π, (B, R, 3), shares of backward, content and forward.</param>
/// <remarks>Source: the paper, Methods, "Interface parameters".</remarks>
public sealed record MemoryInterface(Tensor ReadKeys, Tensor ReadStrengths, Tensor WriteKey, Tensor WriteStrength, Tensor Erase, Tensor Vector,
    Tensor FreeGates, Tensor AllocationGate, Tensor WriteGate, Tensor ReadModes)
{
    /// <summary>The interface of an interface vector.</summary>
    /// <param name="xi">ξ, (B, <see cref="MemorySize.InterfaceLength"/>).</param>
    /// <param name="size">The memory's sizes.</param>
    /// <param name="strengthsFromZero">Whether strengths are softplus(x), as in the authors' code, and not oneplus(x) = 1 + softplus(x), as in the paper.</param>
    /// <exception cref="ShapeException">ξ has another length.</exception>
    public static MemoryInterface Of(Tensor xi, MemorySize size, bool strengthsFromZero = false)
    {
        ArgumentNullException.ThrowIfNull(xi);
        ArgumentNullException.ThrowIfNull(size);
        ShapeException.Require(xi.Rank == 2 && xi.Shape[1] == size.InterfaceLength, $"{size}: the interface vector must be (B, {size.InterfaceLength}), got {xi.Shape}");
        (int batch, int width, int reads) = (xi.Shape[0], size.Width, size.Reads);
        Tensor[] parts = xi.Split(size.Parts, axis: 1);
        return new MemoryInterface(
            parts[0].Reshape(batch, reads, width), Strength(parts[1]).Reshape(batch, reads, 1),
            parts[2].Reshape(batch, 1, width), Strength(parts[3]).Reshape(batch, 1, 1),
            parts[4].Sigmoid().Reshape(batch, 1, width), parts[5].Reshape(batch, 1, width),
            parts[6].Sigmoid().Reshape(batch, reads, 1), parts[7].Sigmoid(), parts[8].Sigmoid(),
            parts[9].Reshape(batch, reads, 3).Softmax());

        Tensor Strength(Tensor x) => strengthsFromZero ? x.Softplus() : x.Softplus() + 1;
    }
}
