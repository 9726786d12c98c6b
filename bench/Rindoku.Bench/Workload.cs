namespace Rindoku.Bench;

/// <summary>Something whose time is measured, with the name, shapes and arithmetic of a workload of the PyTorch baseline.</summary>
/// <param name="Name">Its name there.</param>
/// <param name="Description">What it does, in one line.</param>
/// <param name="Create">Makes the data and the model; what it gives does one step and returns its output or loss.</param>
/// <param name="Flops">Floating-point operations of a step (a multiply-add is two), where they are plain to count.</param>
/// <param name="Bytes">Bytes that a step must at least read and write, where memory is the limit.</param>
public sealed record Workload(string Name, string Description, Func<Func<Tensor>> Create, double? Flops = null, double? Bytes = null);
