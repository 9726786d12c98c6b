using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Nn;
using Rindoku.Ops;
using Rindoku.Papers.Memory.Dnc;
using Rindoku.Testing;

namespace Rindoku.Papers.Tests.Memory;

/// <summary>The computer, its controllers, its tasks and its settings.</summary>
public sealed class DncTests
{
    [Fact]
    public void The_sheets_networks_for_copying_have_its_numbers_of_parameters()
    {
        DncExperiment paper = new();
        Assert.Equal(24_487, paper.Probe(paper.Settings(Profile.Quick, "copy-dnc"), 1)!.Model.ParameterCount);
        Assert.Equal(28_565, paper.Probe(paper.Settings(Profile.Quick, "copy-lstm"), 1)!.Model.ParameterCount);
        Assert.Equal(24_487, paper.Probe(paper.Settings(Profile.Quick, "copy-content"), 1)!.Model.ParameterCount);
    }

    // LSTM layers: 4 H (inputs + H) weights and two biases of 4 H each (the paper writes one, their sum). Inputs: χ, and from the second layer on h of the layer below.
    [Theory]
    [InlineData("babi-dnc", 159 + 4 * 64, 256, 1, 4 * 64 + 3 * 64 + 5 * 4 + 3, 159, 4 * 64)]
    [InlineData("traversal-dnc", 92 + 5 * 50, 256, 3, 5 * 50 + 3 * 50 + 5 * 5 + 3, 90, 5 * 50)]
    [InlineData("path-dnc", 92 + 5 * 50, 256, 3, 5 * 50 + 3 * 50 + 5 * 5 + 3, 90, 5 * 50)]
    public void The_papers_sizes_are_built(string arm, int chi, int units, int layers, int interfaceLength, int outputs, int reads)
    {
        DncExperiment paper = new();
        long lstm = 4L * units * (chi + units + 2) + (layers - 1) * 4L * units * (chi + 2 * units + 2);
        long expected = lstm + (long)layers * units * (interfaceLength + outputs) + (long)reads * outputs; // W_ξ and W_y see all layers; no biases
        Assert.Equal(expected, paper.Probe(paper.Settings(Profile.Paper, arm), 1)!.Model.ParameterCount);
    }

    [Fact]
    public void Every_layer_of_the_controller_sees_its_input_and_all_outputs_lie_side_by_side()
    {
        LstmController controller = new(inputs: 3, units: 4, layers: 2, new Rng(1));
        Tensor x = new Rng(2).Normal([2, 3]);
        (Tensor output, IReadOnlyList<Tensor> state) = controller.Step(x, null);
        Assert.Equal(8, controller.Outputs);
        Assert.Equal([2, 8], output.Shape);
        LstmCell upper = (LstmCell)controller.Children[1].Module;
        Check.Same(output.Narrow(1, 4, 4), upper.Forward(Tensor.Concat([x, output.Narrow(1, 0, 4)], axis: 1)).Hidden);
        (Tensor next, _) = controller.Step(x, state);
        Check.Same(next.Narrow(1, 4, 4), upper.Forward(Tensor.Concat([x, next.Narrow(1, 0, 4)], axis: 1), state[2], state[3]).Hidden);
    }

    [Fact]
    public void Outputs_have_what_was_read_in_the_same_step()
    {
        MemorySize size = new(4, 3, 1);
        Dnc model = new(outputs: 2, size, new LstmController(5 + 3, 6, 1, new Rng(1)), new Rng(2));
        Tensor x = new Rng(3).Normal([1, 4, 5]), weight = model.State()["output.weight"];
        List<Tensor> reads = [];
        Tensor y = model.Run(x, (_, memory) => reads.Add(memory.Reads));
        Assert.Equal(4, reads.Count);
        // The weights of what is read, set to zero, take away W_r r_t and no more: they do not feed back.
        float[] kept = [.. weight.ToArray().Select((w, i) => i % 9 < 6 ? w : 0)];
        Dictionary<string, Tensor> without = new(model.State()) { ["output.weight"] = Tensor.Own(kept, weight.Shape) };
        Tensor toReads = weight.Narrow(1, 6, 3);
        model.Load(without);
        Tensor difference = y - model.Forward(x);
        for (int t = 0; t < 4; t++) Check.Close(difference.Select(1, t), reads[t].Reshape(1, 3).MatMul(toReads, transposeB: true), atol: 1e-5);
    }

    [Fact]
    public void Equal_sequences_in_a_batch_get_equal_answers_and_later_steps_change_no_earlier_ones()
    {
        Dnc model = new(outputs: 2, new MemorySize(5, 4, 2), new LstmController(3 + 8, 8, 2, new Rng(1)), new Rng(2));
        Tensor x = new Rng(3).Normal([1, 6, 3]), y = model.Forward(x), two = model.Forward(Tensor.Concat([x, x]));
        Check.Close(two.Narrow(0, 0, 1), y);
        Check.Close(two.Narrow(0, 1, 1), y);
        Check.Close(model.Forward(x.Narrow(1, 0, 4)), y.Narrow(1, 0, 4));
    }

    [Fact]
    public void A_graph_says_every_edge_once_and_then_asks_for_a_walk_along_its_edges()
    {
        GraphTask task = new(new DncSettings { Task = DncTask.Traversal, Digits = 1 });
        for (int i = 0; i < 20; i++)
        {
            GraphTask.Episode e = task.Make(nodes: 5, pathEdges: 4, new Rng(i));
            Assert.Equal(4, e.Answer.Count);
            Assert.Distinct(e.Edges.Select(edge => (edge.From, edge.Label)));
            Assert.All(e.Answer, edge => Assert.Contains(edge, e.Edges));
            for (int k = 1; k < 4; k++) Assert.Equal(e.Answer[k - 1].To, e.Answer[k].From);
            Assert.Equal([e.Answer[0].From, -1, -1, -1], e.Question.Select(q => q.From));
            Assert.Equal(e.Answer.Select(edge => edge.Label), e.Question.Select(q => q.Label));
            Assert.All(e.Question, q => Assert.Equal(-1, q.To));
        }
    }

    [Fact]
    public void A_shortest_path_is_the_only_one_of_its_length_and_none_is_shorter()
    {
        // 0 → 1 → 3 and 0 → 2 → 3 are two; 0 → 2 → 4 is alone; 0 → 1 is one edge.
        GraphEdge[] edges = [new(0, 1, 1), new(0, 2, 2), new(1, 3, 1), new(2, 3, 1), new(2, 4, 2), new(4, 0, 1)];
        for (int seed = 0; seed < 10; seed++)
            Assert.Equal([edges[1], edges[4]], GraphTask.ShortestPath(edges, 0, 2, new Rng(seed)));
        Assert.Null(GraphTask.ShortestPath(edges, 0, 3, new Rng(1)));
        GraphTask task = new(new DncSettings { Task = DncTask.ShortestPath });
        for (int i = 0; i < 20; i++)
        {
            GraphTask.Episode e = task.Make(nodes: 6, pathEdges: 3, new Rng(i));
            GraphEdge question = Assert.Single(e.Question);
            Assert.Equal((e.Answer[0].From, e.Answer[^1].To, -1), (question.From, question.To, question.Label));
            List<int[]> paths = Paths(e.Edges, question.From, question.To, e.Answer.Count);
            Assert.Equal([.. e.Answer.Select(edge => edge.To)], Assert.Single(paths));
        }

        // All paths of at most so many edges, by their nodes.
        static List<int[]> Paths(IReadOnlyList<GraphEdge> edges, int from, int to, int most) =>
            from == to ? [[]] : most == 0 ? [] : [.. edges.Where(edge => edge.From == from).SelectMany(edge => Paths(edges, edge.To, to, most - 1).Select(rest => (int[])[edge.To, .. rest]))];
    }

    [Fact]
    public void Graphs_are_told_in_digits_with_marks_and_have_the_papers_widths()
    {
        DncSettings s = new() { Task = DncTask.ShortestPath, Digits = 3, Nodes = 4, PathEdges = 2, Planning = 3 };
        GraphTask task = new(s);
        Assert.Equal((92, 90), (task.Inputs, task.Outputs));
        SequenceBatch batch = task.Validation(new Rng(1));
        (int count, int steps) = (batch.Inputs.Shape[0], batch.Inputs.Shape[1]);
        for (int i = 0; i < count; i++)
        {
            int answers = Enumerable.Range(0, steps).Count(t => batch.Mask[i, t] == 1), first = Enumerable.Range(0, steps).First(t => batch.Mask[i, t] == 1);
            for (int t = 0; t < steps; t++)
            {
                float[] input = batch.Inputs.Select(0, i).Select(0, t).ToArray(), target = batch.Targets.Select(0, i).Select(0, t).ToArray();
                Assert.Equal(batch.Mask[i, t], input[91]);
                Assert.Equal(batch.Mask[i, t] * 9, target.Sum());
                float symbols = input.Take(90).Sum();
                Assert.Equal(t < first - 4 ? 9 : t == first - 4 ? 6 : 0, symbols); // edges, the question without a label, planning and answers in silence
                Assert.Equal(t == 0 || t == first - 4 || t == first - 3 || t == first ? 1 : 0, input[90]);
            }
            Assert.InRange(answers, 1, 2);
        }
    }

    [Fact]
    public void An_answer_of_two_words_is_right_if_both_are()
    {
        StoryTask task = new(new DncSettings { Task = DncTask.Babi }, null);
        SequenceBatch batch = StoryTask.Encode(BabiStory.Parse("1 John got the milk.\n2 What is John carrying?\tmilk,apple\t1\n3 Where is John?\tgarden\t1\n", "test"));
        Assert.Equal([1, 159], [batch.Inputs.Shape[0], batch.Inputs.Shape[2]]);
        Assert.Equal((0, 2), Assert.Single(task.Mistakes(batch.Targets, batch)));
        float[] one = batch.Targets.ToArray();
        one[Array.LastIndexOf(one, 1) / 159 * 159 + 1] = 2; // the last answer: another word
        Assert.Equal((1, 2), Assert.Single(task.Mistakes(Tensor.Own(one, batch.Targets.Shape), batch)));
        float[] half = batch.Targets.ToArray();
        half[Array.IndexOf(half, 1) / 159 * 159 + 1] = 2; // the first word of the first answer
        Assert.Equal((1, 2), Assert.Single(task.Mistakes(Tensor.Own(half, batch.Targets.Shape), batch)));
    }

    [Fact]
    public void Losses_are_sums_over_answers_and_means_over_sequences()
    {
        SequenceTask bits = SequenceTask.Of(new DncSettings { Task = DncTask.Copy }, null), words = SequenceTask.Of(new DncSettings { Task = DncTask.Babi }, null);
        SequenceBatch copies = bits.Draw(4, 0, new Rng(1)), stories = words.Draw(4, 0, new Rng(1));
        int answered = (int)copies.Mask.Sum().Item();
        Assert.Equal(answered * 5 * Math.Log(2) / 4, bits.Loss(Tensor.Zeros(copies.Targets.Shape), copies).Item(), 4);
        Assert.Equal(stories.Mask.Sum().Item() * Math.Log(159) / 4, words.Loss(Tensor.Zeros(stories.Targets.Shape), stories).Item(), 4);
    }

    [Theory]
    [InlineData("lengths=5,1", "needed two numbers"), InlineData("babi-tasks=21", "from 1 to 20"), InlineData("nodes=11", "name no more than 10"), InlineData("steps=0", "needed 1 or more")]
    public void Settings_that_make_no_sense_are_refused_in_a_line(string setting, string words)
    {
        string[] parts = setting.Split('=');
        LabException error = Assert.Throws<LabException>(() => new DncExperiment().Settings(Profile.Quick, "copy-dnc", [KeyValuePair.Create(parts[0], parts[1])]));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }
}
