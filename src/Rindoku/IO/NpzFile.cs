namespace Rindoku.IO;

/// <summary>What an npz file holds: arrays by name, without the ending <c>.npy</c> of their entries.</summary>
public sealed class NpzFile : NamedArrays
{
    internal NpzFile(string file) : base(file) { }
}
