"""Golden cases of the reductions and scans."""
import torch
from golden import Family, rand, randn

family = Family('reduce')
sq = lambda y: y * y
family.case('mean', lambda a: sq(a).mean(), randn(4, 9))
family.case('mean_axes', lambda a: sq(a).mean((0, 2, 3), keepdim=True), randn(3, 4, 5, 2))
family.case('mean_last', lambda a: sq(a).mean(-1), randn(4, 9))
family.case('max', lambda a: sq(a.amax()), randn(4, 9))
family.case('max_axes', lambda a: sq(a.amax((0, 2))), randn(4, 5, 6))
family.case('max_ties', lambda a: sq(a.amax(1, keepdim=True)), torch.tensor([[1., 3, 3, 2], [0, 0, 0, 0], [5, 1, 1, 5]]))
family.case('max_middle', lambda a: sq(a.amax(1)), randn(3, 4, 18))
family.case('min', lambda a: sq(a.amin()), randn(4, 9))
family.case('min_last', lambda a: sq(a.amin(-1)), randn(4, 37))
family.save()
