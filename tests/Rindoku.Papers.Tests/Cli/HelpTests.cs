using Rindoku.Cli;

namespace Rindoku.Papers.Tests.Cli;

public sealed class HelpTests
{
    [Theory]
    [InlineData("rindoku list")]
    [InlineData("rindoku list", "list")]
    [InlineData("rindoku show stochastic-depth", "show")]
    [InlineData("rindoku run stochastic-depth", "run")]
    [InlineData("rindoku verify stochastic-depth", "verify")]
    [InlineData("rindoku bench gemm-1024 --threads 2", "bench")]
    [InlineData("rindoku data list", "data")]
    [InlineData("rindoku data list", "data", "list")]
    [InlineData("rindoku data get cifar10", "data", "get")]
    [InlineData("rindoku data check cifar10", "data", "check")]
    [InlineData("rindoku runs list", "runs")]
    [InlineData("rindoku runs list", "runs", "list")]
    [InlineData("rindoku runs show 12", "runs", "show")]
    [InlineData("rindoku runs compare 12 13", "runs", "compare")]
    public async Task Help_names_the_program_as_it_is_typed_and_ends_with_examples(string example, params string[] command)
    {
        using Program program = new();
        Ended ended = await program.Run([.. command, "--help"]);
        Assert.Equal(CommandLine.Success, ended.Code);
        Assert.Contains($"Usage:{Environment.NewLine}  rindoku ", ended.Output, StringComparison.Ordinal);
        Assert.Contains($"  {example}", ended.Output[ended.Output.IndexOf("Examples:", StringComparison.Ordinal)..], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("There is no command 'rnu'. Did you mean 'run'?", "rnu")]
    [InlineData("There is no command 'gte'. Did you mean 'get'?", "data", "gte", "cifar10")]
    [InlineData("There is no command 'lst'. Did you mean 'list'?", "runs", "lst")]
    [InlineData("There is no option '--sed'. Did you mean '--seed'?", "run", "stochastic-depth", "--sed", "3")]
    [InlineData("There is no option '--jsn'. Did you mean '--json'?", "list", "--jsn")]
    [InlineData("rindoku: needed a command: list, show, run, verify, data, runs, bench.")]
    [InlineData("rindoku data: needed a command: list, get, check.", "data")]
    [InlineData("Required argument missing for command: 'run'.", "run")]
    [InlineData("'x' for option '--seed': needed a whole number.", "run", "stochastic-depth", "--seed", "x")]
    [InlineData("'x' for option '--threads': needed a whole number.", "bench", "--threads", "x")]
    [InlineData("'one' for command 'show': needed a whole number.", "runs", "show", "one")]
    [InlineData("There is no paper 'stochastic-deth'. Did you mean 'stochastic-depth'?", "run", "stochastic-deth")]
    [InlineData("There is no paper 'stochastic-deth'. Did you mean 'stochastic-depth'?", "show", "stochastic-deth")]
    [InlineData("There is no paper 'stochastic-deth'. Did you mean 'stochastic-depth'?", "verify", "stochastic-deth")]
    [InlineData("There is no shelf 'Visio'. Did you mean 'Vision'?", "list", "--shelf", "Visio")]
    [InlineData("There is no language 'jp'. Did you mean 'ja'?", "show", "stochastic-depth", "--lang", "jp")]
    [InlineData("There is no profile 'ful'. Did you mean 'full'?", "run", "stochastic-depth", "--profile", "ful")]
    [InlineData("There is no profile 'ful'. Did you mean 'full'?", "verify", "stochastic-depth", "--profile", "ful")]
    [InlineData("There is no arm 'constnt'. Did you mean 'constant'?", "run", "stochastic-depth", "--arm", "constnt")]
    [InlineData("There is no setting 'epoch'. Did you mean 'epochs'?", "run", "stochastic-depth", "--set", "epoch=3")]
    [InlineData("There is no data set 'cifar1'. Did you mean 'cifar10'?", "data", "get", "cifar1")]
    [InlineData("There is no data set 'cifar1'. Did you mean 'cifar10'?", "data", "check", "cifar1")]
    [InlineData("--set: got 'epochs'; needed key=value", "run", "stochastic-depth", "--set", "epochs")]
    [InlineData("--set epochs: got 'many'; needed a whole number", "run", "stochastic-depth", "--set", "epochs=many")]
    [InlineData("--set epochs: got '0'; needed 1 or more.", "run", "stochastic-depth", "--set", "epochs=0")]
    [InlineData("--set depth: got '21'; needed 6n + 2", "run", "stochastic-depth", "--set", "depth=21")]
    [InlineData("--set last-survival: got '1.5'; needed a value from 0 to 1.", "run", "stochastic-depth", "--set", "last-survival=1.5")]
    [InlineData("--set learning-rate: got '-1'; needed 0 or more.", "run", "stochastic-depth", "--set", "learning-rate=-1")]
    [InlineData("--set lesions: got '-1'; needed 1 or more.", "run", "stochastic-depth", "--set", "lesions=-1")]
    [InlineData("--set data: got 'cifar'; needed one of digits, mnist, fashion-mnist, cifar10, cifar10-half", "run", "stochastic-depth", "--set", "data=cifar")]
    [InlineData("--threads: got 0; needed 1 or more.", "verify", "stochastic-depth", "--threads", "0")]
    [InlineData("--seeds: got 0; needed 1 or more", "verify", "stochastic-depth", "--seeds", "0")]
    [InlineData("verify: name papers or give --all, not both.", "verify", "stochastic-depth", "--all")]
    [InlineData("verify: name a paper, or give --all.", "verify")]
    [InlineData("--limit: got 0; needed 1 or more.", "runs", "list", "--limit", "0")]
    [InlineData("runs compare: got one run; needed two or more.", "runs", "compare", "1")]
    [InlineData("--resume takes the settings that the run was started with; leave out --seed", "run", "stochastic-depth", "--resume", "1", "--seed", "2")]
    [InlineData("leave out --profile", "run", "stochastic-depth", "--resume", "1", "--profile", "quick")]
    [InlineData("leave out --arm, --set,", "run", "stochastic-depth", "--resume", "1", "--arm", "constant", "--set", "epochs=1")]
    public async Task Bad_usage_is_told_with_what_was_meant(string message, params string[] arguments)
    {
        using Program program = new();
        (await program.Run(arguments)).IsBadUsage(message);
    }
}
