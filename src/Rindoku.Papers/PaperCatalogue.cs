using Rindoku.Lab;
using Rindoku.Papers.Audio.WaveNet;
using Rindoku.Papers.FewLabels.FlowGmm;
using Rindoku.Papers.Language.Qrnn;
using Rindoku.Papers.Memory.Dnc;
using Rindoku.Papers.Optimization.Eve;
using Rindoku.Papers.Optimization.LearningToLearn;
using Rindoku.Papers.Uncertainty.BeliefMatching;
using Rindoku.Papers.Uncertainty.Duq;
using Rindoku.Papers.Uncertainty.GramOod;
using Rindoku.Papers.Uncertainty.MarginalLikelihood;
using Rindoku.Papers.Uncertainty.NestedVi;
using Rindoku.Papers.Uncertainty.SdeNet;
using Rindoku.Papers.Vision.BinaryNet;
using Rindoku.Papers.Vision.ClassDependence;
using Rindoku.Papers.Vision.DenseNet;
using Rindoku.Papers.Vision.FractalNet;
using Rindoku.Papers.Vision.ResNeXt;
using Rindoku.Papers.Vision.Ror;
using Rindoku.Papers.Vision.Sla;
using Rindoku.Papers.Vision.SqueezeNet;
using Rindoku.Papers.Vision.StochasticDepth;
using Rindoku.Papers.Vision.XnorNet;

namespace Rindoku.Papers;

/// <summary>All papers of the house, listed by hand: one line a paper.</summary>
public static class PaperCatalogue
{
    /// <summary>The papers, by shelf and then by name.</summary>
    public static IReadOnlyList<Experiment> All { get; } =
    [
        new WaveNetExperiment(),
        new FlowGmmExperiment(),
        new QrnnExperiment(),
        new DncExperiment(),
        new EveExperiment(),
        new LearningToLearnExperiment(),
        new BeliefMatchingExperiment(),
        new DuqExperiment(),
        new GramOodExperiment(),
        new MarginalLikelihoodExperiment(),
        new NestedViExperiment(),
        new SdeNetExperiment(),
        new BinaryNetExperiment(),
        new ClassDependenceExperiment(),
        new DenseNetExperiment(),
        new FractalNetExperiment(),
        new ResNeXtExperiment(),
        new RorExperiment(),
        new SlaExperiment(),
        new SqueezeNetExperiment(),
        new StochasticDepthExperiment(),
        new XnorNetExperiment(),
    ];

    /// <summary>The paper of a slug.</summary>
    /// <param name="slug">The slug.</param>
    /// <param name="among">The papers to look among; null for all of the house.</param>
    /// <exception cref="LabException">There is none; the message names the nearest.</exception>
    public static Experiment Find(string slug, IReadOnlyList<Experiment>? among = null)
    {
        ArgumentNullException.ThrowIfNull(slug);
        among ??= All;
        return among.FirstOrDefault(paper => paper.Slug.Equals(slug, StringComparison.OrdinalIgnoreCase))
            ?? throw new LabException(Suggest.Unknown("paper", slug, among.Select(paper => paper.Slug)));
    }
}
