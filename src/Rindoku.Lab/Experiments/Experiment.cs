using Rindoku.Lab.Reports;

namespace Rindoku.Lab;

/// <summary>A paper made executable: its card, the arms that it compares, and its claims. Catalogues hold these.</summary>
/// <remarks>Derive from <see cref="Experiment{TSettings}"/>.</remarks>
public abstract class Experiment
{
    private Card? card;

    // Only Experiment<TSettings> derives from this class: it alone knows how to make settings.
    private protected Experiment() { }

    /// <summary>The card: the resource <c>card.md</c> that lies beside the experiment, in the namespace of its class.</summary>
    public Card Card => card ??= Card.Load(GetType());

    /// <summary>The short name of the paper, from its card.</summary>
    public string Slug => Card.Slug;

    /// <summary>The systems compared, the paper's own first.</summary>
    public abstract IReadOnlyList<Arm> Arms { get; }

    /// <summary>What the paper claims, measurable at the size of a profile.</summary>
    public abstract IReadOnlyList<Claim> Claims(Profile profile);

    /// <summary>How many seeds a verification uses if it is not told: 3, or more where the time allows.</summary>
    public virtual int Seeds(Profile profile) => 3;

    /// <summary>Pictures that set the arms beside each other, for the report of a verification; none unless a paper has some.</summary>
    /// <param name="oneSeed">The results of the arms that were measured, with the first seed.</param>
    public virtual IEnumerable<Figure> Compare(IReadOnlyDictionary<string, ArmResult> oneSeed) => [];

    /// <summary>An arm by its name.</summary>
    /// <exception cref="LabException">There is none of that name.</exception>
    public Arm Arm(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Arms.FirstOrDefault(a => a.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw new LabException(Suggest.Unknown("arm", name, Arms.Select(a => a.Name)));
    }

    /// <summary>The settings of an arm in a profile, with some of them given as text.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="arm">The arm.</param>
    /// <param name="overrides">Names and values, as <c>--set name=value</c> gives them.</param>
    /// <exception cref="LabException">A setting is unknown, or its value is not of its type or out of its range.</exception>
    public abstract ArmSettings Settings(Profile profile, string arm, IEnumerable<KeyValuePair<string, string>>? overrides = null);

    /// <summary>The quick settings of an arm, made so small that its run takes about a second; contract tests train with them.</summary>
    /// <param name="arm">The arm.</param>
    public abstract ArmSettings SmokeSettings(string arm);

    /// <summary>How many parameters the paper or its code gives for an arm's model of the paper profile; null where neither tells.</summary>
    /// <param name="arm">The arm.</param>
    public virtual long? PublishedParameters(string arm) => null;

    /// <summary>The model of an arm with its loss on one batch, without training: what contract tests need to examine it.</summary>
    /// <param name="settings">The settings of the arm.</param>
    /// <param name="seed">The seed of the start values.</param>
    /// <returns>The model and its loss, or null where the paper trains nothing by gradients.</returns>
    public abstract Probe? Probe(ArmSettings settings, long seed);

    /// <summary>Trains one arm with one seed.</summary>
    /// <param name="settings">What <see cref="Settings(Profile, string, IEnumerable{KeyValuePair{string, string}}?)"/> gave.</param>
    /// <param name="context">All that the run is given.</param>
    internal abstract ArmResult Run(ArmSettings settings, RunContext context);
}

/// <summary>A paper made executable, with settings of its own.</summary>
/// <typeparam name="TSettings">A record of init properties, one for each setting; each can be set with <c>--set name=value</c>.</typeparam>
/// <example><code>
/// public sealed record Settings { public int Blocks { get; init; } = 6; public double LearningRate { get; init; } = 0.05; }
///
/// public sealed class DenseNetExperiment : Experiment&lt;Settings&gt;
/// {
///     public override IReadOnlyList&lt;Arm&gt; Arms { get; } = [new("dense", "..."), new("residual", "...")];
///     protected override Settings Settings(Profile profile, string arm) => new();
///     protected override ArmResult Run(ArmRun&lt;Settings&gt; run) { ... }
///     public override IReadOnlyList&lt;Claim&gt; Claims(Profile profile) => [ ... ];
/// }
/// </code></example>
public abstract class Experiment<TSettings> : Experiment where TSettings : class
{
    /// <summary>The settings of an arm in a profile.</summary>
    protected abstract TSettings Settings(Profile profile, string arm);

    /// <summary>Trains one arm with one seed and measures it.</summary>
    protected abstract ArmResult Run(ArmRun<TSettings> run);

    /// <summary>The quick settings made small: one epoch, a few layers, so that a run takes about a second.</summary>
    /// <param name="quick">The settings of the quick profile.</param>
    protected virtual TSettings Smoke(TSettings quick) => quick;

    /// <summary>Builds the model of an arm just as <see cref="Run(ArmRun{TSettings})"/> does, with its loss on one batch.</summary>
    /// <param name="run">An arm with its settings and randomness; there may be no data folder, so where the settings name a set
    /// that is not embedded, take random numbers of its shape.</param>
    /// <returns>The model and its loss, or null where the paper trains nothing by gradients.</returns>
    protected virtual Probe? Probe(ArmRun<TSettings> run) => null;

    /// <inheritdoc/>
    public sealed override ArmSettings SmokeSettings(string arm) =>
        new(Profile.Quick, Arm(arm), Smoke(Settings(Profile.Quick, Arm(arm).Name)));

    /// <inheritdoc/>
    public sealed override Probe? Probe(ArmSettings settings, long seed)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return Probe(new ArmRun<TSettings>((TSettings)settings.Values, settings, new RunContext { Seed = seed, Folder = "" }));
    }

    /// <inheritdoc/>
    public sealed override ArmSettings Settings(Profile profile, string arm, IEnumerable<KeyValuePair<string, string>>? overrides = null) =>
        new(profile, Arm(arm), SettingsBinder.Override(Settings(profile, Arm(arm).Name), overrides ?? []));

    /// <summary>Trains one arm with one seed, with settings made by hand; for tests.</summary>
    public ArmResult Run(string arm, TSettings settings, RunContext context) => Run(new ArmSettings(Profile.Quick, Arm(arm), settings), context);

    internal sealed override ArmResult Run(ArmSettings settings, RunContext context) =>
        Run(new ArmRun<TSettings>((TSettings)settings.Values, settings, context));
}
