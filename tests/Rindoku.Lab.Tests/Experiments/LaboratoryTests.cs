using Rindoku.Lab.Reports;
using Rindoku.Lab.Runs;
using Rindoku.Lab.Tests.Tiny;

namespace Rindoku.Lab.Tests.Experiments;

public sealed class LaboratoryTests
{
    [Fact]
    public void A_run_goes_from_settings_to_results_curves_and_report()
    {
        using TemporaryFolder folder = new();
        using RunStore store = RunStore.Open(folder.Path);
        RunOutcome outcome = new Laboratory(store).Run(new TinyExperiment(), new RunRequest { Arm = "plain", Seed = 4, Overrides = [new("epochs", "1")] });
        Assert.Equal(("plain", 4L, RunStatus.Done), (outcome.Run.Arm, outcome.Run.Seed, outcome.Run.Status));
        Assert.Equal(outcome.Result["error"], store.Results(outcome.Run.Id)["error"]);
        Assert.NotEmpty(store.Metrics(outcome.Run.Id, "train/loss"));
        Assert.Equal("report.html", Assert.Single(store.Artefacts(outcome.Run.Id)).File);
        string html = File.ReadAllText(outcome.ReportFile);
        Assert.Contains("A Tiny Model &lt;of&gt; &quot;Digits&quot; &amp; Sums", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<of>", html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_verification_trains_the_arms_its_claims_need_and_judges()
    {
        using TemporaryFolder folder = new();
        using RunStore store = RunStore.Open(folder.Path);
        PaperVerification verification = new Laboratory(store).Verify(new TinyExperiment(), Profile.Quick, seeds: 2);
        Assert.Equal(["noisy 0", "plain 0", "noisy 1", "plain 1"], verification.Runs.Select(r => $"{r.Arm} {r.Seed}"));
        Assert.Equal(["error", "parameters"], verification.Claims.Select(c => c.Claim.Id));
        Assert.Equal(Verdict.Holds, verification.Claims[1].Verdict);
        Assert.Equal(2, verification.Claims[0].Arms["noisy"].Length);
        Assert.Contains("445 units", verification.Claims[0].Method, StringComparison.Ordinal);
        VerificationReport.Write(folder.File("v.html"), new Verification(Profile.Quick, MachineInfo.Current, [verification]), [new TinyExperiment().Card]);
        string html = File.ReadAllText(folder.File("v.html"));
        Assert.Contains("✓ holds", html, StringComparison.Ordinal);
        BarChart chart = Assert.IsType<BarChart>(Assert.Single(verification.Figures));
        Assert.Equal([verification.Claims[0].Arms["noisy"][0], verification.Claims[0].Arms["plain"][0]], chart.Bars.Select(b => b.Value)); // of the first seed
        Assert.Contains("Errors beside each other", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Arms_of_one_seed_are_a_pair_and_every_run_repeats_itself()
    {
        using TemporaryFolder folder = new();
        using RunStore store = RunStore.Open(folder.Path);
        Laboratory laboratory = new(store);
        double First(string arm) => laboratory.Run(new TinyExperiment(), new RunRequest { Arm = arm, Overrides = [new("epochs", "1"), new("noise", "0")] }).Result["error"];
        Assert.Equal(First("noisy"), First("noisy"));
        Assert.Equal(First("noisy"), First("plain")); // without noise the arms differ in name only
    }

    [Fact]
    public void A_stopped_run_counts_as_interrupted_and_a_failed_one_says_why()
    {
        using TemporaryFolder folder = new();
        using RunStore store = RunStore.Open(folder.Path);
        Laboratory laboratory = new(store);
        using CancellationTokenSource stop = new();
        stop.Cancel();
        Assert.Throws<RunInterruptedException>(() => laboratory.Run(new TinyExperiment(), new RunRequest(), stop.Token));
        Assert.Equal(RunStatus.Interrupted, store.Find(1).Status);
        RunOutcome resumed = laboratory.Resume(new TinyExperiment(), 1);
        Assert.Equal((1L, RunStatus.Done), (resumed.Run.Id, resumed.Run.Status));
        RunOutcome whole = laboratory.Run(new TinyExperiment(), new RunRequest());
        Assert.Equal(whole.Result["error"], resumed.Result["error"]);

        Assert.Throws<InvalidOperationException>(() => laboratory.Run(new TinyExperiment { Instead = _ => throw new InvalidOperationException("out of luck") }, new RunRequest()));
        Assert.Equal((RunStatus.Failed, "out of luck"), (store.Find(3).Status, store.Find(3).Error));
    }

    [Fact]
    public void A_report_that_cannot_be_written_is_an_error_and_the_run_is_kept_as_failed()
    {
        using TemporaryFolder folder = new();
        using RunStore store = RunStore.Open(folder.Path);
        TinyExperiment experiment = new()
        {
            Instead = run =>
            {
                Directory.CreateDirectory(Path.Combine(run.Folder, "report.html"));
                return new ArmResult { ["x"] = 1 };
            },
        };
        LabException error = Assert.Throws<LabException>(() => new Laboratory(store).Run(experiment, new RunRequest()));
        Assert.Contains("report.html could not be written", error.Message, StringComparison.Ordinal);
        Assert.Equal(RunStatus.Failed, store.Find(1).Status);
    }

    [Fact]
    public void No_seeds_and_a_run_of_another_paper_are_refused()
    {
        using TemporaryFolder folder = new();
        using RunStore store = RunStore.Open(folder.Path);
        Assert.StartsWith("--seeds: got 0; needed 1 or more", Assert.Throws<LabException>(() => new Laboratory(store).Verify(new TinyExperiment(), Profile.Quick, 0)).Message, StringComparison.Ordinal);
        store.Begin(new RunStart("other", "noisy", Profile.Quick, 0, "{}", "")).Dispose();
        Assert.Equal("Run 1 is of paper 'other', not 'tiny'.", Assert.Throws<LabException>(() => new Laboratory(store).Resume(new TinyExperiment(), 1)).Message);
    }
}
