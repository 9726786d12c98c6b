using Rindoku.Lab;
using Rindoku.Papers.Vision.StochasticDepth;

namespace Rindoku.Papers;

/// <summary>All papers of the house, listed by hand: one line a paper.</summary>
public static class PaperCatalogue
{
    /// <summary>The papers, by shelf and then by name.</summary>
    public static IReadOnlyList<Experiment> All { get; } =
    [
        new StochasticDepthExperiment(),
    ];

    /// <summary>The paper of a slug.</summary>
    /// <exception cref="LabException">There is none; the message names the nearest.</exception>
    public static Experiment Find(string slug)
    {
        ArgumentNullException.ThrowIfNull(slug);
        return All.FirstOrDefault(paper => paper.Slug.Equals(slug, StringComparison.OrdinalIgnoreCase))
            ?? throw new LabException(Suggest.Unknown("paper", slug, All.Select(paper => paper.Slug)));
    }
}
