using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Rindoku.Lab.Reports;
using Rindoku.Lab.Runs;

namespace Rindoku.Lab;

/// <summary>The claims of one paper, measured.</summary>
/// <param name="Paper">The paper's slug.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Claims">The claims with their verdicts.</param>
/// <param name="Runs">The runs that they rest on.</param>
public sealed record PaperVerification(string Paper, double Seconds, IReadOnlyList<ClaimResult> Claims, IReadOnlyList<RunRecord> Runs)
{
    /// <summary>Pictures that set the arms beside each other.</summary>
    public IReadOnlyList<Figure> Figures { get; init; } = [];

    /// <summary>Whether no claim fails: each holds or is not shown.</summary>
    public bool Passed => Claims.All(c => c.Verdict != Verdict.Fails);
}

/// <summary>What a verification of one or several papers found.</summary>
/// <param name="Profile">The profile.</param>
/// <param name="Machine">The machine.</param>
/// <param name="Papers">The papers.</param>
public sealed record Verification(Profile Profile, MachineInfo Machine, IReadOnlyList<PaperVerification> Papers)
{
    /// <summary>Whether no claim of any paper fails.</summary>
    public bool Passed => Papers.All(p => p.Passed);

    /// <summary>
    /// The document of <c>verify --json</c>: <c>{"profile","machine","papers":[{"paper","seconds","claims":[{"id","statement","metric",
    /// "better","arms":{"name":[per seed]},"difference","ci95":[lo,hi],"margin","verdict", ...}]}]}</c>. Numbers that are not finite are null.
    /// </summary>
    public string ToJson()
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("profile", Profile.Name());
            json.WriteString("machine", Machine.ToString());
            json.WriteStartArray("papers");
            foreach (PaperVerification paper in Papers) Write(json, paper);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    private static void Write(Utf8JsonWriter json, PaperVerification paper)
    {
        json.WriteStartObject();
        json.WriteString("paper", paper.Paper);
        json.WriteNumber("seconds", Math.Round(paper.Seconds, 3));
        json.WriteStartArray("claims");
        foreach (ClaimResult claim in paper.Claims) Write(json, claim);
        json.WriteEndArray();
        json.WriteStartArray("runs");
        foreach (RunRecord run in paper.Runs) json.WriteNumberValue(run.Id);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ClaimResult result)
    {
        json.WriteStartObject();
        json.WriteString("id", result.Claim.Id);
        json.WriteString("statement", result.Claim.Statement);
        json.WriteString("metric", result.Claim.Metric);
        json.WriteString("better", result.Claim.Better.Name());
        json.WriteStartObject("arms");
        foreach ((string arm, double[] values) in result.Arms)
        {
            json.WriteStartArray(arm);
            foreach (double value in values) WriteNumber(json, value);
            json.WriteEndArray();
        }
        json.WriteEndObject();
        json.WriteString("quantity", result.Claim.Quantity);
        json.WritePropertyName("difference");
        WriteNumber(json, result.Difference);
        json.WriteStartArray("ci95");
        WriteNumber(json, result.Interval.Low);
        WriteNumber(json, result.Interval.High);
        json.WriteEndArray();
        json.WriteNumber("margin", result.Claim.Margin);
        json.WriteString("verdict", result.Verdict.Name());
        json.WriteString("method", result.Method);
        json.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter json, double value)
    {
        if (double.IsFinite(value)) json.WriteNumberValue(value);
        else json.WriteNullValue();
    }
}
