"""Golden cases of resizing, grid sampling, RoIAlign and pixel shuffling.

torch 1.13 cannot differentiate grid_sample twice and torchvision is not installed: both are written out below in plain
tensor operations; grid_sample's values are checked against F.grid_sample here, roi_align follows torchvision's C++ kernel.
"""
import math
import torch
import torch.nn.functional as F
from golden import Family, rand, randn

family = Family('sampling')


def resize(name, shape, mode, **arguments):
    family.case(name, lambda x: F.interpolate(x, mode=mode, **arguments) ** 2, randn(*shape))


resize('nearest_up', (2, 3, 4, 5), 'nearest', size=(9, 7))
resize('nearest_down', (1, 2, 9, 7), 'nearest', size=(4, 3))
resize('nearest_1d', (2, 2, 7), 'nearest', size=12)
resize('nearest_3d', (1, 2, 3, 4, 2), 'nearest', size=(5, 2, 4))
resize('nearest_scale', (1, 2, 5, 6), 'nearest', scale_factor=(1.7, 0.6))
resize('linear_1d', (2, 3, 7), 'linear', size=11, align_corners=False)
resize('linear_1d_corners', (2, 3, 7), 'linear', size=4, align_corners=True)
resize('bilinear_up', (2, 3, 4, 5), 'bilinear', size=(9, 7), align_corners=False)
resize('bilinear_down', (1, 2, 9, 7), 'bilinear', size=(4, 3), align_corners=False)
resize('bilinear_corners', (1, 2, 4, 5), 'bilinear', size=(9, 7), align_corners=True)
resize('bilinear_to_one', (1, 2, 4, 5), 'bilinear', size=(1, 1), align_corners=True)
resize('bilinear_from_one', (1, 2, 1, 1), 'bilinear', size=(3, 2), align_corners=False)
resize('bilinear_scale', (1, 2, 5, 6), 'bilinear', scale_factor=(1.7, 0.6), align_corners=False)
resize('bicubic_up', (1, 2, 4, 5), 'bicubic', size=(9, 7), align_corners=False)
resize('bicubic_down', (1, 2, 9, 7), 'bicubic', size=(4, 3), align_corners=False)
resize('bicubic_corners', (1, 2, 4, 5), 'bicubic', size=(9, 7), align_corners=True)
resize('bicubic_scale', (1, 2, 5, 6), 'bicubic', scale_factor=(1.7, 0.6), align_corners=False)
resize('trilinear', (1, 2, 3, 4, 2), 'trilinear', size=(5, 3, 4), align_corners=False)
resize('trilinear_corners', (1, 2, 3, 4, 2), 'trilinear', size=(5, 3, 4), align_corners=True)


def grid_sample(x, grid, mode, padding, corners):
    def place(g, size):
        p = (g + 1) / 2 * (size - 1) if corners else ((g + 1) * size - 1) / 2
        if padding == 'reflection':
            low, span = (0.0, size - 1.0) if corners else (-0.5, float(size))
            away = (p - low).abs()
            turns = torch.floor(away / span).detach()
            extra = away - turns * span
            p = torch.where(turns % 2 == 0, extra, span - extra) + low
        return p if padding == 'zeros' else p.clamp(0, size - 1)

    n, c, h, w = x.shape
    across, down = place(grid[..., 0], w), place(grid[..., 1], h)

    def read(row, column):
        inside = (row >= 0) & (row < h) & (column >= 0) & (column < w)
        at = (row.clamp(0, h - 1) * w + column.clamp(0, w - 1)).long().reshape(n, 1, -1).expand(n, c, -1)
        return x.reshape(n, c, -1).gather(2, at).reshape(n, c, *row.shape[1:]) * inside[:, None]

    if mode == 'nearest':
        return read(down.round(), across.round()) + 0 * grid.sum()
    top, left = torch.floor(down).detach(), torch.floor(across).detach()
    b, r = (down - top)[:, None], (across - left)[:, None]
    return (read(top, left) * (1 - b) * (1 - r) + read(top, left + 1) * (1 - b) * r
            + read(top + 1, left) * b * (1 - r) + read(top + 1, left + 1) * b * r)


def sample(name, mode, padding, corners, shape=(2, 3, 4, 5), places=(3, 4)):
    x, grid = randn(*shape), rand(shape[0], *places, 2, low=-1.9, high=1.9)
    expected = F.grid_sample(x.double(), grid.double(), mode=mode, padding_mode=padding, align_corners=corners)
    assert torch.allclose(grid_sample(x.double(), grid.double(), mode, padding, corners), expected, atol=1e-12), name
    family.case(name, lambda a, g: grid_sample(a, g, mode, padding, corners) ** 2, x, grid)


for padding in ('zeros', 'border', 'reflection'):
    for corners in (False, True):
        sample(f'grid_{padding}{"_corners" if corners else ""}', 'bilinear', padding, corners)
    sample(f'grid_nearest_{padding}', 'nearest', padding, False)
sample('grid_one_pixel', 'bilinear', 'zeros', False, shape=(1, 2, 1, 1), places=(1, 3))


def roi_align(x, boxes, images, height, width, scale, ratio, aligned):
    def bilinear(plane, y, x_):
        h, w = plane.shape[-2:]
        if y < -1 or y > h or x_ < -1 or x_ > w: return torch.zeros(plane.shape[0], dtype=plane.dtype)
        y, x_ = max(y, 0), max(x_, 0)
        y0, x0 = int(y), int(x_)
        if y0 >= h - 1: y0 = y1 = h - 1; y = float(y0)
        else: y1 = y0 + 1
        if x0 >= w - 1: x0 = x1 = w - 1; x_ = float(x0)
        else: x1 = x0 + 1
        b, r = y - y0, x_ - x0
        return (plane[:, y0, x0] * (1 - b) * (1 - r) + plane[:, y0, x1] * (1 - b) * r
                + plane[:, y1, x0] * b * (1 - r) + plane[:, y1, x1] * b * r)

    shift, results = 0.5 if aligned else 0.0, []
    for box, image in zip(boxes.tolist(), images.tolist()):
        x1, y1, x2, y2 = (v * scale - shift for v in box)
        w, h = x2 - x1, y2 - y1
        if not aligned: w, h = max(w, 1.0), max(h, 1.0)
        cell_h, cell_w = h / height, w / width
        down, across = (ratio or math.ceil(cell_h)), (ratio or math.ceil(cell_w))
        cells = []
        for i in range(height):
            for j in range(width):
                readings = [bilinear(x[image], y1 + i * cell_h + (p + .5) * cell_h / down, x1 + j * cell_w + (q + .5) * cell_w / across)
                            for p in range(down) for q in range(across)]
                cells.append(sum(readings) / max(down * across, 1))
        results.append(torch.stack(cells, -1).reshape(x.shape[1], height, width))
    return torch.stack(results)


boxes = torch.tensor([[1.5, 2.25, 11.0, 9.5], [-4.0, -3.0, 6.0, 20.0], [3.0, 3.0, 3.25, 3.5], [10.0, 4.0, 30.0, 8.0]])
images = torch.tensor([0, 1, 1, 0])
family._put('roi/boxes', boxes)
family._put('roi/images', images)
for name, scale, ratio, aligned in (('roi', 0.5, 2, True), ('roi_adaptive', 0.5, 0, True), ('roi_unaligned', 0.5, 2, False), ('roi_unaligned_adaptive', 1.0, 0, False)):
    family.case(name, lambda x: roi_align(x, boxes, images, 2, 3, scale, ratio, aligned) ** 2, randn(2, 3, 6, 7))

family.case('pixel_shuffle', lambda x: F.pixel_shuffle(x, 2) ** 2, randn(2, 8, 2, 3))
family.case('pixel_unshuffle', lambda x: F.pixel_unshuffle(x, 3) ** 2, randn(2, 2, 6, 3))
family.save()
