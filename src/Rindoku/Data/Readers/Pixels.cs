namespace Rindoku.Data;

/// <summary>Turns bytes into numbers from 0 to 1.</summary>
internal static class Pixels
{
    /// <summary><c>destination[i] = source[i] / 255</c>, correctly rounded.</summary>
    public static void Scale(ReadOnlySpan<byte> source, Span<float> destination)
    {
        for (int i = 0; i < source.Length; i++) destination[i] = source[i] / 255f;
    }
}
