using Rindoku.Lab;
using Rindoku.Nn;
using Rindoku.Nn.ResNets;
using Rindoku.Ops;
using Rindoku.Papers.Vision.Sla;
using Rindoku.Testing;

namespace Rindoku.Papers.Tests.Vision;

/// <summary>The exact checks of the paper's sheet.</summary>
public sealed class SlaTests
{
    [Theory, InlineData(20, 269_072), InlineData(32, 463_504), InlineData(56, 852_368)]
    public void Trunks_have_the_published_sizes(int depth, long expected) =>
        Assert.Equal(expected, ResNet.Cifar(depth, classes: 0, new Rng(1)).ParameterCount);

    [Theory]
    [InlineData(Method.Baseline, 10, 464_154), InlineData(Method.DataAugmentation, 10, 464_154), InlineData(Method.MultiTask, 10, 464_414)]
    [InlineData(Method.LabelAugmentation, 10, 466_104), InlineData(Method.SelfDistillation, 10, 466_754)]
    [InlineData(Method.Baseline, 100, 470_004), InlineData(Method.LabelAugmentation, 100, 489_504)]
    public void With_their_heads_too(Method method, int classes, long expected) =>
        Assert.Equal(expected, new LabelAugmentation(ResNet.Cifar(32, 0, new Rng(1)), 64, classes, Transformations.Rotation, method, new Rng(2)).ParameterCount);

    [Fact]
    public void Copies_lie_side_by_side_and_shapes_are_the_sheets()
    {
        Tensor x = new Rng(1).Normal([2, 3, 32, 32]);
        Tensor copies = Transformations.Rotation.Copies(x);
        Assert.Equal([8, 3, 32, 32], copies.Shape);
        for (int n = 0; n < 2; n++)
            for (int j = 0; j < 4; j++) Check.Same(copies.Select(0, 4 * n + j), Transformations.Rotation.Apply(j, x).Select(0, n));
        LabelAugmentation model = new(ResNet.Cifar(8, 0, new Rng(1)), 64, 10, Transformations.Rotation, Method.LabelAugmentation, new Rng(2));
        Assert.Equal(([2, 10], [2, 10]), (model.Forward(x).Shape, model.Aggregated(x).Shape));
        Tensor logits = new Rng(3).Normal([8, 40]), together = model.Aggregate(logits);
        for (int n = 0; n < 2; n++)
            for (int i = 0; i < 10; i++) Assert.Equal(Enumerable.Range(0, 4).Average(k => logits[4 * n + k, 4 * i + k]), together[n, i], 5);
    }

    [Fact]
    public void The_worked_example_of_two_classes_and_two_transformations()
    {
        LabelAugmentation model = new(new Identity(), 1, 2, Transformations.HalfTurn, Method.LabelAugmentation, new Rng(1));
        Tensor logits = Tensor.Of(2, 5, 1, 0, 9, 0, -1, 3).Reshape(2, 4);
        Check.Same(model.Columns(logits, 0).Select(0, 0), Tensor.Of(2, 1));
        Close([0.731059f, 0.268941f], model.Columns(logits, 0).Softmax(1).Select(0, 0));
        Tensor together = model.Aggregate(logits);
        Check.Same(together, Tensor.Of(1, 2).Reshape(1, 2));
        Close([0.268941f, 0.731059f], together.Softmax(1));
        Assert.Equal([2, 3], Transformations.HalfTurn.JointLabels(IntTensor.Of(1)).ToArray());
        Assert.Equal(0.257404, LabelAugmentation.Distillation(together, Tensor.Of(0.3f, -0.2f).Reshape(1, 2)).Item(), 5);
    }

    [Fact]
    public void Labels_of_copies_are_class_times_transformations_plus_transformation()
    {
        IntTensor y = IntTensor.Of(3, 0);
        Assert.Equal([12, 13, 14, 15, 0, 1, 2, 3], Transformations.Rotation.JointLabels(y).ToArray());
        Assert.Equal([3, 3, 3, 3, 0, 0, 0, 0], Transformations.Rotation.Repeated(y).ToArray());
        Assert.Equal([0, 1, 2, 3, 0, 1, 2, 3], Transformations.Rotation.Numbers(2).ToArray());
    }

    [Fact]
    public void With_no_transformation_but_the_first_all_three_losses_are_those_of_the_baseline()
    {
        Tensor x = new Rng(1).Normal([4, 1, 8, 8]);
        IntTensor y = IntTensor.Of(1, 2, 0, 2);
        float[] losses = [.. new[] { Method.Baseline, Method.DataAugmentation, Method.LabelAugmentation }.Select(method =>
        {
            LabelAugmentation model = Small(method, Transformations.Identity);
            foreach ((string name, Parameter p) in model.NamedParameters)
                if (!name.StartsWith("trunk", StringComparison.Ordinal)) Tensor.Generate(p.Shape, i => MathF.Sin(i)).Span.CopyTo(p.Values);
            return model.Loss(x, y).Item();
        })];
        Assert.Equal(losses[0], losses[1]);
        Assert.Equal(losses[0], losses[2]);
    }

    [Fact]
    public void Joint_logits_that_are_sums_make_of_the_joint_loss_the_losses_of_two_tasks()
    {
        Rng rng = new(4);
        Tensor a = rng.Normal([8, 3]), b = rng.Normal([8, 4]);
        IntTensor y = IntTensor.Of(2, 0);
        Tensor joint = (a.Reshape(8, 3, 1) + b.Reshape(8, 1, 4)).Reshape(8, 12);
        float expected = a.CrossEntropy(Transformations.Rotation.Repeated(y)).Item() + b.CrossEntropy(Transformations.Rotation.Numbers(2)).Item();
        Assert.Equal(expected, joint.CrossEntropy(Transformations.Rotation.JointLabels(y)).Item(), 5);
    }

    [Fact]
    public void Four_quarter_turns_are_none_and_the_first_is_anticlockwise()
    {
        Tensor x = new Rng(1).Normal([2, 3, 5, 5]), turned = x;
        for (int k = 0; k < 4; k++)
        {
            Check.Same(Transformations.Rotation.Apply(k, x), turned);
            turned = Transformations.Rotation.Apply(1, turned);
        }
        Check.Same(turned, x);
        Check.Same(Transformations.Rotation.Apply(1, Tensor.Of(1, 2, 3, 4).Reshape(1, 1, 2, 2)).Reshape(4), Tensor.Of(2, 4, 1, 3)); // torch.rot90
    }

    [Fact]
    public void Where_joint_logits_turn_with_the_image_the_copies_together_say_what_one_says_alone()
    {
        LabelAugmentation model = new(new Identity(), 1, 3, Transformations.Rotation, Method.LabelAugmentation, new Rng(1));
        // g(k) are the class scores of an image seen k turns from upright: u_{i,j} of an image turned k times is g(k - j).
        float[,] g = { { 1, 2, 0 }, { 0, 5, 1 }, { 3, 1, 1 }, { 2, 2, 7 } };
        for (int turns = 0; turns < 4; turns++)
        {
            Tensor logits = Tensor.Generate([4, 12], at => g[(at / 12 + turns - at % 4 + 4) % 4, at % 12 / 4]);
            Check.Same(model.Aggregate(logits), model.Columns(logits, 0).Slice(0, ..1));
            Check.Same(model.Aggregate(logits), Tensor.Of(g[turns, 0], g[turns, 1], g[turns, 2]).Reshape(1, 3));
        }
        // The copies of a turned image are the copies of the image, one place on.
        Tensor x = new Rng(2).Normal([1, 1, 4, 4]);
        Tensor copies = Transformations.Rotation.Copies(x), ofTurned = Transformations.Rotation.Copies(Transformations.Rotation.Apply(1, x));
        for (int k = 0; k < 4; k++) Check.Same(ofTurned.Select(0, k), copies.Select(0, (k + 1) % 4));
    }

    [Fact]
    public void A_number_added_to_all_logits_of_a_copy_changes_no_answer()
    {
        LabelAugmentation model = new(new Identity(), 1, 3, Transformations.Rotation, Method.LabelAugmentation, new Rng(1));
        Tensor logits = new Rng(2).Normal([8, 12]), shifts = new Rng(3).Normal([8, 1]);
        Close(model.Aggregate(logits).Softmax(1).ToArray(), model.Aggregate(logits + shifts).Softmax(1));
        Close(model.Columns(logits, 0).Softmax(1).ToArray(), model.Columns(logits + shifts, 0).Softmax(1));
    }

    [Fact]
    public void Distillation_gives_no_gradient_to_the_joint_head()
    {
        Parameter teacher = new(new Rng(1).Normal([3, 4])), student = new(new Rng(2).Normal([3, 4]));
        LabelAugmentation.Distillation(teacher, student).Backward();
        Assert.Null(teacher.Grad);
        Close(((student.Softmax(1) - teacher.Softmax(1)) * (1f / 3)).ToArray(), student.Grad!); // the difference of the distributions, per image
    }

    [Fact]
    public void Orders_of_colours_and_their_products_are_those_of_the_authors_code()
    {
        Tensor x = Tensor.Generate([1, 3, 1, 1], i => i); // red 0, green 1, blue 2
        Assert.Equal([0, 1, 2, 0, 2, 1, 1, 0, 2, 1, 2, 0, 2, 0, 1, 2, 1, 0], Transformations.Colours.Copies(x).ToArray());
        Assert.Equal([0, 1, 2, 1, 2, 0, 2, 0, 1], Transformations.ColourCycle.Copies(x).ToArray());
        Transformations both = Transformations.ColourCycle.After(Transformations.Rotation);
        Assert.Equal(12, both.Count);
        Assert.Equal(["0° RGB", "0° GBR", "0° BRG", "90° RGB"], both.Names.Take(4));
        Tensor y = new Rng(1).Normal([1, 3, 4, 4]);
        Check.Same(both.Apply(7, y), Transformations.ColourCycle.Apply(1, Transformations.Rotation.Apply(2, y)));
        Assert.Equal(24, Transformations.Colours.After(Transformations.Rotation).Count);
    }

    [Fact]
    public void Images_that_cannot_be_transformed_are_refused()
    {
        Assert.Contains("must be square", Assert.Throws<ShapeException>(() => Transformations.Rotation.Copies(Tensor.Zeros([1, 1, 4, 6]))).Message, StringComparison.Ordinal);
        Assert.Contains("three colours", Assert.Throws<ShapeException>(() => Transformations.Colours.Copies(Tensor.Zeros([1, 1, 4, 4]))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("depth=33", "6n + 2"), InlineData("transformations=colours", "colour images"), InlineData("method=magic", "needed one of"), InlineData("steps=0", "needed 1 or more")]
    public void Settings_that_make_no_sense_are_refused_in_a_line(string setting, string words)
    {
        string[] parts = setting.Split('=');
        LabException error = Assert.Throws<LabException>(() => new SlaExperiment().Settings(Profile.Quick, "sla", [KeyValuePair.Create(parts[0], parts[1])]));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    private static LabelAugmentation Small(Method method, Transformations transformations) => new(new Sequential(
        new Conv2d(1, 4, 3, new Rng(7), padding: 1), Activation.Relu, new Lambda("Mean", x => x.Mean([2, 3]))), 4, 3, transformations, method, new Rng(8));

    private static void Close(float[] expected, Tensor actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual.Span[i], 5);
    }
}
