using Rindoku.Ops;
using Rindoku.Testing;
using Rindoku.Tests.Kernels;

namespace Rindoku.Tests.Ops;

[Collection(nameof(KernelSettings))]
public sealed class LinearAlgebraTests
{
    private static readonly Golden Golden = Golden.Family("linalg");

    public static TheoryData<string> Sizes => ["one", "plain", "batch"];
    public static TheoryData<string> Rectangles => ["one", "square", "tall", "wide", "column", "row"];

    [Theory, MemberData(nameof(Sizes))]
    public void Cholesky_matches_PyTorch(string size) => Golden.Check("cholesky_" + size, a => Positive(a).Cholesky());

    [Theory, MemberData(nameof(Sizes))]
    public void CholeskySolve_matches_PyTorch(string size) =>
        Golden.Check("cholesky_solve_" + size, (a, b) => Positive(a).Cholesky().CholeskySolve(b), rtol: 2e-4, atol: 5e-5);

    [Theory, MemberData(nameof(Sizes))]
    public void Solve_matches_PyTorch(string size) => Golden.Check("solve_" + size, (a, b) => a.Solve(b), rtol: 2e-4, atol: 1e-4);

    [Theory, MemberData(nameof(Sizes))]
    public void Inverse_matches_PyTorch(string size) => Golden.Check("inverse_" + size, a => a.Inverse(), rtol: 2e-4, atol: 1e-4);

    [Theory, MemberData(nameof(Sizes))]
    public void Determinant_matches_PyTorch(string size) => Golden.Check("determinant_" + size, a => a.Determinant(), rtol: 2e-4, atol: 1e-4);

    [Theory, MemberData(nameof(Sizes))]
    public void LogDeterminant_matches_PyTorch(string size) => Golden.Check("log_determinant_" + size, a => a.LogDeterminant().Logarithm, rtol: 2e-4, atol: 1e-4);

    [Theory]
    [InlineData("one", false, false)]
    [InlineData("one", false, true)]
    [InlineData("one", true, false)]
    [InlineData("one", true, true)]
    [InlineData("plain", false, false)]
    [InlineData("plain", false, true)]
    [InlineData("plain", true, false)]
    [InlineData("plain", true, true)]
    [InlineData("batch", false, false)]
    [InlineData("batch", false, true)]
    [InlineData("batch", true, false)]
    [InlineData("batch", true, true)]
    public void TriangularSolve_matches_PyTorch(string size, bool upper, bool transposed) =>
        Golden.Check($"triangular_{size}_{(upper ? "True" : "False")}_{(transposed ? "True" : "False")}",
            (a, b) => a.TriangularSolve(b, upper, transposed), rtol: 2e-4, atol: 5e-5);

    [Theory, MemberData(nameof(Sizes))]
    public void Eigenvalues_match_PyTorch(string size) => Golden.Check("eigenvalues_" + size, a => Symmetric(a).SymmetricEigen().Values, rtol: 1e-3, atol: 1e-4);

    [Theory, MemberData(nameof(Sizes))]
    public void Eigenvectors_match_PyTorch_up_to_sign(string size) =>
        Golden.Check("eigenvectors_" + size, a => Square(Symmetric(a).SymmetricEigen().Vectors), rtol: 1e-3, atol: 1e-3);

    [Theory, MemberData(nameof(Rectangles))]
    public void Singular_values_match_PyTorch(string size) => Golden.Check("svd_values_" + size, a => a.Svd().S, rtol: 1e-3, atol: 1e-4);

    [Theory, MemberData(nameof(Rectangles))]
    public void Singular_vectors_match_PyTorch_up_to_sign(string size)
    {
        Golden.Check("svd_left_" + size, a => Square(a.Svd().U), rtol: 1e-3, atol: 1e-3);
        Golden.Check("svd_right_" + size, a => Square(a.Svd().V), rtol: 1e-3, atol: 1e-3);
    }

    [Fact] public void Solve_of_broadcast_batches_matches_PyTorch() => Golden.Check("solve_broadcast", (a, b) => a.Solve(b));
    [Fact] public void Solve_of_a_vector_matches_PyTorch() => Golden.Check("solve_vector", (a, b) => a.Solve(b));
    [Fact] public void Solve_exchanges_rows_where_a_pivot_is_zero() => Golden.Check("solve_pivoting", (a, b) => a.Solve(b));
    [Fact] public void Outer_matches_PyTorch() => Golden.Check("outer", (a, b) => a.Outer(b));
    [Fact] public void Trace_matches_PyTorch() => Golden.Check("trace", a => a.Trace());

    [Theory, InlineData(1), InlineData(2), InlineData(17), InlineData(80)]
    public void Decompositions_of_larger_matrices_multiply_back(int n)
    {
        Tensor a = new Rng(seed: n).Normal([n, n]), symmetric = Symmetric(a), tall = new Rng(seed: n).Normal([2 * n, n]);
        (Tensor values, Tensor vectors) = symmetric.SymmetricEigen();
        Check.Close((vectors * values).MatMul(vectors, transposeB: true), symmetric, rtol: 1e-4, atol: 1e-4);
        Check.Close(vectors.MatMul(vectors, transposeA: true), Tensor.Eye(n), atol: 1e-5);
        foreach (Tensor x in (Tensor[])[a, tall, tall.T()])
        {
            (Tensor u, Tensor s, Tensor v) = x.Svd();
            Check.Close((u * s).MatMul(v, transposeB: true), x, rtol: 1e-4, atol: 1e-4);
            Check.Close(u.MatMul(u, transposeA: true), Tensor.Eye(n), atol: 1e-5);
            Check.Close(v.MatMul(v, transposeA: true), Tensor.Eye(n), atol: 1e-5);
        }
    }

    [Fact]
    public void Svd_of_a_matrix_of_low_rank_still_has_orthonormal_vectors()
    {
        Tensor one = Tensor.Ones([5, 3]);
        (Tensor u, Tensor s, Tensor v) = one.Svd();
        Check.Close(s, Tensor.Of(MathF.Sqrt(15), 0, 0), atol: 1e-6);
        Check.Close(u.MatMul(u, transposeA: true), Tensor.Eye(3), atol: 1e-6);
        Check.Close((u * s).MatMul(v, transposeB: true), one, atol: 1e-6);
        (u, s, _) = Tensor.Zeros([4, 2]).Svd();
        Check.Close(s, Tensor.Zeros([2]));
        Check.Close(u.MatMul(u, transposeA: true), Tensor.Eye(2), atol: 1e-6);
    }

    [Fact]
    public void Equal_eigenvalues_are_found_and_only_the_vectors_gradient_refuses()
    {
        Tensor a = Tensor.Eye(3).Tracked();
        (Tensor values, Tensor vectors) = a.SymmetricEigen();
        Check.Close(Grad.Of(values.Sum(), a), Tensor.Eye(3), atol: 1e-6);
        var error = Assert.Throws<LinearAlgebraException>(() => Grad.Of(vectors.Sum(), a));
        Assert.Equal("SymmetricEigen: the matrix (3, 3) has equal eigenvalues 0 and 1 (1 and 1): there the gradient of its vectors does not exist", error.Message);
        Tensor b = Tensor.Ones([3, 2]).Tracked();
        Assert.Throws<LinearAlgebraException>(() => Grad.Of(b.Svd().U.Sum(), b));
    }

    [Fact]
    public void Empty_batches_and_matrices_of_no_size_work()
    {
        Tensor none = Tensor.Zeros([0, 3, 3]), empty = Tensor.Zeros([2, 0, 0]);
        Assert.Equal<Shape>([0, 3, 3], none.Cholesky().Shape);
        Assert.Equal<Shape>([0, 3, 1], none.Solve(Tensor.Zeros([3, 1])).Shape);
        Assert.Equal<Shape>([0], none.Determinant().Shape);
        Assert.Equal<Shape>([0, 3], none.SymmetricEigen().Values.Shape);
        Assert.Equal<Shape>([0, 3, 2], Tensor.Zeros([0, 3, 2]).Svd().U.Shape);
        Check.Same(empty.Determinant(), Tensor.Ones([2]));
        Assert.Equal<Shape>([2, 0], empty.SymmetricEigen().Values.Shape);
        Assert.Equal<Shape>([2, 0, 0], empty.Inverse().Shape);
    }

    [Fact]
    public void Singular_determinants_are_zero_and_signs_are_right()
    {
        Tensor a = Tensor.From([1, 2, 2, 4, 0, 1, 1, 0, 3, 0, 0, 2], [3, 2, 2]);
        Check.Close(a.Determinant(), Tensor.Of(0, -1, 6));
        (Tensor sign, Tensor logarithm) = a.LogDeterminant();
        Check.Same(sign, Tensor.Of(0, -1, 1));
        Check.Close(logarithm, Tensor.Of(float.NegativeInfinity, 0, MathF.Log(6)));
    }

    [Fact]
    public void Matrices_without_the_needed_property_are_named()
    {
        Tensor a = Stack(Tensor.Eye(2), Tensor.From([1, 2, 2, 1], [2, 2]), Tensor.From([0, 0, 0, 0], [2, 2]));
        Wrong(() => a.Cholesky(), "Cholesky: matrix 1 of the batch (3, 2, 2) is not positive definite: pivot 1 is not positive. " +
            "Add a small multiple of the identity if rounding may be the cause");
        Wrong(() => a.Solve(Tensor.Ones([2, 1])), "Solve: matrix 2 of the batch (3, 2, 2) is singular: pivot 0 of its elimination is zero to working precision");
        Wrong(() => Tensor.From([1, 2, 2, 4], [2, 2]).Inverse(), "Inverse: the matrix (2, 2) is singular: pivot 1 of its elimination is zero to working precision");
        Wrong(() => Tensor.From([1, 0, 2, 0], [2, 2]).TriangularSolve(Tensor.Ones([2])), "TriangularSolve: the matrix (2, 2) is singular: there is a zero on its diagonal, at 1");
        Wrong(() => Tensor.Full([2, 2], float.NaN).SymmetricEigen(), "SymmetricEigen: the matrix (2, 2) has no eigenvalues: it holds NaN or infinity");
        Wrong(() => Tensor.Full([3, 2], float.NaN).Svd(), "Svd: the matrix (3, 2) has no singular values: it holds NaN or infinity");
        Wrong(() => Tensor.Full([2, 2], float.NaN).Cholesky(), null);
        Wrong(() => Tensor.Full([2, 2], float.NaN).Inverse(), null);
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_refused_with_the_shapes()
    {
        Refused(() => Tensor.Zeros([2, 3]).Cholesky(), "Cholesky: needs square matrices (..., n, n), got (2, 3)");
        Refused(() => Tensor.Zeros([3]).Inverse(), "Inverse: needs square matrices (..., n, n), got (3)");
        Refused(() => Tensor.Eye(3).Solve(Tensor.Zeros([2, 3])), "Solve: matrices (3, 3) and right-hand side (2, 3): needs (..., 3, k) or (3)");
        Refused(() => Tensor.Zeros([2, 3, 3]).TriangularSolve(Tensor.Zeros([4, 3, 1])), "TriangularSolve: (2) and (4) do not broadcast: sizes 2 and 4 differ at axis -1, and neither is 1");
        Refused(() => Tensor.Zeros([2]).Svd().U, "Svd: needs matrices (..., m, n), got (2)");
        Refused(() => Tensor.Zeros([2]).Dot(Tensor.Zeros([3])), "Dot: (2) and (3): the last axes must have one size");
    }

    // As the pixels of images: most values are rounding errors of the few large ones, and some rows are 0.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Matrices_of_low_rank_have_eigenvalues(int seed)
    {
        const int size = 300, rank = 40;
        Rng rng = new(seed);
        Tensor x = rng.Normal([1000, rank]).MatMul(rng.Normal([rank, size])) * Tensor.Generate([size], i => i % 7 == 0 ? 0 : 1);
        Tensor a = x.MatMul(x, transposeA: true);
        (Tensor values, Tensor vectors) = a.SymmetricEigen();
        float largest = values[size - 1];
        for (int i = 0; i < size - rank; i++) Assert.InRange(values[i], -1e-5f * largest, 1e-5f * largest);
        for (int i = size - rank; i < size; i++) Assert.True(values[i] > 1e-4f * largest, $"value {i} is {values[i]}");
        Check.Close((vectors * values).MatMul(vectors, transposeB: true), a, atol: 1e-5 * largest);
    }

    // What rotations leave of the largest values is greater than all the small ones: without a bound by the largest the iteration has no end.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Matrices_of_low_rank_whose_rows_differ_by_magnitudes_have_eigenvalues(int seed)
    {
        const int size = 400, rank = 30;
        Tensor x = new Rng(seed).Normal([rank, size]) * Tensor.Generate([size], i => MathF.Exp(-0.1f * Math.Abs(i - size / 2)));
        Tensor a = x.MatMul(x, transposeA: true);
        (Tensor values, Tensor vectors) = a.SymmetricEigen();
        float largest = values[size - 1];
        Assert.All(values.ToArray()[..(size - rank)], value => Assert.InRange(value, -1e-5f * largest, 1e-5f * largest));
        Check.Close((vectors * values).MatMul(vectors, transposeB: true), a, atol: 1e-5 * largest);
        Check.Close(vectors.MatMul(vectors, transposeA: true), Tensor.Eye(size), atol: 1e-5);
    }

    [Fact]
    public void Thread_counts_do_not_change_a_bit()
    {
        Tensor a = new Rng(seed: 2).Normal([33, 6, 6]), b = new Rng(seed: 3).Normal([33, 6, 2]);
        Determinism.Check(() => [Positive(a).Cholesky(), a.Solve(b), a.Inverse(), a.Determinant(), Symmetric(a).SymmetricEigen().Vectors, a.Svd().V]);
    }

    private static Tensor Positive(Tensor a) => a.MatMul(a, transposeB: true) + 2 * Tensor.Eye(a.Shape[^1]);
    private static Tensor Symmetric(Tensor a) => (a + a.Transpose(-2, -1)) * 0.5f;
    private static Tensor Square(Tensor x) => x * x;
    private static Tensor Stack(params Tensor[] x) => Tensor.Stack(x);
    private static void Refused(Func<Tensor> work, string message) => Assert.Equal(message, Assert.Throws<ShapeException>(work).Message);

    private static void Wrong(Func<object> work, string? message)
    {
        var error = Assert.Throws<LinearAlgebraException>(() => { _ = work(); });
        if (message is not null) Assert.Equal(message, error.Message);
    }
}
