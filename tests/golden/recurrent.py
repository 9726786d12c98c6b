"""Golden cases of LSTM, GRU and plain recurrent networks: output, last h and last c, flattened one after the other."""
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
from golden import Family, randn

family = Family('recurrent')
GATES = {'lstm': 4, 'gru': 3, 'rnn_tanh': 1, 'rnn_relu': 1}


def network(kind, layers=1, bidirectional=False, bias=True, lengths=None, start=True):
    f = getattr(torch._VF, kind)
    states = (2 if kind == 'lstm' else 1) if start else 0

    def run(x, *rest):
        start_states, weights = rest[:states], list(rest[states:])
        if not start:
            zeros = x.new_zeros(layers * (2 if bidirectional else 1), x.shape[0], weights[1].shape[1])
            start_states = (zeros, zeros) if kind == 'lstm' else (zeros,)
        hx = start_states if kind == 'lstm' else start_states[0]
        if lengths is None:
            out, *last = f(x, hx, weights, bias, layers, 0.0, False, bidirectional, True)
        else:
            packed = pack_padded_sequence(x, torch.tensor(lengths), batch_first=True)
            data, *last = f(packed.data, packed.batch_sizes, hx, weights, bias, layers, 0.0, False, bidirectional)
            out, _ = pad_packed_sequence(packed._replace(data=data), batch_first=True, total_length=x.shape[1])
        return torch.cat([out.flatten()] + [t.flatten() for t in last])
    return run


def inputs(kind, b, t, i, h, layers=1, bidirectional=False, bias=True, start=True):
    directions = 2 if bidirectional else 1
    tensors = [randn(b, t, i)]
    if start: tensors += [randn(layers * directions, b, h) for _ in range(2 if kind == 'lstm' else 1)]
    for layer in range(layers):
        for _ in range(directions):
            rows = GATES[kind] * h
            tensors += [randn(rows, i if layer == 0 else h * directions) * 0.5, randn(rows, h) * 0.5]
            if bias: tensors += [randn(rows) * 0.5, randn(rows) * 0.5]
    return tensors


for kind in GATES:
    family.case(kind, network(kind), *inputs(kind, 2, 4, 3, 5))
    family.case(f'{kind}_lengths', network(kind, lengths=[5, 3, 1], bidirectional=True), *inputs(kind, 3, 5, 2, 3, bidirectional=True))
    family.case(f'{kind}_deep', network(kind, 2, True, False, start=False), *inputs(kind, 2, 3, 2, 3, 2, True, False, False))
family.save()
