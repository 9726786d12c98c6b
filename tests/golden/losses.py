"""Golden cases of the losses."""
import torch
import torch.nn.functional as F
from golden import Family, rand, randint, randn

family = Family('losses')


def ce(**options): return lambda x, y: F.cross_entropy(x, y, **options)


WEIGHTS = torch.tensor([0.5, 1, 2, 0.25, 1.5]).double()
some_ignored = torch.tensor([1, -100, 4, 0, -100, 2], dtype=torch.int32)
family.case('ce', ce(), randn(6, 19) * 3, randint(19, 6))
family.case('ce_sum', ce(reduction='sum'), randn(6, 5) * 3, randint(5, 6))
family.case('ce_none', ce(reduction='none'), randn(2, 5, 3, 7) * 3, randint(5, 2, 3, 7))
family.case('ce_images', ce(), randn(2, 5, 3, 7) * 3, randint(5, 2, 3, 7))
family.case('ce_smooth', ce(label_smoothing=0.25), randn(6, 5), randint(5, 6))
family.case('ce_weights', ce(weight=WEIGHTS), randn(6, 5), randint(5, 6))
family.case('ce_all', ce(weight=WEIGHTS, label_smoothing=0.25, ignore_index=-100), randn(6, 5), some_ignored)
family.case('ce_all_images', ce(weight=WEIGHTS, label_smoothing=0.25, ignore_index=2), randn(2, 5, 19), randint(5, 2, 19))
family.case('ce_one', ce(), randn(7), randint(7)[()])
family.case('ce_extreme', lambda x, y: F.cross_entropy(x * 1e4, y), randn(6, 5), randint(5, 6), second=False)
family.case('ce_soft', lambda x, t: F.cross_entropy(x, t), randn(4, 5), rand(4, 5))
family.case('ce_soft_all', lambda x, t: F.cross_entropy(x, t, WEIGHTS, label_smoothing=0.25, reduction='sum'), randn(2, 5, 7), rand(2, 5, 7))
family.case('nll', F.nll_loss, randn(6, 5), randint(5, 6))
family.case('nll_all', lambda x, y: F.nll_loss(x, y, WEIGHTS, ignore_index=3), randn(2, 5, 3, 4), randint(5, 2, 3, 4))
family.case('nll_none', lambda x, y: F.nll_loss(x, y, reduction='none'), randn(6, 5), randint(5, 6))
family.case('mse', F.mse_loss, randn(3, 7), randn(3, 7))
family.case('l1', F.l1_loss, randn(3, 7), randn(3, 7))
family.case('huber', lambda x, t: F.huber_loss(x, t, delta=0.5), randn(3, 7), randn(3, 7))
family.case('smooth_l1', lambda x, t: F.smooth_l1_loss(x, t, beta=0.5, reduction='sum'), randn(3, 7), randn(3, 7))
family.case('mse_none', lambda x, t: F.mse_loss(x, t, reduction='none'), randn(3, 7), randn(3, 7))
family.case('bce_logits', lambda x, t: F.binary_cross_entropy_with_logits(x, t), randn(3, 7) * 3, rand(3, 7))
family.case('bce_logits_weights', lambda x, t, q, w: -(w * (q * t * F.logsigmoid(x) + (1 - t) * F.logsigmoid(-x))).sum(),
            randn(3, 7), rand(3, 7), rand(7, low=0.5, high=2), rand(3, 1, low=0.5, high=2))
family.case('bce', lambda x, t: F.binary_cross_entropy(x, t), rand(3, 7, low=0.1, high=0.9), rand(3, 7))
family.case('bce_ends', F.binary_cross_entropy, torch.tensor([0.0, 1, 0, 1]), torch.tensor([0.0, 1, 1, 0]), gradient=False)
family.case('kl', lambda x, t: F.kl_div(x, t, reduction='mean'), randn(3, 7), rand(3, 7, low=0.1))
family.case('kl_log', lambda x, t: F.kl_div(x, t, reduction='sum', log_target=True), randn(3, 7), randn(3, 7))
family.case('cosine', lambda a, b: F.cosine_similarity(a, b, dim=1), randn(3, 7, 2), randn(3, 7, 2))
family.case('cosine_row', lambda a, b: F.cosine_similarity(a, b, dim=-1), randn(3, 7), randn(7))
family.case('cosine_embedding', lambda a, b, y: F.cosine_embedding_loss(a, b, y, margin=0.1), randn(6, 5), randn(6, 5),
            torch.tensor([1, -1, -1, 1, -1, -1], dtype=torch.int32))
family.case('triplet', lambda a, p, n: F.triplet_margin_loss(a, p, n), randn(6, 5), randn(6, 5), randn(6, 5))
family.case('triplet_swap', lambda a, p, n: F.triplet_margin_loss(a, p, n, margin=0.5, swap=True, reduction='none'), randn(6, 5), randn(6, 5), randn(6, 5))
family.case('hinge', lambda x, y: (1 - y * x).relu().mean(), randn(9), torch.tensor([1, -1, -1, 1, -1, 1, 1, -1, 1], dtype=torch.int32))
family.case('hinge_embedding', lambda x, y: F.hinge_embedding_loss(x, y), randn(9), torch.tensor([1, -1, -1, 1, -1, 1, 1, -1, 1], dtype=torch.int32))
family.case('multi_margin', lambda x, y: F.multi_margin_loss(x, y), randn(6, 5), randint(5, 6), second=False)
family.case('multi_margin_all', lambda x, y: F.multi_margin_loss(x, y, p=2, margin=0.5, weight=WEIGHTS, reduction='none'), randn(6, 5), randint(5, 6), second=False)


def belief(coefficient, prior=1.0, reduction='mean'):
    """The loss as the authors' code has it, over axis 1."""
    def loss(x, y):
        alpha = x.exp()
        total = alpha.sum(1, keepdim=True)
        expected = alpha.digamma() - total.digamma()  # E log z
        divergence = total.lgamma().squeeze(1) - alpha.lgamma().sum(1) + ((alpha - prior) * expected).sum(1)
        items = coefficient * divergence - expected.gather(1, y.long().unsqueeze(1)).squeeze(1)
        return {'mean': items.mean(), 'sum': items.sum(), 'none': items}[reduction]
    return loss


family.case('belief', belief(0.01), randn(6, 5) * 2, randint(5, 6))
family.case('belief_prior', belief(0.3, 0.5, 'sum'), randn(6, 19), randint(19, 6))
family.case('belief_images', belief(0.003, reduction='none'), randn(2, 5, 3, 7) * 3, randint(5, 2, 3, 7))
family.case('belief_likelihood', belief(0), randn(6, 5) * 3, randint(5, 6))
family.save()
