namespace Rindoku.IO;

/// <summary>The arrays of a file, by name: floats, integers of up to 32 bits, and wider integers.</summary>
public class NamedArrays
{
    private readonly Dictionary<string, Tensor> tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IntTensor> ints = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Longs> longs = new(StringComparer.Ordinal);

    private protected NamedArrays(string file) => File = file;

    /// <summary>Where the arrays came from.</summary>
    public string File { get; }

    /// <summary>The arrays of floating numbers; half, brain and double precision became float32.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors => tensors;

    /// <summary>The arrays of integers stored in at most 32 bits, booleans (as 0 and 1) included.</summary>
    public IReadOnlyDictionary<string, IntTensor> Integers => ints;

    /// <summary>The arrays of integers stored in more than 31 bits.</summary>
    public IReadOnlyDictionary<string, Longs> Longs => longs;

    /// <summary>The array of floats called <paramref name="name"/>.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public Tensor Tensor(string name) => tensors.TryGetValue(name, out Tensor? tensor) ? tensor : throw Missing(name, "floats");

    /// <summary>The array of integers called <paramref name="name"/>, whatever their width in the file.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    /// <exception cref="FileFormatException">A value does not fit in 32 bits.</exception>
    public IntTensor Int(string name)
    {
        if (ints.TryGetValue(name, out IntTensor? narrow)) return narrow;
        if (!longs.TryGetValue(name, out Longs? wide)) throw Missing(name, "integers");

        IntTensor result = IntTensor.Uninitialized(wide.Shape);
        for (int i = 0; i < wide.Length; i++)
        {
            if (wide[i] != (int)wide[i])
            {
                throw new FileFormatException(
                    $"{File}: element {i} of {name} is {wide[i]}, which does not fit in 32 bits; read it with Long(\"{name}\")");
            }
            result.Writable[i] = (int)wide[i];
        }
        return result;
    }

    /// <summary>The array of integers called <paramref name="name"/>, whatever their width in the file, as 64-bit ones.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public Longs Long(string name)
    {
        if (longs.TryGetValue(name, out Longs? wide)) return wide;
        if (!ints.TryGetValue(name, out IntTensor? narrow)) throw Missing(name, "integers");
        return new Longs(Array.ConvertAll(narrow.ToArray(), value => (long)value), narrow.Shape);
    }

    /// <summary>Whether there is an array of that name, of any type.</summary>
    public bool Contains(string name) => tensors.ContainsKey(name) || ints.ContainsKey(name) || longs.ContainsKey(name);

    /// <summary>Reads the elements of an array and keeps them under its name.</summary>
    internal void ReadArray(
        FormatReader source, string name, ElementType type, Shape shape, bool bigEndian = false, bool columnMajor = false)
    {
        columnMajor &= shape.Rank > 1;
        if (type.IsFloat())
        {
            // Persistent: what comes from a file outlives the step that happened to load it.
            Tensor tensor = new(Storage.Persistent(shape.Length), 0, shape);
            Elements.ReadFloats(source, type, bigEndian, tensor.Writable, name);
            if (columnMajor) ColumnMajor.ToRows(tensor.Writable, shape);
            tensors[name] = tensor;
        }
        else if (type.IsLong())
        {
            long[] values = new long[shape.Length];
            Elements.ReadLongs(source, type, bigEndian, values, name);
            if (columnMajor) ColumnMajor.ToRows<long>(values, shape);
            longs[name] = new Longs(values, shape);
        }
        else
        {
            IntTensor tensor = IntTensor.Uninitialized(shape);
            Elements.ReadInts(source, type, bigEndian, tensor.Writable, name);
            if (columnMajor) ColumnMajor.ToRows(tensor.Writable, shape);
            ints[name] = tensor;
        }
    }

    private KeyNotFoundException Missing(string name, string kind)
    {
        string[] names = [.. tensors.Keys.Concat(ints.Keys).Concat(longs.Keys)];
        string more = names.Length > 20 ? $" and {names.Length - 20} more" : "";
        string known = names.Length == 0 ? "it holds no array" : $"it holds {string.Join(", ", names.Take(20))}{more}";
        return new KeyNotFoundException($"{File} has no array of {kind} called '{name}'; {known}");
    }
}
