"""Files in the formats that Rindoku reads, written by other programs: NumPy's own npy and npz, and safetensors made by hand from
the format's description. Run: /usr/bin/python3 tests/golden/files.py"""
import json
import os
import struct

import numpy as np

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'files')


def arrays():
    return {
        'f32': np.array([[1.5, -2.25, np.inf], [0.1, -0.0, 3e-45]], np.float32),
        'f64': np.array([np.pi, 1e300, -1e-300], np.float64),
        'f16': np.array([1.5, 65504, 6e-8], np.float16),
        'big': np.arange(6, dtype='>f4').reshape(2, 3),
        'fortran': np.asfortranarray(np.arange(24, dtype=np.float32).reshape(2, 3, 4)),
        'i8': np.array([-128, 127], np.int8),
        'u8': np.array([0, 255], np.uint8),
        'i16': np.array([-32768, 32767], np.int16),
        'u16': np.array([65535], np.uint16),
        'i32': np.array([-2**31, 2**31 - 1], np.int32),
        'u32': np.array([2**32 - 1], np.uint32),
        'i64': np.array([-2**63, 2**63 - 1], np.int64),
        'u64': np.array([2**63 - 1], np.uint64),
        'labels': np.asfortranarray(np.arange(6).reshape(2, 3)),
        'bool': np.array([True, False]),
        'scalar': np.array(7, np.float32),
        'empty': np.zeros((0, 3), np.float32),
        'zeros': np.zeros(20000, np.float32),
    }


def safetensors(path):
    f32 = np.array([[1.5, -2.25, np.inf], [0.1, -0.0, 3e-45]], np.float32)
    brain = (np.array([1.5, -0.1, 3e38], np.float32).view(np.uint32) >> 16).astype(np.uint16)
    items = [('i64', 'I64', arrays()['i64']), ('weight', 'F32', f32), ('f64', 'F64', arrays()['f64']), ('f16', 'F16', arrays()['f16']),
             ('bf16', 'BF16', brain), ('i8', 'I8', arrays()['i8']), ('u8', 'U8', arrays()['u8']), ('i16', 'I16', arrays()['i16']),
             ('u16', 'U16', arrays()['u16']), ('i32', 'I32', arrays()['i32']), ('u32', 'U32', arrays()['u32']), ('u64', 'U64', arrays()['u64']),
             ('bool', 'BOOL', arrays()['bool']), ('scalar', 'F32', arrays()['scalar']), ('empty', 'F32', arrays()['empty'])]
    header, body = {'__metadata__': {'format': 'pt', 'title': '輪読'}}, b''
    for name, kind, array in items:
        data = array.tobytes()
        header[name] = {'dtype': kind, 'shape': list(array.shape), 'data_offsets': [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header).encode()
    text += b' ' * (-len(text) % 8)
    with open(path, 'wb') as file:
        file.write(struct.pack('<Q', len(text)) + text + body)


if __name__ == '__main__':
    os.makedirs(FOLDER, exist_ok=True)
    small = {name: array for name, array in arrays().items() if name != 'zeros'}
    np.savez(os.path.join(FOLDER, 'numpy.npz'), **small)
    np.savez_compressed(os.path.join(FOLDER, 'numpy-compressed.npz'), **arrays())
    np.save(os.path.join(FOLDER, 'fortran.npy'), arrays()['fortran'])
    np.save(os.path.join(FOLDER, 'objects.npy'), np.array([{'a': 1}], dtype=object), allow_pickle=True)
    np.save(os.path.join(FOLDER, 'records.npy'), np.zeros(2, dtype=[('x', '<f4'), ('y', '<i4')]))
    with open(os.path.join(FOLDER, 'version2.npy'), 'wb') as file:
        np.lib.format.write_array(file, arrays()['i16'], version=(2, 0))
    safetensors(os.path.join(FOLDER, 'python.safetensors'))
    for name in sorted(os.listdir(FOLDER)):
        print(f'{name}: {os.path.getsize(os.path.join(FOLDER, name)):,} bytes')
