"""Golden cases of the arithmetic operators, sums and SiLU: the model for other families."""
import torch
import torch.nn.functional as F
from golden import Family, rand, randn

family = Family('arithmetic')
family.case('add', lambda a, b: a + b, randn(3, 5), randn(3, 5))
family.case('add_row', lambda a, b: a + b, randn(3, 5), randn(5))
family.case('subtract_column', lambda a, b: a - b, randn(3, 5), randn(3, 1))
family.case('multiply', lambda a, b: a * b, randn(2, 3, 7), randn(2, 3, 7))
family.case('multiply_channel', lambda a, b: a * b, randn(2, 3, 4, 5), randn(3, 1, 1))
family.case('multiply_both', lambda a, b: a * b, randn(4, 1, 3), randn(5, 1))
family.case('multiply_scalar', lambda a, b: a * b, randn(2, 19), randn())
family.case('divide', lambda a, b: a / b, randn(3, 17), rand(3, 17, low=0.5, high=2))
family.case('divide_row', lambda a, b: a / b, randn(3, 17), rand(17, low=0.5, high=2))
family.case('negate', lambda a: -a, randn(33))
family.case('silu', F.silu, randn(5, 13))
family.case('sigmoid', torch.sigmoid, randn(5, 13))
family.case('sum', lambda a: (a * a).sum(), randn(4, 9))
family.case('sum_first', lambda a: (a * a).sum(0), randn(4, 9))
family.case('sum_last_keep', lambda a: (a * a).sum(-1, keepdim=True), randn(4, 9))
family.case('sum_outer', lambda a: (a * a).sum((0, 2, 3)), randn(2, 3, 4, 5))
family.case('sum_middle', lambda a: (a * a).sum(1), randn(2, 7, 5))
family.case('expand', lambda a: a.expand(4, 3, 5) ** 2, randn(3, 1))
family.save()
