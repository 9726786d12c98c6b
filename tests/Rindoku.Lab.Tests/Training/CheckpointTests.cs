using Rindoku.IO;
using Rindoku.Lab.Tests.Tiny;
using Rindoku.Nn;
using Rindoku.Optim;

namespace Rindoku.Lab.Tests.Training;

public sealed class CheckpointTests
{
    private static string Last(TemporaryFolder folder) => Path.Combine(folder.Path, "checkpoints", "last.safetensors");

    private static Trainer<long> Trainer(TemporaryFolder folder, Module model, bool resume = false, TinySettings? settings = null, long seed = 3) =>
        new(folder.Run(settings ?? new TinySettings(), resume, seed: seed), model, new Sgd(model.Parameters, 0.1), _ => Ops.TensorOps.Sum(model.Parameters[0]))
        { CheckpointEvery = TimeSpan.Zero };

    [Fact]
    public void A_checkpoint_of_another_training_is_refused_with_all_differences_and_nothing_is_loaded()
    {
        using TemporaryFolder folder = new();
        Trainer(folder, new Two(4)).Fit(BatchSource.Steps(3), 1);
        Other other = new();
        float before = other.Parameters[0].Span[0];
        LabException error = Assert.Throws<LabException>(() =>
            Trainer(folder, other, resume: true, new TinySettings { LearningRate = 0.5, Label = "b" }, seed: 4).Fit(BatchSource.Steps(3), 1));
        string[] lines = error.Message.Split('\n');
        Assert.StartsWith($"{Last(folder)} belongs to another training; nothing was loaded. It differs in 7 points:", lines[0], StringComparison.Ordinal);
        Assert.Equal(
        [
            "  seed 3, needed 4", "  module model is Two, needed Other",
            "  setting label is a, needed b", "  setting learning-rate is 0.0001, needed 0.5",
            "  model.third (2) is missing", "  model.second (3) is not known", "  model.first is (4), needed (5)",
        ], lines[1..]);
        Assert.Equal(before, other.Parameters[0].Span[0]);
    }

    [Fact]
    public void A_damaged_last_checkpoint_is_passed_over_for_the_one_before()
    {
        using TemporaryFolder folder = new();
        Trainer(folder, new Two(4)).FitSteps(BatchSource.Steps(10), 10);
        byte[] bytes = File.ReadAllBytes(Last(folder));
        File.WriteAllBytes(Last(folder), bytes[..(bytes.Length / 2)]);
        TrainingOutcome outcome = Trainer(folder, new Two(4), resume: true).FitSteps(BatchSource.Steps(10), 10);
        Assert.Equal(10, outcome.Steps);

        foreach (string file in Directory.GetFiles(Path.Combine(folder.Path, "checkpoints"))) File.WriteAllBytes(file, [1, 2, 3]);
        LabException error = Assert.Throws<LabException>(() => Trainer(folder, new Two(4), resume: true).FitSteps(BatchSource.Steps(10), 10));
        Assert.StartsWith("No checkpoint can be read:", error.Message, StringComparison.Ordinal);
        Assert.Contains("last.safetensors", error.Message, StringComparison.Ordinal);
        Assert.Contains("previous.safetensors", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_safetensors_file_that_is_no_checkpoint_is_refused_by_name()
    {
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(Path.Combine(folder.Path, "checkpoints"));
        Safetensors.Write(Last(folder), new Dictionary<string, Tensor> { ["weight"] = Tensor.Of(1) });
        LabException error = Assert.Throws<LabException>(() => Trainer(folder, new Two(4), resume: true).FitSteps(BatchSource.Steps(10), 10));
        Assert.Contains("is not a checkpoint of a training", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_that_cannot_be_written_is_an_error_that_keeps_the_last()
    {
        using TemporaryFolder folder = new();
        // From the third step on a folder lies where the new file is to be written: that fails for every user, root included.
        LabException error = Assert.Throws<LabException>(() => Trainer(folder, new Two(4)).Fit(BatchSource.Make(10, step =>
        {
            if (step == 2) Directory.CreateDirectory(Path.Combine(folder.Path, "checkpoints", "next.safetensors"));
            return step;
        }), 1));
        Assert.StartsWith("No checkpoint could be written into", error.Message, StringComparison.Ordinal);
        Assert.Contains($"The checkpoint before it is kept: {Last(folder)}", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, Safetensors.Read(Last(folder)).Long("position")[0]);
    }

    [Fact]
    public void What_is_saved_beside_modules_comes_back()
    {
        using TemporaryFolder folder = new();
        Rng noise = new(9);
        Memory memory = new();
        Run(noise, memory, resume: false);
        Rng again = new(1);
        Memory empty = new();
        Run(again, empty, resume: true);
        Assert.Equal(noise.State, again.State);
        Assert.Equal(memory.Value, empty.Value);

        void Run(Rng source, Memory extra, bool resume)
        {
            Trainer<long> trainer = Trainer(folder, new Two(4), resume);
            trainer.State.Add("noise", source).Add("memory", extra);
            trainer.FitSteps(BatchSource.Make(10, step => { extra.Value = (float)source.NextDouble(); return step; }), 5);
        }
    }

    private sealed class Memory : ICheckpointed
    {
        public float Value { get; set; }

        public IReadOnlyDictionary<string, Tensor> State() => new Dictionary<string, Tensor> { ["value"] = Tensor.Scalar(Value) };

        public void Load(IReadOnlyDictionary<string, Tensor> state) => Value = state["value"].Item();
    }

    private sealed class Two : Module
    {
        public Two(int size)
        {
            Register("first", Tensor.Ones([size]));
            Register("second", Tensor.Ones([3]));
        }
    }

    private sealed class Other : Module
    {
        public Other()
        {
            Register("first", Tensor.Ones([5]));
            Register("third", Tensor.Ones([2]));
        }
    }
}
