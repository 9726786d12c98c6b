using System.Buffers.Binary;
using Rindoku.IO;

namespace Rindoku.Data;

/// <summary>Reads the idx format of MNIST and its relatives, gzip-packed or plain.</summary>
/// <remarks>
/// Layout (Y. LeCun, "The MNIST database"): two zero bytes, a type code, the number of axes, the big-endian 32-bit sizes, then
/// the numbers, big-endian. Types: 8 unsigned byte, 9 signed byte, 11 short, 12 int, 13 float, 14 double.
/// </remarks>
public static class Idx
{
    /// <summary>The numbers of a file as they are stored, as floats in the file's shape.</summary>
    /// <exception cref="FileFormatException">The file is not idx, is truncated, has more bytes than it should, or passes a limit.</exception>
    public static Tensor ReadTensor(string path, ReadLimits? limits = null)
    {
        Content file = Read(path, limits ?? ReadLimits.Default);
        float[] values = new float[file.Shape.Length];
        ReadOnlySpan<byte> bytes = file.Data;
        if (file.Width == 1 && !file.Signed)
            for (int i = 0; i < values.Length; i++) values[i] = bytes[i];
        else
            for (int i = 0; i < values.Length; i++) values[i] = (float)Number(bytes[(i * file.Width)..], file.Type);
        return Tensor.Own(values, file.Shape);
    }

    /// <summary>The integers of a file.</summary>
    /// <exception cref="FileFormatException">As for <see cref="ReadTensor"/>; or the file holds floats.</exception>
    public static IntTensor ReadIntegers(string path, ReadLimits? limits = null)
    {
        Content file = Read(path, limits ?? ReadLimits.Default);
        if (file.Type is 13 or 14) throw new FileFormatException(path, 2, $"type {file.Type} (floating)", "an integer type, 8, 9, 11 or 12");
        int[] values = new int[file.Shape.Length];
        for (int i = 0; i < values.Length; i++) values[i] = (int)Number(file.Data[(i * file.Width)..], file.Type);
        return IntTensor.From(values, file.Shape);
    }

    /// <summary>A set from a file of byte images (N, H, W) and a file of labels (N).</summary>
    /// <returns>Inputs (N, 1, H, W) with pixels from 0 to 1.</returns>
    /// <exception cref="FileFormatException">As for <see cref="ReadTensor"/>; or the files do not fit together, or a label is not a class.</exception>
    public static LabelledSet ReadImages(string imagePath, string labelPath, IReadOnlyList<string> classNames, ReadLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(classNames);
        Content images = Read(imagePath, limits ?? ReadLimits.Default);
        if (images.Type != 8 || images.Shape.Rank != 3)
            throw new FileFormatException(imagePath, 2, $"type {images.Type} with {images.Shape.Rank} axes", "unsigned bytes (type 8) with 3 axes: images, rows, columns");
        IntTensor labels = ReadIntegers(labelPath, limits);
        if (labels.Rank != 1 || labels.Length != images.Shape[0])
            throw new FileFormatException(labelPath, 3, $"labels of shape {labels.Shape}", $"({images.Shape[0]}), one for each image of {imagePath}");
        for (int i = 0; i < labels.Length; i++)
        {
            if ((uint)labels[i] >= (uint)classNames.Count)
                throw new FileFormatException(labelPath, 8 + i, $"label {labels[i]} at record {i}", $"a class from 0 to {classNames.Count - 1}");
        }

        float[] pixels = new float[images.Shape.Length];
        Pixels.Scale(images.Data, pixels);
        return new LabelledSet(Tensor.Own(pixels, images.Shape.Insert(1, 1)), labels, classNames);
    }

    private static Content Read(string path, ReadLimits limits)
    {
        byte[] bytes = PackedFile.Read(path, limits);
        if (bytes.Length < 4 || bytes[0] != 0 || bytes[1] != 0)
            throw new FileFormatException(path, 0, $"[{string.Join(", ", bytes.Take(4))}]", "an idx header: 0, 0, type, number of axes");
        int type = bytes[2], rank = bytes[3];
        int width = type switch { 8 or 9 => 1, 11 => 2, 12 or 13 => 4, 14 => 8, _ => 0 };
        if (width == 0) throw new FileFormatException(path, 2, $"type {type}", "8, 9, 11, 12, 13 or 14");
        if (rank == 0 || rank > limits.Rank) throw new FileFormatException(path, 3, $"{rank} axes", $"1 to {limits.Rank} (ReadLimits.Rank)");

        int start = 4 + 4 * rank;
        if (bytes.Length < start) throw new FileFormatException(path, bytes.Length, "the end of the file", $"{rank} sizes, up to byte {start}");
        int[] sizes = new int[rank];
        long elements = 1;
        for (int axis = 0; axis < rank; axis++)
        {
            uint size = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(4 + 4 * axis));
            elements = size == 0 ? 0 : elements > int.MaxValue / size ? (long)int.MaxValue + 1 : elements * size;
            if (size > int.MaxValue || elements > limits.Elements)
                throw new FileFormatException(path, 4 + 4 * axis, $"size {size} for axis {axis}", $"at most {limits.Elements} elements in all (ReadLimits.Elements)");
            sizes[axis] = (int)size;
        }
        long expected = start + elements * width;
        if (bytes.Length != expected)
            throw new FileFormatException(path, Math.Min(bytes.Length, expected), $"{bytes.Length} bytes", $"{expected} for {elements} elements after a header of {start}");
        return new Content(bytes, start, Shape.Create(sizes), type, width);
    }

    private static double Number(ReadOnlySpan<byte> bytes, int type) => type switch
    {
        8 => bytes[0],
        9 => (sbyte)bytes[0],
        11 => BinaryPrimitives.ReadInt16BigEndian(bytes),
        12 => BinaryPrimitives.ReadInt32BigEndian(bytes),
        13 => BinaryPrimitives.ReadSingleBigEndian(bytes),
        _ => BinaryPrimitives.ReadDoubleBigEndian(bytes),
    };

    private readonly record struct Content(byte[] Bytes, int Start, Shape Shape, int Type, int Width)
    {
        public ReadOnlySpan<byte> Data => Bytes.AsSpan(Start);
        public bool Signed => Type != 8;
    }
}
