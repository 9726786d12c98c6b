using Rindoku.IO;

namespace Rindoku.Data;

/// <summary>Which of the two labels of a CIFAR-100 record to use.</summary>
public enum CifarLabel
{
    /// <summary>The only label of a CIFAR-10 record: a record is one label byte and the pixels.</summary>
    Only,

    /// <summary>The super-class of a CIFAR-100 record, of 20: the first of two label bytes.</summary>
    Coarse,

    /// <summary>The class of a CIFAR-100 record, of 100: the second of two label bytes.</summary>
    Fine,
}

/// <summary>Reads the binary layout of CIFAR-10 and CIFAR-100, gzip-packed or plain, or inside the official archives.</summary>
/// <remarks>
/// Layout (A. Krizhevsky, "The CIFAR-10 dataset"): records of one label byte (CIFAR-100: coarse and fine), then 3,072 pixel
/// bytes: the red, green and blue planes of 32 x 32, row by row.
/// </remarks>
public static class CifarBinary
{
    /// <summary>Pixel bytes of a record.</summary>
    private const int ImageBytes = 3 * 32 * 32;

    /// <summary>The examples of one file after the other.</summary>
    /// <returns>Inputs (N, 3, 32, 32) with pixels from 0 to 1.</returns>
    /// <exception cref="FileFormatException">A file is not a whole number of records, a label is not a class, or a limit is passed.</exception>
    public static LabelledSet Read(IReadOnlyList<string> paths, IReadOnlyList<string> classNames, CifarLabel label = CifarLabel.Only, ReadLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(paths);
        return Decode([.. paths.Select(path => (path, PackedFile.Read(path, limits ?? ReadLimits.Default)))], classNames, label, limits);
    }

    /// <summary>The examples of one file.</summary>
    /// <inheritdoc cref="Read(IReadOnlyList{string}, IReadOnlyList{string}, CifarLabel, ReadLimits?)"/>
    public static LabelledSet Read(string path, IReadOnlyList<string> classNames, CifarLabel label = CifarLabel.Only, ReadLimits? limits = null) =>
        Read([path], classNames, label, limits);

    /// <summary>The examples of some files inside a .tar.gz archive, without unpacking it to the disk.</summary>
    /// <param name="archive">The archive, such as <c>cifar-10-binary.tar.gz</c>.</param>
    /// <param name="entries">The files in it, such as <c>cifar-10-batches-bin/data_batch_1.bin</c>, in the order wanted.</param>
    /// <inheritdoc cref="Read(IReadOnlyList{string}, IReadOnlyList{string}, CifarLabel, ReadLimits?)"/>
    public static LabelledSet ReadArchive(
        string archive, IReadOnlyList<string> entries, IReadOnlyList<string> classNames, CifarLabel label = CifarLabel.Only, ReadLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(entries);
        Dictionary<string, byte[]> files = TarGzip.Read(archive, entries, limits ?? ReadLimits.Default);
        return Decode([.. entries.Select(entry => ($"{archive}: {entry}", files[entry]))], classNames, label, limits);
    }

    private static LabelledSet Decode((string Name, byte[] Bytes)[] files, IReadOnlyList<string> classNames, CifarLabel label, ReadLimits? limits)
    {
        ArgumentNullException.ThrowIfNull(classNames);
        int labelBytes = label == CifarLabel.Only ? 1 : 2, recordBytes = labelBytes + ImageBytes;
        long total = 0;
        foreach ((string name, byte[] bytes) in files)
        {
            if (bytes.Length == 0) throw new FileFormatException(name, 0, "no bytes", $"records of {recordBytes}");
            if (bytes.Length % recordBytes != 0)
                throw new FileFormatException(name, bytes.Length - bytes.Length % recordBytes, $"{bytes.Length % recordBytes} bytes after record {bytes.Length / recordBytes - 1}", $"records of {recordBytes}");
            total += bytes.Length / recordBytes;
        }
        int most = (limits ?? ReadLimits.Default).Elements / ImageBytes;
        if (total > most) throw new FileFormatException(files[0].Name, 0, $"{total} images", $"at most {most} (ReadLimits.Elements)");

        float[] pixels = new float[total * ImageBytes];
        int[] labels = new int[total];
        int at = 0;
        foreach ((string name, byte[] bytes) in files)
        {
            for (int record = 0; record < bytes.Length / recordBytes; record++, at++)
            {
                int start = record * recordBytes;
                int value = bytes[start + (label == CifarLabel.Fine ? 1 : 0)];
                if (value >= classNames.Count)
                    throw new FileFormatException(name, start, $"label {value} at record {record}", $"a class from 0 to {classNames.Count - 1}");
                labels[at] = value;
                Pixels.Scale(bytes.AsSpan(start + labelBytes, ImageBytes), pixels.AsSpan(at * ImageBytes, ImageBytes));
            }
        }
        return new LabelledSet(Tensor.Own(pixels, [at, 3, 32, 32]), IntTensor.Of(labels), classNames);
    }
}
