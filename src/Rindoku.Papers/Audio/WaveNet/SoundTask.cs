using System.Globalization;
using Rindoku.Data;
using Rindoku.Ops;

namespace Rindoku.Papers.Audio.WaveNet;

/// <summary>A long sound of one voice, in classes, with a description of each frame.</summary>
/// <param name="Classes">The samples' classes; whole frames.</param>
/// <param name="Voice">Whose it is.</param>
/// <param name="Frames">The features of each frame, (frames, features), frame after frame; empty without features.</param>
internal sealed record Tape(int[] Classes, int Voice, float[] Frames);

/// <summary>Pieces of sound: what goes in and what is to be said.</summary>
/// <param name="X">Classes, (N, T).</param>
/// <param name="Next">The class after each, (N, T).</param>
/// <param name="Voices">(N).</param>
/// <param name="Frames">(N, Features, T / FrameLength), or null.</param>
internal sealed record Pieces(IntTensor X, IntTensor Next, IntTensor Voices, Tensor? Frames);

/// <summary>The sound of a run: what is trained on, and what is measured on, the same for all arms and seeds.</summary>
internal sealed class SoundTask
{
    /// <summary>Samples of a frame: 8 ms.</summary>
    public const int FrameLength = 64;

    /// <summary>Samples a second.</summary>
    public const int SampleRate = 8000;

    /// <summary>Samples of a test piece that are heard and not scored, and those that are scored.</summary>
    public const int Context = 512, Scored = 1024;

    private SoundTask(IReadOnlyList<Tape> train, IReadOnlyList<Tape> test, MuLaw law) => (Train, Test, Law) = (train, test, law);

    /// <summary>What is trained on; made sound is drawn anew for each seed.</summary>
    public IReadOnlyList<Tape> Train { get; }

    /// <summary>What is measured on.</summary>
    public IReadOnlyList<Tape> Test { get; }

    /// <summary>How samples become classes.</summary>
    public MuLaw Law { get; }

    /// <summary>How many voices there are.</summary>
    public int Voices => VoicesOf(Train);

    /// <summary>Features of a frame.</summary>
    public int Features => Train[0].Frames.Length * FrameLength / Train[0].Classes.Length;

    /// <summary>Makes or reads the sound that the settings name.</summary>
    /// <exception cref="DataException">The recordings do not lie in the data folder.</exception>
    public static SoundTask Load(WaveNetSettings s, DataDirectory data, Rng rng)
    {
        MuLaw law = new(s.Levels);
        Rng fixedRng = new Rng(0).Split("test sound");
        return s.Sound switch
        {
            SoundKind.Echo => new([MadeSound.Echo(200_000, law, rng)], [MadeSound.Echo(60_000, law, fixedRng)], law),
            SoundKind.Vowels => new(MadeSound.Vowels(60_000, law, rng), MadeSound.Vowels(30_000, law, fixedRng), law),
            SoundKind.Prompts => Recorded(DataSets.SpeechPrompts(data), (_, i) => i % 10 == 9, _ => "", law),
            _ => Recorded(DataSets.SpokenDigits(data), (name, _) => int.Parse(name.Split('_')[2], CultureInfo.InvariantCulture) < 5, name => name.Split('_')[1], law),
        };
    }

    /// <summary>Voices and features of a kind of sound, known without reading it.</summary>
    public static (int Voices, int Features) SizesOf(SoundKind kind) => kind switch
    {
        SoundKind.Echo => (1, 0),
        SoundKind.Vowels => (MadeSound.VoiceCount, MadeSound.VowelFeatures),
        SoundKind.Prompts => (1, BandEnergies.Bands),
        _ => (5, BandEnergies.Bands),
    };

    private static int VoicesOf(IReadOnlyList<Tape> tapes) => tapes.Max(tape => tape.Voice) + 1;

    // One tape for each voice and part; the recordings of it one after another, in the order of their names.
    private static SoundTask Recorded(IReadOnlyList<NamedSound> sounds, Func<string, int, bool> isTest, Func<string, string> voiceOf, MuLaw law)
    {
        string[] voices = [.. sounds.Select(sound => voiceOf(sound.Name)).Distinct().Order(StringComparer.Ordinal)];
        List<float>[] train = [.. voices.Select(_ => new List<float>())], test = [.. voices.Select(_ => new List<float>())];
        for (int i = 0; i < sounds.Count; i++)
        {
            List<float>[] part = isTest(sounds[i].Name, i) ? test : train;
            part[Array.IndexOf(voices, voiceOf(sounds[i].Name))].AddRange(Recordings.Prepared(sounds[i].Sound));
        }
        return new SoundTask([.. train.Select(TapeOf)], [.. test.Select(TapeOf)], law);

        Tape TapeOf(List<float> samples, int voice)
        {
            float[] whole = [.. samples];
            return new Tape(law.Encode(whole), voice, BandEnergies.Of(whole));
        }
    }

    /// <summary>The pieces of a training step: voices by turns, places at random, at the beginning of a frame.</summary>
    public Pieces Batch(int count, int length, Rng rng)
    {
        List<(Tape Tape, int From)> places = [];
        for (int i = 0; i < count; i++)
        {
            Tape tape = Train[Train.Count == 1 ? 0 : rng.NextInt(Train.Count)];
            int frames = (tape.Classes.Length - 1 - length) / FrameLength + 1;
            places.Add((tape, rng.NextInt(Math.Max(1, frames)) * FrameLength));
        }
        return Cut(places, length);
    }

    /// <summary>The test pieces, spread evenly over all test tapes, a few at a time.</summary>
    public IEnumerable<Pieces> TestPieces(int count)
    {
        const int atOnce = 8, length = Context + Scored;
        List<(Tape, int)> places = [];
        for (int i = 0; i < count; i++)
        {
            Tape tape = Test[i % Test.Count];
            int of = (count - i % Test.Count + Test.Count - 1) / Test.Count, last = (tape.Classes.Length - 1 - length) / FrameLength;
            places.Add((tape, (int)((long)last * (i / Test.Count) / Math.Max(1, of - 1)) * FrameLength));
        }
        return places.Chunk(atOnce).Select(some => Cut(some, length));
    }

    /// <summary>The frames of a part of a tape, (1, Features, frames).</summary>
    public Tensor Frames(Tape tape, int firstFrame, int count)
    {
        int features = Features;
        return Tensor.Generate([1, features, count], i => tape.Frames[(firstFrame + i % count) * features + i / count]);
    }

    private Pieces Cut(IReadOnlyList<(Tape Tape, int From)> places, int length)
    {
        int[] x = [.. places.SelectMany(place => place.Tape.Classes.AsSpan(place.From, length).ToArray())];
        int[] next = [.. places.SelectMany(place => place.Tape.Classes.AsSpan(place.From + 1, length).ToArray())];
        Tensor? frames = Features == 0 ? null : Tensor.Concat([.. places.Select(place => Frames(place.Tape, place.From / FrameLength, length / FrameLength))]);
        Shape shape = [places.Count, length];
        return new Pieces(IntTensor.From(x, shape), IntTensor.From(next, shape), IntTensor.Of([.. places.Select(place => place.Tape.Voice)]), frames);
    }
}
