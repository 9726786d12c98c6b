using System.Text.RegularExpressions;
using Rindoku.Testing;

namespace Rindoku.Tests.House;

/// <summary>The arrows of the house point one way: who may know whom, held against the source text.</summary>
public sealed partial class ArrowTests
{
    private static readonly string Root = Golden.RepositoryRoot();

    // Inside src/Rindoku: a folder and the namespaces it must not name. Tensors and Autograd stand on each other.
    private static readonly Dictionary<string, string[]> Forbidden = new()
    {
        ["Kernels"] = ["Rindoku.Ops", "Rindoku.Nn", "Rindoku.Optim", "Rindoku.Data", "Rindoku.IO", "Rindoku.Autograd", "Rindoku.Distributions", "Rindoku.Uncertainty"],
        ["Tensors"] = ["Rindoku.Ops", "Rindoku.Nn", "Rindoku.Optim", "Rindoku.Data", "Rindoku.IO", "Rindoku.Distributions", "Rindoku.Uncertainty"],
        ["Autograd"] = ["Rindoku.Ops", "Rindoku.Nn", "Rindoku.Optim", "Rindoku.Data", "Rindoku.IO", "Rindoku.Distributions", "Rindoku.Uncertainty"],
        ["Ops"] = ["Rindoku.Nn", "Rindoku.Optim", "Rindoku.Data", "Rindoku.IO", "Rindoku.Distributions", "Rindoku.Uncertainty"],
        ["Nn"] = ["Rindoku.Optim", "Rindoku.Data", "Rindoku.Uncertainty"],
        ["Optim"] = ["Rindoku.Data", "Rindoku.Uncertainty"],
        ["IO"] = ["Rindoku.Nn", "Rindoku.Optim", "Rindoku.Data", "Rindoku.Uncertainty"],
        ["Distributions"] = ["Rindoku.Nn", "Rindoku.Optim", "Rindoku.Data", "Rindoku.IO", "Rindoku.Uncertainty"],
        ["Data"] = ["Rindoku.Nn", "Rindoku.Optim", "Rindoku.Uncertainty"],
        ["Uncertainty"] = ["Rindoku.IO"],
    };

    private static readonly Dictionary<string, string[]> Projects = new()
    {
        ["Rindoku"] = [],
        ["Rindoku.Testing"] = ["Rindoku"],
        ["Rindoku.Lab"] = ["Rindoku"],
        ["Rindoku.Papers"] = ["Rindoku.Lab"],
        ["Rindoku.Bench"] = ["Rindoku"],
        ["Rindoku.Cli"] = ["Rindoku.Papers", "Rindoku.Bench"],
    };

    public static TheoryData<string> Folders => [.. Forbidden.Keys];

    public static TheoryData<string> ProjectNames => [.. Projects.Keys];

    [Theory, MemberData(nameof(Folders))]
    public void A_folder_of_the_library_names_nothing_above_it(string folder)
    {
        string[] offences = [.. Sources(Path.Combine("src", "Rindoku", folder))
            .SelectMany(file => Forbidden[folder].Where(Code(file).Contains).Select(name => $"{Relative(file)} names {name}"))];
        Assert.True(offences.Length == 0, string.Join('\n', offences));
    }

    [Fact]
    public void Every_folder_of_the_library_is_under_this_rule()
    {
        string[] folders = [.. Directory.GetDirectories(Path.Combine(Root, "src", "Rindoku")).Select(f => Path.GetFileName(f)!).Where(f => f is not ("bin" or "obj"))];
        Assert.Equal(Forbidden.Keys.Order(), folders.Order());
    }

    [Fact]
    public void Kernels_know_no_tensor()
    {
        string[] offences = [.. Sources(Path.Combine("src", "Rindoku", "Kernels")).Where(file => TensorType().IsMatch(Code(file))).Select(Relative)];
        Assert.True(offences.Length == 0, string.Join('\n', offences));
    }

    [Fact]
    public void Unsafe_code_intrinsics_and_threads_stand_in_Kernels_only()
    {
        string kernels = Path.Combine(Root, "src", "Rindoku", "Kernels") + Path.DirectorySeparatorChar;
        string[] offences = [.. Sources("src").Where(file => !file.StartsWith(kernels, StringComparison.Ordinal) && UnsafeCode().IsMatch(Code(file))).Select(Relative)];
        Assert.Empty(offences);
    }

    [Theory, MemberData(nameof(ProjectNames))]
    public void A_project_references_the_one_below_it(string project)
    {
        string folder = project == "Rindoku.Bench" ? "bench" : "src";
        string text = File.ReadAllText(Path.Combine(Root, folder, project, project + ".csproj"));
        Assert.Equal(Projects[project], ProjectReference().Matches(text).Select(m => m.Groups[1].Value));
    }

    [Fact]
    public void The_library_has_one_dependency()
    {
        string text = File.ReadAllText(Path.Combine(Root, "src", "Rindoku", "Rindoku.csproj"));
        Assert.Equal(["System.Numerics.Tensors"], PackageReference().Matches(text).Select(m => m.Groups[1].Value));
    }

    [Fact]
    public void No_paper_names_another()
    {
        string papers = Path.Combine(Root, "src", "Rindoku.Papers");
        string[] folders = [.. Directory.GetDirectories(papers).Where(f => Path.GetFileName(f) is not ("bin" or "obj")).SelectMany(Directory.GetDirectories)];
        Assert.NotEmpty(folders);
        foreach (string folder in folders)
            foreach (string other in folders.Where(f => f != folder))
            {
                string space = $"Rindoku.Papers.{Path.GetFileName(Path.GetDirectoryName(other))}.{Path.GetFileName(other)}";
                foreach (string file in Directory.GetFiles(folder, "*.cs")) Assert.DoesNotContain(space, File.ReadAllText(file), StringComparison.Ordinal);
            }
    }

    private static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));

    private static string Relative(string file) => Path.GetRelativePath(Root, file).Replace('\\', '/');

    /// <summary>The text of a file without its comments.</summary>
    private static string Code(string file) => Comment().Replace(File.ReadAllText(file), "");

    [GeneratedRegex(@"//.*$", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\b(Tensor|IntTensor|Shape)\b(?!s)(?!Primitives)(?!\.)")]
    private static partial Regex TensorType();

    [GeneratedRegex(@"\bunsafe\b|Runtime\.Intrinsics|\bnew Thread\(|\bTask\.Run\b|\bParallel\.")]
    private static partial Regex UnsafeCode();

    [GeneratedRegex("""<ProjectReference Include="[^"]*/([^"/]+)\.csproj""")]
    private static partial Regex ProjectReference();

    [GeneratedRegex("""<PackageReference Include="([^"]+)""")]
    private static partial Regex PackageReference();
}
