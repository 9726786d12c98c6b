namespace Rindoku.Data;

/// <summary>Examples that can be read by number, as often as wanted and from several threads at once.</summary>
/// <typeparam name="T">What one example is.</typeparam>
public interface IDataset<out T>
{
    /// <summary>How many examples there are.</summary>
    int Count { get; }

    /// <summary>The example with the given number, from 0 to <see cref="Count"/> - 1; the same one every time.</summary>
    T this[int index] { get; }
}
