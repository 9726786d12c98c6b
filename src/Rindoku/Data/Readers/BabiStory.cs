using System.Globalization;
using Rindoku.IO;

namespace Rindoku.Data;

/// <summary>A story of the bAbI tasks: sentences and questions as words, in their order.</summary>
/// <param name="Words">Small letters; a full stop and a question mark are words too. Where an answer is due stands <see cref="Answer"/>, once for each of its words.</param>
/// <param name="Answers">At each of those places the word that is right, elsewhere null.</param>
/// <param name="Questions">How many questions there are.</param>
/// <remarks>Source: Weston et al. 2015, "Towards AI-complete question answering", arXiv:1502.05698.</remarks>
public sealed record BabiStory(IReadOnlyList<string> Words, IReadOnlyList<string?> Answers, int Questions)
{
    /// <summary>The word that asks for an answer.</summary>
    public const string Answer = "-";

    private static readonly string[] Vocabulary =
        ("- . ? a above afraid after afternoon afterwards and antoine apple are back bathroom bedroom before below bernhard bigger bill blue bored box brian carrying cat " +
        "cats chest chocolate chocolates cinema color container daniel did discarded do does down dropped e east either emily evening fit fits following football fred " +
        "frog from garden gave gertrude get give go got grabbed gray green greg hallway handed he how hungry in inside is jason jeff jessica john journeyed julie julius " +
        "kitchen left lily lion longer many mary maybe mice milk morning mouse moved n no none north not nothing objects of office one or pajamas park passed picked " +
        "pink put received rectangle red rhino right s sandra school she sheep south sphere square suitcase sumit swan than that the then there they thirsty this three " +
        "tired to took travelled triangle two up w was went west what where white who why will winona wolf wolves yann yellow yes yesterday you").Split(' ');

    private static readonly Dictionary<string, int> Numbers = Vocabulary.Index().ToDictionary(word => word.Item, word => word.Index);

    /// <summary>All 159 words of the 20 tasks in English, <see cref="Answer"/> and the two marks among them, in alphabetical order.</summary>
    public static IReadOnlyList<string> AllWords => Vocabulary;

    /// <summary>The place of a word in <see cref="AllWords"/>.</summary>
    /// <exception cref="ArgumentException">It is none of them.</exception>
    public static int NumberOf(string word) =>
        Numbers.TryGetValue(word, out int number) ? number : throw new ArgumentException($"'{word}' is none of the words of the bAbI tasks", nameof(word));

    /// <summary>The stories of a task's file.</summary>
    /// <param name="text">Lines of a number and a sentence, or of a number, a question, a tab and the words of the answer with commas between them; number 1 starts a story.</param>
    /// <param name="source">What errors call it.</param>
    /// <exception cref="FileFormatException">A line is none of these, or has a word that no task has.</exception>
    public static IReadOnlyList<BabiStory> Parse(string text, string source)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<BabiStory> stories = [];
        (List<string> words, List<string?> answers, int questions, int number) = ([], [], 0, 0);
        foreach (string line in text.Split('\n'))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line)) continue;
            int space = line.IndexOf(' ', StringComparison.Ordinal);
            if (space < 0 || !int.TryParse(line.AsSpan(0, space), NumberStyles.None, CultureInfo.InvariantCulture, out int place))
                throw new FileFormatException($"{source}, line {number}: found '{line}'; needed a number and a sentence");
            if (place == 1 && words.Count > 0) Close();
            string[] fields = line[(space + 1)..].Split('\t');
            foreach (string word in WordsOf(fields[0])) Add(word, null);
            if (fields.Length == 1) continue;
            questions++;
            foreach (string word in fields[1].Trim().ToLowerInvariant().Split(',')) Add(Answer, word);
        }
        if (words.Count > 0) Close();
        return stories;

        void Add(string word, string? answer)
        {
            if (!Numbers.ContainsKey(answer ?? word)) throw new FileFormatException($"{source}, line {number}: found '{answer ?? word}', which is none of the words of the tasks");
            words.Add(word);
            answers.Add(answer);
        }

        void Close()
        {
            stories.Add(new BabiStory(words, answers, questions));
            (words, answers, questions) = ([], [], 0);
        }
    }

    private static string[] WordsOf(string sentence) => sentence.ToLowerInvariant()
        .Replace(".", " .", StringComparison.Ordinal).Replace("?", " ?", StringComparison.Ordinal)
        .Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
