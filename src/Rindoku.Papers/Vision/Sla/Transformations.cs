using Rindoku.Ops;

namespace Rindoku.Papers.Vision.Sla;

/// <summary>The input transformations t_0 ... t_{M−1}; t_0 leaves images as they are.</summary>
/// <remarks>Source: the paper, §3.1, and the authors' code, whose orders these are.</remarks>
public sealed class Transformations
{
    private readonly Func<Tensor, Tensor>[] all;

    private Transformations(IReadOnlyList<string> names, params Func<Tensor, Tensor>[] all) => (Names, this.all) = (names, all);

    /// <summary>M.</summary>
    public int Count => all.Length;

    /// <summary>What each does.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>None but t_0.</summary>
    public static Transformations Identity { get; } = new(["identity"], x => x);

    /// <summary>Turns by 0, 90, 180 and 270 degrees, anticlockwise.</summary>
    public static Transformations Rotation { get; } = new(["0°", "90°", "180°", "270°"], x => x, x => x.Flip(3).Transpose(2, 3), x => x.Flip(2, 3), x => x.Flip(2).Transpose(2, 3));

    /// <summary>Turns by 0 and 180 degrees.</summary>
    public static Transformations HalfTurn { get; } = new(["0°", "180°"], x => x, x => x.Flip(2, 3));

    /// <summary>The six orders of red, green and blue.</summary>
    public static Transformations Colours { get; } = OfOrders("RGB", "RBG", "GRB", "GBR", "BRG", "BGR");

    /// <summary>The three orders of red, green and blue that go round in a circle.</summary>
    public static Transformations ColourCycle { get; } = OfOrders("RGB", "GBR", "BRG");

    /// <summary>Every one of these after every one of others, which change slowest.</summary>
    public Transformations After(Transformations outer)
    {
        ArgumentNullException.ThrowIfNull(outer);
        return new Transformations([.. outer.Names.SelectMany(o => Names.Select(n => $"{o} {n}"))],
            [.. outer.all.SelectMany(o => all.Select(inner => (Func<Tensor, Tensor>)(x => inner(o(x)))))]);
    }

    /// <summary>One transformation of images (N, C, H, W).</summary>
    public Tensor Apply(int transformation, Tensor x) => all[transformation](x);

    /// <summary>All M copies of images, (N, C, H, W) → (N M, C, H, W); the copies of an image lie side by side.</summary>
    /// <exception cref="ShapeException">The images are not (N, C, H, W), not square where they are turned, or not of three colours where these change places.</exception>
    public Tensor Copies(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        ShapeException.Require(x.Rank == 4, $"Transformations: needs images (N, C, H, W), got {x.Shape}");
        if (Count == 1) return x;
        Tensor[] copies = new Tensor[Count];
        for (int j = 0; j < Count; j++)
        {
            Tensor copy = all[j](x);
            ShapeException.Require(copy.Shape == x.Shape, $"Transformations: '{Names[j]}' makes {copy.Shape} of images {x.Shape}; they must be square");
            copies[j] = copy;
        }
        return Tensor.Stack(copies, axis: 1).Reshape([x.Shape[0] * Count, .. x.Shape[1..]]);
    }

    /// <summary>The joint labels of all copies: y M + j.</summary>
    public IntTensor JointLabels(IntTensor labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        return IntTensor.Of([.. Enumerable.Range(0, labels.Length * Count).Select(i => labels[i / Count] * Count + i % Count)]);
    }

    /// <summary>The class of every copy.</summary>
    public IntTensor Repeated(IntTensor labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        return IntTensor.Of([.. Enumerable.Range(0, labels.Length * Count).Select(i => labels[i / Count])]);
    }

    /// <summary>The transformation of every copy of so many images.</summary>
    public IntTensor Numbers(int images) => IntTensor.Of([.. Enumerable.Range(0, images * Count).Select(i => i % Count)]);

    private static Transformations OfOrders(params string[] orders) => new(orders, [.. orders.Select(order => (Func<Tensor, Tensor>)(x => Reordered(x, order)))]);

    private static Tensor Reordered(Tensor x, string order)
    {
        ShapeException.Require(x.Shape[1] == 3, $"Transformations: '{order}' needs images of three colours, got {x.Shape}");
        return order == "RGB" ? x : Tensor.Concat([.. order.Select(colour => x.Narrow(1, "RGB".IndexOf(colour, StringComparison.Ordinal), 1))], axis: 1);
    }
}
