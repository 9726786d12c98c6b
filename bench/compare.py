#!/usr/bin/env python3
"""Runs the workloads in PyTorch and in Rindoku by turns on this machine, and prints both medians, their ratio and its geometric mean.

    dotnet build -c Release src/Rindoku.Cli
    bench/compare.py [NAME ...] [--baseline ../shared/bench/torch_baseline.py] [--threads 2] [--seconds 2] [--rounds 1] [--json FILE]

The two programs never run at the same time: for each workload one, then the other, and with several rounds the better median counts
for both. A ratio above 1 means that Rindoku is faster. PyTorch needs Debian's python3-torch and libopenblas0-pthread.
"""
import argparse, json, math, os, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
PROGRAM = os.path.join(ROOT, 'src/Rindoku.Cli/bin/Release/net10.0/Rindoku.Cli.dll')


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('names', nargs='*', help='workloads (default: all of the baseline)')
    parser.add_argument('--baseline', default=os.path.join(ROOT, '../shared/bench/torch_baseline.py'))
    parser.add_argument('--program', default=PROGRAM, help='Rindoku.Cli.dll, built with -c Release')
    parser.add_argument('--python', default='/usr/bin/python3', help='the interpreter that has PyTorch')
    parser.add_argument('--threads', type=int, default=2)
    parser.add_argument('--seconds', type=float, default=2)
    parser.add_argument('--rounds', type=int, default=1)
    parser.add_argument('--json', help='also write both medians to this file')
    a = parser.parse_args()
    for what, path, remedy in (('baseline script', a.baseline, 'give its path with --baseline'),
                               ('program', a.program, 'build it: dotnet build -c Release src/Rindoku.Cli')):
        if not os.path.isfile(path): sys.exit(f'compare.py: there is no {what} at {path}; {remedy}')
    return a


def all_names(baseline):
    """The baseline marks its workloads so: @workload, then def name()."""
    lines = [line.strip() for line in open(baseline, encoding='utf-8')]
    return [after[4:after.index('(')].replace('_', '-') for line, after in zip(lines, lines[1:]) if line == '@workload']


def median(command, name, a, environment):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'result.json')
        run = subprocess.run([*command, name, '--threads', str(a.threads), '--seconds', str(a.seconds), '--json', path],
                             env=environment, capture_output=True, text=True)
        if run.returncode != 0: sys.exit(f'compare.py: {" ".join(command)} {name} failed:\n{run.stderr}')
        with open(path, encoding='utf-8') as file: return json.load(file)['workloads'][name]['median_ms']


def main():
    a = arguments()
    # The baseline script says to run it without these two, which overrule OpenBLAS's own choice of kernels.
    environment = {k: v for k, v in os.environ.items() if k not in ('OPENBLAS_CORETYPE', 'OPENBLAS_L2_SIZE')}
    programs = {'rindoku': ['dotnet', a.program, 'bench'], 'pytorch': [a.python, a.baseline]}
    results, logs = {}, []
    print(f'{"workload":26}{"Rindoku ms":>12}{"PyTorch ms":>12}{"ratio":>8}', flush=True)
    for name in a.names or all_names(a.baseline):
        times = {who: math.inf for who in programs}
        for _ in range(a.rounds):
            for who, command in programs.items(): times[who] = min(times[who], median(command, name, a, environment))
        ratio = times['pytorch'] / times['rindoku']
        logs.append(math.log(ratio))
        results[name] = {**times, 'ratio': ratio}
        print(f'{name:26}{times["rindoku"]:12.3f}{times["pytorch"]:12.3f}{ratio:8.2f}', flush=True)
    mean = math.exp(sum(logs) / len(logs))
    print(f'{"geometric mean of " + str(len(logs)):50}{mean:8.2f}')
    if a.json:
        with open(a.json, 'w', encoding='utf-8') as file: json.dump({'threads': a.threads, 'geometric_mean': mean, 'workloads': results}, file, indent=1)


if __name__ == '__main__': main()
