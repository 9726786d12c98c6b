"""Values of special functions at floats of every size, by mpmath and SciPy, rounded to the nearest float: for tests of accuracy."""
import numpy as np
import mpmath as mp
import scipy.special as sp
import torch
from golden import Family

mp.mp.dps = 40
family = Family('special')
rng = np.random.default_rng(1)


def points(low, high, tiny=True, count=600):
    """Evenly in value, and evenly in exponent on both sides of zero as far as the bounds allow."""
    even = rng.uniform(low, high, count)
    sized = 10 ** rng.uniform(-44 if tiny else -3, np.log10(max(abs(low), abs(high))), count)
    sized = np.concatenate([sized, -sized])
    every = np.concatenate([even, sized]).astype(np.float32)
    return every[(every > low) & (every < high) & (every != 0)]


def table(name, f, x):
    y = np.array([float(f(float(v))) for v in x])
    family.tensors[name + '/x'] = torch.from_numpy(x)
    family.tensors[name + '/y'] = torch.from_numpy(y.astype(np.float32))


table('erf', lambda v: mp.erf(v), points(-5, 5))
table('erfc', lambda v: mp.erfc(v), points(-5, 10))
table('erfinv', lambda v: sp.erfinv(v), points(-1, 1))
near = (1 - 10 ** rng.uniform(-7, -1, 300)).astype(np.float32)
table('erfinv_tail', lambda v: mp.erfinv(mp.mpf(v)), near[near < 1])
table('lgamma', lambda v: mp.log(abs(mp.gamma(v))) if abs(v) < 1e4 else mp.loggamma(v).real, points(-30, 1e6))
table('digamma', lambda v: mp.digamma(v), points(-30, 1e6))
table('trigamma', lambda v: mp.polygamma(1, v), points(-30, 1e6, tiny=False))
table('polygamma2', lambda v: mp.polygamma(2, v), points(-8, 100, tiny=False, count=200))
table('polygamma5', lambda v: mp.polygamma(5, v), points(-8, 100, tiny=False, count=200))
table('gelu', lambda v: v * mp.ncdf(v), points(-13, 13))
family.save()
