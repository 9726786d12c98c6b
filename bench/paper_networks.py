#!/usr/bin/env python3
"""Training steps of networks of the papers, in PyTorch: the twins of src/Rindoku.Cli/Commands/PaperWorkloads.cs.

    /usr/bin/python3 bench/paper_networks.py [NAME ...] [--threads 2] [--seconds 2] [--json FILE]
    bench/compare.py --baseline bench/paper_networks.py     # both by turns

A step is forward, backward and the optimizer's (SGD with momentum 0.9), on one batch of random images. The figure is the median step in
milliseconds, after two to warm up. Character models are given random characters instead of images. Parameters stand in Rindoku's order: tests/golden/papers.py makes the values that a test compares the
first step with. Drop-path, dropout and stochastic depth are off: what they leave out differs from step to step.
"""
import argparse, json, statistics, time
import torch
import torch.nn as nn
import torch.nn.functional as F

W = {}


def workload(f):
    W[f.__name__.replace('_', '-')] = f
    return f


def classify(m, batch, channels, side):
    """The training step of a classifier of 10 classes."""
    x, y = torch.randn(batch, channels, side, side), torch.randint(10, (batch,))
    return trainer(m, lambda: F.cross_entropy(m(x), y))


def trainer(model, make_loss):
    opt = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)

    def step():
        opt.zero_grad(set_to_none=True)
        loss = make_loss()
        loss.backward()
        opt.step()
    return step


def conv(inputs, outputs, kernel, stride=1, groups=1):
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)


# ---- ResNeXt, arXiv:1611.05431, for small images: form (c), width 64 ----------------------------------------------------
class Bottleneck(nn.Module):
    def __init__(self, inputs, outputs, stride, paths, base_width):
        super().__init__()
        width = paths * (outputs * base_width // 256)
        self.conv1, self.bn1 = conv(inputs, width, 1), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = conv(width, width, 3, stride, paths), nn.BatchNorm2d(width)
        self.conv3, self.bn3 = conv(width, outputs, 1), nn.BatchNorm2d(outputs)
        if stride != 1 or inputs != outputs: self.downsample = nn.Sequential(conv(inputs, outputs, 1, stride), nn.BatchNorm2d(outputs))
        else: self.downsample = None

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = F.relu(self.bn2(self.conv2(y)))
        return F.relu(self.bn3(self.conv3(y)) + (x if self.downsample is None else self.downsample(x)))


class GlobalAverage(nn.Module):
    def forward(self, x): return x.mean((2, 3))


def resnext29(paths, base_width):
    layers, inputs = [conv(3, 64, 3), nn.BatchNorm2d(64), nn.ReLU()], 64
    for outputs in (256, 512, 1024):
        for unit in range(3):
            layers.append(Bottleneck(inputs, outputs, 2 if unit == 0 and outputs > 256 else 1, paths, base_width))
            inputs = outputs
    return nn.Sequential(*layers, GlobalAverage(), nn.Linear(inputs, 10))


@workload
def resnext29_8x64d_train(): return classify(resnext29(8, 64), 4, 3, 32)


@workload
def resnext29_32x4d_train(): return classify(resnext29(32, 4), 16, 3, 32)


# ---- FractalNet, arXiv:1605.07648: 5 blocks of 3 columns -----------------------------------------------------------------
class FractalUnit(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv, self.bn = nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs, affine=False)

    def forward(self, x): return F.relu(self.bn(self.conv(x)))


class FractalBlock(nn.Module):
    def __init__(self, columns, inputs, outputs):
        super().__init__()
        self.columns = nn.ModuleList(nn.ModuleList(FractalUnit(inputs if k == 0 else outputs, outputs) for k in range(1 << c)) for c in range(columns))

    def forward(self, x):
        count = len(self.columns)
        rows, inputs, used = 1 << count - 1, [x] * count, [0] * count
        for row in range(1, rows + 1):
            firing = [c for c in range(count) if row % (1 << count - 1 - c) == 0]
            outputs = []
            for c in firing:
                outputs.append(self.columns[c][used[c]](inputs[c]))
                used[c] += 1
            if row == rows: outputs = [F.max_pool2d(y, 2) for y in outputs]
            y = outputs[0] if len(outputs) == 1 else sum(outputs[1:], outputs[0]) * (1 / len(outputs))
            for c in firing: inputs[c] = y
        return y


@workload
def fractalnet_train():
    filters = [64, 128, 256, 512, 512]
    blocks = [FractalBlock(3, inputs, outputs) for inputs, outputs in zip([3, *filters], filters)]
    return classify(nn.Sequential(*blocks, GlobalAverage(), nn.Linear(512, 10)), 16, 3, 32)


# ---- RoR-3, arXiv:1608.02908 ---------------------------------------------------------------------------------------------
class PaddedShortcut(nn.Module):
    """Every stride-th pixel, zero channels appended."""
    def __init__(self, more, stride):
        super().__init__()
        self.more, self.stride = more, stride

    def forward(self, x): return F.pad(x[:, :, ::self.stride, ::self.stride], (0, 0, 0, 0, 0, self.more))


class Basic(nn.Module):
    """The last unit of a group leaves its ReLU to the sum that follows."""
    def __init__(self, inputs, outputs, stride, last):
        super().__init__()
        self.conv1, self.bn1 = conv(inputs, outputs, 3, stride), nn.BatchNorm2d(outputs)
        self.conv2, self.bn2 = conv(outputs, outputs, 3), nn.BatchNorm2d(outputs)
        self.shortcut = PaddedShortcut(outputs - inputs, stride) if stride != 1 or inputs != outputs else nn.Identity()
        self.last = last

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))) + self.shortcut(x)
        return y if self.last else F.relu(y)


class PreActivation(nn.Module):
    """BN - ReLU - conv, twice; where the shape changes a 1 x 1 convolution of the raw input goes past."""
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.bn1, self.conv1 = nn.BatchNorm2d(inputs), conv(inputs, outputs, 3, stride)
        self.bn2, self.conv2 = nn.BatchNorm2d(outputs), conv(outputs, outputs, 3)
        self.shortcut = conv(inputs, outputs, 1, stride) if stride != 1 or inputs != outputs else nn.Identity()

    def forward(self, x): return self.conv2(F.relu(self.bn2(self.conv1(F.relu(self.bn1(x)))))) + self.shortcut(x)


class Ror(nn.Module):
    def __init__(self, units, width, widening=1, channels=3, pre=False, normalises=False):
        super().__init__()
        self.pre = pre
        self.conv1 = conv(channels, width, 3)
        if not pre: self.bn1 = nn.BatchNorm2d(width)
        widths, groups, inputs = [width * widening << k for k in range(3)], [], width
        for k, outputs in enumerate(widths):
            for i in range(units):
                stride, last = 2 if k > 0 and i == 0 else 1, i == units - 1
                groups.append((PreActivation(inputs, outputs, stride) if pre else Basic(inputs, outputs, stride, last)))
                inputs = outputs
        self.groups = nn.ModuleList(nn.Sequential(*groups[k * units:(k + 1) * units]) for k in range(3))
        if pre: self.bn = nn.BatchNorm2d(inputs)
        self.fc = nn.Linear(inputs, 10)

        def level(inputs, outputs, stride):
            c = conv(inputs, outputs, 1, stride)
            return nn.Sequential(c, nn.BatchNorm2d(outputs)) if normalises else c
        self.middle = nn.ModuleList(level(i, o, 1 if k == 0 else 2) for k, (i, o) in enumerate(zip([width, *widths], widths)))
        self.root = level(width, inputs, 4)

    def forward(self, x):
        s = g = self.conv1(x) if self.pre else F.relu(self.bn1(self.conv1(x)))
        for k, (group, middle) in enumerate(zip(self.groups, self.middle)):
            t = group(g) + middle(g)
            g = t if self.pre or k == 2 else F.relu(t)
        g = g + self.root(s)
        return self.fc(F.relu(self.bn(g) if self.pre else g).mean((2, 3)))


@workload
def ror_train(): return classify(Ror(units=6, width=16), 64, 3, 32)                                 # 38 layers


@workload
def ror_wide_train(): return classify(Ror(units=2, width=16, widening=4, pre=True), 32, 3, 32)      # RoR-3-WRN16-4


@workload
def ror_digits_train(): return classify(Ror(units=6, width=8, channels=1, normalises=True), 64, 1, 8)   # as in the quick profile


# ---- QRNN, arXiv:1611.01576, and an LSTM of the same width: models of 65 characters ---------------------------------------
class QrnnLayer(nn.Module):
    """fo-pooling over a window of 2. PyTorch has no such recurrence: its steps are a loop, as in the authors' code for CPUs."""
    def __init__(self, inputs, units):
        super().__init__()
        self.gates = nn.Linear(2 * inputs, 3 * units)

    def forward(self, x):
        z, f, o = self.gates(torch.cat([F.pad(x, (0, 0, 1, 0))[:, :-1], x], 2)).chunk(3, 2)
        f = f.sigmoid()
        c, cells = torch.zeros_like(x[:, 0, :1]), []
        for kept, added in zip(f.unbind(1), ((1 - f) * z.tanh()).unbind(1)):
            c = kept * c + added
            cells.append(c)
        return o.sigmoid() * torch.stack(cells, 1)


class CharacterModel(nn.Module):
    def __init__(self, reader):
        super().__init__()
        self.words, self.reader, self.answer = nn.Embedding(65, 256), reader, nn.Linear(256, 65)

    def forward(self, x):
        y = self.reader(self.words(x))
        return self.answer(y[0] if isinstance(y, tuple) else y)


def characters(m):
    """The training step of a character model: 32 streams of 128."""
    x, y = torch.randint(65, (32, 128)), torch.randint(65, (32 * 128,))
    return trainer(m, lambda: F.cross_entropy(m(x).reshape(-1, 65), y))


@workload
def qrnn_char_train(): return characters(CharacterModel(nn.Sequential(QrnnLayer(256, 256), QrnnLayer(256, 256))))


@workload
def lstm_char_train(): return characters(CharacterModel(nn.LSTM(256, 256, 2, batch_first=True)))


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('names', nargs='*')
    a.add_argument('--threads', type=int, default=2)
    a.add_argument('--seconds', type=float, default=2)
    a.add_argument('--json')
    a = a.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(0)
    out = {}
    for name in a.names or W:
        step = W[name]()
        for _ in range(2): step()
        times, end = [], time.perf_counter() + a.seconds
        while time.perf_counter() < end or len(times) < 3:
            start = time.perf_counter()
            step()
            times.append((time.perf_counter() - start) * 1e3)
        out[name] = {'median_ms': statistics.median(times), 'min_ms': min(times), 'repeats': len(times)}
        print(f'{name:24} {out[name]["median_ms"]:10.3f} ms  (min {min(times):.3f}, {len(times)} repeats)', flush=True)
    if a.json:
        with open(a.json, 'w', encoding='utf-8') as file: json.dump({'torch': torch.__version__, 'threads': a.threads, 'workloads': out}, file, indent=1)


if __name__ == '__main__': main()
