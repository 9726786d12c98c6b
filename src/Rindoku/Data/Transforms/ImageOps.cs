using System.Buffers;

namespace Rindoku.Data;

/// <summary>Changes of the values of an image (C, H, W), C being 1 or 3, pixels from 0 to 1, in place.</summary>
/// <remarks>The definitions are Pillow's and torchvision's, on numbers from 0 to 1 where those count to 255.</remarks>
internal static class ImageOps
{
    // ITU-R 601-2 luma, the weights that Pillow and torchvision use.
    private const float Red = 0.2989f, Green = 0.587f, Blue = 0.114f;

    /// <summary>The brightness of a pixel.</summary>
    public static float Grey(ReadOnlySpan<float> image, ImageSize size, int pixel) => size.Channels == 1
        ? image[pixel]
        : Red * image[pixel] + Green * image[pixel + size.Plane] + Blue * image[pixel + 2 * size.Plane];

    public static void Brightness(Span<float> image, float factor)
    {
        foreach (ref float x in image) x = Math.Clamp(x * factor, 0, 1);
    }

    /// <summary>Moves every pixel away from the mean grey of the image, or towards it.</summary>
    public static void Contrast(Span<float> image, ImageSize size, float factor)
    {
        double sum = 0;
        for (int p = 0; p < size.Plane; p++) sum += Grey(image, size, p);
        float mean = (float)(sum / size.Plane);
        foreach (ref float x in image) x = Math.Clamp(mean + factor * (x - mean), 0, 1);
    }

    /// <summary>Moves every pixel away from its grey, or towards it.</summary>
    public static void Saturation(Span<float> image, ImageSize size, float factor)
    {
        if (size.Channels == 1) return;
        for (int p = 0; p < size.Plane; p++)
        {
            float grey = Grey(image, size, p);
            for (int channel = 0; channel < 3; channel++)
            {
                ref float x = ref image[channel * size.Plane + p];
                x = Math.Clamp(grey + factor * (x - grey), 0, 1);
            }
        }
    }

    /// <summary>Turns the colour circle by a part of a whole turn, keeping value and saturation (hexcone model).</summary>
    public static void Hue(Span<float> image, ImageSize size, double turns)
    {
        if (size.Channels == 1) return;
        for (int p = 0; p < size.Plane; p++)
        {
            ref float r = ref image[p], g = ref image[p + size.Plane], b = ref image[p + 2 * size.Plane];
            float high = Math.Max(r, Math.Max(g, b)), spread = high - Math.Min(r, Math.Min(g, b));
            if (spread == 0) continue;
            double sixths = high == r ? (g - b) / spread : high == g ? 2 + (b - r) / spread : 4 + (r - g) / spread;
            double hue = sixths + 6 * turns;
            (r, g, b) = (Channel(5, hue, high, spread), Channel(3, hue, high, spread), Channel(1, hue, high, spread));
        }
    }

    // A channel of the colour of a hue in sixths of a turn: full, rising, none or falling. Offsets 5, 3, 1 are red, green, blue.
    private static float Channel(int offset, double hue, float high, float spread)
    {
        double k = (offset + hue) % 6;
        if (k < 0) k += 6;
        return high - spread * (float)Math.Clamp(Math.Min(k, 4 - k), 0, 1);
    }

    /// <summary>Moves every inner pixel away from the mean of its surroundings (weights 1, and 5 in the middle), or towards it.</summary>
    public static void Sharpness(Span<float> image, ImageSize size, float factor)
    {
        float[] rented = ArrayPool<float>.Shared.Rent(size.Plane);
        for (int channel = 0; channel < size.Channels; channel++)
        {
            Span<float> plane = image.Slice(channel * size.Plane, size.Plane);
            plane.CopyTo(rented);
            for (int y = 1; y < size.Height - 1; y++)
            {
                for (int x = 1; x < size.Width - 1; x++)
                {
                    int at = y * size.Width + x;
                    float sum = 4 * rented[at];
                    for (int row = at - size.Width; row <= at + size.Width; row += size.Width) sum += rented[row - 1] + rented[row] + rented[row + 1];
                    float smooth = sum / 13;
                    plane[at] = Math.Clamp(smooth + factor * (rented[at] - smooth), 0, 1);
                }
            }
        }
        ArrayPool<float>.Shared.Return(rented);
    }

    /// <summary>Keeps the upper bits of the 8 that a pixel has.</summary>
    public static void Posterise(Span<float> image, int bits)
    {
        int mask = 0xFF & (0xFF << (8 - bits));
        foreach (ref float x in image) x = (Byte(x) & mask) / 255f;
    }

    /// <summary>Inverts the pixels that are not below a threshold.</summary>
    public static void Solarise(Span<float> image, float threshold)
    {
        foreach (ref float x in image) x = x >= threshold ? 1 - x : x;
    }

    /// <summary>Stretches every channel to reach from 0 to 1.</summary>
    public static void AutoContrast(Span<float> image, ImageSize size)
    {
        for (int channel = 0; channel < size.Channels; channel++)
        {
            Span<float> plane = image.Slice(channel * size.Plane, size.Plane);
            float low = float.PositiveInfinity, high = float.NegativeInfinity;
            foreach (float x in plane) (low, high) = (Math.Min(low, x), Math.Max(high, x));
            if (!(high > low)) continue;
            foreach (ref float x in plane) x = (x - low) / (high - low);
        }
    }

    /// <summary>Spreads the 256 levels of every channel so that each is about as frequent, as Pillow does it.</summary>
    public static void Equalise(Span<float> image, ImageSize size)
    {
        Span<int> histogram = stackalloc int[256];
        for (int channel = 0; channel < size.Channels; channel++)
        {
            Span<float> plane = image.Slice(channel * size.Plane, size.Plane);
            histogram.Clear();
            foreach (float x in plane) histogram[Byte(x)]++;
            int last = histogram.LastIndexOfAnyExcept(0);
            int step = last < 0 ? 0 : (size.Plane - histogram[last]) / 255;
            if (step == 0) continue; // too few pixels or levels to spread
            int below = step / 2;
            for (int level = 0; level < 256; level++)
            {
                int count = histogram[level];
                histogram[level] = Math.Min(below / step, 255);
                below += count;
            }
            foreach (ref float x in plane) x = histogram[Byte(x)] / 255f;
        }
    }

    private static int Byte(float x) => (int)Math.Clamp(MathF.Round(x * 255), 0, 255);
}
