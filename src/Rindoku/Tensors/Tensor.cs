using System.Runtime.CompilerServices;
using Rindoku.Autograd;

namespace Rindoku;

/// <summary>A dense array of 32-bit floats in row-major order, of any number of axes, on which gradients can be taken.</summary>
/// <remarks>
/// <para>Operations (<c>Rindoku.Ops</c>) return new tensors; the numbers of a tensor do not change, except those of
/// <see cref="Parameter"/> and <see cref="BufferTensor"/>, which optimizers and running statistics write in place.</para>
/// <para>Nothing has to be disposed. See <see cref="MemoryScope"/> for how the memory of a training step is used again.</para>
/// </remarks>
public partial class Tensor
{
    internal Tensor(Storage storage, int start, Shape shape)
    {
        Storage = storage;
        Start = start;
        Shape = shape;
    }

    /// <summary>The sizes of the axes.</summary>
    public Shape Shape { get; }

    /// <summary>How many numbers the tensor holds.</summary>
    public int Length => Shape.Length;

    /// <summary>How many axes it has.</summary>
    public int Rank => Shape.Rank;

    /// <summary>Whether gradients flow to this tensor: it is a leaf to differentiate by, or was computed from one.</summary>
    public bool RequiresGrad { get; private protected set; }

    internal Storage Storage { get; }

    /// <summary>Where this tensor's numbers start in its storage.</summary>
    internal int Start { get; }

    /// <summary>The record of the operation that made this tensor, if its gradient is wanted.</summary>
    internal Node? Node { get; private set; }

    /// <summary>The numbers, row by row.</summary>
    /// <exception cref="InvalidOperationException">The tensor was a temporary of a <see cref="MemoryScope"/> that has ended.</exception>
    public ReadOnlySpan<float> Span
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Storage.Span.Slice(Start, Shape.Length);
    }

    /// <summary>The numbers, to be written by the operation that makes this tensor before anyone else sees it.</summary>
    internal Span<float> Writable => Storage.Span.Slice(Start, Shape.Length);

    internal void Attach(Node node)
    {
        Node = node;
        RequiresGrad = true;
    }

    /// <summary>The one number of a tensor with one element.</summary>
    /// <exception cref="ShapeException">The tensor has more or fewer elements.</exception>
    public float Item()
    {
        ShapeException.Require(Length == 1, $"Item: needs a tensor of one element, got {Shape}");
        return Span[0];
    }

    /// <summary>One element, by its place on every axis.</summary>
    /// <exception cref="ShapeException">There are not as many indices as axes, or one lies outside.</exception>
    [IndexerName("At")]
    public float this[params ReadOnlySpan<int> index]
    {
        get
        {
            ShapeException.Require(index.Length == Rank, $"Tensor: {index.Length} indices for shape {Shape}");
            int at = 0;
            for (int axis = 0; axis < index.Length; axis++)
            {
                ShapeException.Require((uint)index[axis] < (uint)Shape[axis], $"Tensor: index {index[axis]} lies outside axis {axis} of {Shape}");
                at = at * Shape[axis] + index[axis];
            }
            return Span[at];
        }
    }

    /// <summary>A copy of the numbers, row by row.</summary>
    public float[] ToArray() => Span.ToArray();

    /// <summary>The same numbers without their history: no gradient flows through the result (stop-gradient).</summary>
    public Tensor Detach() => new(Storage, Start, Shape);

    /// <summary>The same numbers as a leaf that <see cref="Grad"/> can differentiate by.</summary>
    public Tensor Tracked() => new(Storage, Start, Shape) { RequiresGrad = true };

    /// <summary>Lets this tensor outlive the <see cref="MemoryScope"/> that it was made in.</summary>
    /// <returns>The tensor itself.</returns>
    public Tensor Keep()
    {
        Storage.Keep();
        return this;
    }

    /// <summary>The same numbers seen in another shape of the same length; no copy, no history. For operations only.</summary>
    internal Tensor View(Shape shape, int start = 0) => new(Storage, Start + start, shape);

    /// <summary>A new tensor with arbitrary content, for an operation to fill.</summary>
    internal static Tensor Uninitialized(Shape shape) => new(Storage.Allocate(shape.Length), 0, shape);
}
