#!/usr/bin/env python3
"""Runs the workloads in PyTorch and in Rindoku by turns on this machine, and prints both times, their ratio and how near to this machine's
own ceilings Rindoku comes.

    dotnet build -c Release src/Rindoku.Cli
    bench/compare.py [NAME ...] [--baseline ../shared/bench/torch_baseline.py] [--threads 2] [--seconds 2] [--rounds 2]
                     [--json FILE] [--markdown docs/performance.md]
    bench/compare.py --baseline bench/paper_networks.py [--markdown docs/performance.md --table papers]     # papers' networks

The two programs never run at the same time: for each workload one, then the other, then the first again, and so on. Each run gives the
median of its steps; over the rounds the better median counts, for both alike. A ratio above 1 means that Rindoku is faster. Each run of
Rindoku measures the ceilings (multiply-adds in registers, copy out of cache) just before its workload, and the workload is set against
those: what the memory of a shared machine gives changes from minute to minute. --markdown replaces what stands between the two marker
comments of that file (--table says of which table). PyTorch needs Debian's python3-torch and libopenblas0-pthread.
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
    parser.add_argument('--rounds', type=int, default=2)
    parser.add_argument('--json', help='also write the figures to this file')
    parser.add_argument('--markdown', help='also put the table between the marker comments of this file')
    parser.add_argument('--table', help='the name of the table, where the file has several')
    a = parser.parse_args()
    for what, path, remedy in (('baseline script', a.baseline, 'give its path with --baseline'),
                               ('program', a.program, 'build it: dotnet build -c Release src/Rindoku.Cli')):
        if not os.path.isfile(path): sys.exit(f'compare.py: there is no {what} at {path}; {remedy}')
    if a.rounds < 1: sys.exit(f'compare.py: --rounds: got {a.rounds}; needed 1 or more')
    if a.markdown: split_at_markers(a.markdown, a.table)
    return a


def all_names(baseline):
    """The baseline marks its workloads so: @workload, then def name()."""
    with open(baseline, encoding='utf-8') as file: lines = [line.strip() for line in file]
    return [after[4:after.index('(')].replace('_', '-') for line, after in zip(lines, lines[1:]) if line == '@workload']


def run(command, name, a):
    """One run of one program on one workload: its document."""
    # The baseline script says to run it without these two, which overrule OpenBLAS's own choice of kernels.
    environment = {k: v for k, v in os.environ.items() if k not in ('OPENBLAS_CORETYPE', 'OPENBLAS_L2_SIZE')}
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'result.json')
        done = subprocess.run([*command, name, '--threads', str(a.threads), '--seconds', str(a.seconds), '--json', path],
                              env=environment, capture_output=True, text=True)
        if done.returncode != 0: sys.exit(f'compare.py: {" ".join(command)} {name} failed:\n{done.stderr}')
        with open(path, encoding='utf-8') as file: return json.load(file)


def measure(name, a, ceilings, about):
    """Both programs by turns; the better median of each, and Rindoku's rate at its own."""
    ours, theirs = {'median_ms': math.inf}, math.inf
    for _ in range(a.rounds):
        document = run(['dotnet', a.program, 'bench'], name, a)
        about['machine'] = document['machine']
        for key, value in document['ceilings'].items(): ceilings.setdefault(key, []).append(value)
        ours = min(ours, document['workloads'][name], key=lambda w: w['median_ms'])
        document = run([a.python, a.baseline], name, a)
        about['torch'] = document['torch']
        theirs = min(theirs, document['workloads'][name]['median_ms'])
    rates = {key: ours[key] for key in ('gflops', 'gb_s', 'percent_of_ceiling') if key in ours}
    return {'rindoku': ours['median_ms'], 'pytorch': theirs, 'ratio': theirs / ours['median_ms'], **rates}


def rate(result):
    """As text: the rate with its unit, and the share of the ceiling."""
    if 'gflops' in result: return f'{result["gflops"]:.0f} GFLOP/s', f'{result["percent_of_ceiling"]:.0f}'
    if 'gb_s' in result: return f'{result["gb_s"]:.1f} GB/s', f'{result["percent_of_ceiling"]:.0f}'
    return '', ''


def summary(results, ceilings, about, a):
    """The lines under the table."""
    below = [name for name, result in results.items() if result['ratio'] < 1]
    mean = math.exp(sum(math.log(result['ratio']) for result in results.values()) / len(results))
    flops, copy = ceilings['gflops'], ceilings['copy_gb_s']
    threads = f'{a.threads} thread{"s" if a.threads > 1 else ""}'
    return mean, [
        f'Geometric mean of {len(results)} ratios: {mean:.2f}. Below 1.0: {len(below)}{" (" + ", ".join(below) + ")" if below else ""}.',
        f'Ceilings on {threads}, over all runs: {min(flops):.0f} to {max(flops):.0f} GFLOP/s (multiply-adds in registers), '
        f'{min(copy):.1f} to {max(copy):.1f} GB/s (copy out of cache); each workload is set against those of its own run.',
        f'{about["machine"]}; PyTorch {about["torch"]}; {threads}, {a.rounds} round{"s" if a.rounds > 1 else ""} of {a.seconds:g} s by turns.']


def split_at_markers(path, table):
    start, end = (f'<!-- compare.py{" " + table if table else ""}: {place} -->' for place in ('start', 'end'))
    with open(path, encoding='utf-8') as file: text = file.read()
    if text.count(start) != 1 or text.count(end) != 1 or text.index(start) > text.index(end):
        sys.exit(f'compare.py: {path} needs the two lines "{start}" and "{end}", once each and in this order')
    return text[:text.index(start) + len(start)], text[text.index(end):]


def write_markdown(path, table, results, lines):
    before, after = split_at_markers(path, table)
    rows = ['| workload | Rindoku ms | PyTorch ms | ratio | rate | % of ceiling |', '|---|---:|---:|---:|---:|---:|']
    for name, result in results.items():
        rows.append(f'| {name} | {result["rindoku"]:.3f} | {result["pytorch"]:.3f} | {result["ratio"]:.2f} | {" | ".join(rate(result))} |')
    with open(path, 'w', encoding='utf-8') as file: file.write('\n'.join([before, *rows, '', *(line + '  ' for line in lines[:-1]), lines[-1], after]))


def main():
    a = arguments()
    results, ceilings, about = {}, {}, {}
    print(f'{"workload":26}{"Rindoku ms":>12}{"PyTorch ms":>12}{"ratio":>8}{"rate":>14}{"% of ceiling":>14}', flush=True)
    for name in a.names or all_names(a.baseline):
        result = results[name] = measure(name, a, ceilings, about)
        speed, percent = rate(result)
        print(f'{name:26}{result["rindoku"]:12.3f}{result["pytorch"]:12.3f}{result["ratio"]:8.2f}{speed:>14}{percent:>14}', flush=True)
    mean, lines = summary(results, ceilings, about, a)
    print('\n'.join(lines))
    if a.json:
        with open(a.json, 'w', encoding='utf-8') as file:
            json.dump({**about, 'threads': a.threads, 'ceilings': ceilings, 'geometric_mean': mean, 'workloads': results}, file, indent=1)
    if a.markdown: write_markdown(a.markdown, a.table, results, lines)


if __name__ == '__main__': main()
