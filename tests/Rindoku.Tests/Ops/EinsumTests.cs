using Rindoku.Ops;
using Rindoku.Testing;

namespace Rindoku.Tests.Ops;

public sealed class EinsumTests
{
    private static readonly Golden Golden = Golden.Family("linalg");

    [Theory]
    [InlineData("matrix", "ij,jk->ik")]
    [InlineData("transposed", "ji,kj->ki")]
    [InlineData("batch", "bij, bjk -> bik")]
    [InlineData("attention", "bqhd,bkhd->bhqk")]
    [InlineData("diagonal", "ii->i")]
    [InlineData("trace", "bii->b")]
    [InlineData("cube", "iij,iik->jk")]
    [InlineData("permute", "abc->cab")]
    [InlineData("sum", "abc->b")]
    [InlineData("total", "ab->")]
    [InlineData("implicit", "ij,jk")]
    [InlineData("implicit_order", "ba")]
    [InlineData("outer", "i,j->ij")]
    [InlineData("dot", "i,i->")]
    [InlineData("rows", "bi,bi->b")]
    [InlineData("elementwise", "ab,ba->ab")]
    [InlineData("bilinear", "bi,oij,bj->bo")]
    [InlineData("ellipsis", "...ij,...jk->...ik")]
    [InlineData("ellipsis_sum", "a...,a->...")]
    [InlineData("ellipsis_implicit", "...ij,jk")]
    [InlineData("ellipsis_middle", "i...j->j...i")]
    [InlineData("four", "ab,bc,cd,da->")]
    [InlineData("unused", "ij,k->i")]
    [InlineData("scalar", ",i->i")]
    [InlineData("batch_outer", "bi,bj->bij")]
    public void Einsum_matches_PyTorch(string name, string equation) =>
        Golden.Check("einsum_" + name, (Tensor[] x) => Tensor.Einsum(equation, x), rtol: 2e-4, atol: 5e-5);

    [Fact]
    public void Empty_axes_give_zeros()
    {
        Check.Same(Tensor.Einsum("ij,jk->ik", Tensor.Zeros([2, 0]), Tensor.Zeros([0, 3])), Tensor.Zeros([2, 3]));
        Assert.Equal<Shape>([0, 3], Tensor.Einsum("ij,jk->ik", Tensor.Zeros([0, 2]), Tensor.Zeros([2, 3])).Shape);
    }

    [Theory]
    [InlineData("ij->jk", "Einsum: the equation 'ij->jk' cannot be read: the result's 'k' is in no operand")]
    [InlineData("ij->ii", "Einsum: the equation 'ij->ii' cannot be read: the result names 'i' twice")]
    [InlineData("i1->i", "Einsum: the equation 'i1->i' cannot be read: '1' is no letter")]
    [InlineData("ij,jk->ik", "Einsum: the equation 'ij,jk->ik' cannot be read: it names 2 operands, 1 are given")]
    [InlineData("ij->i->j", "Einsum: the equation 'ij->i->j' cannot be read: it has more than one arrow")]
    [InlineData("ij->i;", "Einsum: the equation 'ij->i;' cannot be read: ';' is no letter")]
    [InlineData("i......j->i", "Einsum: the equation 'i......j->i' cannot be read: '.' is no letter")]
    public void Equations_that_make_no_sense_are_refused(string equation, string message) =>
        Assert.Equal(message, Assert.Throws<FormatException>(() => Tensor.Einsum(equation, Tensor.Zeros([2, 3]))).Message);

    [Fact]
    public void Shapes_that_do_not_fit_are_refused_with_the_shapes()
    {
        Refused("ijk->i", "Einsum 'ijk->i': operand 0 is (2, 3), 'ijk' names 3 axes", Tensor.Zeros([2, 3]));
        Refused("ij,jk->ik", "Einsum 'ij,jk->ik': operand 1 (4, 5) has size 4 for 'j' of 'jk', another axis of that name has 3", Tensor.Zeros([2, 3]), Tensor.Zeros([4, 5]));
        Refused("...i,...i->...", "Einsum '...i,...i->...': operand 1 (4, 3) has size 4 for axis 0 of '...', another axis of that name has 2", Tensor.Zeros([2, 3]), Tensor.Zeros([4, 3]));
    }

    private static void Refused(string equation, string message, params Tensor[] operands) =>
        Assert.Equal(message, Assert.Throws<ShapeException>(() => Tensor.Einsum(equation, operands)).Message);
}
