using System.Globalization;
using Rindoku.Data;
using Rindoku.Lab;
using Rindoku.Nn;
using Rindoku.Ops;

namespace Rindoku.Papers.Memory.Dnc;

/// <summary>Stories with questions, word by word: all chosen tasks of bAbI together, or stories of the first task's kind that are made on the spot.</summary>
/// <remarks>
/// A word is one of 159. The network has to say a word where the story has a hyphen; what is right is never told it. As in the paper a question counts
/// as wrong unless every word of its answer is right.
/// </remarks>
internal sealed class StoryTask : SymbolTask
{
    public const string Error = "mean % wrong questions", Failed = "failed tasks";

    // The paper's bar for a task that is solved.
    private const double Solved = 5;

    private static readonly string[] People = ["mary", "john", "daniel", "sandra"], Places = ["kitchen", "garden", "office", "bathroom", "hallway", "bedroom"];

    private readonly DncSettings s;
    private readonly (int Task, IReadOnlyList<BabiStory> Train, IReadOnlyList<BabiStory> Test)[] tasks;

    public StoryTask(DncSettings s, DataDirectory? data)
    {
        this.s = s;
        Rng made = new Rng(0).Split("made stories");
        tasks = data is null || s.Stories == StorySource.Made
            ? [(1, [.. Enumerable.Range(0, s.MadeStories).Select(_ => Make(made))], [.. Enumerable.Range(0, s.TestSequences).Select(_ => Make(made))])]
            : [.. s.BabiTasks.Select(task => (task, DataSets.Babi(data, task).Train, DataSets.Babi(data, task).Test))];
    }

    public override int Inputs => BabiStory.AllWords.Count;

    public override int Outputs => BabiStory.AllWords.Count;

    protected override int Symbols => BabiStory.AllWords.Count;

    /// <summary>Stories of one task: they are about equally long.</summary>
    public override SequenceBatch Draw(int count, double progress, Rng rng)
    {
        IReadOnlyList<BabiStory> train = tasks[rng.NextInt(tasks.Length)].Train;
        return Encode([.. Enumerable.Range(0, count).Select(_ => train[rng.NextInt(train.Count)])]);
    }

    public override SequenceBatch Validation(Rng rng) => Draw(16, 1, rng);

    public override (SequenceBatch Sequence, IReadOnlyList<string> Steps) Shown() => (Encode([tasks[0].Test[0]]), tasks[0].Test[0].Words);

    public override void Measure(Layer model, ArmResult result)
    {
        List<double> errors = [];
        foreach ((int task, _, IReadOnlyList<BabiStory> test) in tasks)
        {
            int wrong = 0, all = 0;
            for (int first = 0; first < test.Count; first += s.BatchSize)
            {
                using MemoryScope scope = MemoryScope.Open();
                BabiStory[] stories = [.. test.Skip(first).Take(s.BatchSize)];
                foreach ((int Wrong, int All) story in Answered(model, Encode(stories))) (wrong, all) = (wrong + story.Wrong, all + story.All);
            }
            errors.Add(100.0 * wrong / all);
            result[$"% wrong questions, task {task.ToString(CultureInfo.InvariantCulture)}"] = errors[^1];
        }
        (result[Error], result[Failed]) = (errors.Average(), errors.Count(error => error > Solved));
    }

    /// <summary>By question: the words of one answer stand side by side.</summary>
    public override IEnumerable<(int Wrong, int All)> Mistakes(Tensor outputs, SequenceBatch batch)
    {
        (int count, int steps) = (outputs.Shape[0], outputs.Shape[1]);
        int[] said = outputs.ArgMax(2).Span.ToArray(), right = batch.Targets.ArgMax(2).Span.ToArray();
        for (int i = 0; i < count; i++)
        {
            (int wrong, int all) = (0, 0);
            bool correct = true;
            for (int t = 0; t < steps; t++)
            {
                int at = i * steps + t;
                if (batch.Mask.Span[at] == 0) continue;
                correct &= said[at] == right[at];
                if (t + 1 < steps && batch.Mask.Span[at + 1] == 1) continue;
                (wrong, all, correct) = (wrong + (correct ? 0 : 1), all + 1, true);
            }
            yield return (wrong, all);
        }
    }

    internal static SequenceBatch Encode(IReadOnlyList<BabiStory> stories)
    {
        int steps = stories.Max(story => story.Words.Count), words = BabiStory.AllWords.Count;
        float[] inputs = new float[stories.Count * steps * words], targets = new float[inputs.Length], mask = new float[stories.Count * steps];
        for (int i = 0; i < stories.Count; i++)
            for (int t = 0; t < stories[i].Words.Count; t++)
            {
                int at = i * steps + t;
                inputs[at * words + BabiStory.NumberOf(stories[i].Words[t])] = 1;
                if (stories[i].Answers[t] is not { } answer) continue;
                targets[at * words + BabiStory.NumberOf(answer)] = 1;
                mask[at] = 1;
            }
        Shape shape = [stories.Count, steps, words];
        return new SequenceBatch(Tensor.Own(inputs, shape), Tensor.Own(targets, shape), Tensor.Own(mask, [stories.Count, steps]));
    }

    // Some people walk about; where is one of them?
    private BabiStory Make(Rng rng)
    {
        List<string> words = [];
        Dictionary<string, string> where = [];
        for (int sentence = 0; sentence < s.MadeSentences; sentence++)
        {
            string person = People[rng.NextInt(People.Length)], place = Places[rng.NextInt(Places.Length)];
            where[person] = place;
            words.AddRange([person, "went", "to", "the", place, "."]);
        }
        string asked = where.Keys.Order(StringComparer.Ordinal).ElementAt(rng.NextInt(where.Count));
        words.AddRange(["where", "is", asked, "?", BabiStory.Answer]);
        string?[] answers = new string?[words.Count];
        answers[^1] = where[asked];
        return new BabiStory(words, answers, 1);
    }
}
