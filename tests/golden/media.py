"""Pictures of every kind that PNG has and sounds of every kind of WAV, and the numbers they must give. The files are put together
here from the formats' descriptions; FFmpeg, where it is installed, must agree with the numbers.
Run: /usr/bin/python3 tests/golden/media.py"""
import json
import os
import shutil
import struct
import subprocess
import zlib

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
WIDTH, HEIGHT = 13, 11
SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
DEPTHS = {0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16]}
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def chunk(kind, data):
    return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))


def pack_row(samples, depth):
    flat = samples.reshape(-1)
    if depth == 16:
        return flat.astype('>u2').tobytes()
    bits = ''.join(f'{v:0{depth}b}' for v in flat)
    bits += '0' * (-len(bits) % 8)
    return bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))


def paeth(a, b, c):
    p = a + b - c
    pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
    return a if pa <= pb and pa <= pc else b if pb <= pc else c


def filtered(rows, step):
    out, above = b'', bytes(len(rows[0]))
    for y, row in enumerate(rows):
        kind = y % 5
        out += bytes([kind])
        for i, value in enumerate(row):
            a = row[i - step] if i >= step else 0
            b = above[i]
            c = above[i - step] if i >= step else 0
            out += bytes([(value - [0, a, b, (a + b) // 2, paeth(a, b, c)][kind]) % 256])
        above = row
    return out


def png(samples, colour, depth, interlaced, palette=None, transparent=None):
    step = max(1, SAMPLES[colour] * depth // 8)
    passes = ADAM7 if interlaced else [(0, 0, 1, 1)]
    raw = b''
    for x, y, dx, dy in passes:
        part = samples[y::dy, x::dx]
        if part.size:
            raw += filtered([pack_row(row, depth) for row in part], step)
    packed = zlib.compress(raw, 9)
    half = len(packed) // 2
    return (b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', samples.shape[1], samples.shape[0], depth, colour, 0, 0, interlaced))
            + chunk(b'tEXt', b'Title\0Rindoku') + (chunk(b'PLTE', palette.tobytes()) if palette is not None else b'')
            + (chunk(b'tRNS', transparent) if transparent is not None else b'')
            + chunk(b'IDAT', packed[:half]) + chunk(b'IDAT', b'') + chunk(b'IDAT', packed[half:]) + chunk(b'IEND', b''))


def pixels(samples, colour, depth, palette, transparent):
    """What the file means, in 8 bits a channel."""
    if colour == 3:
        y = palette[samples[..., 0]]
        if transparent is not None:
            alpha = np.full(256, 255, np.uint8)
            alpha[:len(transparent)] = np.frombuffer(transparent, np.uint8)
            y = np.concatenate([y, alpha[samples]], -1)
        return y
    most = 2**depth - 1
    y = ((samples.astype(np.int64) * 255 + most // 2) // most).astype(np.uint8)
    if transparent is not None:
        key = np.frombuffer(transparent, '>u2')
        y = np.concatenate([y, np.where((samples == key).all(-1, keepdims=True), 0, 255).astype(np.uint8)], -1)
    return y


def check_with_ffmpeg(name, file, expected):
    if not shutil.which('ffmpeg'):
        return
    kind = {1: 'gray', 2: 'ya8', 3: 'rgb24', 4: 'rgba'}[expected.shape[2]]
    got = subprocess.run(['ffmpeg', '-v', 'error', '-f', 'png_pipe', '-i', 'pipe:0', '-sws_flags', 'accurate_rnd+full_chroma_int', '-f', 'rawvideo', '-pix_fmt', kind, 'pipe:1'],
                         input=file, stdout=subprocess.PIPE, check=True).stdout
    got = np.frombuffer(got, np.uint8).reshape(expected.shape).astype(int)
    if 'colour0' in name and 'depth16' not in name and 'depth8' not in name:
        # FFmpeg overlooks the transparent colour of grey pictures with fewer than 8 bits.
        got, expected = got[..., :1], expected[..., :1]
    # FFmpeg rounds 16 bits its own way, hence the 1.
    worst = np.abs(got - expected).max()
    assert worst <= 1, f'{name}: FFmpeg differs by {worst}'


def riff(tag, bits, data, extensible=False, rate=8000, channels=2):
    width = channels * bits // 8
    fmt = struct.pack('<HHIIHH', 0xFFFE if extensible else tag, channels, rate, rate * width, width, bits)
    if extensible:
        fmt += struct.pack('<HHIH', 22, bits, 3, tag) + bytes.fromhex('000000001000800000aa00389b71')
    # A chunk of odd length before the samples, which needs a byte of padding.
    body = b'WAVE' + b'fmt ' + struct.pack('<I', len(fmt)) + fmt + b'LIST' + struct.pack('<I', 5) + b'abcde\0'
    body += b'data' + struct.pack('<I', len(data)) + data + b'\0' * (len(data) % 2)
    return b'RIFF' + struct.pack('<I', len(body)) + body


def sounds():
    wave = np.stack([np.sin(np.arange(50) * 0.3), np.linspace(-1, 0.99, 50)], 1)
    tensors = {}
    for bits in (8, 16, 24, 32):
        for extensible in (False, True):
            scale = 2**(bits - 1)
            whole = np.clip(np.round(wave * scale), -scale, scale - 1).astype(np.int64)
            stored = whole + 128 if bits == 8 else whole
            data = b''.join(int(v).to_bytes(bits // 8, 'little', signed=bits > 8) for v in stored.reshape(-1))
            tensors[f'pcm{bits}' + ('-extensible' if extensible else '')] = riff(1, bits, data, extensible), (whole / scale).T
    tensors['float32'] = riff(3, 32, wave.astype('<f4').tobytes()), wave.T
    tensors['float64'] = riff(3, 64, wave.astype('<f8').tobytes(), extensible=True), wave.T
    for name, (file, expected) in tensors.items():
        if shutil.which('ffmpeg'):
            got = subprocess.run(['ffmpeg', '-v', 'error', '-f', 'wav', '-i', 'pipe:0', '-f', 'f32le', 'pipe:1'], input=file, stdout=subprocess.PIPE, check=True).stdout
            worst = np.abs(np.frombuffer(got, '<f4').reshape(-1, 2).T - expected).max()
            assert worst < 1e-6, f'{name}: FFmpeg differs by {worst}'
    return {k: v for name, (file, expected) in tensors.items()
            for k, v in ((name + '/samples', expected.astype(np.float32)), (name + '/file', np.frombuffer(file, np.uint8)))}


def save(name, tensors):
    header, body = {}, b''
    for key, array in tensors.items():
        data = np.ascontiguousarray(array).tobytes()
        header[key] = {'dtype': 'U8' if array.dtype == np.uint8 else 'F32', 'shape': list(array.shape), 'data_offsets': [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header).encode()
    path = os.path.join(HERE, name + '.safetensors')
    with open(path, 'wb') as out:
        out.write(struct.pack('<Q', len(text)) + text + body)
    print(f'{path}: {len(tensors) // 2} files, {os.path.getsize(path):,} bytes')


def pictures():
    random = np.random.default_rng(7)
    tensors = {}
    for colour, depths in DEPTHS.items():
        for depth in depths:
            for interlaced in (0, 1):
                for transparency in ((False, True) if colour in (0, 2, 3) else (False,)):
                    # A slope with some noise: all filters do something, and some samples repeat.
                    base = np.add.outer(np.arange(HEIGHT), np.arange(WIDTH))[..., None] * np.arange(1, SAMPLES[colour] + 1)
                    samples = ((base * (2**depth) // 40) + random.integers(0, 2, (HEIGHT, WIDTH, SAMPLES[colour]))) % 2**depth
                    palette = random.integers(0, 256, (2**depth, 3)).astype(np.uint8) if colour == 3 else None
                    transparent = None
                    if transparency:
                        transparent = bytes(range(0, 250, 25))[:2**depth] if colour == 3 else samples[3, 4].astype('>u2').tobytes()
                    file = png(samples, colour, depth, interlaced, palette, transparent)
                    expected = pixels(samples, colour, depth, palette, transparent)
                    name = f'colour{colour}-depth{depth}' + ('-interlaced' if interlaced else '') + ('-transparent' if transparency else '')
                    check_with_ffmpeg(name, file, expected)
                    tensors[name + '/file'] = np.frombuffer(file, np.uint8)
                    tensors[name + '/pixels'] = expected
    return tensors


if __name__ == '__main__':
    save('png', pictures())
    save('wav', sounds())
