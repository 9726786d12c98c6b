namespace Rindoku.IO;

/// <summary>Turns the sizes that a file states into a shape, refusing those that cannot be one.</summary>
internal static class FormatShape
{
    public static Shape Make(FormatReader source, long offset, List<long> sizes)
    {
        string text = $"the shape ({string.Join(", ", sizes)})";
        source.RequireWithin(sizes.Count, source.Limits.Rank, offset, "axes");

        long elements = 1;
        foreach (long size in sizes)
        {
            if (size is < 0 or > int.MaxValue) throw source.Error(offset, text, "sizes from 0 to 2^31 - 1");
            // Neither factor passes 2^31, so the product cannot overflow.
            elements *= size;
            if (elements > source.Limits.Elements)
                throw source.Error(offset, text, $"at most {source.Limits.Elements} elements (ReadLimits.Elements)");
        }
        return Shape.Create([.. sizes.Select(size => (int)size)]);
    }
}
