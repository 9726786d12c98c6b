using Rindoku.IO;
using Rindoku.Lab;
using Rindoku.Optim;
using Rindoku.Testing;

namespace Rindoku.Papers.Tests.Contract;

/// <summary>What every model that is trained by gradients must do, examined on one batch.</summary>
public sealed class ModelContractTests
{
    // A part that is left out at random now and then, as dropout does, has its gradient in one of so many draws.
    private const int Draws = 20;

    public static TheoryData<string> Papers => Catalogue.Papers;

    public static TheoryData<string, string> Arms => Catalogue.TrainedArms;

    [Theory, MemberData(nameof(Papers))]
    public void A_paper_gives_a_probe_or_stands_among_those_without_gradients(string slug)
    {
        Experiment paper = PaperCatalogue.Find(slug);
        bool trains = paper.Probe(paper.SmokeSettings(paper.Arms[0].Name), seed: 1) is not null;
        Assert.True(trains != Catalogue.WithoutGradients.Contains(slug),
            $"{slug}: override Experiment.Probe, or name the paper in Catalogue.WithoutGradients if it trains nothing by gradients (and not both)");
    }

    [Theory, MemberData(nameof(Arms))]
    public void Every_parameter_gets_a_gradient_that_is_finite_and_not_zero(string slug, string arm)
    {
        Probe probe = Probe(slug, arm);
        for (int draw = 0; draw < Draws; draw++) probe.Loss().Backward(); // gradients add up
        foreach ((string name, Parameter parameter) in probe.Model.NamedParameters)
        {
            Assert.True(parameter.Grad is not null, $"{name} gets no gradient");
            float[] gradient = parameter.Grad.ToArray();
            Assert.True(gradient.All(float.IsFinite), $"the gradient of {name} is not finite");
            Assert.True(gradient.Any(g => g != 0), $"the gradient of {name} is zero");
        }
    }

    [Theory, MemberData(nameof(Arms))]
    public void One_batch_is_learned_by_heart(string slug, string arm)
    {
        Probe probe = Probe(slug, arm);
        Adam optimizer = new(probe.Model.Parameters, probe.LearningRate);
        double first = double.NaN, least = double.PositiveInfinity;
        for (int step = 0; step <= probe.Steps; step++)
        {
            using MemoryScope scope = MemoryScope.Open();
            optimizer.ZeroGrad();
            Tensor loss = probe.Loss();
            double above = loss.Item() - probe.Floor;
            if (step == 0) first = above;
            least = Math.Min(least, above);
            if (least < first / 10) return;
            loss.Backward();
            optimizer.Step();
        }
        Assert.Fail($"in {probe.Steps} steps the loss fell from {first:G4} to {least:G4} above its floor, not to a tenth");
    }

    [Theory, MemberData(nameof(Arms))]
    public void Saved_and_loaded_the_model_gives_the_same_bits(string slug, string arm)
    {
        using TemporaryFolder folder = new();
        Probe trained = Probe(slug, arm, seed: 1), fresh = Probe(slug, arm, seed: 2);
        Adam optimizer = new(trained.Model.Parameters, trained.LearningRate);
        for (int step = 0; step < 3; step++)
        {
            optimizer.ZeroGrad();
            trained.Loss().Backward();
            optimizer.Step();
        }
        Safetensors.Write(folder.File("model.safetensors"), trained.Model.State());
        fresh.Model.Load(Safetensors.Read(folder.File("model.safetensors")).Tensors);
        foreach ((string name, Tensor tensor) in trained.Model.State()) Check.Same(fresh.Model.State()[name], tensor, name);

        trained.Model.Eval();
        Tensor before = trained.Outputs();
        trained.Model.Load(Probe(slug, arm, seed: 3).Model.State());
        Assert.False(before.Span.SequenceEqual(trained.Outputs().Span), "other weights give the same outputs: they do not depend on the weights");
        trained.Model.Load(Safetensors.Read(folder.File("model.safetensors")).Tensors);
        Check.Same(trained.Outputs(), before);
    }

    [Theory, MemberData(nameof(Arms))]
    public void The_paper_profile_is_built_in_the_published_size(string slug, string arm)
    {
        Experiment paper = PaperCatalogue.Find(slug);
        Probe probe = Assert.IsType<Probe>(paper.Probe(paper.Settings(Profile.Paper, arm), seed: 1));
        Assert.True(probe.Model.ParameterCount > 0);
        if (paper.PublishedParameters(arm) is { } published) Assert.Equal(published, probe.Model.ParameterCount);
    }

    private static Probe Probe(string slug, string arm, long seed = 1)
    {
        Experiment paper = PaperCatalogue.Find(slug);
        return Assert.IsType<Probe>(paper.Probe(paper.SmokeSettings(arm), seed));
    }
}
