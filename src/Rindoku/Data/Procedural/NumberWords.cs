using System.Collections.Frozen;

namespace Rindoku.Data;

/// <summary>The languages of translation tasks.</summary>
public enum Language
{
    /// <summary>Numbers in digits: a language that everybody writes alike.</summary>
    Digits,

    /// <summary>English, as the British say numbers: <c>one hundred and one</c>.</summary>
    English,

    /// <summary>German.</summary>
    German,

    /// <summary>French, as in France, in the spelling from before 1990.</summary>
    French,
}

/// <summary>The numbers from 0 to 9,999 in words, as each language's grammar has them: a translation task whose right answers are known.</summary>
/// <remarks>
/// 94 is <c>ninety-four</c>, <c>vierundneunzig</c> (four and ninety), <c>quatre-vingt-quatorze</c> (four twenties fourteen): order and
/// structure differ, not only the words. Each spelling stands for one number only.
/// </remarks>
public static class NumberWords
{
    /// <summary>How many numbers there are: 0 to one less.</summary>
    public const int Count = 10_000;

    private static readonly string[] English =
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"];

    private static readonly string[] EnglishTens = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

    private static readonly string[] German =
        ["null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf", "dreizehn", "vierzehn", "fünfzehn", "sechzehn", "siebzehn", "achtzehn", "neunzehn"];

    private static readonly string[] GermanTens = ["", "", "zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig"];

    private static readonly string[] French =
        ["zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze", "treize", "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf"];

    private static readonly string[] FrenchTens = ["", "", "vingt", "trente", "quarante", "cinquante", "soixante", "", "quatre-vingt"];

    private static readonly Dictionary<Language, Lazy<FrozenDictionary<string, int>>> Spellings = Enum.GetValues<Language>().ToDictionary(
        language => language,
        language => new Lazy<FrozenDictionary<string, int>>(() => Enumerable.Range(0, Count).ToFrozenDictionary(number => Write(number, language), StringComparer.Ordinal)));

    /// <summary>A number as the language writes it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is not from 0 to 9,999.</exception>
    public static string Write(int number, Language language) =>
        language is Language.German or Language.Digits ? string.Concat(Parts(number, language)) : Joined(Parts(number, language));

    /// <summary>The parts that a number is made of, for models of whole words: <c>vier und neunzig</c>, <c>quatre vingt quatorze</c>, <c>9 4</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is not from 0 to 9,999.</exception>
    public static string[] Words(int number, Language language) =>
        [.. Parts(number, language).SelectMany(part => part.Split('-', ' ')).Where(part => part.Length > 0)];

    /// <summary>The number of a spelling.</summary>
    /// <exception cref="FormatException">It is the spelling of no number.</exception>
    public static int Read(string words, Language language) => TryRead(words, language, out int number)
        ? number
        : throw new FormatException($"NumberWords: '{words}' is no number from 0 to {Count - 1} in {language}, as Write spells them");

    /// <summary>The number of a spelling, if it is one.</summary>
    public static bool TryRead(string words, Language language, out int number)
    {
        ArgumentNullException.ThrowIfNull(words);
        return Spellings[language].Value.TryGetValue(words, out number);
    }

    // Parts bring their hyphens along; all others have a space between them, in German and among digits nothing.
    private static List<string> Parts(int number, Language language)
    {
        if ((uint)number >= Count) throw new ArgumentOutOfRangeException(nameof(number), $"NumberWords: {number}; needed is 0 to {Count - 1}");
        return language switch
        {
            Language.Digits => [.. number.ToString(System.Globalization.CultureInfo.InvariantCulture).Select(digit => digit.ToString())],
            Language.English => InEnglish(number),
            Language.German => InGerman(number),
            Language.French => InFrench(number),
            _ => throw new ArgumentOutOfRangeException(nameof(language), $"NumberWords: there is no language {language}"),
        };
    }

    private static string Joined(List<string> parts) =>
        string.Join(' ', parts).Replace(" -", "-", StringComparison.Ordinal);

    private static List<string> InEnglish(int number)
    {
        (int thousands, int hundreds, int rest) = (number / 1000, number / 100 % 10, number % 100);
        List<string> parts = [];
        if (thousands > 0) parts.AddRange([English[thousands], "thousand"]);
        if (hundreds > 0) parts.AddRange([English[hundreds], "hundred"]);
        if (rest == 0 && number > 0) return parts;
        if (parts.Count > 0) parts.Add("and");
        if (rest < 20) parts.Add(English[rest]);
        else parts.Add(EnglishTens[rest / 10]);
        if (rest >= 20 && rest % 10 > 0) parts.Add($"-{English[rest % 10]}");
        return parts;
    }

    private static List<string> InGerman(int number)
    {
        (int thousands, int hundreds, int rest) = (number / 1000, number / 100 % 10, number % 100);
        List<string> parts = [];
        if (thousands > 0) parts.AddRange([InFront(thousands), "tausend"]);
        if (hundreds > 0) parts.AddRange([InFront(hundreds), "hundert"]);
        if (rest == 0 && number > 0) return parts;
        if (rest < 20) parts.Add(German[rest]);
        else if (rest % 10 == 0) parts.Add(GermanTens[rest / 10]);
        else parts.AddRange([InFront(rest % 10), "und", GermanTens[rest / 10]]);
        return parts;
    }

    // The one of "eins" falls away in front of another word: einhundert, einundzwanzig.
    private static string InFront(int digit) => digit == 1 ? "ein" : German[digit];

    private static List<string> InFrench(int number)
    {
        (int thousands, int hundreds, int rest) = (number / 1000, number / 100 % 10, number % 100);
        List<string> parts = [];
        if (thousands > 1) parts.Add(French[thousands]); // a thousand is mille, a hundred cent, without "un"
        if (thousands > 0) parts.Add("mille");
        if (hundreds > 1) parts.Add(French[hundreds]);
        if (hundreds > 0) parts.Add(hundreds > 1 && rest == 0 ? "cents" : "cent");
        if (rest == 0 && number > 0) return parts;
        if (rest < 20) parts.Add(French[rest]);
        else if (rest == 80) parts.Add("quatre-vingts"); // has its s only at the very end, as cents
        else parts.AddRange(FrenchTensAndUnits(rest));
        return parts;
    }

    private static List<string> FrenchTensAndUnits(int number)
    {
        // Seventy and ninety count on from sixty and eighty by tens and teens.
        int tens = number / 10 is 7 or 9 ? number / 10 - 1 : number / 10, units = number - 10 * tens;
        if (units == 0) return [FrenchTens[tens]];
        bool and = units is 1 or 11 && tens < 8;
        return and ? [FrenchTens[tens], "et", French[units]] : [FrenchTens[tens], $"-{French[units]}"];
    }
}
