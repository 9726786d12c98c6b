"""Golden cases of matrix products."""
import torch
import torch.nn.functional as F
from golden import Family, randn

family = Family('matmul')
family.case('plain', torch.matmul, randn(5, 7), randn(7, 4))
family.case('transposed_a', lambda a, b: a.mT @ b, randn(7, 5), randn(7, 4))
family.case('transposed_b', lambda a, b: a @ b.mT, randn(5, 7), randn(4, 7))
family.case('transposed_both', lambda a, b: a.mT @ b.mT, randn(7, 5), randn(4, 7))
family.case('row', torch.matmul, randn(7), randn(7, 4))
family.case('column', torch.matmul, randn(3, 5, 7), randn(7))
family.case('dot', torch.matmul, randn(7), randn(7))
family.case('batch', torch.matmul, randn(3, 5, 7), randn(3, 7, 4))
family.case('batch_by_matrix', torch.matmul, randn(2, 3, 5, 7), randn(7, 4))
family.case('batch_by_matrix_transposed', lambda a, b: a.mT @ b.mT, randn(2, 3, 7, 5), randn(4, 7))
family.case('matrix_by_batch', torch.matmul, randn(5, 7), randn(3, 7, 4))
family.case('batches_broadcast', torch.matmul, randn(2, 1, 5, 7), randn(3, 7, 4))
family.case('batches_broadcast_transposed', lambda a, b: a.mT @ b.mT, randn(4, 1, 3, 2), randn(1, 2, 5, 3))
family.case('linear', F.linear, randn(2, 3, 7), randn(4, 7), randn(4))
family.case('linear_no_bias', F.linear, randn(6, 7), randn(4, 7))
family.case('linear_row', F.linear, randn(7), randn(4, 7), randn(4))
family.save()
