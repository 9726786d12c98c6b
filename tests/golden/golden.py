"""Writes golden files: values, gradients and second gradients of operations, computed by PyTorch in double precision.

A family script (elementwise.py, conv.py, ...) makes cases and saves them next to itself:

    from golden import Family, randn
    family = Family('elementwise')
    family.case('silu', F.silu, randn(3, 5))
    family.save()

For each case the file holds in{i} (inputs), y (value), dy (a random weight of y), g{i} (gradient of sum(y * dy) by in{i}),
u{i} (random weights of the gradients) and h{i} (gradient of sum(g0 * u0) + sum(g1 * u1) + ... by in{i}).
Run a script with Debian's PyTorch: /usr/bin/python3 tests/golden/elementwise.py
"""
import json, os, struct, sys
import torch

torch.manual_seed(0)
_generator = torch.Generator().manual_seed(20160330)


def randn(*shape):
    """Normal numbers that a float32 holds exactly."""
    return torch.randn(shape, generator=_generator)


def rand(*shape, low=0.0, high=1.0):
    """Numbers evenly between low and high that a float32 holds exactly."""
    return torch.rand(shape, generator=_generator) * (high - low) + low


def randint(high, *shape):
    """Whole numbers from 0 to high - 1."""
    return torch.randint(high, shape, generator=_generator, dtype=torch.int32)


class Family:
    """The cases of one golden file."""

    def __init__(self, name):
        self.name, self.tensors = name, {}

    def _put(self, key, value):
        kind = torch.int32 if value.dtype in (torch.int32, torch.int64) else torch.float32
        self.tensors[key] = value.detach().to(kind).contiguous()

    def case(self, name, f, *inputs, gradient=True, second=True):
        """One case. Integer inputs are passed as int64 and not differentiated."""
        x = [t.double().requires_grad_(gradient) if t.is_floating_point() else t.long() for t in inputs]
        leaves = [t for t in x if t.is_floating_point()]
        y = f(*x)
        for i, t in enumerate(inputs): self._put(f'{name}/in{i}', t)
        self._put(f'{name}/y', y)
        if not gradient: return
        dy = randn(*y.shape).double()
        self._put(f'{name}/dy', dy)
        g = torch.autograd.grad(y, leaves, dy, create_graph=second)
        where = [i for i, t in enumerate(x) if t.is_floating_point()]
        for i, t in zip(where, g): self._put(f'{name}/g{i}', t)
        if not second: return
        u = [randn(*t.shape).double() for t in g]
        s = sum((a * b).sum() for a, b in zip(g, u))
        h = torch.autograd.grad(s, leaves, allow_unused=True) if s.requires_grad else [None] * len(leaves)
        for i, a, b, t in zip(where, u, h, leaves):
            self._put(f'{name}/u{i}', a)
            self._put(f'{name}/h{i}', torch.zeros_like(t) if b is None else b)

    def save(self):
        header, parts, offset = {}, [], 0
        for key in sorted(self.tensors):
            t = self.tensors[key]
            data = t.numpy().tobytes()
            header[key] = {'dtype': 'I32' if t.dtype == torch.int32 else 'F32', 'shape': list(t.shape), 'data_offsets': [offset, offset + len(data)]}
            offset += len(data); parts.append(data)
        text = json.dumps(header).encode()
        text += b' ' * (-len(text) % 8)
        path = os.path.join(os.path.dirname(os.path.abspath(sys.argv[0])), self.name + '.safetensors')
        with open(path, 'wb') as file:
            file.write(struct.pack('<Q', len(text)) + text + b''.join(parts))
        print(f'{path}: {len(self.tensors)} tensors, {os.path.getsize(path):,} bytes')
