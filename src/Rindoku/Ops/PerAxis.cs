using Rindoku.Kernels;

namespace Rindoku.Ops;

/// <summary>A setting of the spatial axes, outermost first: one number for all of them, or one for each: <c>stride: 2</c>, <c>padding: (0, 3)</c>.</summary>
/// <remarks>What is not given (<c>default</c>) has the value that the operation's documentation names.</remarks>
public readonly record struct PerAxis
{
    private readonly int count, first, second, third;

    private PerAxis(int count, int first, int second = 0, int third = 0)
    {
        this.count = count;
        this.first = first;
        this.second = second;
        this.third = third;
    }

    /// <summary>The same number for every axis.</summary>
    public static implicit operator PerAxis(int all) => new(1, all);

    /// <summary>Numbers for height and width.</summary>
    public static implicit operator PerAxis((int Height, int Width) each) => new(2, each.Height, each.Width);

    /// <summary>Numbers for depth, height and width.</summary>
    public static implicit operator PerAxis((int Depth, int Height, int Width) each) => new(3, each.Depth, each.Height, each.Width);

    /// <summary>Whether a number was given.</summary>
    internal bool IsGiven => count > 0;

    /// <summary>The numbers for <paramref name="rank"/> axes, with <paramref name="missing"/> in front.</summary>
    internal Triple Resolve(int rank, int otherwise, int missing, int least, string operation, string setting)
    {
        ShapeException.Require(count <= 1 || count == rank, $"{operation}: {setting} {this} has {count} numbers; give one, or {rank}");
        int d = count == 3 ? first : count == 0 ? otherwise : first, h = count == 3 ? second : d, w = count == 3 ? third : count == 2 ? second : d;
        Triple all = new(rank > 2 ? d : missing, rank > 1 ? h : missing, w);
        ShapeException.Require(Math.Min(Math.Min(rank > 2 ? d : w, rank > 1 ? h : w), w) >= least, $"{operation}: {setting} {this} must be at least {least}");
        return all;
    }

    /// <summary><c>2</c>, <c>(1, 2)</c>, or <c>default</c>.</summary>
    public override string ToString() => count switch
    {
        0 => "default",
        1 => $"{first}",
        2 => $"({first}, {second})",
        _ => $"({first}, {second}, {third})",
    };
}
