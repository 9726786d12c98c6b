"""The first step of every workload of the benchmark, as PyTorch computes it in double precision by the baseline's own code.

    /usr/bin/python3 tests/golden/bench.py [--baseline ../shared/bench/torch_baseline.py]

Weights and inputs are not stored: both sides compute them by the formula of `numbers` below (tests/Rindoku.Tests/Bench/Formula.cs has it
too), each tensor from its name: p0, p1, ... are the parameters in Rindoku's order, other names are the baseline's variables. Batches are
divided by DIVISORS, so that a test is quick. For each workload NAME the file holds

    NAME/divisor            what the batch is divided by
    NAME/y                  statistics of the output or loss
    NAME/second             the loss of the second step: it depends on every update of the first
    NAME/p3, NAME/x, ...    statistics of the gradients by parameters and inputs
    NAME/flops              operations of a step of the whole batch, a multiply-add as two: those of matrix products and convolutions

where statistics are the root of the mean square, the mean, and the values in SAMPLES places that the formula picks.
"""
import argparse, importlib.util, math, os, types
import numpy, torch, torch.nn as nn
from golden import Family

SAMPLES = 14
DIVISORS = {'gemm-1024': 8, 'gemm-2048': 16, 'conv3x3-64': 8, 'conv3x3-64-train': 8, 'conv3x3-256': 8, 'conv1x1-256': 8, 'conv7x7-stem': 8,
            'conv-depthwise': 8, 'conv-grouped-train': 8, 'resnet20-train': 16, 'resnet20-infer': 16, 'densenet-bc40-train': 16,
            'squeezenet11-infer-b16': 8, 'vit-tiny-train': 16, 'gpt-mini-train': 8, 'wavenet-train': 4, 'nerf-train': 16, 'gradient-penalty': 4,
            'qrnn-char-train': 8, 'lstm-char-train': 8}
# In which axis a batch, or what stands for it, is cut; 0 where nothing is said.
AXES = {('wavenet-train', 'x'): 2, ('wavenet-train', 'y'): 1}
WHOLE = {'b'}                           # the second factor of a product has no batch
CLASSES = {'gpt-mini-train': 65, 'lstm-lm-train': 10000, 'wavenet-train': 256, 'qrnn-char-train': 65, 'lstm-char-train': 65}
# A transformer block's parameters in the order of Rindoku's layer: attention, feed-forward, norms.
BLOCK = ['qkv', 'o', 'f1', 'f2', 'n1', 'n2']


def hashes(name, count):
    """32 bits for each place: FNV-1a of the name, stepped by the golden ratio and mixed as MurmurHash3 ends."""
    seed = 2166136261
    for byte in name.encode(): seed = (seed ^ byte) * 16777619 & 0xFFFFFFFF
    h = (seed + numpy.arange(count, dtype=numpy.uint64) * 0x9E3779B9) & 0xFFFFFFFF
    h = ((h ^ h >> 16) * 0x85EBCA6B) & 0xFFFFFFFF
    h = ((h ^ h >> 13) * 0xC2B2AE35) & 0xFFFFFFFF
    return h ^ h >> 16


def numbers(name, shape, scale, offset=0.0):
    """Even between offset - scale and offset + scale, for a scale that is a power of two: no rounding, in float or double."""
    h = hashes(name, math.prod(shape)).astype(numpy.float64)
    return torch.from_numpy((numpy.floor(h / 256) / (1 << 23) - 1) * scale + offset).reshape(shape)


def weight(name, shape, is_norm):
    if len(shape) == 1: return numbers(name, shape, 0.25, 1.0 if is_norm else 0.0)
    fan_in = math.prod(shape[1:])
    return numbers(name, shape, 2.0 ** (1 - (fan_in.bit_length() - 1) // 2))


def cells(f, found):
    """The variables that a function closes over, and those that functions among them do."""
    for name, cell in zip(f.__code__.co_freevars, f.__closure__ or ()):
        found[name] = cell
        if isinstance(cell.cell_contents, types.FunctionType): cells(cell.cell_contents, found)
    return found


def ordered(model):
    """The parameters in Rindoku's order: PyTorch's, but for the parts of a transformer block."""
    first = {}

    def key(item):
        place, (name, _) = item
        parts = name.split('.')             # b.0.qkv.weight
        if len(parts) != 4 or parts[2] not in BLOCK: return place, 0
        return first.setdefault(parts[1], place), BLOCK.index(parts[2])
    return [pair for _, pair in sorted(enumerate(model.named_parameters()), key=key)]


def prepare(name, found):
    """Puts the formula's numbers into the model and the inputs of a workload."""
    model = next((c.cell_contents for c in found.values() if isinstance(c.cell_contents, nn.Module)), None)
    parameters = []
    if model is not None:
        model.double()
        parameters = ordered(model)
        for i, (key, p) in enumerate(parameters): p.data.copy_(weight(f'p{i}', p.shape, key.endswith('weight')))
    for variable, cell in found.items():
        value = cell.cell_contents
        if isinstance(value, tuple) and len(value) == 1: cell.cell_contents = (given(name, variable, value[0]),)
        elif isinstance(value, torch.Tensor): cell.cell_contents = given(name, variable, value)
    return model, parameters


def given(name, variable, value):
    shape = list(value.shape)
    if variable not in WHOLE: shape[AXES.get((name, variable), 0)] //= DIVISORS.get(name, 1)
    if value.is_floating_point(): return numbers(variable, shape, 1.0).requires_grad_(value.requires_grad)
    whole = torch.from_numpy((hashes(variable, math.prod(shape)) % CLASSES.get(name, 10)).astype(numpy.int64)).reshape(shape)
    # Rindoku's sequences have the batch first; the baseline's LSTM has the time first.
    return whole if name != 'lstm-lm-train' else whole.reshape(20, 20).t().reshape(shape).contiguous()


def count_flops(model, train, counted):
    """Adds what the products of a forward pass do to counted[0]: the forward one, and in training those of the gradients that are needed."""
    def count(module, inputs, output):
        x = inputs[0]
        if isinstance(module, nn.Linear): work = output.numel() * module.in_features
        elif isinstance(module, (nn.Conv1d, nn.Conv2d)): work = output.numel() * math.prod(module.weight.shape[1:])
        elif isinstance(module, nn.ConvTranspose2d): work = x.numel() * math.prod(module.weight.shape[1:])
        elif isinstance(module, nn.LSTM): work = x.shape[0] * x.shape[1] * sum(w.numel() for w in module.parameters() if w.dim() == 2)
        elif hasattr(module, 'qkv'): work = 2 * x.numel() * x.shape[1]                 # attention's two products, hidden keys included
        else: return
        counted[0] += 2 * work * (1 if not train else 3 if x.requires_grad else 2)
    for module in model.modules(): module.register_forward_hook(count)


def first_step(name, step):
    """What a workload's first step gives, by name, and its operations or None."""
    found = cells(step, {})
    model, parameters = prepare(name, found)
    results, counted, flops = {}, [0], None
    if model is not None: count_flops(model, name.endswith('-train'), counted)
    if 'make_loss' in found:
        inner, losses = found['make_loss'].cell_contents, []
        found['make_loss'].cell_contents = lambda: losses.append(inner()) or losses[-1]
        step()
        flops = counted[0] if name.endswith('-train') else None    # gradients of gradients are not counted
        collect(results, found, parameters)
        results['y'] = losses[0]
        step()
        results['second'] = losses[1]
    elif model is not None and 'dy' not in found:
        with torch.no_grad(): results['y'] = model(*found['x'].cell_contents)
        flops = counted[0]
    else:
        y = step()
        flops = counted[0]
        if y is not None: results['y'] = y
        collect(results, found, parameters)
    return results, flops


def collect(results, found, parameters):
    for i, (_, p) in enumerate(parameters):
        if p.grad is not None: results[f'p{i}'] = p.grad.clone()    # WaveNet's last residual convolution has no one to read it
    for variable, cell in found.items():
        if isinstance(cell.cell_contents, torch.Tensor) and cell.cell_contents.grad is not None: results[variable] = cell.cell_contents.grad.clone()


def statistics(key, value):
    value = value.detach().reshape(-1)
    places = torch.from_numpy((hashes(key, SAMPLES) % len(value)).astype(numpy.int64))
    return torch.cat([value.square().mean().sqrt()[None], value.mean()[None], value[places]])


def load(path):
    """A script of workloads as a module."""
    spec = importlib.util.spec_from_file_location('baseline', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def write(family, baseline):
    """The golden file of all workloads of a script."""
    family = Family(family)
    for name, make in baseline.W.items():
        family._put(f'{name}/divisor', torch.tensor([DIVISORS.get(name, 1)]))
        results, flops = first_step(name, make())
        for key, value in results.items(): family._put(f'{name}/{key}', statistics(key, value))
        if flops: family._put(f'{name}/flops', torch.tensor([flops * DIVISORS.get(name, 1)], dtype=torch.float64))
        print(name, f'{flops * DIVISORS.get(name, 1):.4g}' if flops else '', flush=True)
    family.save()


ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument('--baseline', default=os.path.join(ROOT, '../shared/bench/torch_baseline.py'))
    write('bench', load(arguments.parse_args().baseline))


if __name__ == '__main__': main()
