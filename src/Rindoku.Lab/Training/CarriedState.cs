using System.Globalization;
using Rindoku.Data;

namespace Rindoku.Lab;

/// <summary>
/// The state that a recurrent model carries from one segment of text to the next; in the <see cref="TrainingState"/>, so that a training that
/// was interrupted goes on with bitwise the state it had.
/// </summary>
/// <example><code>
/// CarriedState carried = new();
/// trainer.State.Add("carried", carried);
/// Tensor Loss(TextSegment segment)
/// {
///     carried.Enter(segment);
///     RecurrentOutput y = lstm.Run(x, carried[0], carried[1]);
///     carried.Keep(y.Hidden, y.Cell);
///     ...
/// }
/// </code></example>
public sealed class CarriedState : ICheckpointed
{
    private Tensor[] tensors = [];

    /// <summary>A tensor of the state, without history; null at the start of the streams.</summary>
    public Tensor? this[int index] => index < tensors.Length ? tensors[index] : null;

    /// <summary>How many tensors are carried; 0 at the start of the streams.</summary>
    public int Count => tensors.Length;

    /// <summary>Forgets the state where the streams of a text start.</summary>
    public void Enter(TextSegment segment)
    {
        ArgumentNullException.ThrowIfNull(segment);
        if (segment.Starts) Reset();
    }

    /// <summary>Forgets the state.</summary>
    public void Reset() => tensors = [];

    /// <summary>Takes over the state at the end of a segment: no gradient flows back through it, and it outlives the step.</summary>
    public void Keep(params ReadOnlySpan<Tensor> state)
    {
        Tensor[] kept = new Tensor[state.Length];
        for (int i = 0; i < kept.Length; i++) kept[i] = state[i].Detach().Keep();
        tensors = kept;
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, Tensor> State() =>
        tensors.Index().ToDictionary(t => t.Index.ToString(CultureInfo.InvariantCulture), t => t.Item);

    /// <inheritdoc/>
    public void Load(IReadOnlyDictionary<string, Tensor> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        tensors = [.. Enumerable.Range(0, state.Count).Select(i => state[i.ToString(CultureInfo.InvariantCulture)].Keep())];
    }
}
