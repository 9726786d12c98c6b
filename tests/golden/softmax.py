"""Golden cases of softmax and log-softmax along every axis."""
import torch.nn.functional as F
from golden import Family, randn

family = Family('softmax')
for name, f in (('softmax', F.softmax), ('log_softmax', F.log_softmax)):
    family.case(f'{name}_last', lambda x: f(x, -1), randn(3, 19) * 3)
    family.case(f'{name}_first', lambda x: f(x, 0), randn(5, 7) * 3)
    family.case(f'{name}_middle', lambda x: f(x, 1), randn(2, 6, 21) * 3)
    family.case(f'{name}_one', lambda x: f(x, -1), randn(4, 1))
    family.case(f'{name}_vector', lambda x: f(x, 0), randn(37))
    family.case(f'{name}_extreme', lambda x: f(x * 1e4, -1), randn(3, 9), second=False)
family.save()
