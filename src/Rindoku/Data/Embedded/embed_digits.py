"""Writes digits.bin.gz from scikit-learn's copy of the UCI digits: 1,797 records of one label byte and 64 pixels 0..16."""
import gzip
import sys

source = sys.argv[1] if len(sys.argv) > 1 else "/usr/lib/python3/dist-packages/sklearn/datasets/data/digits.csv.gz"
records = bytearray()
for line in gzip.open(source, "rt"):
    *pixels, label = [int(float(value)) for value in line.split(",")]
    assert len(pixels) == 64 and 0 <= label <= 9 and all(0 <= p <= 16 for p in pixels)
    records += bytes([label, *pixels])
assert len(records) == 1797 * 65

# No name and no time in the header: the file is the same on every run.
with open(__file__.replace("embed_digits.py", "digits.bin.gz"), "wb") as raw:
    with gzip.GzipFile(filename="", mode="wb", fileobj=raw, compresslevel=9, mtime=0) as out:
        out.write(records)
