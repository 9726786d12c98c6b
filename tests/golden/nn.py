"""Golden cases of layers: inputs, output, the state dict, and the gradients by inputs and parameters, computed in double precision.

For each case the file holds in{i}, y, dy, g{i} as golden.py says, and beside them state.KEY (every tensor of the layer's state dict
before the call, under PyTorch's own keys) and grad.KEY (the gradient of sum(y * dy) by every parameter). A layer of Rindoku loads the
state by its strict loader, so a key that is missing, left over or misshapen fails the test.
"""
import torch
import torch.nn as nn
from golden import Family, randn, randint

family = Family('nn')


def layer(name, module, *inputs, call=None, train=False):
    """One case: a layer's parameters drawn anew, its output and gradients."""
    module = module.double().train(train)
    with torch.no_grad():
        for parameter in module.parameters(): parameter.copy_(randn(*parameter.shape) * (0.5 if parameter.dim() > 1 else 0.3))
    for key, value in module.state_dict().items():
        if 'num_batches' not in key: family._put(f'{name}/state.{key}', value.clone())
    x = [t.double().requires_grad_() if t.is_floating_point() else t.long() for t in inputs]
    for i, t in enumerate(inputs): family._put(f'{name}/in{i}', t)
    y = (call or (lambda m, *a: m(*a)))(module, *x)
    dy = randn(*y.shape).double()
    family._put(f'{name}/y', y)
    family._put(f'{name}/dy', dy)
    places = [i for i, t in enumerate(x) if t.is_floating_point()]
    names, parameters = zip(*module.named_parameters())
    gradients = torch.autograd.grad(y, [x[i] for i in places] + list(parameters), dy, allow_unused=True)
    for i, g in zip(places, gradients): family._put(f'{name}/g{i}', g)
    for key, p, g in zip(names, parameters, gradients[len(places):]):
        family._put(f'{name}/grad.{key}', torch.zeros_like(p) if g is None else g)


def flat(output):
    """A recurrent layer's output and last states, one after the other."""
    out, last = output
    return torch.cat([t.flatten() for t in [out, *(last if isinstance(last, tuple) else (last,))]])


layer('linear', nn.Linear(3, 4), randn(2, 3))
layer('layer_norm', nn.LayerNorm([3, 4]), randn(2, 3, 4))
layer('group_norm', nn.GroupNorm(2, 4), randn(2, 4, 3))
layer('instance_norm', nn.InstanceNorm2d(3, affine=True), randn(2, 3, 2, 4))
layer('prelu', nn.PReLU(3), randn(2, 3, 4))
layer('embedding', nn.Embedding(7, 3, padding_idx=2), randint(7, 2, 5))
layer('conv_transpose1d', nn.ConvTranspose1d(4, 6, 3, stride=2, padding=1, output_padding=1, groups=2), randn(2, 4, 5))
layer('conv_transpose2d', nn.ConvTranspose2d(3, 2, (3, 2), stride=2), randn(2, 3, 4, 3))
layer('conv_transpose3d', nn.ConvTranspose3d(2, 3, 2, dilation=2), randn(1, 2, 3, 2, 3))
layer('weight_norm', nn.utils.weight_norm(nn.Conv2d(2, 3, 2)), randn(2, 2, 3, 3))
layer('weight_norm_transpose', nn.utils.weight_norm(nn.ConvTranspose1d(2, 3, 2)), randn(2, 2, 3))
layer('spectral_norm', nn.utils.spectral_norm(nn.Linear(4, 3)), randn(2, 4), train=True)
layer('spectral_norm_transpose', nn.utils.spectral_norm(nn.ConvTranspose2d(2, 3, 2)), randn(2, 2, 3, 3), train=True)
layer('spectral_norm_evaluation', nn.utils.spectral_norm(nn.Conv1d(2, 3, 2)), randn(2, 2, 4))

# Attention. PyTorch's boolean masks are true where a query may NOT look.
causal = torch.ones(5, 5, dtype=torch.bool).triu(1)
padding = torch.arange(5)[None] >= torch.tensor([5, 3])[:, None]
own = lambda **options: lambda m, x: m(x, x, x, need_weights=False, **options)[0]
layer('attention_self', nn.MultiheadAttention(8, 2, batch_first=True), randn(2, 5, 8), call=own())
layer('attention_causal', nn.MultiheadAttention(8, 4, batch_first=True, bias=False), randn(2, 5, 8), call=own(attn_mask=causal))
layer('attention_padding', nn.MultiheadAttention(8, 2, batch_first=True), randn(2, 5, 8), call=own(key_padding_mask=padding))
layer('attention_cross', nn.MultiheadAttention(8, 2, batch_first=True), randn(2, 3, 8), randn(2, 5, 8), randn(2, 5, 8),
      call=lambda m, q, k, v: m(q, k, v, key_padding_mask=padding, need_weights=False)[0])
layer('attention_widths', nn.MultiheadAttention(8, 2, batch_first=True, kdim=3, vdim=5), randn(2, 3, 8), randn(2, 4, 3), randn(2, 4, 5),
      call=lambda m, q, k, v: m(q, k, v, need_weights=False)[0])

options = dict(d_model=8, nhead=2, dim_feedforward=12, dropout=0.1, batch_first=True)
layer('encoder_layer', nn.TransformerEncoderLayer(**options), randn(2, 5, 8), call=lambda m, x: m(x, src_key_padding_mask=padding))
layer('encoder_layer_first', nn.TransformerEncoderLayer(**options, activation='gelu', norm_first=True), randn(2, 5, 8), call=lambda m, x: m(x, src_mask=causal))
layer('decoder_layer', nn.TransformerDecoderLayer(**options), randn(2, 5, 8), randn(2, 3, 8), call=lambda m, x, s: m(x, s, tgt_mask=causal))
layer('decoder_layer_first', nn.TransformerDecoderLayer(**options, activation='gelu', norm_first=True), randn(2, 5, 8), randn(2, 3, 8),
      call=lambda m, x, s: m(x, s, tgt_mask=causal))
layer('encoder', nn.TransformerEncoder(nn.TransformerEncoderLayer(**options, norm_first=True), 2, nn.LayerNorm(8)), randn(2, 4, 8))
layer('decoder', nn.TransformerDecoder(nn.TransformerDecoderLayer(**options), 2), randn(2, 5, 8), randn(2, 3, 8), call=lambda m, x, s: m(x, s, tgt_mask=causal))

run = lambda m, x, *start: flat(m(x, tuple(start) if len(start) > 1 else start[0]))
layer('rnn', nn.RNN(3, 4, 2, nonlinearity='relu', batch_first=True), randn(2, 5, 3), randn(2, 2, 4), call=run)
layer('lstm', nn.LSTM(3, 4, 2, bidirectional=True, batch_first=True), randn(2, 5, 3), randn(4, 2, 4), randn(4, 2, 4), call=run)
layer('gru', nn.GRU(3, 4, 2, bidirectional=True, bias=False, batch_first=True), randn(2, 5, 3), randn(4, 2, 4), call=run)
layer('rnn_cell', nn.RNNCell(3, 4), randn(2, 3), randn(2, 4))
layer('lstm_cell', nn.LSTMCell(3, 4), randn(2, 3), randn(2, 4), randn(2, 4), call=lambda m, x, h, c: torch.stack(m(x, (h, c))))
layer('gru_cell', nn.GRUCell(3, 4), randn(2, 3), randn(2, 4))
family.save()
