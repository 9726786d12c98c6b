using Rindoku.Ops;
using Rindoku.Testing;

namespace Rindoku.Tests.Ops;

public sealed class ReductionTests
{
    private static readonly Golden Golden = Golden.Family("reduce");

    [Fact] public void Mean_matches_PyTorch() => Golden.Check("mean", a => Square(a).Mean());
    [Fact] public void Mean_over_axes_matches_PyTorch() => Golden.Check("mean_axes", a => Square(a).Mean([0, 2, 3], keep: true));
    [Fact] public void Mean_over_the_last_axis_matches_PyTorch() => Golden.Check("mean_last", a => Square(a).Mean([-1]));
    [Fact] public void Max_matches_PyTorch() => Golden.Check("max", (Tensor a) => Square(a.Max()));
    [Fact] public void Max_over_axes_that_lie_apart_matches_PyTorch() => Golden.Check("max_axes", a => Square(a.Max([0, 2])));
    [Fact] public void Max_shares_its_gradient_among_ties() => Golden.Check("max_ties", a => Square(a.Max([1], keep: true)));
    [Fact] public void Max_over_the_middle_matches_PyTorch() => Golden.Check("max_middle", a => Square(a.Max([1])));
    [Fact] public void Min_matches_PyTorch() => Golden.Check("min", (Tensor a) => Square(a.Min()));
    [Fact] public void Min_over_the_last_axis_matches_PyTorch() => Golden.Check("min_last", a => Square(a.Min([-1])));

    private static Tensor Square(Tensor x) => x * x;
}
