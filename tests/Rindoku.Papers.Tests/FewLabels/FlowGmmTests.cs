using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Nn;
using Rindoku.Nn.Flows;
using Rindoku.Ops;
using Rindoku.Papers.FewLabels.FlowGmm;
using Rindoku.Testing;
using Rindoku.Tests.Data;

namespace Rindoku.Papers.Tests.FewLabels;

/// <summary>The exact checks of the paper's sheet.</summary>
public sealed class FlowGmmTests
{
    private static readonly LatentMixture moons = new(LatentMixture.OnCircle(2, 3.5 * Math.Sqrt(2), start: -0.75 * Math.PI));

    [Fact]
    public void The_worked_mixture()
    {
        Check.Close(moons.Means, Tensor.Of(-3.5f, -3.5f, 3.5f, 3.5f).Reshape(2, 2), atol: 1e-5);
        Tensor z = Tensor.Of(1, 0.5f).Reshape(1, 2), densities = moons.LogDensities(z);
        Check.Close(densities, Tensor.Of(-19.962877f, -9.462877f).Reshape(1, 2), rtol: 0, atol: 1e-4);
        Assert.Equal(-10.155996f, moons.LogJoint(z).LogSumExp([1]).Item(), 1e-4f);
        Assert.Equal(10.5f, densities[0, 1] - densities[0, 0], 1e-4f); // (mu_1 - mu_0) . z
        Tensor posterior = moons.LogJoint(z).Softmax(1);
        Assert.Equal(2.7536e-5, posterior[0, 0], 1e-8);
        Assert.Equal(0.99997246, posterior[0, 1], 1e-6);
    }

    [Fact]
    public void The_moons_means_lie_so_far_apart_that_hardly_a_draw_is_mistaken()
    {
        float distance = (moons.Means.Select(0, 1) - moons.Means.Select(0, 0)).Norm().Item();
        Assert.Equal(9.8995, distance, 1e-4);
        Assert.Equal(3.7e-7, 0.5 * (1 - (double)Tensor.Scalar((float)(distance / 2 / Math.Sqrt(2))).Erf().Item()), 1e-7);
    }

    [Fact]
    public void Deviations_are_softplus_of_what_is_stored()
    {
        Assert.Equal(0.541325, LatentMixture.SoftplusInverse(1), 6);
        Check.Close(new LatentMixture(Tensor.Zeros([2, 3]), deviation: 0.7).Deviations, Tensor.Full([2, 3], 0.7f));
        Assert.Empty(new LatentMixture(Tensor.Zeros([2, 3])).Parameters);
        Assert.Equal(["means", "raw_deviations", "weights"], new LatentMixture(Tensor.Zeros([2, 3]), learned: true).NamedParameters.Select(p => p.Name));
    }

    [Fact]
    public void With_other_deviations_densities_are_those_of_the_formula()
    {
        Tensor z = new Rng(1).Normal([4, 3]), means = new Rng(2).Normal([2, 3]);
        Tensor actual = new LatentMixture(means, deviation: 2).LogDensities(z);
        for (int n = 0; n < 4; n++)
            for (int k = 0; k < 2; k++)
            {
                double expected = Enumerable.Range(0, 3).Sum(d => -0.5 * Math.Pow((z[n, d] - means[k, d]) / 2, 2) - Math.Log(2) - 0.5 * Math.Log(2 * Math.PI));
                Assert.Equal(expected, actual[n, k], 1e-4);
            }
    }

    [Fact]
    public void The_class_depends_on_z_alone_and_equal_spheres_make_it_a_linear_softmax()
    {
        FlowGmm model = Model();
        Tensor x = new Rng(1).Normal([5, 2]);
        (Tensor z, Tensor logDeterminant) = model.Flow.Forward(x);
        Assert.Contains(logDeterminant.ToArray(), v => Math.Abs(v) > 1e-3);
        Check.Close(model.LogJoint(x).Softmax(1), model.Forward(x).Softmax(1), atol: 1e-6);
        const float sigma = 1.5f;
        LatentMixture wide = new(moons.Means + 0.3f, deviation: sigma);
        Tensor linear = z.MatMul(wide.Means, transposeB: true) / (sigma * sigma) - wide.Means.Square().Sum([1]) / (2 * sigma * sigma);
        Check.Close(wide.LogJoint(z).Softmax(1), linear.Softmax(1), atol: 1e-5);
    }

    [Fact]
    public void Of_one_component_labels_tell_nothing()
    {
        FlowGmm model = new(RealNvp.OfVectors(2, 3, 16, new Rng(1)), new LatentMixture(Tensor.Ones([1, 2])));
        Tensor x = new Rng(2).Normal([6, 2]);
        float labelled = model.Loss(x, IntTensor.Of(0, 0, 0, 0, 0, 0)).Item();
        float unlabelled = model.Loss(Tensor.Concat([x.Slice(0, ..1), x]), IntTensor.Of(0), labelledWeight: 0).Item();
        Assert.Equal(labelled, unlabelled, 1e-5f);
    }

    [Fact]
    public void Of_equal_means_every_class_is_as_likely_and_the_mixture_is_at_most_log_C_from_its_best_component()
    {
        Check.Close(new LatentMixture(Tensor.Ones([4, 3])).LogJoint(new Rng(1).Normal([5, 3])).Softmax(1), Tensor.Full([5, 4], 0.25f));
        LatentMixture mixture = new(new Rng(2).Normal([4, 3], 0, 2));
        Tensor z = new Rng(3).Normal([50, 3], 0, 3), own = mixture.LogDensities(z);
        Tensor mixed = mixture.LogJoint(z).LogSumExp([1]), best = own.Max([1]);
        for (int n = 0; n < 50; n++) Assert.InRange(-mixed[n], -best[n] - 1e-4, -best[n] + Math.Log(4) + 1e-4);
    }

    [Fact]
    public void The_loss_is_two_means_with_their_weights()
    {
        FlowGmm model = Model();
        Tensor x = new Rng(1).Normal([7, 2]), joint = model.LogJoint(x), mixed = joint.LogSumExp([1]);
        double labelled = -(joint[0, 1] + joint[1, 0]) / 2, unlabelled = -Enumerable.Range(2, 5).Average(i => mixed[i]);
        Assert.Equal(3 * labelled + 0.5 * unlabelled, model.Loss(x, IntTensor.Of(1, 0), 3, 0.5).Item(), 1e-3);
        Assert.Equal(labelled, model.Loss(x.Slice(0, ..2), IntTensor.Of(1, 0)).Item(), 1e-4);
    }

    [Fact]
    public void Consistency_is_the_density_under_the_class_of_the_other_perturbation_which_gets_no_gradient()
    {
        FlowGmm model = Model();
        Tensor first = new Rng(1).Normal([5, 2]), second = new Rng(2).Normal([5, 2]).Tracked();
        IntTensor others = model.Classes(second), y = IntTensor.Of(1, 0);
        Assert.Equal(Classification.Predictions(model.Forward(second)), others.ToArray());
        (Tensor z, Tensor logDeterminant) = model.Flow.Forward(first);
        Tensor densities = model.Prior.LogDensities(z), joint = model.LogJoint(first);
        double consistency = -Enumerable.Range(0, 5).Average(n => densities[n, others[n]] + logDeterminant[n]);
        double expected = 3 * model.Forward(first).Slice(0, ..2).CrossEntropy(y).Item() - joint.LogSumExp([1]).Mean().Item() + 2 * consistency;
        Tensor loss = model.ConsistentLoss(first, second, y, labelledWeight: 3, consistencyWeight: 2);
        Assert.Equal(expected, loss.Item(), 1e-3);
        Check.Same(Grad.Vjp(loss, Tensor.Scalar(1), [second], allowUnused: true)[0], Tensor.Zeros([5, 2]));
    }

    [Fact]
    public void Samples_of_a_class_lie_where_the_flow_puts_its_Gaussian()
    {
        FlowGmm model = Model();
        model.Eval();
        for (int k = 0; k < 2; k++)
        {
            Tensor x = model.Sample(k, 200, new Rng(3));
            Check.Close(model.Flow.Forward(x).Z.Mean([0]), model.Prior.Means.Select(0, k), rtol: 0, atol: 0.3);
            Assert.All(model.Classes(x).ToArray(), c => Assert.Equal(k, c));
        }
    }

    [Fact]
    public void Means_on_a_sphere_have_their_distance_from_each_other()
    {
        Tensor means = LatentMixture.OnSphere(10, 2000, 7, new Rng(1));
        for (int a = 0; a < 10; a++)
            for (int b = 0; b < a; b++) Assert.Equal(7, (means.Select(0, a) - means.Select(0, b)).Norm().Item(), 0.5);
    }

    [Fact]
    public void The_Pi_model_pays_for_passes_that_differ()
    {
        Sequential network = Classifiers.Mlp(3, 8, 2, 0.5, new Rng(1));
        Tensor x = new Rng(2).Normal([4, 3]);
        IntTensor y = IntTensor.Of(1, 0);
        network.Eval();
        float still = network.Forward(x.Slice(0, ..2)).CrossEntropy(y).Item();
        Assert.Equal(still, Classifiers.PiLoss(network, x, y, 30).Item(), 1e-5f); // nothing is dropped: the passes agree
        network.Train();
        Assert.NotEqual(Classifiers.PiLoss(network, x, y, 0).Item(), Classifiers.PiLoss(network, x, y, 30).Item());
        Assert.Equal(768 * 512 + 512 + 512 * 512 + 512 + 512 * 4 + 4, Classifiers.Mlp(768, 512, 4, 0.5, new Rng(1)).ParameterCount);
    }

    [Fact]
    public void The_nearest_labelled_point_decides()
    {
        Tensor labelled = Tensor.Of(0, 0, 3, 0).Reshape(2, 2), x = Tensor.Of(1, 1, 2, 5, 1.4f, -9).Reshape(3, 2);
        Assert.Equal([2, 0, 2], Classification.Predictions(Classifiers.Nearest(x, labelled, IntTensor.Of(2, 0), 3)));
    }

    [Fact]
    public void Texts_of_the_same_words_are_near_each_other()
    {
        string[] sports = ["team won match", "match team lost", "team match score", "score match"];
        string[] money = ["bank raised rates", "rates bank fell", "bank rates stocks", "stocks bank"];
        TextVectors vectors = TextVectors.Fit([.. Enumerable.Repeat(sports.Concat(money), 4).SelectMany(t => t), .. Enumerable.Range(0, 12).Select(i => $"filler{i % 4} word{i % 4}")], 2, new Rng(1));
        Tensor v = vectors.Transform([.. sports, .. money]);
        for (int a = 0; a < 8; a++)
            for (int b = 0; b < a; b++)
                if (a < 4 == b < 4) Assert.True(v.Select(0, a).CosineSimilarity(v.Select(0, b), 0).Item() > 0.99, $"{a} and {b}");
                else Assert.True(v.Select(0, a).CosineSimilarity(v.Select(0, b), 0).Item() < 0.01, $"{a} and {b}");
        Check.Same(vectors.Transform(["nothing known here"]), Tensor.Zeros([1, 2]));
        Assert.Equal(["won", "games", "2nd"], TextVectors.Words("Won 2 games, 2nd!")); // single letters and digits are no words
    }

    [Fact]
    public void Images_become_numbers_and_pictures_again()
    {
        Tensor images = Digits.LoadAll()[..50].Inputs;
        InputCode flat = InputCode.Of(images, 16, asImages: false), whole = InputCode.Of(images, 16, asImages: true);
        Tensor x = flat.Encode(images);
        Assert.Equal([50, 64], x.Shape);
        Assert.Equal(0, x.Mean().Item(), 1e-3f);
        Assert.Equal(1, x.Std().Item(), 1e-3f);
        Check.Close(flat.Picture(x), images * (16f / 17) + 0.5f / 17, atol: 1e-5);
        Tensor noisy = whole.Encode(images, new Rng(1));
        Assert.All(noisy.ToArray(), p => Assert.InRange(p, 0, 1));
        Check.Same((noisy * 17).Floor(), (images * 16).Round()); // noise never takes a pixel to another level
    }

    [RealDataFact("ag-news")]
    public void News_are_read_as_they_lie()
    {
        (IReadOnlyList<string> texts, IntTensor labels) = NewsVectors.Read(RealDataFactAttribute.Folder!);
        Assert.Equal((6600, 6600), (texts.Count, labels.Length));
        Assert.Equal([1646, 1647, 1656, 1651], Enumerable.Range(0, 4).Select(k => labels.ToArray().Count(y => y == k)));
        Assert.StartsWith("Fears for T N pension after talks Unions", texts[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("method=consistency", "needed digits or mnist"), InlineData("image-flow=true", "needs digits or mnist"), InlineData("data=moons,moons", "each once"),
        InlineData("method=pi-model", "needed more than 0"), InlineData("labels-per-class=400", "there are 1000 points"), InlineData("steps=0", "needed 1 or more")]
    public void Settings_that_make_no_sense_are_refused_in_a_line(string setting, string words)
    {
        string[] parts = setting.Split('=');
        LabException error = Assert.Throws<LabException>(() => new FlowGmmExperiment().Settings(Profile.Quick, "flow-gmm", [KeyValuePair.Create(parts[0], parts[1])]));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void A_flow_of_images_and_a_learned_prior_train_on_digits()
    {
        using TemporaryFolder folder = new();
        FlowGmmSettings s = new()
        {
            Data = [PointSet.Digits],
            Method = Method.Consistency,
            ImageFlow = true,
            LearnPrior = true,
            Width = 4,
            Steps = 8,
            UnlabelledBatch = 16,
            LabelsPerClass = 2,
        };
        ArmResult result = new FlowGmmExperiment().Run("digits-cons", s, new RunContext { Seed = 1, Folder = folder.Path });
        Assert.True(result["digits error of the inverse"] < 1e-3, $"{result["digits error of the inverse"]}");
        Assert.InRange(result["digits accuracy"], 0, 100);
        Assert.InRange(result["digits same answer when shifted"], 0, 100);
    }

    private static FlowGmm Model() => new(RealNvp.OfVectors(2, 4, 16, new Rng(8)), new LatentMixture(moons.Means));
}
