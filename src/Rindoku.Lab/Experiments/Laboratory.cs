using System.Globalization;
using Rindoku.Data;
using Rindoku.Lab.Reports;
using Rindoku.Lab.Runs;

namespace Rindoku.Lab;

/// <summary>Which run to carry out.</summary>
public sealed record RunRequest
{
    /// <summary>The profile.</summary>
    public Profile Profile { get; init; } = Profile.Quick;

    /// <summary>The arm; null for the paper's own, the first.</summary>
    public string? Arm { get; init; }

    /// <summary>The seed.</summary>
    public long Seed { get; init; }

    /// <summary>Settings given as text, as <c>--set name=value</c> gives them.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Overrides { get; init; } = [];
}

/// <summary>A run that has come to its end.</summary>
/// <param name="Run">The run.</param>
/// <param name="Result">Its result.</param>
/// <param name="ReportFile">Its report, an HTML file.</param>
public sealed record RunOutcome(RunRecord Run, ArmResult Result, string ReportFile);

/// <summary>Carries out experiments: single runs, and verifications of all claims of a paper.</summary>
/// <param name="store">Where runs are kept.</param>
public sealed class Laboratory(RunStore store)
{
    /// <summary>Where the data sets are.</summary>
    public DataDirectory Data { get; init; } = DataDirectory.Resolve();

    /// <summary>Told how far the work is; asked anew for each run.</summary>
    public Func<Experiment, ArmSettings, long, IProgressSink> Progress { get; init; } = (_, _, _) => NoProgress.Instance;

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Trains one arm with one seed.</summary>
    /// <exception cref="LabException">Something that the user can put right.</exception>
    /// <exception cref="RunInterruptedException">The run was asked to stop; its checkpoint is written, and it can be resumed.</exception>
    public RunOutcome Run(Experiment experiment, RunRequest request, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        ArgumentNullException.ThrowIfNull(request);
        ArmSettings settings = experiment.Settings(request.Profile, request.Arm ?? experiment.Arms[0].Name, request.Overrides);
        using RunWriter writer = store.Begin(new RunStart(experiment.Slug, settings.Arm.Name, settings.Profile, request.Seed, settings.ToJson(), settings.Hash()));
        return Carry(experiment, settings, writer, resume: false, stop);
    }

    /// <summary>Goes on with a run that was interrupted, with the settings that it was started with.</summary>
    /// <param name="experiment">The experiment of the run's paper.</param>
    /// <param name="id">The run's number.</param>
    /// <param name="stop">Raised to stop it again.</param>
    /// <exception cref="LabException">The run is done, of another paper, or worked on elsewhere, or its settings are not known any more.</exception>
    public RunOutcome Resume(Experiment experiment, long id, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        RunRecord record = store.Find(id);
        if (record.Paper != experiment.Slug) throw new LabException($"Run {id} is of paper '{record.Paper}', not '{experiment.Slug}'.");
        ArmSettings settings = experiment.Settings(record.Profile, record.Arm, SettingsBinder.FromJson(record.SettingsJson));
        using RunWriter writer = store.Resume(id);
        return Carry(experiment, settings, writer, resume: true, stop);
    }

    private RunOutcome Carry(Experiment experiment, ArmSettings settings, RunWriter writer, bool resume, CancellationToken stop)
    {
        RunContext context = new()
        {
            Seed = writer.Record.Seed,
            Folder = writer.Folder,
            Data = Data,
            Resume = resume,
            Stop = stop,
            Progress = Progress(experiment, settings, writer.Record.Seed),
            Metrics = writer,
            Time = Time,
        };
        try
        {
            ArmResult result = experiment.Run(settings, context);
            writer.Flush();
            string report = Path.Combine(writer.Folder, "report.html");
            RunReport.Write(report, experiment.Card, store.Find(writer.Id) with { Status = RunStatus.Done }, settings, result, store.Metrics(writer.Id));
            result.Artefacts["report"] = "report.html";
            writer.Done(result);
            return new RunOutcome(store.Find(writer.Id), result, report);
        }
        catch (OperationCanceledException stopped)
        {
            writer.Interrupted();
            throw new RunInterruptedException(writer.Id, stopped);
        }
        catch (Exception error)
        {
            EndFailed(writer, error);
            throw;
        }
    }

    // The store may be what failed: then its own trouble must not hide the error that led here.
    private static void EndFailed(RunWriter writer, Exception error)
    {
        try
        {
            writer.Failed(error.Message);
        }
        catch (LabException) { }
    }

    /// <summary>Measures all claims of a paper: trains every arm that they need with several seeds, and judges.</summary>
    /// <param name="experiment">The experiment.</param>
    /// <param name="profile">The profile.</param>
    /// <param name="seeds">How many seeds, from 0 on; null for the experiment's own choice.</param>
    /// <param name="stop">Raised to stop.</param>
    /// <exception cref="LabException">Something that the user can put right.</exception>
    public PaperVerification Verify(Experiment experiment, Profile profile, int? seeds = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        int count = seeds ?? experiment.Seeds(profile);
        if (count < 1) throw new LabException(string.Create(CultureInfo.InvariantCulture, $"--seeds: got {count}; needed 1 or more, 3 or more for a verdict that means something."));
        long began = Time.GetTimestamp();
        IReadOnlyList<Claim> claims = experiment.Claims(profile);
        HashSet<string> needed = [.. claims.SelectMany(c => c.Arms)];
        Dictionary<string, IReadOnlyList<ArmResult>> results = [];
        List<RunRecord> runs = [];
        for (int seed = 0; seed < count; seed++)
            foreach (string arm in experiment.Arms.Select(a => a.Name).Where(needed.Contains))
            {
                RunOutcome outcome = Run(experiment, new RunRequest { Profile = profile, Arm = arm, Seed = seed }, stop);
                results[arm] = [.. results.GetValueOrDefault(arm, []), outcome.Result];
                runs.Add(outcome.Run);
            }
        Dictionary<string, ArmResult> oneSeed = results.ToDictionary(arm => arm.Key, arm => arm.Value[0]);
        return new PaperVerification(experiment.Slug, Time.GetElapsedTime(began).TotalSeconds, [.. claims.Select(c => c.Judge(results))], runs)
        {
            Figures = [.. experiment.Compare(oneSeed)],
        };
    }
}
