using System.IO.Compression;
using Rindoku.Data;
using Rindoku.IO;

namespace Rindoku.Tests.Data;

public sealed class ZipSoundsTests : IDisposable
{
    private readonly string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    [Fact]
    public void Sounds_come_in_the_order_of_their_names_and_other_files_are_passed_over()
    {
        Sound low = new(8000, 1, [0.5f, -0.25f]), high = new(16_000, 1, [0.125f]);
        Write(("b.wav", Bytes(high)), ("words.tsv", [1, 2]), ("folder/a.WAV", Bytes(low)));
        IReadOnlyList<NamedSound> sounds = ZipSounds.Read(path);
        Assert.Equal(["b", "a"], sounds.Select(sound => sound.Name));
        Assert.Equal(low.Samples, sounds[1].Sound.Samples);
        Assert.Equal((16_000, 8000), (sounds[0].Sound.SampleRate, sounds[1].Sound.SampleRate));
    }

    [Fact]
    public void Damage_is_told_with_the_entry()
    {
        Write(("good.wav", Bytes(new Sound(8000, 1, [0.5f]))), ("short.wav", Bytes(new Sound(8000, 1, [0.5f, 0.5f]))[..^1]));
        Assert.Contains($"{path}[short.wav]", Assert.Throws<FileFormatException>(() => ZipSounds.Read(path)).Message, StringComparison.Ordinal);
        Assert.Contains("[good.wav]", Assert.Throws<FileFormatException>(() => ZipSounds.Read(path, ReadLimits.Default with { ExpandedBytes = 4 })).Message, StringComparison.Ordinal);
        Write(("words.tsv", [1, 2]));
        Assert.Contains("has no WAV sound", Assert.Throws<FileFormatException>(() => ZipSounds.Read(path)).Message, StringComparison.Ordinal);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..20]);
        Assert.Contains("a damaged archive", Assert.Throws<FileFormatException>(() => ZipSounds.Read(path)).Message, StringComparison.Ordinal);
    }

    [RealDataFact("fsdd", "speech-prompts")]
    public async Task The_sets_of_speech_are_what_the_catalogue_says()
    {
        DataDirectory folder = RealDataFactAttribute.Folder!;
        IReadOnlyList<NamedSound> digits = DataSets.SpokenDigits(folder), prompts = DataSets.SpeechPrompts(folder);
        Assert.Equal((2500, 344), (digits.Count, prompts.Count));
        Assert.Equal(("0_george_0", "9_theo_9"), (digits[0].Name, digits[^1].Name));
        Assert.All(digits.Concat(prompts), sound => Assert.Equal((8000, 1), (sound.Sound.SampleRate, sound.Sound.Channels)));
        Assert.Equal(9.3, prompts.Sum(prompt => prompt.Sound.Duration.TotalMinutes), 1);
        foreach (string name in new[] { "fsdd", "speech-prompts" })
            Assert.All(await folder.Check(DataCatalogue.Find(name)), check => Assert.True(check.Ok, $"{check.File.Path}: {check.Sha256}"));
    }

    public void Dispose() => File.Delete(path);

    private static byte[] Bytes(Sound sound)
    {
        using MemoryStream stream = new();
        Wav.Write(stream, sound);
        return stream.ToArray();
    }

    private void Write(params ReadOnlySpan<(string Name, byte[] Bytes)> entries)
    {
        using ZipArchive archive = new(File.Create(path), ZipArchiveMode.Create);
        foreach ((string name, byte[] bytes) in entries)
        {
            using Stream entry = archive.CreateEntry(name).Open();
            entry.Write(bytes);
        }
    }
}
