"""The first training step of the papers' networks in bench/paper_networks.py, as golden/bench.py writes it for the baseline's workloads.

    /usr/bin/python3 tests/golden/papers.py
"""
import os
import bench

bench.DIVISORS.update({'resnext29-8x64d-train': 2, 'resnext29-32x4d-train': 8, 'fractalnet-train': 2, 'ror-train': 16, 'ror-wide-train': 8, 'ror-digits-train': 4})

if __name__ == '__main__': bench.write('papers', bench.load(os.path.join(bench.ROOT, 'bench/paper_networks.py')))
