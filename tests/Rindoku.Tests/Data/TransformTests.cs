using Rindoku.Data;

namespace Rindoku.Tests.Data;

public sealed class TransformTests
{
    // 0 1 2
    // 3 4 5
    // 6 7 8
    private static readonly Tensor Nine = Tensor.Range(9).ToArray() is var x ? Tensor.From(x, [1, 3, 3]) : null!;

    private static float[] Apply(Transform transform, Tensor image, long seed = 0) => transform.Apply(image, new Rng(seed)).ToArray();

    private static void Close(float[] expected, float[] actual, double tolerance = 1e-6)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], tolerance);
    }

    [Fact]
    public void A_centre_crop_takes_the_middle()
    {
        Assert.Equal([4], Apply(new CentreCrop(1, 1), Nine));
        Assert.Equal([0, 1, 3, 4], Apply(new CentreCrop(2, 2), Nine));
        Assert.Equal([3, 4, 5], Apply(new CentreCrop(1, 3), Nine));
        Assert.Contains("4 x 1 does not fit in (1, 3, 3)", Assert.Throws<ShapeException>(() => Apply(new CentreCrop(4, 1), Nine)).Message);
    }

    [Fact]
    public void A_random_crop_finds_every_place_of_the_padded_image_and_no_other()
    {
        // A window of 3 x 3 in a 3 x 3 image padded by 1 can be shifted by -1, 0 or 1 along either axis: nine results.
        HashSet<string> seen = [];
        for (int seed = 0; seed < 200; seed++) seen.Add(string.Join(' ', Apply(new RandomCrop(3, 3, padding: 1, fill: 9), Nine, seed)));

        Assert.Equal(9, seen.Count);
        Assert.Contains("0 1 2 3 4 5 6 7 8", seen);
        Assert.Contains("9 9 9 9 0 1 9 3 4", seen); // one up and left of the image
        Assert.Contains("4 5 9 7 8 9 9 9 9", seen); // one down and right
        Assert.Throws<ShapeException>(() => Apply(new RandomCrop(4, 4), Nine));
    }

    [Fact]
    public void Windows_beyond_the_image_are_all_fill()
    {
        // Padding 5 on a 1 x 1 image: of the 11 x 11 places only one shows the pixel.
        int shown = 0;
        for (int seed = 0; seed < 2000; seed++) shown += Apply(new RandomCrop(1, 1, padding: 5), Tensor.Ones([1, 1, 1]), seed)[0] == 1 ? 1 : 0;
        Assert.InRange(shown, 5, 35); // 2000 / 121 = 16.5, deviation 4
    }

    [Fact]
    public void A_flip_mirrors_every_row_of_every_channel()
    {
        Assert.Equal([2, 1, 0, 5, 4, 3, 8, 7, 6], Apply(new RandomHorizontalFlip(1), Nine));
        Assert.Equal([1, 0, 3, 2], Apply(new RandomHorizontalFlip(1), Tensor.From([0, 1, 2, 3], [2, 1, 2])));
        Assert.Equal(Nine.ToArray(), Apply(new RandomHorizontalFlip(0), Nine));
        int flipped = Enumerable.Range(0, 1000).Count(seed => Apply(new RandomHorizontalFlip(), Nine, seed)[0] == 2);
        Assert.InRange(flipped, 440, 560);
    }

    // torch.nn.functional.interpolate(mode="bilinear", align_corners=False) of x[i] = i² / 10, (1, 1, 3, 4), in float64, torch 1.13.
    public static TheoryData<int, int, bool, float[]> Resized => new()
    {
        { 2, 3, false, [0.45f, 0.95f, 1.7833333f, 5.45f, 7.55f, 9.9833333f] },
        { 2, 3, true, [0.72f, 1.3f, 2.16f, 5.02f, 6.8f, 8.86f] },
        { 1, 1, false, [3.05f] },
        { 1, 1, true, [4.0476190f] },
        { 3, 4, true, [0, 0.1f, 0.4f, 0.9f, 1.6f, 2.5f, 3.6f, 4.9f, 6.4f, 8.1f, 10, 12.1f] },
        { 5, 7, true, [0, 0.0357143f, 0.0928571f, 0.25f, 0.4357143f, 0.7214286f, 0.9f, 0.64f, 0.79f, 1.03f, 1.37f, 1.7385714f, 2.2071429f, 2.5f,
            1.6f, 1.9214286f, 2.4357143f, 3.05f, 3.6928571f, 4.4357143f, 4.9f, 4.48f, 4.9728571f, 5.7614286f, 6.65f, 7.5671429f, 8.5842857f, 9.22f,
            6.4f, 7.0071429f, 7.9785714f, 9.05f, 10.15f, 11.35f, 12.1f] },
    };

    [Theory, MemberData(nameof(Resized))]
    public void Resizing_gives_PyTorchs_values(int height, int width, bool antialias, float[] expected)
    {
        Tensor one = Tensor.Generate([1, 3, 4], i => i * i / 10f);
        Close(expected, Apply(new Resize(height, width, antialias), one));
        Tensor two = Tensor.Generate([2, 3, 4], i => i % 12 * (i % 12) / 10f);
        Close([.. expected, .. expected], Apply(new Resize(height, width, antialias), two));
    }

    [Fact]
    public void A_resized_crop_of_the_whole_image_is_the_image_bit_for_bit()
    {
        Tensor x = new Rng(3).Uniform([3, 7, 9]);
        for (int seed = 0; seed < 20; seed++) Assert.Equal(x.ToArray(), new RandomResizedCrop(7, 9, leastArea: 1, ratio: 1).Apply(x, new Rng(seed)).ToArray());
    }

    [Fact]
    public void Resized_crops_have_areas_proportions_and_places_as_drawn()
    {
        // On a ramp the distance of neighbouring results is the size of the window, and their mean its centre.
        Tensor across = Tensor.Generate([1, 40, 40], i => i % 40 + 0.5f), down = Tensor.Generate([1, 40, 40], i => i / 40 + 0.5f);
        RandomResizedCrop crop = new(40, 40, leastArea: 0.25, ratio: 1.5);
        List<double> areas = [], ratios = [], centres = [];
        for (int seed = 0; seed < 2000; seed++)
        {
            Tensor x = crop.Apply(across, new Rng(seed)), y = crop.Apply(down, new Rng(seed));
            double columns = x[0, 20, 20] - x[0, 20, 19], rows = y[0, 20, 20] - y[0, 19, 20]; // as parts of the image
            areas.Add(columns * rows);
            ratios.Add(columns / rows);
            centres.Add((x[0, 20, 20] + x[0, 20, 19]) / 2 / 40);
        }
        Assert.InRange(areas.Min(), 0.25 - 1e-3, 0.26);
        Assert.InRange(areas.Max(), 0.9, 1 + 1e-3);
        Assert.InRange(areas.Average(), 0.524, 0.564); // 0.625 but for large windows, most of which do not fit
        Assert.InRange(ratios.Min(), 1 / 1.5 - 1e-3, 0.68);
        Assert.InRange(ratios.Max(), 1.47, 1.5 + 1e-3);
        Assert.InRange(centres.Average(), 0.49, 0.51);
        Assert.InRange(centres.Min(), 0.2, 0.3);
    }

    [Theory, InlineData(0, 1), InlineData(1.5, 1), InlineData(0.5, 0.9)]
    public void Resized_crops_of_no_area_or_of_upside_down_proportions_are_refused(double leastArea, double ratio) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new RandomResizedCrop(4, 4, leastArea, ratio));

    [Fact]
    public void A_turn_by_90_degrees_is_a_permutation_and_by_45_a_blend()
    {
        float[] y = new float[9];
        Warp.Rotate(Nine.Span, new ImageSize(1, 3, 3), y, 90, fill: -1);
        Assert.Equal([2, 5, 8, 1, 4, 7, 0, 3, 6], y); // anticlockwise: the right column becomes the top row

        // By 45 degrees the middle of the top edge comes from (0.707, -0.707) off the centre, in the top right quarter:
        // (1-.7071)² 4 + .7071 (1-.7071) (1 + 5) + .7071² 2 = 2.5858.
        Warp.Rotate(Nine.Span, new ImageSize(1, 3, 3), y, 45, fill: 0);
        Assert.Equal(2.5857864, y[1], 6);
        Assert.Equal(4, y[4], 6);
    }

    [Fact]
    public void A_random_rotation_stays_within_its_angle()
    {
        Assert.Equal(Nine.ToArray(), Apply(new RandomRotation(0), Nine));
        for (int seed = 0; seed < 100; seed++)
        {
            // Up to 10 degrees the middle right pixel moves by at most sin 10° towards 2 or 8, and 1 - cos 10° towards 4.
            Assert.InRange(Apply(new RandomRotation(10), Nine, seed)[5], 5 - 3 * 0.1737 - 0.0153, 5 + 3 * 0.1737);
        }
    }

    [Fact]
    public void Normalise_shifts_and_scales_every_channel()
    {
        Tensor x = Tensor.From([1, 2, 3, 4], [2, 1, 2]);
        Assert.Equal([0, 2, 0, 0.25f], Apply(new Normalise([1, 3], [0.5f, 4]), x));
        Assert.Equal([0, 1, 2, 3], Apply(new Normalise([1], [1]), x));
        Assert.Throws<ShapeException>(() => Apply(new Normalise([1, 2, 3], [1, 1, 1]), x));
        Assert.Throws<ArgumentException>(() => new Normalise([1], [0]));
    }

    [Fact]
    public void Normalise_is_fitted_to_the_mean_and_deviation_of_a_set()
    {
        LabelledSet set = new(Tensor.From([1, 3, 10, 10, 5, 7, 10, 10], [2, 2, 1, 2]), IntTensor.Of(0, 0), ["a"]);
        Normalise fit = Normalise.Fit(set);

        Assert.Equal([4, 10], fit.Mean.ToArray());
        Close([MathF.Sqrt(5), 1], fit.Deviation.ToArray()); // (9 + 1 + 1 + 9) / 4
    }

    [Fact]
    public void Cutout_blanks_a_square_that_may_reach_over_the_edge()
    {
        HashSet<int> blanks = [];
        for (int seed = 0; seed < 100; seed++)
        {
            float[] y = Apply(new Cutout(3, fill: -1), Tensor.Ones([2, 5, 5]), seed);
            Assert.Equal(y[..25], y[25..]);
            blanks.Add(y[..25].Count(v => v == -1));
        }
        Assert.Equal([4, 6, 9], blanks.Order()); // in a corner, at an edge, inside
    }

    [Fact]
    public void Colour_changes_have_their_hand_worked_values()
    {
        ImageSize two = new(3, 1, 2);
        float[] image = [0.2f, 0.5f, 0.6f, 0.5f, 0.4f, 0.5f]; // pixels (0.2, 0.6, 0.4) and a grey
        float grey = 0.2989f * 0.2f + 0.587f * 0.6f + 0.114f * 0.4f; // 0.45758

        float[] y = [.. image];
        ImageOps.Brightness(y, 2);
        Close([0.4f, 1, 1, 1, 0.8f, 1], y);

        y = [.. image];
        ImageOps.Saturation(y, two, 0);
        Close([grey, 0.49995f, grey, 0.49995f, grey, 0.49995f], y);

        y = [.. image];
        ImageOps.Contrast(y, two, 0.5f);
        float mean = (grey + 0.49995f) / 2;
        Close([.. image.Select(v => mean + 0.5f * (v - mean))], y);
    }

    // colorsys.hsv_to_rgb of the turned hue, Python 3.11.
    [Theory]
    [InlineData(0.25, 0.2f, 0.6f, 0.4f, 0.2f, 0.2f, 0.6f)]
    [InlineData(-0.25, 0.2f, 0.6f, 0.4f, 0.6f, 0.6f, 0.2f)]
    [InlineData(0.5, 0.2f, 0.6f, 0.4f, 0.6f, 0.2f, 0.4f)]
    [InlineData(0.1, 0.9f, 0.1f, 0.3f, 0.9f, 0.38f, 0.1f)]
    [InlineData(0.3, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f)]
    public void The_hue_turns_as_in_the_hexcone_model(double turns, float r, float g, float b, float r2, float g2, float b2)
    {
        float[] y = [r, g, b];
        ImageOps.Hue(y, new ImageSize(3, 1, 1), turns);
        Close([r2, g2, b2], y);
    }

    [Fact]
    public void Value_operations_have_their_hand_worked_values()
    {
        float[] y = [0, 100 / 255f, 1];
        ImageOps.Posterise(y, 4); // 100 = 0110 0100 becomes 0110 0000 = 96, and 255 becomes 240
        Close([0, 96 / 255f, 240 / 255f], y);

        y = [0.2f, 0.5f, 0.9f];
        ImageOps.Solarise(y, 0.5f);
        Close([0.2f, 0.5f, 0.1f], y);

        y = [0.2f, 0.4f, 0.6f, 0.5f, 0.5f, 0.5f];
        ImageOps.AutoContrast(y, new ImageSize(2, 1, 3));
        Close([0, 0.5f, 1, 0.5f, 0.5f, 0.5f], y);

        // Sharpness 0 is the smoothed image: the middle of a single 1 among zeros is 5 / 13; edges stay.
        y = [0, 0, 0, 0, 1, 0, 0, 0, 0];
        ImageOps.Sharpness(y, new ImageSize(1, 3, 3), 0);
        Close([0, 0, 0, 0, 5 / 13f, 0, 0, 0, 0], y);
    }

    [Fact]
    public void Equalising_spreads_the_levels()
    {
        // 510 pixels, 255 each of levels 10 and 20: step = (510 - 255) / 255 = 1, so level 10 becomes 0 and level 20 becomes 255.
        float[] y = [.. Enumerable.Repeat(10 / 255f, 255), .. Enumerable.Repeat(20 / 255f, 255)];
        ImageOps.Equalise(y, new ImageSize(1, 2, 255));
        Assert.Equal((0, 1), (y[0], y[^1]));

        float[] flat = [.. Enumerable.Repeat(0.5f, 300)];
        ImageOps.Equalise(flat, new ImageSize(1, 1, 300));
        Assert.All(flat, v => Assert.Equal(0.5f, v));
    }

    [Fact]
    public void Colour_jitter_draws_within_its_strengths()
    {
        Tensor grey = Tensor.Full([3, 2, 2], 0.5f);
        float[] values = [.. Enumerable.Range(0, 200).Select(seed => Apply(new ColourJitter(brightness: 0.4), grey, seed)[0])];
        Assert.InRange(values.Min(), 0.3f, 0.33f);
        Assert.InRange(values.Max(), 0.67f, 0.7f);
        Assert.Equal(grey.ToArray(), Apply(new ColourJitter(), grey));
        Close(grey.ToArray(), Apply(new ColourJitter(contrast: 0.9, saturation: 0.9, hue: 0.5), grey), 2e-4);
        Assert.Throws<ShapeException>(() => Apply(new ColourJitter(), Tensor.Zeros([2, 1, 1])));
    }

    [Fact]
    public void Changes_compose_in_their_order()
    {
        Assert.Equal([3 - 1f, 4 - 1f], Apply(new Compose(new CentreCrop(2, 2), new Normalise([1], [1]), new Window1x2()), Nine));
        Assert.Equal(Nine.ToArray(), Apply(new Compose(), Nine));
        Assert.Equal(new ImageSize(1, 1, 2), new Compose(new CentreCrop(2, 2), new Window1x2()).Output(new ImageSize(1, 3, 3)));
    }

    // The lower row of a 2 x 2 image.
    private sealed class Window1x2 : Transform
    {
        public override ImageSize Output(ImageSize input) => input with { Height = 1 };
        public override void Apply(ReadOnlySpan<float> source, ImageSize size, Span<float> destination, Rng rng) => source[2..4].CopyTo(destination);
    }

    public static TheoryData<Transform> All => new()
    {
        new RandomCrop(6, 8, padding: 2), new CentreCrop(4, 5), new RandomHorizontalFlip(), new Resize(11, 5), new RandomRotation(30), new RandomResizedCrop(5, 9),
        new Normalise([0.5f], [0.25f]), new Cutout(4), new ColourJitter(0.4, 0.4, 0.4, 0.1), new RandAugment(3, 20),
        new Compose(new RandomCrop(8, 8, padding: 4), new RandAugment(), new RandomHorizontalFlip(), new Resize(6, 6), new Normalise([0.5f], [0.25f])),
    };

    [Theory, MemberData(nameof(All))]
    public void A_change_is_the_same_for_the_same_randomness_leaves_its_source_and_writes_all_of_its_result(Transform transform)
    {
        Tensor x = new Rng(3).Uniform([3, 8, 8]);
        float[] before = x.ToArray();
        ImageSize size = new(3, 8, 8);
        for (int seed = 0; seed < 30; seed++)
        {
            float[] zeros = new float[transform.Output(size).Length];
            float[] poison = [.. Enumerable.Repeat(float.NaN, zeros.Length)];
            transform.Apply(x.Span, size, zeros, new Rng(seed));
            transform.Apply(x.Span, size, poison, new Rng(seed));
            Assert.Equal(zeros, poison);
            Assert.DoesNotContain(float.NaN, zeros);
        }
        Assert.Equal(before, x.ToArray());
    }

    [Theory, MemberData(nameof(All))]
    public void A_change_takes_no_memory_once_warm(Transform transform)
    {
        Tensor x = new Rng(3).Uniform([3, 8, 8]);
        ImageSize size = new(3, 8, 8);
        float[] y = new float[transform.Output(size).Length];
        Rng rng = new(1);
        for (int i = 0; i < 100; i++) transform.Apply(x.Span, size, y, rng);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) transform.Apply(x.Span, size, y, rng);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void RandAugment_at_no_strength_only_stretches_and_equalises()
    {
        // Strength 0: shears, shifts, turns and factors are nothing, posterising keeps 8 bits, solarising inverts only 1.
        // An image of two values that fill the range is a fixed point of stretching; equalising needs 255 pixels to act.
        Tensor x = Tensor.Generate([1, 4, 4], i => i % 2 == 0 ? 0 : 254 / 255f);
        for (int seed = 0; seed < 100; seed++)
        {
            float[] y = Apply(new RandAugment(1, 0), x, seed);
            Assert.True(y.SequenceEqual(x.ToArray()) || y.Max() == 1, string.Join(' ', y));
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => new RandAugment(1, 31));
    }
}
