"""Golden cases of the normalisations: batch, layer, group, instance, RMS, weight, spectral."""
import torch
import torch.nn.functional as F
from golden import Family, rand, randn

family = Family('norm')


def batch(x, w=None, b=None): return F.batch_norm(x, None, None, w, b, training=True)


FIXED = (torch.tensor([0, 0.5, 1, 1.5, 2]).double(), torch.tensor([0.5, 1, 1.5, 2, 2.5]).double())  # running mean and variance


def affine(*shape): return rand(*shape, low=0.5, high=2), randn(*shape)


family.case('batch_images', batch, randn(3, 5, 3, 4) * 2 + 1, *affine(5))
family.case('batch_sequences', batch, randn(2, 3, 19), *affine(3))
family.case('batch_rows', batch, randn(7, 18) + 3, *affine(18))
family.case('batch_plain', batch, randn(4, 3, 5))
family.case('batch_scale_only', lambda x, w: batch(x, w), randn(4, 3, 5), rand(3))
family.case('batch_shift_only', lambda x, b: batch(x) + b[:, None], randn(4, 3, 5), randn(3))
family.case('batch_statistics_mean', lambda x: x.mean((0, 2)), randn(4, 3, 5), gradient=False)
family.case('batch_statistics_variance', lambda x: x.permute(1, 0, 2).reshape(3, -1).var(1), randn(4, 3, 5), gradient=False)
family.case('batch_evaluation', lambda x, w, b: F.batch_norm(x, *FIXED, w, b), randn(3, 5, 2, 3), *affine(5))
family.case('batch_evaluation_plain', lambda x: F.batch_norm(x, *FIXED), randn(6, 5))
family.case('batch_evaluation_statistics', lambda x, m, v, w, b: (x - m) / (v + 1e-5).sqrt() * w + b,
            randn(6, 17), randn(17), rand(17, low=0.5, high=2), *affine(17))
family.case('layer', lambda x, w, b: F.layer_norm(x, (19,), w, b), randn(2, 3, 19) * 2 + 1, *affine(19))
family.case('layer_two_axes', lambda x, w, b: F.layer_norm(x, (3, 7), w, b), randn(4, 3, 7), *affine(3, 7))
family.case('layer_plain', lambda x: F.layer_norm(x, (16,)), randn(5, 16))
family.case('layer_shift_only', lambda x, b: F.layer_norm(x, (9,)) + b, randn(5, 9), randn(9))
family.case('rms', lambda x, w: x * (x.square().mean(-1, keepdim=True) + 1e-6).rsqrt() * w, randn(4, 21), rand(21, low=0.5, high=2))
family.case('rms_plain', lambda x: x * (x.square().mean((1, 2), keepdim=True) + 1e-6).rsqrt(), randn(4, 3, 5))
family.case('group', lambda x, w, b: F.group_norm(x, 3, w, b), randn(2, 6, 4, 5), *affine(6))
family.case('group_rows', lambda x, w, b: F.group_norm(x, 2, w, b), randn(3, 8), *affine(8))
family.case('group_plain', lambda x: F.group_norm(x, 2), randn(2, 4, 17))
family.case('instance', lambda x, w, b: F.instance_norm(x, weight=w, bias=b), randn(2, 3, 4, 5), *affine(3))
family.case('instance_plain', lambda x: F.instance_norm(x), randn(2, 3, 18))
# Written out: the second gradient of PyTorch 1.13's own _weight_norm is wrong (it differs from that of its own formula).
family.case('weight', lambda v, g: v * (g / v.square().sum((1, 2), keepdim=True).sqrt()), randn(4, 3, 5), rand(4, 1, 1, low=0.5, high=2))
family.case('weight_last', lambda v, g: v * (g / v.square().sum(0, keepdim=True).sqrt()), randn(4, 6), rand(1, 6, low=0.5, high=2))


def spectral(w, u):
    """One round of power iteration as torch.nn.utils.spectral_norm does it, then division; u and v are constants."""
    m = w.reshape(w.shape[0], -1)
    with torch.no_grad():
        v = F.normalize(m.t() @ u, dim=0, eps=1e-12)
        u = F.normalize(m @ v, dim=0, eps=1e-12)
    return w / (u @ m @ v)


family.case('spectral', lambda w: spectral(w, torch.ones(5, dtype=torch.float64) / 5 ** 0.5), randn(5, 3, 2))
family.save()
