"""Golden cases of the elementwise operations: values, gradients and second gradients."""
import math
import torch
import torch.nn.functional as F
from golden import Family, rand, randn

family = Family('elementwise')
case = family.case
S = (3, 7)          # an odd length, above one vector of 16


def unary(name, f, low=-3.0, high=3.0, **options):
    case(name, f, rand(*S, low=low, high=high), **options)


def at(name, f, *points, **options):
    """Exactly at kinks and far out, where stable forms show."""
    case(name, f, torch.tensor(points), **options)


# Numbers on one side.
unary('add_number', lambda x: x + 2.5)
unary('subtract_number', lambda x: x - 2.5)
unary('number_subtract', lambda x: 2.5 - x)
unary('multiply_number', lambda x: x * -1.5)
unary('divide_number', lambda x: x / 0.7)
unary('number_divide', lambda x: 1.5 / x, low=0.5)
case('add_scaled', lambda a, b: a + 0.3 * b, randn(4, 5), randn(5))
case('multiply_add', lambda a, b, c: a * b + c, randn(4, 5), randn(5), randn(4, 1))

# Powers and roots.
for e in (-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0, 2.5, -1.7):
    unary(f'pow_{e}', lambda x: x ** e, low=0.3)
unary('pow_negative_base', lambda x: x ** 5.0)
case('pow', torch.pow, rand(*S, low=0.2, high=3), randn(*S))
case('pow_row', torch.pow, rand(*S, low=0.2, high=3), randn(7))
case('pow_zero', torch.pow, torch.tensor([0.0, 0.0, 2.0]), torch.tensor([0.0, 2.0, 0.0]), second=False)
case('number_pow', lambda b: torch.pow(torch.tensor(1.7, dtype=torch.float64), b), randn(*S))
unary('sqrt', torch.sqrt, low=0.1)
unary('rsqrt', torch.rsqrt, low=0.1)
unary('square', torch.square)
unary('reciprocal', torch.reciprocal, low=0.3)

# Bounds, pieces, roundings.
case('maximum', torch.maximum, randn(*S), randn(*S))
case('minimum', torch.minimum, randn(*S), randn(*S))
case('maximum_row', torch.maximum, randn(*S), randn(7))
case('maximum_tie', torch.maximum, torch.tensor([1.0, 2.0, 3.0]), torch.tensor([1.0, 3.0, 2.0]))
case('minimum_tie', torch.minimum, torch.tensor([1.0, 2.0, 3.0]), torch.tensor([1.0, 3.0, 2.0]))
case('clamp', lambda x: x.clamp(-0.5, 1.0), torch.cat([randn(20), torch.tensor([-0.5, 1.0])]))
case('clamp_low', lambda x: x.clamp(min=0.25), randn(20))
case('clamp_tensors', torch.clamp, randn(4, 5), randn(5), rand(4, 1, low=-0.5, high=1.5))
case('where', lambda c, a, b: torch.where(c > 0, a, b), randn(4, 5).sign(), randn(5), randn(4, 1), gradient=False)
c = randn(4, 5).sign()
case('where_gradient', lambda a, b: torch.where(c > 0, a, b), randn(5), randn(4, 1))
family._put('where_gradient/condition', (c > 0).float())
at('abs', torch.abs, -2.0, -0.5, 0.0, 0.5, 3.0)
at('sign', torch.sign, -2.0, -0.5, 0.0, 0.5, 3.0)
for name, f in (('floor', torch.floor), ('ceiling', torch.ceil), ('round', torch.round), ('truncate', torch.trunc)):
    at(name, f, -2.5, -1.5, -0.4, 0.0, 0.5, 1.5, 2.5, 2.51, 7.0, 1e9)
case('remainder', torch.remainder, randn(*S) * 5, rand(*S, low=0.5, high=2))
case('remainder_negative', torch.remainder, randn(*S) * 5, rand(7, low=-2, high=-0.5))
unary('remainder_number', lambda x: torch.remainder(x, 0.75))

# Elementary functions.
unary('exp', torch.exp)
unary('expm1', torch.expm1)
unary('log', torch.log, low=0.1)
unary('log2', torch.log2, low=0.1)
unary('log10', torch.log10, low=0.1)
unary('log1p', torch.log1p, low=-0.9)
unary('sin', torch.sin, low=-9, high=9)
unary('cos', torch.cos, low=-9, high=9)
unary('tan', torch.tan, low=-1.3, high=1.3)
unary('asin', torch.asin, low=-0.9, high=0.9)
unary('acos', torch.acos, low=-0.9, high=0.9)
unary('atan', torch.atan)
case('atan2', torch.atan2, randn(*S), randn(*S))
case('atan2_row', torch.atan2, randn(*S), randn(7))
unary('sinh', torch.sinh)
unary('cosh', torch.cosh)
unary('tanh', torch.tanh)
unary('atanh', torch.atanh, low=-0.9, high=0.9)
unary('erf', torch.erf)
unary('erfc', torch.erfc)
unary('erfinv', torch.erfinv, low=-0.95, high=0.95)
unary('lgamma', torch.lgamma, low=0.2, high=6)
at('lgamma_negative', torch.lgamma, -0.5, -1.3, -2.6)
unary('digamma', torch.digamma, low=0.2, high=6)
unary('trigamma', lambda x: torch.polygamma(1, x), low=0.2, high=6)
unary('polygamma_2', lambda x: torch.polygamma(2, x), low=0.4, high=6)

# Activations, at their kinks and far out too.
FAR = (-10000.0, -100.0, -20.0, -5.0, -1.0, 0.0, 1.0, 5.0, 20.5, 100.0, 10000.0)


def activation(name, f, *kinks, smooth=None):
    """smooth: the same function in operations that PyTorch can differentiate twice."""
    unary(name, smooth or f, low=-4, high=4)
    at(name + '_far', f, *FAR, *kinks, second=False)


activation('silu', F.silu)
activation('sigmoid', torch.sigmoid)
activation('relu', F.relu)
activation('relu6', F.relu6, 6.0)
activation('leaky_relu', lambda x: F.leaky_relu(x, 0.2))
activation('threshold', lambda x: F.threshold(x, 0.5, -2.0), 0.5)
activation('elu', lambda x: F.elu(x, 1.5))
activation('selu', F.selu)
activation('celu', lambda x: F.celu(x, 1.5))
activation('softplus', lambda x: F.softplus(x, 2.0, 5.0))
activation('log_sigmoid', F.logsigmoid)
activation('mish', F.mish)
activation('gelu', F.gelu)
activation('softsign', F.softsign)
activation('hard_tanh', lambda x: F.hardtanh(x, -1.0, 2.0), 2.0)
activation('hard_sigmoid', F.hardsigmoid, -3.0, 3.0, smooth=lambda x: F.relu6(x + 3) / 6)
activation('hard_swish', F.hardswish, -3.0, 3.0, smooth=lambda x: x * F.relu6(x + 3) / 6)
activation('hard_shrink', lambda x: F.hardshrink(x, 0.75), -0.75, 0.75)
activation('soft_shrink', lambda x: F.softshrink(x, 0.75), -0.75, 0.75)
activation('gelu_tanh', lambda x: F.gelu(x, approximate='tanh'))
case('prelu', F.prelu, randn(2, 3, 4), rand(3))
case('prelu_one', F.prelu, randn(2, 3, 4), rand(1))
case('lerp', lambda a, b: torch.lerp(a, b, 0.3), randn(4, 5), randn(5))
case('lerp_tensor', torch.lerp, randn(4, 5), randn(4, 5), rand(4, 5))

# Masks.
special = torch.tensor([math.nan, math.inf, -math.inf, 0.0, -0.0, 1.0, -2.0])
other = torch.tensor([1.0, math.inf, math.inf, -0.0, 0.0, 2.0, math.nan])
for name in ('gt', 'ge', 'lt', 'le', 'eq', 'ne', 'logical_and', 'logical_or', 'logical_xor', 'maximum', 'minimum'):
    case('mask_' + name, lambda a, b: getattr(torch, name)(a, b).double(), special, other, gradient=False)
for name in ('isnan', 'isfinite', 'isinf', 'logical_not'):
    case('mask_' + name, lambda a: getattr(torch, name)(a).double(), special, gradient=False)
family.save()
