using Rindoku.Lab;

namespace Rindoku.Papers.Tests.Contract;

/// <summary>The papers and their arms, as data of the contract tests: a new line of the catalogue is tested without further ado.</summary>
internal static class Catalogue
{
    public static TheoryData<string> Papers => [.. PaperCatalogue.All.Select(paper => paper.Slug)];

    /// <summary>The arms that train; those with weights from the data folder are tested by the papers themselves.</summary>
    public static TheoryData<string, string> Arms => Of(_ => true, arm => !arm.Pretrained);

    /// <summary>The arms of papers that train something by gradients.</summary>
    public static TheoryData<string, string> TrainedArms => Of(paper => !WithoutGradients.Contains(paper.Slug), arm => !arm.Pretrained);

    /// <summary>The papers that train nothing by gradients. All others must give a <see cref="Probe"/>.</summary>
    public static IReadOnlySet<string> WithoutGradients { get; } = new HashSet<string>();

    /// <summary>The settings as <c>--set</c> takes them.</summary>
    public static KeyValuePair<string, string>[] Overrides(this ArmSettings settings) =>
        [.. settings.List().Select(setting => KeyValuePair.Create(setting.Name, setting.Value))];

    private static TheoryData<string, string> Of(Func<Experiment, bool> chosen, Func<Arm, bool> among)
    {
        TheoryData<string, string> data = [];
        foreach (Experiment paper in PaperCatalogue.All.Where(chosen))
            foreach (Arm arm in paper.Arms.Where(among)) data.Add(paper.Slug, arm.Name);
        return data;
    }
}

/// <summary>Tests that set the number of threads: nothing else may use the pool meanwhile, or they would test nothing.</summary>
[CollectionDefinition(nameof(AloneOnThePool), DisableParallelization = true)]
public sealed class AloneOnThePool;
