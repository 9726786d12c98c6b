using System.Globalization;
using Rindoku.Ops;

namespace Rindoku.Papers.Vision.ResNeXt;

/// <summary>Takes the weights of blocks from one form of figure 3 to another; gradients and statistics, which have the same names, as well.</summary>
/// <remarks>
/// Path i owns channels id to (i + 1)d − 1 of the grouped block: these outputs of the first convolution and its batch normalisation, group i of the
/// second, and these inputs of the last (columns of W3).
/// </remarks>
public static class FormWeights
{
    private const string Paths = "paths.";

    // Which axis of a tensor the paths share out among them.
    private static readonly Dictionary<string, int> AxisOfPaths = new() { ["conv1"] = 0, ["bn1"] = 0, ["conv2"] = 0, ["bn2"] = 0, ["conv3"] = 1 };

    /// <summary>From form (c) to another form.</summary>
    /// <param name="grouped">Tensors of a <see cref="Nn.ResNets.BottleneckUnit"/>, or of a whole network of them, by name.</param>
    /// <param name="form">The form that is wanted.</param>
    /// <param name="paths">C.</param>
    public static IReadOnlyDictionary<string, Tensor> Split(IReadOnlyDictionary<string, Tensor> grouped, AggregationForm form, int paths)
    {
        ArgumentNullException.ThrowIfNull(grouped);
        Dictionary<string, Tensor> split = [];
        bool network = grouped.Keys.Any(name => name.StartsWith("layer", StringComparison.Ordinal));
        foreach ((string name, Tensor tensor) in grouped)
        {
            // A network's stem has a conv1 and a bn1 as well, which lie under no unit.
            if (form == AggregationForm.Grouped || InUnit(name) is not { } at || (network && at.Unit.Length == 0)
                || (at.Layer == "conv3" && form == AggregationForm.Concatenated))
            {
                split[name] = tensor;
                continue;
            }
            int axis = AxisOfPaths[at.Layer], width = tensor.Shape[axis] / paths;
            for (int i = 0; i < paths; i++) split[$"{at.Unit}{Paths}{i}.{at.Layer}.{at.Kind}"] = tensor.Narrow(axis, i * width, width);
        }
        return split;
    }

    /// <summary>From any form to form (c).</summary>
    /// <param name="tensors">Tensors of a block, or of a whole network, by name.</param>
    /// <param name="order">For tensors of form (a): which path comes first, second, ...; null leaves them as they are.</param>
    public static IReadOnlyDictionary<string, Tensor> Merge(IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyList<int>? order = null)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        Dictionary<string, Tensor> merged = [];
        Dictionary<string, SortedList<int, Tensor>> parts = [];
        foreach ((string name, Tensor tensor) in tensors)
        {
            int at = name.IndexOf(Paths, StringComparison.Ordinal);
            if (at < 0)
            {
                merged[name] = tensor;
                continue;
            }
            string[] rest = name[(at + Paths.Length)..].Split('.', 2);
            string whole = name[..at] + rest[1];
            if (!parts.TryGetValue(whole, out SortedList<int, Tensor>? list)) parts[whole] = list = [];
            list.Add(int.Parse(rest[0], CultureInfo.InvariantCulture), tensor);
        }
        foreach ((string name, SortedList<int, Tensor> list) in parts)
            merged[name] = Tensor.Concat([.. (order ?? [.. list.Keys]).Select(i => list[i])], AxisOfPaths[InUnit(name)!.Value.Layer]);
        return merged;
    }

    // "layer1.0.conv1.weight" is ("layer1.0.", "conv1", "weight").
    private static (string Unit, string Layer, string Kind)? InUnit(string name)
    {
        string[] words = name.Split('.');
        int at = words.Length - 2;
        return at >= 0 && AxisOfPaths.ContainsKey(words[at]) ? (string.Concat(words[..at].Select(word => word + ".")), words[at], words[at + 1]) : null;
    }
}
