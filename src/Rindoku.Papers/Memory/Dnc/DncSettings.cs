using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Rindoku.Papers.Memory.Dnc;

/// <summary>What is learned.</summary>
public enum DncTask
{
    /// <summary>Copying a sequence.</summary>
    Copy,

    /// <summary>Copying it several times over.</summary>
    RepeatCopy,

    /// <summary>Walking through a graph.</summary>
    Traversal,

    /// <summary>Finding the shortest path in a graph.</summary>
    ShortestPath,

    /// <summary>Answering questions about stories.</summary>
    Babi,
}

/// <summary>What learns.</summary>
public enum DncSystem
{
    /// <summary>A controller with an external memory.</summary>
    Dnc,

    /// <summary>An LSTM alone.</summary>
    Lstm,
}

/// <summary>Which optimizer trains.</summary>
public enum DncOptimizer
{
    /// <summary>Adam.</summary>
    Adam,

    /// <summary>RMSProp, the paper's.</summary>
    RmsProp,
}

/// <summary>Where stories come from.</summary>
public enum StorySource
{
    /// <summary>Made on the spot: people walk about.</summary>
    Made,

    /// <summary>The bAbI tasks of the data folder.</summary>
    Babi,
}

/// <summary>What can be set in a run of the differentiable neural computer.</summary>
public sealed record DncSettings : IValidatableObject
{
    /// <summary>The task.</summary>
    [Description("what is learned")]
    public DncTask Task { get; init; }

    /// <summary>The system.</summary>
    [Description("what learns: a controller with a memory, or an LSTM alone")]
    public DncSystem System { get; init; }

    /// <summary>Units of an LSTM layer.</summary>
    [Range(1, 4096), Description("units of an LSTM layer: of the controller, or of the LSTM alone")]
    public int Units { get; init; } = 64;

    /// <summary>Layers of the LSTM.</summary>
    [Range(1, 16), Description("layers of the LSTM")]
    public int Layers { get; init; } = 1;

    /// <summary>N.</summary>
    [Range(2, 65_536), Description("memory: rows (N)")]
    public int Rows { get; init; } = 16;

    /// <summary>W.</summary>
    [Range(1, 4096), Description("memory: numbers in a row (W)")]
    public int Width { get; init; } = 10;

    /// <summary>R.</summary>
    [Range(1, 64), Description("memory: read heads (R)")]
    public int Reads { get; init; } = 1;

    /// <summary>Whether reads can follow the order of writing.</summary>
    [Description("memory: whether reads can follow the order of writing, or find rows by content alone")]
    public bool Links { get; init; } = true;

    /// <summary>What the memory holds at the start.</summary>
    [Range(0, 1), Description("memory: what it holds at the start")]
    public double Start { get; init; } = 1e-6;

    /// <summary>Whether strengths are softplus(x).</summary>
    [Description("memory: whether strengths are softplus(x) as in the authors' code, or 1 + softplus(x) as in the paper")]
    public bool StrengthsFromZero { get; init; }

    /// <summary>Whether no gradient goes through usage.</summary>
    [Description("memory: whether no gradient goes through usage to the write weighting, as in the authors' code")]
    public bool StopUsageGradient { get; init; }

    /// <summary>Whether interface and output have biases.</summary>
    [Description("whether interface and output have biases, as in the authors' code; the paper's equations have none")]
    public bool Biases { get; init; } = true;

    /// <summary>Bounds of cells and outputs.</summary>
    [Range(1e-3, 1e6), Description("cells and outputs are held between minus this and this, as in the authors' code; none for no bounds")]
    public double? Bound { get; init; }

    /// <summary>The deviation of the start values.</summary>
    [Range(1e-6, 10), Description("weights start normally distributed with this deviation; none for the house's start values")]
    public double? Deviation { get; init; }

    /// <summary>Bits of a vector.</summary>
    [Range(1, 64), Description("copying: bits of a vector")]
    public int Bits { get; init; } = 5;

    /// <summary>Lengths in training.</summary>
    [Description("copying: the least and the greatest length in training")]
    public IReadOnlyList<int> Lengths { get; init; } = [1, 5];

    /// <summary>Repeats in training.</summary>
    [Description("copying several times: the least and the greatest number of times")]
    public IReadOnlyList<int> Repeats { get; init; } = [1, 2];

    /// <summary>Nodes of a graph.</summary>
    [Range(3, 1000), Description("graphs: nodes in the last lesson")]
    public int Nodes { get; init; } = 6;

    /// <summary>Edges that leave a node.</summary>
    [Range(1, 100), Description("graphs: edges that leave a node, at most")]
    public int Degree { get; init; } = 2;

    /// <summary>Edges of an answer.</summary>
    [Range(1, 100), Description("graphs: edges of an answer in the last lesson")]
    public int PathEdges { get; init; } = 4;

    /// <summary>Digits of a label.</summary>
    [Range(1, 6), Description("graphs: digits of a label; ten labels with one digit")]
    public int Digits { get; init; } = 1;

    /// <summary>Steps to plan in.</summary>
    [Range(0, 1000), Description("shortest paths: silent steps before the answer")]
    public int Planning { get; init; } = 4;

    /// <summary>Where stories come from.</summary>
    [Description("stories: made on the spot, or those of the bAbI tasks in the data folder")]
    public StorySource Stories { get; init; }

    /// <summary>Which tasks.</summary>
    [Description("stories: the numbers of the bAbI tasks that are learned together")]
    public IReadOnlyList<int> BabiTasks { get; init; } = [1];

    /// <summary>How many stories are made.</summary>
    [Range(1, 1_000_000), Description("stories: how many are made to train with")]
    public int MadeStories { get; init; } = 2000;

    /// <summary>Sentences of a made story.</summary>
    [Range(1, 1000), Description("stories: sentences of one that is made")]
    public int MadeSentences { get; init; } = 4;

    /// <summary>Sequences of a training step.</summary>
    [Range(1, 65_536), Description("sequences of a training step")]
    public int BatchSize { get; init; } = 16;

    /// <summary>Training steps.</summary>
    [Range(1, int.MaxValue), Description("training steps")]
    public int Steps { get; init; } = 1500;

    /// <summary>The optimizer.</summary>
    [Description("the optimizer")]
    public DncOptimizer Optimizer { get; init; }

    /// <summary>The learning rate.</summary>
    [Range(1e-9, 10), Description("learning rate")]
    public double LearningRate { get; init; } = 3e-3;

    /// <summary>RMSProp's momentum.</summary>
    [Range(0, 0.999), Description("RMSProp's momentum")]
    public double Momentum { get; init; } = 0.9;

    /// <summary>The bound of the gradient's norm.</summary>
    [Range(1e-6, 1e6), Description("the norm that gradients are scaled down to")]
    public double ClipNorm { get; init; } = 10;

    /// <summary>Sequences that everything is measured on.</summary>
    [Range(2, 1_000_000), Description("sequences that everything is measured on, the same for all seeds")]
    public int TestSequences { get; init; } = 200;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach ((string name, IReadOnlyList<int> range) in (ReadOnlySpan<(string, IReadOnlyList<int>)>)[(nameof(Lengths), Lengths), (nameof(Repeats), Repeats)])
            if (range.Count != 2 || range[0] < 1 || range[1] < range[0])
                return [new ValidationResult($"got {string.Join(",", range)}; needed two numbers, the least and the greatest, from 1 on: 1,5.", [name])];
        if (BabiTasks.Count == 0 || BabiTasks.Any(task => task is < 1 or > 20))
            return [new ValidationResult($"got {string.Join(",", BabiTasks)}; needed numbers from 1 to 20.", [nameof(BabiTasks)])];
        if (Nodes > Math.Pow(10, Digits)) return [new ValidationResult($"got {Nodes}; labels of {Digits} digit(s) name no more than {Math.Pow(10, Digits)}.", [nameof(Nodes)])];
        if (Degree > Math.Pow(10, Digits)) return [new ValidationResult($"got {Degree}; labels of {Digits} digit(s) name no more than {Math.Pow(10, Digits)}.", [nameof(Degree)])];
        return [];
    }
}
