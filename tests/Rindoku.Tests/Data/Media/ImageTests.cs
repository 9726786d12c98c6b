using Rindoku.Data;
using Rindoku.IO;

namespace Rindoku.Tests.Data.Media;

public sealed class ImageTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("rindoku-media-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_tensor_has_the_channels_apart_and_every_byte_survives_the_way_there_and_back()
    {
        Image image = new(2, 1, 3, [1, 2, 3, 4, 5, 6]);
        Tensor x = image.ToTensor();
        Assert.Equal([3, 1, 2], x.Shape);
        Assert.Equal([1 / 255f, 4 / 255f, 2 / 255f, 5 / 255f, 3 / 255f, 6 / 255f], x.ToArray());
        Assert.Equal(image.Pixels, Image.FromTensor(x).Pixels);

        byte[] all = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        Assert.Equal(all, Image.FromTensor(new Image(16, 16, 1, all).ToTensor()).Pixels);
    }

    [Fact]
    public void Floats_beyond_the_range_are_cut_off()
    {
        Image image = Image.FromTensor(Tensor.From([-1, 2, float.NaN, float.PositiveInfinity, 0.5f, 0.998f], [2, 3]));
        Assert.Equal((3, 2, 1), (image.Width, image.Height, image.Channels));
        Assert.Equal([0, 255, 0, 255, 128, 254], image.Pixels);
    }

    [Fact]
    public void Channels_convert()
    {
        Image rgba = new(2, 1, 4, [255, 0, 0, 10, 10, 20, 30, 255]);
        Assert.Equal([255, 0, 0, 10, 20, 30], rgba.WithChannels(3).Pixels);
        Assert.Equal([76, 18], rgba.WithChannels(1).Pixels);
        Assert.Equal([76, 10, 18, 255], rgba.WithChannels(2).Pixels);
        Assert.Equal([7, 7, 7, 255], new Image(1, 1, 1, [7]).WithChannels(4).Pixels);
        Assert.Equal([7, 7, 7], new Image(1, 1, 2, [7, 9]).WithChannels(3).Pixels);
        Assert.Equal([7, 7, 7, 9], new Image(1, 1, 2, [7, 9]).WithChannels(4).Pixels);
        Assert.Same(rgba, rgba.WithChannels(4));
    }

    [Fact]
    public void Wrong_shapes_are_refused_with_what_is_needed()
    {
        Assert.Contains("5 bytes for 2 x 1 pixels of 3 channels, which need 6", Assert.Throws<ShapeException>(() => new Image(2, 1, 3, new byte[5])).Message);
        Assert.Contains("got (5, 2, 2)", Assert.Throws<ShapeException>(() => Image.FromTensor(Tensor.Zeros([5, 2, 2]))).Message);
        Assert.Throws<ShapeException>(() => Image.FromTensor(Tensor.Zeros([3, 0, 2])));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Image(0, 1, 1, []));
    }

    [Fact]
    public void The_content_decides_and_not_the_name()
    {
        string path = Path.Combine(folder, "picture.jpg");
        new Image(1, 1, 1, [9]).Write(path);
        Assert.Equal([9], Image.Read(path).Pixels);

        foreach (byte[] content in (byte[][])[[], [1], [.. "#EXTM3U\nhttp://127.0.0.1/x"u8], [.. "RIFF"u8]])
        {
            string wrong = Path.Combine(folder, "wrong.png");
            File.WriteAllBytes(wrong, content);
            Assert.Contains("needed a picture: PNG", Assert.Throws<FileFormatException>(() => Image.Read(wrong)).Message);
            Assert.Contains("needed a sound: WAV", Assert.Throws<FileFormatException>(() => Sound.Read(wrong)).Message);
        }
        Assert.Contains(folder, Assert.Throws<IOException>(() => Image.Read(folder)).Message);
        Assert.Throws<FileNotFoundException>(() => Image.Read(Path.Combine(folder, "missing.png")));
    }

    [Fact]
    public void A_sound_goes_to_a_tensor_and_back_and_to_mono()
    {
        Sound sound = new(10, 2, [1, 0, -1, 0.5f]);
        Assert.Equal([2, 2], sound.ToTensor().Shape);
        Assert.Equal(sound.Samples, Sound.FromTensor(sound.ToTensor(), 10).Samples);
        Assert.Equal([0, 0.25f], sound.ToMono().Samples);
        Assert.Equal(TimeSpan.FromSeconds(0.2), sound.Duration);
        Assert.Throws<ShapeException>(() => Sound.FromTensor(Tensor.Zeros([1, 1, 1]), 10));
        Assert.Throws<ShapeException>(() => new Sound(10, 2, new float[3]));

        string path = Path.Combine(folder, "sound.mp3");
        sound.Write(path, WavFormat.Float32);
        Assert.Equal(sound.Samples, Sound.Read(path).Samples);
    }
}
