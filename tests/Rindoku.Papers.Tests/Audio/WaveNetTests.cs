using Rindoku.Autograd;
using Rindoku.Cli;
using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Ops;
using Rindoku.Papers.Audio.WaveNet;
using Rindoku.Papers.Tests.Cli;
using Rindoku.Testing;
using WaveNetwork = Rindoku.Papers.Audio.WaveNet.WaveNet;

namespace Rindoku.Papers.Tests.Audio;

/// <summary>The exact checks of the paper's sheet; those of the mu-law and of the stack are in the library's tests.</summary>
public sealed class WaveNetTests
{
    private static WaveNetPlan Small { get; } = new(16, 6, 8, WaveNetPlan.Doubling(2, 4));

    // 37,648 of the sheet counts a bias of the first convolution, 24, which the reference code's network of 1,515,968 has not.
    [Theory, InlineData(256, 32, 512, 5, 10, 1_515_968), InlineData(64, 24, 48, 1, 7, 37_648 - 24)]
    public void Networks_have_the_published_sizes(int levels, int channels, int skips, int blocks, int layers, long expected)
    {
        WaveNetPlan plan = new(levels, channels, skips, WaveNetPlan.Doubling(blocks, layers)) { LastResidual = true };
        Assert.Equal(expected, new WaveNetwork(plan, new Rng(1)).ParameterCount);
        Assert.Equal(expected - channels * channels - channels, new WaveNetwork(plan with { LastResidual = false }, new Rng(1)).ParameterCount);
    }

    [Fact]
    public void A_layer_of_the_reference_has_22_112_parameters()
    {
        WaveNetPlan plan = new(256, 32, 512, WaveNetPlan.Doubling(1, 3)) { LastResidual = true };
        Assert.Equal(22_112, new WaveNetwork(plan with { Dilations = WaveNetPlan.Doubling(1, 4) }, new Rng(1)).ParameterCount - new WaveNetwork(plan, new Rng(1)).ParameterCount);
    }

    [Theory, InlineData(1, 10, 1025), InlineData(3, 10, 3071), InlineData(5, 10, 5117), InlineData(1, 7, 129), InlineData(2, 8, 512)]
    public void Receptive_fields_are_the_sheets(int blocks, int layers, int expected) =>
        Assert.Equal(expected, new WaveNetwork(Small with { Dilations = WaveNetPlan.Doubling(blocks, layers) }, new Rng(1)).ReceptiveField);

    // Classes have no gradient: another class is tried at every place.
    [Fact]
    public void A_prediction_depends_on_its_receptive_field_the_newest_sample_included_and_on_nothing_later()
    {
        WaveNetwork model = new(Small with { Dilations = WaveNetPlan.Doubling(1, 4) }, new Rng(1));
        foreach ((string name, Parameter parameter) in model.NamedParameters) // so that what passes all layers is not lost in rounding
            if (name.EndsWith("weight", StringComparison.Ordinal)) foreach (ref float w in parameter.Values) w *= 2;
        const int length = 60, at = 50;
        int[] x = Random(length, 16);
        float[] before = Predicted(x);
        List<int> seen = [];
        for (int t = 0; t < length; t++)
        {
            int[] other = [.. x];
            other[t] = (other[t] + 5) % 16;
            if (!Predicted(other).AsSpan().SequenceEqual(before)) seen.Add(t);
        }
        Assert.Equal(17, model.ReceptiveField);
        Assert.Equal(Enumerable.Range(at - model.ReceptiveField + 1, model.ReceptiveField), seen);

        float[] Predicted(int[] classes)
        {
            using NoGrad noGrad = NoGrad.Enter();
            return model.Forward(IntTensor.From(classes, [1, length])).Select(2, at).ToArray();
        }
    }

    [Theory, InlineData(false), InlineData(true)]
    public void Step_by_step_the_logits_have_the_bits_of_the_whole(bool conditioned)
    {
        WaveNetwork model = new(conditioned ? Small with { Voices = 3, Features = 2 } : Small, new Rng(1));
        const int frames = 18, length = frames * SoundTask.FrameLength; // more than 1,024, where pointwise convolutions change their way
        IntTensor x = IntTensor.From(Random(2 * length, 16), [2, length]);
        using NoGrad noGrad = NoGrad.Enter();
        Tensor? condition = model.Condition(IntTensor.Of(2, 0), new Rng(2).Normal([2, 2, frames]));
        Tensor whole = model.Forward(x, condition);
        WaveNetMemory memory = model.Begin(2);
        for (int t = 0; t < length; t++)
        {
            Tensor step = model.Step(memory, IntTensor.Of(x[t], x[length + t]), condition?.Slice(2, t..(t + 1)));
            Check.Same(step, whole.Slice(2, t..(t + 1)), $"sample {t}");
        }
        Check.Same(model.Last(x, condition), whole.Slice(2, (length - 1)..));
    }

    [Theory, InlineData(1, 0), InlineData(40, 0), InlineData(1, 2), InlineData(40, 2)]
    public void With_queues_and_without_the_same_samples_are_drawn(int start, int features)
    {
        WaveNetwork model = new(Small with { Features = features }, new Rng(1));
        Tensor? condition;
        using (NoGrad.Enter())
            condition = features == 0 ? null : model.Condition(null, new Rng(2).Normal([1, features, 4]).Keep());
        int[] first = Random(start, 16);
        int[] naive = Drawing.Naive(model, first, 200, condition, new Rng(3));
        Assert.Equal(naive, Drawing.Cached(model, first, 200, condition, new Rng(3)));
        Assert.NotEqual(naive, Drawing.Cached(model, first, 200, condition, new Rng(4)));
        Assert.True(naive.Distinct().Count() > 8);
    }

    [Fact]
    public void Without_skip_weights_the_logits_do_not_depend_on_the_sound_and_without_any_a_sample_takes_eight_bits()
    {
        WaveNetwork model = new(new(256, 6, 8, [1, 2]), new Rng(1));
        IntTensor x = IntTensor.From(Random(40, 256), [1, 40]);
        Clear("stack.skips");
        Tensor logits = model.Forward(x);
        for (int t = 1; t < 40; t++) Check.Same(logits.Select(2, t), logits.Select(2, 0));
        Clear("");
        Assert.Equal(5.545177, model.Forward(x).CrossEntropy(x).Item(), 5);

        void Clear(string prefix)
        {
            foreach ((string name, Parameter parameter) in model.NamedParameters)
                if (name.StartsWith(prefix, StringComparison.Ordinal)) parameter.Values.Clear();
        }
    }

    [Fact]
    public void A_gate_at_zero_lets_nothing_through_and_its_slope_is_the_sigmoid()
    {
        Tensor filter = Tensor.Zeros([3]).Tracked(), gate = Tensor.Of(-2, 0, 3);
        Tensor z = filter.Tanh() * gate.Sigmoid();
        Check.Same(z, Tensor.Zeros([3]));
        Check.Same(Grad.Of(z.Sum(), filter), gate.Sigmoid());
    }

    [Fact]
    public void A_voice_is_a_condition_that_does_not_change_and_frames_are_stretched_to_samples()
    {
        WaveNetwork voices = new(Small with { Voices = 3 }, new Rng(1)), both = new(Small with { Voices = 3, Features = 2 }, new Rng(1));
        Assert.Equal([2, 8, 1], voices.Condition(IntTensor.Of(0, 2), null)!.Shape);
        Tensor condition = both.Condition(IntTensor.Of(0, 2), Tensor.Zeros([2, 2, 3]))!;
        Assert.Equal([2, 10, 192], condition.Shape);
        Check.Same(condition.Slice(1, ..8), voices.Condition(IntTensor.Of(0, 2), null)!.Expand([2, 8, 192]));
        Assert.Contains("3 voices", Assert.Throws<ShapeException>(() => voices.Condition(null, null)).Message, StringComparison.Ordinal);
        Assert.Contains("2 features", Assert.Throws<ShapeException>(() => both.Condition(IntTensor.Of(0), null)).Message, StringComparison.Ordinal);
    }

    // The echo of unit variance, cut off at 4 deviations: 5.61 bits by the classes alone, and to one sample before it the next owes nothing.
    [Fact]
    public void The_echo_is_what_the_sheet_describes()
    {
        SoundTask task = SoundTask.Load(new WaveNetSettings(), new DataDirectory("none"), new Rng(1));
        Assert.Equal(5.61, Baselines.HistogramBits(task, 24), 0.05);
        Assert.InRange(Baselines.MarkovBits(task, 24), 5.56, 5.72);
        float[] u = task.Law.Decode(task.Test[0].Classes);
        Assert.Equal(1.0 / 16, u.Average(x => x * x), 0.01);
        Assert.Equal(0.9, Enumerable.Range(50, u.Length - 50).Average(t => u[t] * u[t - 50]) / u.Average(x => x * x), 0.03);
    }

    [Fact]
    public void Test_pieces_are_the_same_for_every_seed_and_training_sound_is_not()
    {
        WaveNetSettings s = new() { Sound = SoundKind.Vowels };
        SoundTask one = SoundTask.Load(s, new DataDirectory("none"), new Rng(1)), two = SoundTask.Load(s, new DataDirectory("none"), new Rng(2));
        Assert.NotEqual(one.Train[0].Classes, two.Train[0].Classes);
        Pieces[] first = [.. one.TestPieces(7)], second = [.. two.TestPieces(7)];
        Assert.Equal(first.SelectMany(p => p.X.ToArray()), second.SelectMany(p => p.X.ToArray()));
        Assert.Equal([0, 1, 2, 0, 1, 2, 0], first.SelectMany(p => p.Voices.ToArray()));
        Assert.All(first, p => Assert.Equal(p.X.ToArray()[1..10], p.Next.ToArray()[..9]));
        Assert.Equal((MadeSound.VoiceCount, MadeSound.VowelFeatures), (one.Voices, one.Features));
        Assert.Equal([first[0].X.Shape[0], 6, 24], first[0].Frames!.Shape);
    }

    [Fact]
    public void A_tone_lies_in_its_band_and_silence_is_trimmed()
    {
        float[] tone = [.. Enumerable.Range(0, 3200).Select(t => t is < 640 or >= 2560 ? 0 : 0.5f * MathF.Sin(2 * MathF.PI * 1250 * t / 8000))];
        float[] prepared = Recordings.Prepared(new Sound(8000, 1, tone));
        Assert.Equal(1920, prepared.Length);
        Assert.Equal(0.9, prepared.Max(), 2);
        float[] energies = BandEnergies.Of(prepared);
        Assert.Equal(30 * BandEnergies.Bands, energies.Length);
        for (int frame = 0; frame < 30; frame++) Assert.Equal(2, Array.IndexOf(energies[(frame * 8)..(frame * 8 + 8)], energies[(frame * 8)..(frame * 8 + 8)].Max()));
        double[] spectrum = Spectrum.Of(prepared);
        Assert.Equal(31, Array.IndexOf(spectrum, spectrum.Max()), 1.0); // 1,250 Hz lies between 31 and 32 times 40
        float[] noise = new Rng(1).Normal([4000]).ToArray();
        Assert.Equal(6.0206, Spectrum.Distance(Spectrum.Of(noise), Spectrum.Of([.. noise.Select(x => 2 * x)])), 3); // twice as loud
    }

    [Fact]
    public async Task Generate_writes_a_sound_of_the_length_asked_for_and_draws_from_a_checkpoint()
    {
        using Program program = new();
        string[] small = ["levels=16", "channels=4", "skip-channels=4", "layers=3", "test-pieces=2", "seconds=0.05"];
        string[] generate = ["run", "wavenet", "--arm", "generate"];
        Ended first = await program.RunHere([.. generate, "--out", program.Folder.File("one"), "--set", .. small, "steps=3", "crop=64"]);
        Assert.Equal(CommandLine.Success, first.Code);
        Sound sound = Wav.Read(program.Folder.File("one/wavenet.wav"));
        Assert.Equal((8000, 1, 400), (sound.SampleRate, sound.Channels, sound.Length));
        Assert.Contains(sound.Samples, x => x != sound.Samples[0]);
        Assert.Equal(400, Wav.Read(program.Folder.File("one/natural.wav")).Length);

        string weights = Path.Combine(program.Runs, "wavenet", "1", "checkpoints", "last.safetensors");
        Ended second = await program.RunHere([.. generate, "--out", program.Folder.File("two"), "--set", .. small, $"weights={weights}"]);
        Assert.Equal(CommandLine.Success, second.Code);
        Assert.Equal(sound.Samples, Wav.Read(program.Folder.File("two/wavenet.wav")).Samples);

        (await program.RunHere([.. generate, "--set", .. small[..^1], "seconds=60", "steps=1"])).IsFailure("--set seconds: got 60; the test sound");
        (await program.RunHere([.. generate, "--set", .. small, "weights=nowhere"])).IsFailure("there is no file nowhere");
        (await program.RunHere([.. generate, "--set", .. small[1..], $"weights={weights}"])).IsFailure("now.weight");
    }

    [Theory, InlineData("crop=100", "multiple of 64"), InlineData("levels=1", "from 2 to 65536"), InlineData("sound=noise", "needed one of"), InlineData("frames=true", "needed drawn=0")]
    public void Settings_that_make_no_sense_are_refused_in_a_line(string setting, string words)
    {
        string[] parts = setting.Split('=');
        LabException error = Assert.Throws<LabException>(() => new WaveNetExperiment().Settings(Profile.Quick, "wavenet", [KeyValuePair.Create(parts[0], parts[1])]));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    private static int[] Random(int count, int levels)
    {
        Rng rng = new(9);
        return [.. Enumerable.Range(0, count).Select(_ => rng.NextInt(levels))];
    }
}
