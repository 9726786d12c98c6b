"""Golden cases of the operations that move numbers: orders of axes, slices, joins, padding, indexing."""
import torch
import torch.nn.functional as F
from golden import Family, randint, randn

family = Family('shape')
sq = lambda y: y * y  # a second gradient that is not zero
family.case('permute', lambda a: sq(a.permute(2, 0, 1)), randn(3, 4, 5))
family.case('permute4', lambda a: sq(a.permute(0, 2, 1, 3)), randn(2, 3, 4, 5))
family.case('nchw_nhwc', lambda a: sq(a.permute(0, 2, 3, 1)), randn(2, 3, 5, 4))
family.case('nhwc_nchw', lambda a: sq(a.permute(0, 3, 1, 2)), randn(2, 5, 4, 3))
family.case('transpose', lambda a: sq(a.transpose(-2, -1)), randn(2, 19, 17))
family.case('transpose_outer', lambda a: sq(a.transpose(0, 2)), randn(3, 4, 5))
family.case('t', lambda a: sq(a.t()), randn(33, 9))
family.case('slice_first', lambda a: sq(a[1:3]), randn(4, 5))
family.case('slice_last', lambda a: sq(a[:, 1:-1]), randn(4, 7))
family.case('slice_step', lambda a: sq(a[:, 1:6:2]), randn(3, 7, 2))
family.case('slice_back', lambda a: sq(a[:, 1:6].flip(1)[:, ::2]), randn(3, 7, 2))
family.case('select', lambda a: sq(a[:, 2]), randn(3, 4, 5))
family.case('flip', lambda a: sq(a.flip(0, 2)), randn(3, 4, 5))
family.case('concat', lambda a, b, c: sq(torch.cat([a, b, c], 1)), randn(2, 3, 4), randn(2, 1, 4), randn(2, 5, 4))
family.case('concat_first', lambda a, b: sq(torch.cat([a, b], 0)), randn(2, 3), randn(4, 3))
family.case('stack', lambda a, b: sq(torch.stack([a, b], -1)), randn(2, 3), randn(2, 3))
family.case('stack_first', lambda a, b: sq(torch.stack([a, b], 0)), randn(2, 3), randn(2, 3))
family.case('split', lambda a: a.split([1, 4, 2], 1)[1] * a.split([1, 4, 2], 1)[2].sum(1, keepdim=True), randn(3, 7))
family.case('chunk', lambda a: a.chunk(3, 0)[0] * a.chunk(3, 0)[2].sum(), randn(7, 2))
family.save()
