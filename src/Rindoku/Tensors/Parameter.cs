using Rindoku.Kernels;

namespace Rindoku;

/// <summary>A tensor that is learned: gradients flow to it, and optimizers write it in place.</summary>
public sealed class Parameter : Tensor
{
    private Tensor? gradientMemory;

    /// <summary>A parameter with the numbers of <paramref name="start"/>, copied.</summary>
    public Parameter(Tensor start) : base(Copy(start), 0, start.Shape) => RequiresGrad = true;

    /// <summary>The numbers, to be written in place; a graph recorded before the write refuses to be differentiated after it.</summary>
    public Span<float> Values
    {
        get
        {
            Version++;
            return Writable;
        }
    }

    /// <summary>The sum of the gradients of all <c>Backward</c> calls since it was last cleared, or null.</summary>
    /// <remarks>Its memory belongs to the parameter and is written again by later calls: copy it to keep it.</remarks>
    public Tensor? Grad { get; set; }

    /// <summary>Whether gradients flow to this parameter; switch it off to freeze it.</summary>
    public bool Trainable { get => RequiresGrad; set => RequiresGrad = value; }

    /// <summary>Adds to <see cref="Grad"/>.</summary>
    internal void Accumulate(Tensor gradient)
    {
        if (Grad is null)
        {
            gradientMemory ??= new Tensor(Storage.Persistent(Length), 0, Shape);
            gradient.Span.CopyTo(gradientMemory.Writable);
            Grad = gradientMemory;
        }
        else
        {
            Tensor sum = Grad == gradientMemory ? Grad : gradientMemory ??= new Tensor(Storage.Persistent(Length), 0, Shape);
            VectorMath.Add(Grad.Span, gradient.Span, sum.Writable);
            Grad = sum;
        }
    }

    /// <summary>How often <see cref="Values"/> was taken.</summary>
    internal int Version { get; private set; }

    internal static Storage Copy(Tensor source)
    {
        ArgumentNullException.ThrowIfNull(source);
        Storage storage = Storage.Persistent(source.Length);
        source.Span.CopyTo(storage.Span);
        return storage;
    }
}

/// <summary>A tensor of a module that is saved with it but not learned, such as a running mean; written in place.</summary>
public sealed class BufferTensor : Tensor
{
    /// <summary>A buffer with the numbers of <paramref name="start"/>, copied.</summary>
    public BufferTensor(Tensor start) : base(Parameter.Copy(start), 0, start.Shape) { }

    /// <summary>The numbers, to be written in place.</summary>
    public Span<float> Values => Writable;
}
