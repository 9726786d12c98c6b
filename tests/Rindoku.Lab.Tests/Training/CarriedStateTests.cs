using Rindoku.Data;
using Rindoku.Lab.Tests.Tiny;
using Rindoku.Nn;
using Rindoku.Ops;
using Rindoku.Optim;
using Rindoku.Testing;

namespace Rindoku.Lab.Tests.Training;

/// <summary>A language model that carries its state from segment to segment, trained, stopped in the middle of an epoch and resumed.</summary>
public sealed class CarriedStateTests
{
    private const int Letters = 8, Units = 40, Streams = 32; // states of 1,280 numbers: large enough to come from the pool

    private sealed class Model : Module
    {
        public Model(Rng rng)
        {
            Lstm = Register("lstm", new Lstm(Letters, Units, rng.Split("lstm")));
            Output = Register("output", new Linear(Units, Letters, rng.Split("output")));
        }

        private Lstm Lstm { get; }
        private Linear Output { get; }

        public Tensor Loss(TextSegment segment, CarriedState carried)
        {
            carried.Enter(segment);
            Assert.Equal(segment.Starts, carried.Count == 0);
            RecurrentOutput y = Lstm.Run(segment.Inputs.OneHot(Letters), carried[0], carried[1]);
            carried.Keep(y.Hidden, y.Cell);
            return Output.Forward(y.Output).Reshape([segment.Inputs.Length, Letters]).CrossEntropy(segment.Targets.Reshape([segment.Targets.Length]));
        }
    }

    private static Model Train(TemporaryFolder folder, bool resume, int stopAfter = int.MaxValue)
    {
        using CancellationTokenSource stop = new();
        ArmRun<TinySettings> run = folder.Run(new TinySettings(), resume, stop: stop.Token);
        Rng letters = new(1);
        BpttBatches batches = new(IntTensor.Of([.. Enumerable.Range(0, 3000).Select(_ => letters.NextInt(Letters))]), Streams, 10, new RandomLengths { Deviation = 2 }, run.Rng.Split("lengths"));
        Model model = new(run.Rng.Split("model"));
        CarriedState carried = new();
        Trainer<TextSegment> trainer = new(run, model, new Sgd(model.Parameters, 0.5), segment => model.Loss(segment, carried))
        {
            AfterStep = step => { if (step + 1 == stopAfter) stop.Cancel(); },
        };
        trainer.State.Add("carried", carried);
        trainer.Fit(batches.ToSource(), epochs: 3);
        return model;
    }

    [Fact]
    public void A_training_with_carried_state_resumes_bitwise_in_the_middle_of_an_epoch()
    {
        using TemporaryFolder once = new(), twice = new();
        Model whole = Train(once, resume: false);
        Assert.Throws<OperationCanceledException>(() => Train(twice, resume: false, stopAfter: 13));
        Model resumed = Train(twice, resume: true);
        foreach ((Parameter a, Parameter b) in whole.Parameters.Zip(resumed.Parameters)) Check.Same(a, b);
    }

    [Fact]
    public void What_is_carried_has_no_history_and_outlives_its_step()
    {
        CarriedState carried = new();
        Tensor x = Tensor.Full([2000], 3).Tracked();
        using (MemoryScope.Open()) carried.Keep(x * 2);
        using (MemoryScope.Open()) Assert.Equal(8000, (Tensor.Full([2000], 1) * 4).Sum().Item());
        Assert.Equal((1, 6f, false), (carried.Count, carried[0]!.Span[1999], carried[0]!.RequiresGrad));
        Assert.Null(carried[1]);
        carried.Reset();
        Assert.Null(carried[0]);
    }

    [Fact]
    public void Pairs_are_a_source_too()
    {
        using TemporaryFolder folder = new();
        PairBatches pairs = new([.. Enumerable.Range(0, 10).Select(i => new SentencePair([i + 1], [i]))], new PairBatchOptions(4, 0, 1, 2));
        List<LoaderPosition> seen = [];
        Trainer<PairBatch> trainer = new(folder.Run(new TinySettings()), new TrainingState(), batch =>
        {
            seen.Add(batch.Position);
            return new StepReport(0);
        });
        trainer.Fit(pairs.ToSource(), epochs: 2);
        Assert.Equal([new(0, 0), new(0, 1), new(0, 2), new(1, 0), new(1, 1), new(1, 2)], seen);
    }
}
