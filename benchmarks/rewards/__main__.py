"""Runs the benchmark of reward programs and writes its report: `python -m benchmarks.rewards`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table

from benchmarks.rewards.latency import PARTICLES, PERCENTILES, Timing, measure
from benchmarks.steering.report import markdown
from benchmarks.steering.version import CHECKPOINT, ROOT, SOURCES, content_version
from vls_core.eval import provenance

RESULTS = ROOT / 'benchmarks' / 'results' / 'rewards'
QUICK_RESULTS = ROOT / 'runs' / 'rewards-quick'
"""Quick runs never touch the committed results."""
CALLS, VERIFIED = 1000, 60
QUICK_CALLS, QUICK_VERIFIED = 30, 3


def table(timings: Sequence[Timing]) -> Table:
    """One row for each kind of call."""
    shown = Table(
        'what', 'median over a step (95 % interval)', 'p95 over p95 of a step',
        *(f'p{percentile} over a median step' for percentile in PERCENTILES[1:]),
        *(f'p{percentile} (ms)' for percentile in PERCENTILES), 'calls',
        title=f'Times over one plain denoising step of the demo policy, {PARTICLES} particles, '
              'one thread',
    )
    for timing in timings:
        ratio = timing.median_ratio
        shown.add_row(
            timing.name, f'{ratio.value:.2f} ({ratio.low:.2f} to {ratio.high:.2f})',
            f'{timing.like_ratio(95):.2f}',
            *(f'{timing.ratio(percentile):.2f}' for percentile in PERCENTILES[1:]),
            *(f'{timing.milliseconds(percentile):.2f}' for percentile in PERCENTILES),
            str(len(timing.seconds)),
        )
    return shown


def summary(timings: Sequence[Timing], commit: str, repetitions: dict[str, int]) -> dict:
    """The numbers, and what they depend on."""
    here = Path(__file__).parent
    metrics = {}
    for timing in timings:
        ratio = timing.median_ratio
        metrics[timing.name] = {
            'median_ratio': {'value': ratio.value, 'low': ratio.low, 'high': ratio.high},
            'p95_over_p95': timing.like_ratio(95),
            **{f'p{each}_ratio': timing.ratio(each) for each in PERCENTILES},
            **{f'p{each}_ms': timing.milliseconds(each) for each in PERCENTILES},
            'n': len(timing.seconds),
        }
    return {
        **metrics,
        'provenance': {
            'command': 'python -m benchmarks.rewards',
            'over': 'the median time of one plain denoising step, timed in turns with the calls; '
                    'p95_over_p95 over its p95, which other load on the machine slows alike',
            'repetitions': repetitions,
            'commit': commit,
            'content': content_version([here, SOURCES / 'vls_core' / 'vls_core', CHECKPOINT]),
            'versions': provenance.versions(),
            'machine': provenance.machine(),
        },
    }


def run(folder: Path, calls: int, verified: int) -> list[Timing]:
    """Measures, and writes summary.json and table.md."""
    commit = provenance.commit()
    torch.set_num_threads(1)
    timings = measure(calls, verified)
    folder.mkdir(parents=True, exist_ok=True)
    content = summary(timings, commit, {'calls': calls, 'verifications': verified})
    (folder / 'summary.json').write_text(json.dumps(content, indent=2) + '\n')
    (folder / 'table.md').write_text(markdown(table(timings)))
    return timings


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser('python -m benchmarks.rewards', description=__doc__)
    parser.add_argument('--quick', action='store_true', help='a few of everything')
    parser.add_argument('--out', type=Path)
    arguments = parser.parse_args()
    effort = (QUICK_CALLS, QUICK_VERIFIED) if arguments.quick else (CALLS, VERIFIED)
    folder = arguments.out or (QUICK_RESULTS if arguments.quick else RESULTS)
    Console().print(table(run(folder, *effort)))
    Console().print(f'written to {folder}', highlight=False)


if __name__ == '__main__':
    main()
