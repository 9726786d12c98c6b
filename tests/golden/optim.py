"""Golden weights of optimizers: three steps' weights from the same start and the same gradients, in double precision."""
import torch
from golden import Family, randn

family = Family('optim')
start, gradients = randn(5, 7), [randn(5, 7) for _ in range(6)]
family._put('start/w', start)
for i, g in enumerate(gradients): family._put(f'gradients/{i}', g)


def run(name, make):
    w = torch.nn.Parameter(start.double())
    optimizer = make([w])
    for i, g in enumerate(gradients):
        w.grad = g.double()
        optimizer.step()
        family._put(f'{name}/{i}', w.data)


class Lamb(torch.optim.Optimizer):
    """You et al. 2019, algorithm 2, written out."""

    def __init__(self, parameters, lr, weight_decay): super().__init__(parameters, dict(lr=lr, wd=weight_decay)); self.t = 0

    def step(self):
        self.t += 1
        for group in self.param_groups:
            for p in group['params']:
                s = self.state[p]
                s['m'] = .9 * s.get('m', 0) + .1 * p.grad
                s['v'] = .999 * s.get('v', 0) + .001 * p.grad ** 2
                r = (s['m'] / (1 - .9 ** self.t)) / ((s['v'] / (1 - .999 ** self.t)).sqrt() + 1e-6) + group['wd'] * p.data
                p.data -= group['lr'] * p.data.norm() / r.norm() * r


class NAdam(torch.optim.Optimizer):
    """Dozat 2016, written out: torch 1.13's own multiplies the momentum product by mu once too often (mended in later versions)."""

    def __init__(self, parameters, lr, weight_decay): super().__init__(parameters, dict(lr=lr, wd=weight_decay)); self.t, self.product = 0, 1.0

    def step(self):
        self.t += 1
        mu, after = (.9 * (1 - .5 * .96 ** (t * 4e-3)) for t in (self.t, self.t + 1))
        self.product *= mu
        for group in self.param_groups:
            for p in group['params']:
                s, g = self.state[p], p.grad + group['wd'] * p.data
                s['m'] = .9 * s.get('m', 0) + .1 * g
                s['v'] = .999 * s.get('v', 0) + .001 * g ** 2
                divisor = (s['v'] / (1 - .999 ** self.t)).sqrt() + 1e-8
                p.data -= group['lr'] * ((1 - mu) / (1 - self.product) * g + after / (1 - self.product * after) * s['m']) / divisor


LOSSES = [2.0, 1.5, 1.8, 1.8, 0.1, 5.0]


class Eve(torch.optim.Optimizer):
    """arXiv:1611.01505 with one parameter: the algorithm of 2016 ('v1'), its code of February 2017 ('fixed'), that of 2017 and 2018 ('later')."""

    def __init__(self, parameters, lr, version, b3=.999):
        super().__init__(parameters, dict(lr=lr))
        self.t, self.version, self.b3, self.d = 0, version, b3, 1.0

    def change(self, f):
        k, K = .1, 10
        if self.version == 'later': return min(max(abs(f - self.f) / min(f, self.f), 1 / 10), 10)
        before = self.hat if self.version == 'v1' else self.f
        grows = f >= before if self.version == 'v1' else f > before
        low, high = (k + 1, K + 1) if grows else (1 / (K + 1), 1 / (k + 1))
        hat = min(max(f / before, low), high) * self.hat
        r = abs(hat - self.hat) / min(hat, self.hat)
        self.hat = hat
        return r

    def step(self):
        f = LOSSES[self.t]
        self.t += 1
        if self.t == 1: self.hat = f
        else: self.d = self.b3 * self.d + (1 - self.b3) * self.change(f)
        self.f = f
        for group in self.param_groups:
            for p in group['params']:
                s = self.state[p]
                s['m'] = .9 * s.get('m', 0) + .1 * p.grad
                s['v'] = .999 * s.get('v', 0) + .001 * p.grad ** 2
                m, v, lr = s['m'] / (1 - .9 ** self.t), s['v'] / (1 - .999 ** self.t), group['lr']
                p.data -= lr / self.d * m / (v.sqrt() + 1e-8) if self.version == 'later' else lr * m / (self.d * v.sqrt() + 1e-8)


o = torch.optim
run('sgd', lambda p: o.SGD(p, 0.1))
run('sgd_decay', lambda p: o.SGD(p, 0.1, weight_decay=0.01))
run('sgd_momentum', lambda p: o.SGD(p, 0.1, momentum=0.9, weight_decay=0.01))
run('sgd_dampening', lambda p: o.SGD(p, 0.1, momentum=0.9, dampening=0.5))
run('sgd_nesterov', lambda p: o.SGD(p, 0.1, momentum=0.9, weight_decay=0.01, nesterov=True))
run('adam', lambda p: o.Adam(p, 0.01))
run('adam_decay', lambda p: o.Adam(p, 0.01, betas=(0.8, 0.95), weight_decay=0.1))
run('adamw', lambda p: o.AdamW(p, 0.01, weight_decay=0.1))
run('adamax', lambda p: o.Adamax(p, 0.01, weight_decay=0.1))
run('radam', lambda p: o.RAdam(p, 0.01, weight_decay=0.1))
run('radam_short', lambda p: o.RAdam(p, 0.01, betas=(0.9, 0.8)))
run('nadam', lambda p: NAdam(p, 0.01, 0.1))
run('adagrad', lambda p: o.Adagrad(p, 0.1, lr_decay=0.1, weight_decay=0.1))
run('adadelta', lambda p: o.Adadelta(p, 1.0, weight_decay=0.1))
run('rmsprop', lambda p: o.RMSprop(p, 0.01))
run('rmsprop_full', lambda p: o.RMSprop(p, 0.01, alpha=0.9, weight_decay=0.1, momentum=0.9, centered=True))
run('lamb', lambda p: Lamb(p, 0.01, 0.1))
for version in ['v1', 'fixed', 'later']: run(f'eve_{version}', lambda p: Eve(p, 0.01, version, b3=.5))  # d far from 1 after six steps
family.save()
