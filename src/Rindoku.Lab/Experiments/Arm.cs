namespace Rindoku.Lab;

/// <summary>One of the systems that an experiment compares: the paper's own, or a baseline.</summary>
/// <param name="Name">A short name in lower case, as <c>--arm</c> takes it: <c>stochastic</c>.</param>
/// <param name="Description">One line on what it is.</param>
public sealed record Arm(string Name, string Description)
{
    /// <summary>Whether the arm trains nothing: it uses weights that lie in the data folder, so it needs that in every profile.</summary>
    public bool Pretrained { get; init; }
}
