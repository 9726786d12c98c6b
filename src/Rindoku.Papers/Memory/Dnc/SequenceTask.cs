using Rindoku.Autograd;
using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Nn;
using Rindoku.Ops;

namespace Rindoku.Papers.Memory.Dnc;

/// <summary>What a network is to learn: sequences in, answers out, and how wrong answers are counted.</summary>
internal abstract class SequenceTask
{
    /// <summary>Width of the input.</summary>
    public abstract int Inputs { get; }

    /// <summary>Width of the output.</summary>
    public abstract int Outputs { get; }

    /// <summary>New sequences to train with.</summary>
    /// <param name="count">How many.</param>
    /// <param name="progress">How much of the training is over, from 0 to 1; lessons get harder with it.</param>
    /// <param name="rng">The randomness.</param>
    public abstract SequenceBatch Draw(int count, double progress, Rng rng);

    /// <summary>The training loss: the cross-entropy of all answers of a sequence, added up; the mean over sequences.</summary>
    /// <param name="outputs">(n, T, <see cref="Outputs"/>).</param>
    /// <param name="batch">The sequences.</param>
    public abstract Tensor Loss(Tensor outputs, SequenceBatch batch);

    /// <summary>For each sequence how many answers are wrong, and how many there are.</summary>
    public abstract IEnumerable<(int Wrong, int All)> Mistakes(Tensor outputs, SequenceBatch batch);

    /// <summary>Measures a trained network.</summary>
    /// <param name="model">The network.</param>
    /// <param name="result">Where metrics go.</param>
    public abstract void Measure(Layer model, ArmResult result);

    /// <summary>Sequences to look at while training; others than those of the test.</summary>
    public abstract SequenceBatch Validation(Rng rng);

    /// <summary>One sequence that a picture of the memory is drawn of, with a word for each of its steps.</summary>
    public abstract (SequenceBatch Sequence, IReadOnlyList<string> Steps) Shown();

    /// <summary>The share of answers that are wrong, in percent.</summary>
    protected double PercentWrong(Layer model, SequenceBatch batch) => PercentWrong(Answered(model, batch));

    /// <summary>The share of answers that are wrong, in percent.</summary>
    protected static double PercentWrong(IReadOnlyCollection<(int Wrong, int All)> sequences) => 100.0 * sequences.Sum(s => s.Wrong) / sequences.Sum(s => s.All);

    /// <summary>The share of sequences without a mistake, in percent.</summary>
    protected static double PercentWhole(IReadOnlyCollection<(int Wrong, int All)> sequences) => 100.0 * sequences.Count(s => s.Wrong == 0) / sequences.Count;

    /// <summary>The mistakes of a network.</summary>
    protected IReadOnlyList<(int Wrong, int All)> Answered(Layer model, SequenceBatch batch)
    {
        using NoGrad recording = NoGrad.Enter();
        using MemoryScope scope = MemoryScope.Open();
        return [.. Mistakes(model.Forward(batch.Inputs), batch)];
    }

    /// <summary>The share of answers that are wrong while training, in percent.</summary>
    public double Validate(Layer model, SequenceBatch batch) => PercentWrong(model, batch);

    /// <summary>The task of some settings.</summary>
    /// <param name="s">The settings.</param>
    /// <param name="data">The data folder; null where there is none, and then stories are made.</param>
    public static SequenceTask Of(DncSettings s, DataDirectory? data) => s.Task switch
    {
        DncTask.Copy => new CopySequences(s),
        DncTask.RepeatCopy => new RepeatCopySequences(s),
        DncTask.Babi => new StoryTask(s, data),
        _ => new GraphTask(s),
    };
}

/// <summary>Answers that are bits.</summary>
internal abstract class BitTask : SequenceTask
{
    public override Tensor Loss(Tensor outputs, SequenceBatch batch) =>
        outputs.BinaryCrossEntropyWithLogits(batch.Targets, weights: batch.Mask.Unsqueeze(2), reduction: Reduction.Sum) * (1f / batch.Inputs.Shape[0]);

    public override IEnumerable<(int Wrong, int All)> Mistakes(Tensor outputs, SequenceBatch batch) => MistakesOf(outputs, batch);

    /// <summary>A bit is 1 where its output is above zero.</summary>
    public static IEnumerable<(int Wrong, int All)> MistakesOf(Tensor outputs, SequenceBatch batch)
    {
        (int count, int steps, int bits) = (outputs.Shape[0], outputs.Shape[1], outputs.Shape[2]);
        float[] said = outputs.ToArray(), right = batch.Targets.ToArray(), mask = batch.Mask.ToArray();
        for (int i = 0; i < count; i++)
        {
            (int wrong, int all) = (0, 0);
            for (int at = i * steps; at < (i + 1) * steps; at++)
            {
                if (mask[at] == 0) continue;
                all += bits;
                for (int b = at * bits; b < (at + 1) * bits; b++)
                    if (said[b] > 0 != right[b] > 0.5f) wrong++;
            }
            yield return (wrong, all);
        }
    }
}

/// <summary>Answers of one or several symbols each, one-hot side by side; an answer is right if all its symbols are.</summary>
internal abstract class SymbolTask : SequenceTask
{
    /// <summary>How many different symbols stand in a place.</summary>
    protected abstract int Symbols { get; }

    // Where no answer is asked for the targets are zero throughout, so no mask is needed.
    public override Tensor Loss(Tensor outputs, SequenceBatch batch)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        Shape apart = [outputs.Shape[0], outputs.Shape[1], outputs.Shape[2] / Symbols, Symbols];
        return (outputs.Reshape(apart).LogSoftmax() * batch.Targets.Reshape(apart)).Sum() * (-1f / apart[0]);
    }

    public override IEnumerable<(int Wrong, int All)> Mistakes(Tensor outputs, SequenceBatch batch)
    {
        (int count, int steps, int places) = (outputs.Shape[0], outputs.Shape[1], outputs.Shape[2] / Symbols);
        IntTensor said = outputs.Reshape(count * steps, places, Symbols).ArgMax(2), right = batch.Targets.Reshape(count * steps, places, Symbols).ArgMax(2);
        for (int i = 0; i < count; i++)
        {
            (int wrong, int all) = (0, 0);
            for (int at = i * steps; at < (i + 1) * steps; at++)
            {
                if (batch.Mask.Span[at] == 0) continue;
                all++;
                if (!said.Span.Slice(at * places, places).SequenceEqual(right.Span.Slice(at * places, places))) wrong++;
            }
            yield return (wrong, all);
        }
    }
}
