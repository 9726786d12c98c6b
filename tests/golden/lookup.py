"""Golden cases of embedding."""
import torch
import torch.nn.functional as F
from golden import Family, randint, randn

family = Family('lookup')
family.case('embedding', lambda w, i: F.embedding(i, w) ** 2, randn(6, 17), randint(6, 3, 4))
family.case('embedding_padding', lambda w, i: F.embedding(i, w, padding_idx=2) ** 2, randn(5, 3), torch.tensor([2, 0, 2, 4, 4, 1], dtype=torch.int32))
family.save()
