"""Golden cases of linear algebra. Matrices are built from free ones inside the case, so that gradients are those of symmetric input."""
import torch
from golden import Family, randn

family = Family('linalg')


def positive(a):
    return a @ a.mT + 2 * torch.eye(a.shape[-1], dtype=a.dtype)


def symmetric(a):
    return (a + a.mT) / 2


def regular(*shape):
    return randn(*shape) + 3 * torch.eye(shape[-1])


for name, shape in (('one', (1, 1)), ('plain', (4, 4)), ('batch', (2, 3, 5, 5))):
    n = shape[-1]
    family.case(f'cholesky_{name}', lambda a: torch.linalg.cholesky(positive(a)), randn(*shape))
    family.case(f'cholesky_solve_{name}', lambda a, b: torch.cholesky_solve(b, torch.linalg.cholesky(positive(a))), randn(*shape), randn(n, 2))
    family.case(f'solve_{name}', torch.linalg.solve, regular(*shape), randn(*shape[:-1], 3))
    family.case(f'inverse_{name}', torch.linalg.inv, regular(*shape))
    family.case(f'determinant_{name}', torch.linalg.det, regular(*shape) / 2)
    family.case(f'log_determinant_{name}', lambda a: torch.linalg.slogdet(a)[1], regular(*shape))
    for upper in (False, True):
        for transposed in (False, True):
            def solve(a, b):
                a = a.triu() if upper else a.tril()
                return torch.linalg.solve_triangular(a.mT if transposed else a, b, upper=upper != transposed)
            family.case(f'triangular_{name}_{upper}_{transposed}', solve, regular(*shape), randn(*shape[:-1], 2))
    family.case(f'eigenvalues_{name}', lambda a: torch.linalg.eigh(symmetric(a))[0], randn(*shape))
    family.case(f'eigenvectors_{name}', lambda a: torch.linalg.eigh(symmetric(a))[1] ** 2, randn(*shape))

family.case('solve_broadcast', torch.linalg.solve, regular(2, 1, 3, 3), randn(4, 3, 2))
family.case('solve_vector', torch.linalg.solve, regular(3, 3), randn(3))
family.case('solve_pivoting', torch.linalg.solve, torch.tensor([[0., 2., 1.], [1., 1., 0.], [3., 0., 1.]]), randn(3, 2))
for name, shape in (('one', (1, 1)), ('square', (4, 4)), ('tall', (2, 6, 3)), ('wide', (2, 3, 5)), ('column', (5, 1)), ('row', (1, 4))):
    family.case(f'svd_values_{name}', lambda a: torch.linalg.svd(a, full_matrices=False)[1], randn(*shape))
    family.case(f'svd_left_{name}', lambda a: torch.linalg.svd(a, full_matrices=False)[0] ** 2, randn(*shape))
    family.case(f'svd_right_{name}', lambda a: torch.linalg.svd(a, full_matrices=False)[2].mT ** 2, randn(*shape))

for name, equation, *shapes in (
        ('matrix', 'ij,jk->ik', (3, 4), (4, 5)), ('transposed', 'ji,kj->ki', (4, 3), (5, 4)), ('batch', 'bij,bjk->bik', (2, 3, 4), (2, 4, 5)),
        ('attention', 'bqhd,bkhd->bhqk', (2, 3, 2, 4), (2, 5, 2, 4)), ('diagonal', 'ii->i', (4, 4)), ('trace', 'bii->b', (2, 3, 3)),
        ('cube', 'iij,iik->jk', (2, 2, 3), (2, 2, 4)), ('permute', 'abc->cab', (2, 3, 4)), ('sum', 'abc->b', (2, 3, 4)), ('total', 'ab->', (2, 3)),
        ('implicit', 'ij,jk', (3, 4), (4, 5)), ('implicit_order', 'ba', (3, 4)), ('outer', 'i,j->ij', (3,), (4,)), ('dot', 'i,i->', (5,), (5,)),
        ('rows', 'bi,bi->b', (3, 5), (3, 5)), ('elementwise', 'ab,ba->ab', (3, 4), (4, 3)), ('bilinear', 'bi,oij,bj->bo', (3, 2), (4, 2, 5), (3, 5)),
        ('ellipsis', '...ij,...jk->...ik', (2, 1, 3, 4), (5, 4, 2)), ('ellipsis_sum', 'a...,a->...', (3, 2, 2), (3,)),
        ('ellipsis_implicit', '...ij,jk', (2, 3, 4), (4, 5)), ('ellipsis_middle', 'i...j->j...i', (2, 3, 4)), ('four', 'ab,bc,cd,da->', (2, 3), (3, 4), (4, 2), (2, 2)),
        ('unused', 'ij,k->i', (3, 4), (5,)), ('scalar', ',i->i', (), (4,)), ('batch_outer', 'bi,bj->bij', (2, 3), (2, 4))):
    family.case('einsum_' + name, lambda *x: torch.einsum(equation, *x), *[randn(*s) for s in shapes])
family.case('outer', lambda a, b: a[..., :, None] * b[..., None, :], randn(2, 3), randn(4))
family.case('trace', lambda a: a.diagonal(dim1=-2, dim2=-1).sum(-1), randn(2, 3, 4))
family.save()
