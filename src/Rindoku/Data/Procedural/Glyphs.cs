namespace Rindoku.Data;

/// <summary>Letters of 8 x 8 pixels in the manner of <see cref="Digits"/>: what a model of the digits has never seen.</summary>
public static class Glyphs
{
    /// <summary>The letters used when none are named: those that look like no digit (not I, O, Q, S, Z, nor B and G).</summary>
    public const string Letters = "ACDEFHJKLMNPRTUVWXY";

    private const int Rows = 7, Columns = 5;

    // The 5 x 7 dot-matrix letters of old displays: seven rows of five bits each, the top row first, the left column highest.
    private static readonly Dictionary<char, byte[]> Font = new()
    {
        ['A'] = [0x0E, 0x11, 0x11, 0x1F, 0x11, 0x11, 0x11],
        ['B'] = [0x1E, 0x11, 0x11, 0x1E, 0x11, 0x11, 0x1E],
        ['C'] = [0x0E, 0x11, 0x10, 0x10, 0x10, 0x11, 0x0E],
        ['D'] = [0x1E, 0x11, 0x11, 0x11, 0x11, 0x11, 0x1E],
        ['E'] = [0x1F, 0x10, 0x10, 0x1E, 0x10, 0x10, 0x1F],
        ['F'] = [0x1F, 0x10, 0x10, 0x1E, 0x10, 0x10, 0x10],
        ['G'] = [0x0E, 0x11, 0x10, 0x17, 0x11, 0x11, 0x0F],
        ['H'] = [0x11, 0x11, 0x11, 0x1F, 0x11, 0x11, 0x11],
        ['I'] = [0x0E, 0x04, 0x04, 0x04, 0x04, 0x04, 0x0E],
        ['J'] = [0x07, 0x02, 0x02, 0x02, 0x02, 0x12, 0x0C],
        ['K'] = [0x11, 0x12, 0x14, 0x18, 0x14, 0x12, 0x11],
        ['L'] = [0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x1F],
        ['M'] = [0x11, 0x1B, 0x15, 0x15, 0x11, 0x11, 0x11],
        ['N'] = [0x11, 0x11, 0x19, 0x15, 0x13, 0x11, 0x11],
        ['O'] = [0x0E, 0x11, 0x11, 0x11, 0x11, 0x11, 0x0E],
        ['P'] = [0x1E, 0x11, 0x11, 0x1E, 0x10, 0x10, 0x10],
        ['Q'] = [0x0E, 0x11, 0x11, 0x11, 0x15, 0x12, 0x0D],
        ['R'] = [0x1E, 0x11, 0x11, 0x1E, 0x14, 0x12, 0x11],
        ['S'] = [0x0F, 0x10, 0x10, 0x0E, 0x01, 0x01, 0x1E],
        ['T'] = [0x1F, 0x04, 0x04, 0x04, 0x04, 0x04, 0x04],
        ['U'] = [0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x0E],
        ['V'] = [0x11, 0x11, 0x11, 0x11, 0x11, 0x0A, 0x04],
        ['W'] = [0x11, 0x11, 0x11, 0x15, 0x15, 0x1B, 0x11],
        ['X'] = [0x11, 0x11, 0x0A, 0x04, 0x0A, 0x11, 0x11],
        ['Y'] = [0x11, 0x11, 0x0A, 0x04, 0x04, 0x04, 0x04],
        ['Z'] = [0x1F, 0x01, 0x02, 0x04, 0x08, 0x10, 0x1F],
    };

    /// <summary>Letters drawn in turn, each a little turned, sheared, scaled and shifted, with pixels in sixteenths as the digits have them.</summary>
    /// <param name="count">How many.</param>
    /// <param name="rng">The randomness.</param>
    /// <param name="letters">Which capital letters; each is a class.</param>
    /// <returns>(count, 1, 8, 8), pixels from 0 to 1; letter i mod their number at place i.</returns>
    /// <exception cref="ArgumentException">A character is not a letter from A to Z, or there is none.</exception>
    public static LabelledSet Make(int count, Rng rng, string letters = Letters)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentNullException.ThrowIfNull(rng);
        ArgumentException.ThrowIfNullOrEmpty(letters);
        foreach (char letter in letters)
        {
            if (!Font.ContainsKey(letter)) throw new ArgumentException($"Glyphs: '{letter}' is not a capital letter from A to Z", nameof(letters));
        }

        float[] pixels = new float[count * 64];
        int[] labels = new int[count];
        for (int i = 0; i < count; i++)
        {
            labels[i] = i % letters.Length;
            Draw(Font[letters[labels[i]]], pixels.AsSpan(i * 64, 64), rng);
        }
        return new LabelledSet(Tensor.Own(pixels, [count, 1, 8, 8]), IntTensor.Of(labels), [.. letters.Select(letter => letter.ToString())]);
    }

    private static void Draw(byte[] rows, Span<float> pixels, Rng rng)
    {
        Span<float> dots = stackalloc float[64];
        for (int y = 0; y < Rows; y++)
            for (int x = 0; x < Columns; x++) dots[y * 8 + x + 1] = rows[y] >> (Columns - 1 - x) & 1;

        (double sin, double cos) = Math.SinCos(Spread(rng, 0.2)); // about 11 degrees either way
        double scale = 1 + Spread(rng, 0.15), shear = Spread(rng, 0.2), ink = 1.2 + Spread(rng, 0.2);
        Warp.Affine(dots, new ImageSize(1, 8, 8), pixels,
            (cos * scale, (shear - sin) * scale, Spread(rng, 0.6) - 0.5), (sin * scale, cos * scale, Spread(rng, 0.4) - 0.5), fill: 0);
        foreach (ref float pixel in pixels) pixel = MathF.Round(Math.Clamp(pixel * (float)ink, 0, 1) * 16) / 16;
    }

    private static double Spread(Rng rng, double most) => (2 * rng.NextDouble() - 1) * most;
}
