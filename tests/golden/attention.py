"""Golden cases of scaled dot-product attention."""
import torch
from golden import Family, randn

family = Family('attention')


def attend(q, k, v, bias=None, scale=None):
    scores = q @ k.transpose(-1, -2) * (scale or q.shape[-1] ** -0.5)
    return (scores if bias is None else scores + bias).softmax(-1) @ v


def causal(t, s): return torch.full((t, s), float('-inf')).triu(1).double()


mask = torch.tensor([[1, 1, 0, 1, 0], [0, 1, 1, 1, 1], [1, 0, 0, 0, 0]]).double()
family.case('plain', attend, randn(2, 2, 3, 4), randn(2, 2, 5, 4), randn(2, 2, 5, 6))
family.case('causal', lambda q, k, v: attend(q, k, v, causal(5, 5)), randn(2, 5, 3), randn(2, 5, 3), randn(2, 5, 3))
family.case('scaled', lambda q, k, v: attend(q, k, v, scale=0.25), randn(1, 4, 3), randn(1, 6, 3), randn(1, 6, 2))
family.case('mask', lambda q, k, v: attend(q, k, v, mask.log()), randn(2, 2, 3, 4), randn(2, 2, 5, 4), randn(2, 2, 5, 3))
family.case('bias', attend, randn(2, 2, 3, 4), randn(2, 2, 5, 4), randn(2, 2, 5, 3), randn(2, 1, 5))
family.save()
