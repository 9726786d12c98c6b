namespace Rindoku.Bench;

/// <summary>Something whose time is measured, with the name, shapes and arithmetic of a workload of the PyTorch baseline.</summary>
/// <param name="Name">Its name there.</param>
/// <param name="Description">What it does, in one line.</param>
/// <param name="Make">From a divisor of the batch (1 for the workload itself) to what does one step and returns its output or loss.</param>
/// <param name="Flops">Floating-point operations of a step (a multiply-add is two), where they are plain to count.</param>
/// <param name="Bytes">Bytes that a step must at least read and write, where memory is the limit.</param>
public sealed record Workload(string Name, string Description, Func<int, Func<Tensor>> Make, double? Flops = null, double? Bytes = null)
{
    /// <summary>Makes the data and the model; what it gives does one step and returns its output or loss.</summary>
    /// <param name="divisor">Divides the batch, so that a test need not take the time of the whole; 1 for the workload itself.</param>
    public Func<Tensor> Create(int divisor = 1) => Make(divisor);
}
