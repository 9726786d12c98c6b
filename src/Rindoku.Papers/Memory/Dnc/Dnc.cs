using Rindoku.Nn;
using Rindoku.Ops;

namespace Rindoku.Papers.Memory.Dnc;

/// <summary>A differentiable neural computer: a controller beside a memory that it writes to and reads from.</summary>
/// <remarks>
/// <para><c>χ_t = [x_t; r_{t−1}]</c>, <c>h_t = controller(χ_t)</c>, <c>ξ_t = W_ξ h_t</c>, then a step of the memory, and <c>y_t = W_y h_t + W_r r_t</c>:
/// the output has what was read in the same step. W_y and W_r lie side by side in one matrix.</para>
/// <para>Shapes: x (B, T, In) → y (B, T, Out).</para>
/// <para>Source: Graves et al. 2016, "Hybrid computing using a neural network with dynamic external memory", Methods, "Controller network".</para>
/// <para>Checkpoint keys: <c>controller.*</c>, <c>interface.weight</c>, <c>output.weight</c>, with biases where they were asked for.</para>
/// </remarks>
public sealed class Dnc : Layer
{
    private readonly Linear toInterface, toOutput;

    /// <summary>A computer with random start values.</summary>
    /// <param name="outputs">Width of y.</param>
    /// <param name="size">The memory's sizes.</param>
    /// <param name="controller">The controller, whose input is x with R W numbers of reads after it.</param>
    /// <param name="rng">Source of the start values of W_ξ, then of W_y and W_r.</param>
    /// <param name="biases">Whether ξ and y have biases: the authors' code has, the paper's equations have not.</param>
    public Dnc(int outputs, MemorySize size, Controller controller, Rng rng, bool biases = false)
    {
        ArgumentNullException.ThrowIfNull(size);
        ArgumentNullException.ThrowIfNull(controller);
        Size = size;
        Controller = Register("controller", controller);
        toInterface = Register("interface", new Linear(controller.Outputs, size.InterfaceLength, rng, biases));
        toOutput = Register("output", new Linear(controller.Outputs + size.Reads * size.Width, outputs, rng, biases));
    }

    /// <summary>The memory's sizes. No weight depends on the rows: weights that were trained with few can be loaded into a computer with more.</summary>
    public MemorySize Size { get; }

    /// <summary>The controller.</summary>
    public Controller Controller { get; }

    /// <summary>Choices about the memory.</summary>
    public MemoryOptions Memory { get; init; } = new();

    /// <summary>Outputs are held between -clip and clip, as in the authors' code; null for no bounds.</summary>
    public float? Clip { get; init; }

    /// <summary>Changes what the memory is told, to see what a mechanism is good for; null for no change.</summary>
    public Func<MemoryInterface, MemoryInterface>? Lesion { get; init; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => Run(x, seen: null);

    /// <summary>The outputs, and a look at the memory after every step.</summary>
    /// <param name="x">(B, T, In).</param>
    /// <param name="seen">Called after every step with what the memory was told and what became of it; or null.</param>
    /// <returns>(B, T, Out).</returns>
    /// <exception cref="ShapeException">x does not fit.</exception>
    public Tensor Run(Tensor x, Action<MemoryInterface, ExternalMemory>? seen)
    {
        ArgumentNullException.ThrowIfNull(x);
        ShapeException.Require(x.Rank == 3 && x.Shape[1] > 0, $"{this} got x {x.Shape}; it must be (B, T, In)");
        (int batch, int length) = (x.Shape[0], x.Shape[1]);
        ExternalMemory memory = ExternalMemory.Empty(batch, Size, Memory);
        IReadOnlyList<Tensor>? state = null;
        Tensor[] known = new Tensor[length]; // what the output of each step is made from
        Tensor reads = memory.Reads.Reshape(batch, Size.Reads * Size.Width);
        for (int t = 0; t < length; t++)
        {
            (Tensor hidden, state) = Controller.Step(Tensor.Concat([x.Select(1, t), reads], axis: 1), state);
            MemoryInterface told = MemoryInterface.Of(toInterface.Forward(hidden), Size, Memory.StrengthsFromZero);
            if (Lesion is not null) told = Lesion(told);
            memory = memory.Step(told, Memory);
            reads = memory.Reads.Reshape(reads.Shape);
            known[t] = Tensor.Concat([hidden, reads], axis: 1);
            seen?.Invoke(told, memory);
        }
        Tensor y = toOutput.Forward(Tensor.Stack(known, axis: 1));
        return Clip is { } bound ? y.Clamp(-bound, bound) : y;
    }

    /// <summary>Sizes.</summary>
    public override string ToString() => $"Dnc({Controller}, N = {Size.Rows}, W = {Size.Width}, R = {Size.Reads} → {toOutput.Outputs})";
}
