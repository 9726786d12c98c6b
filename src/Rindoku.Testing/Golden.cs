using Rindoku.IO;

namespace Rindoku.Testing;

/// <summary>Golden files: what another library computed for the same inputs. See tests/golden/golden.py for how they are made.</summary>
public sealed class Golden
{
    private readonly SafetensorsFile file;
    private readonly string path;

    private Golden(string path)
    {
        this.path = path;
        file = Safetensors.Read(path);
    }

    /// <summary>Opens a golden file.</summary>
    public static Golden Open(string path) => new(path);

    /// <summary>Opens <c>tests/golden/NAME.safetensors</c> of the checkout that the running program lies in.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static Golden Family(string name) => new(Path.Combine(RepositoryRoot(), "tests", "golden", name + ".safetensors"));

    /// <summary>The folder that holds <c>Rindoku.slnx</c>, above the running program.</summary>
    /// <exception cref="DirectoryNotFoundException">The program does not lie in a checkout.</exception>
    public static string RepositoryRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Rindoku.slnx"))) return folder.FullName;
        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds Rindoku.slnx: golden files are found in a checkout only.");
    }

    /// <summary>A tensor of a case: <c>in0</c>, <c>y</c>, <c>g0</c>, ...</summary>
    public Tensor this[string name, string part] => file.Tensors.TryGetValue($"{name}/{part}", out Tensor? found)
        ? found
        : throw new KeyNotFoundException($"{path} has no tensor {name}/{part}");

    /// <summary>An integer input of a case.</summary>
    public IntTensor Integers(string name, string part) => file.Integers.TryGetValue($"{name}/{part}", out IntTensor? found)
        ? found
        : throw new KeyNotFoundException($"{path} has no integers {name}/{part}");

    /// <summary>The parts of a case: names of its tensors and integers.</summary>
    public IEnumerable<string> Parts(string name) =>
        file.Tensors.Keys.Concat(file.Integers.Keys).Where(key => key.StartsWith(name + "/", StringComparison.Ordinal)).Select(key => key[(name.Length + 1)..]);

    /// <summary>Checks a function of one tensor.</summary>
    public void Check(string name, Func<Tensor, Tensor> f, double rtol = 1e-4, double atol = 1e-5) => Check(name, x => f(x[0]), rtol, atol);

    /// <summary>Checks a function of two tensors.</summary>
    public void Check(string name, Func<Tensor, Tensor, Tensor> f, double rtol = 1e-4, double atol = 1e-5) =>
        Check(name, x => f(x[0], x[1]), rtol, atol);

    /// <summary>
    /// Checks a function against a case: its value; its gradients by the fast way and by the differentiable way; and the
    /// gradients of its gradients, as far as the file has them. Integer inputs count in the numbering but are not passed.
    /// </summary>
    /// <exception cref="CheckException">Something differs; the message says what, where and by how much.</exception>
    public void Check(string name, Func<Tensor[], Tensor> f, double rtol = 1e-4, double atol = 1e-5)
    {
        ArgumentNullException.ThrowIfNull(f);
        int[] places = [.. Enumerable.Range(0, 32).Where(i => file.Tensors.ContainsKey($"{name}/in{i}"))];
        Tensor[] inputs = [.. places.Select(i => this[name, $"in{i}"].Tracked())];
        Tensor y = f(inputs);
        Close(y, "y", "value");
        if (!file.Tensors.ContainsKey($"{name}/dy")) return;

        Tensor dy = this[name, "dy"];
        Tensor[] fast = Grad.Vjp(y, dy, inputs, allowUnused: true);
        for (int i = 0; i < inputs.Length; i++) Close(fast[i], $"g{places[i]}", $"gradient by input {places[i]} (fast way)");

        Tensor[] inputsAgain = [.. inputs.Select(x => x.Tracked())];
        Tensor[] gradients = Grad.Vjp(f(inputsAgain), dy, inputsAgain, createGraph: true, allowUnused: true);
        for (int i = 0; i < inputs.Length; i++) Close(gradients[i], $"g{places[i]}", $"gradient by input {places[i]} (differentiable way)");
        if (!file.Tensors.ContainsKey($"{name}/h{places[0]}")) return;

        Tensor[] second = SecondGradients(inputsAgain, gradients, [.. places.Select(i => this[name, $"u{i}"])]);
        for (int i = 0; i < inputs.Length; i++) Close(second[i], $"h{places[i]}", $"second gradient by input {places[i]}");

        void Close(Tensor actual, string part, string what) => Testing.Check.Close(actual, this[name, part], rtol, atol, $"{name}: {what}");
    }

    // The gradient of sum(g0 · u0) + sum(g1 · u1) + ..., one term after the other: vector-Jacobian products are linear.
    private static Tensor[] SecondGradients(Tensor[] inputs, Tensor[] gradients, Tensor[] weights)
    {
        float[][] sums = [.. inputs.Select(x => new float[x.Length])];
        for (int k = 0; k < gradients.Length; k++)
        {
            if (!gradients[k].RequiresGrad) continue;
            Tensor[] parts = Grad.Vjp(gradients[k], weights[k], inputs, allowUnused: true);
            for (int i = 0; i < inputs.Length; i++)
                for (int j = 0; j < sums[i].Length; j++) sums[i][j] += parts[i].Span[j];
        }
        return [.. inputs.Select((x, i) => Tensor.From(sums[i], x.Shape))];
    }
}
