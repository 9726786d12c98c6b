namespace Rindoku.Bench;

/// <summary>Something whose time is measured, with the name, shapes and arithmetic of a workload of the PyTorch baseline.</summary>
/// <param name="Name">Its name there.</param>
/// <param name="Description">What it does, in one line.</param>
/// <param name="Make">From a divisor of the batch (1 for the workload itself) to the workload made ready.</param>
/// <param name="Flops">
/// Floating-point operations of a step (a multiply-add is two), where they are plain to count: of a model those of its matrix products and
/// convolutions by their definition, as tests/golden/bench.py counts them in PyTorch.
/// </param>
/// <param name="Bytes">Bytes that a step must at least read and write, where memory is the limit.</param>
public sealed record Workload(string Name, string Description, Func<int, BenchStep> Make, double? Flops = null, double? Bytes = null)
{
    /// <summary>Makes the data and the model.</summary>
    /// <param name="divisor">Divides the batch, so that a test need not take the time of the whole; 1 for the workload itself.</param>
    public BenchStep Create(int divisor = 1) => Make(divisor);
}
