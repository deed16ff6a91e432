"""Plays very many generated chunk streams and checks every reference, as the property test does.

    python -m benchmarks.bridge.storms --streams 100000

Needs the folder of franka_bridge's tests on PYTHONPATH (`make bench-bridge-storms` sees to it).
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, fields
from pathlib import Path

from chunk_storms import Count, arrivals, play
from hypothesis import HealthCheck, Phase, given, seed, settings
from rich.progress import track

from benchmarks.bridge.foreign_metrics import merge_into_summary, storm_metrics
from benchmarks.steering.version import ROOT

BATCH = 1000
RESULT = ROOT / 'benchmarks' / 'results' / 'bridge' / 'storms.json'


def play_batch(number: int) -> Count:
    """Plays BATCH streams from a seed. Raises AssertionError with the stream that broke a rule."""
    count = Count()

    @seed(number)
    @settings(
        max_examples=BATCH, deadline=None, database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(arrivals)
    def play_all(stream: list) -> None:
        play(stream, count)

    play_all()
    return count


def play_all(streams: int, processes: int) -> Count:
    """Plays streams in whole batches on several processes."""
    total = Count()
    batches = range(-(-streams // BATCH))
    with multiprocessing.Pool(processes) as pool:
        done: Iterator[Count] = pool.imap_unordered(play_batch, batches)
        for count in track(done, total=len(batches), description='batches of streams'):
            for item in fields(Count):
                sum_of_both = getattr(total, item.name) + getattr(count, item.name)
                setattr(total, item.name, sum_of_both)
    return total


def main() -> None:
    """Plays and writes what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--streams', type=int, default=100_000)
    parser.add_argument('--processes', type=int, default=os.cpu_count() or 1)
    parser.add_argument('--out', type=Path, default=RESULT)
    arguments = parser.parse_args()
    begun = time.monotonic()
    total = play_all(arguments.streams, arguments.processes)
    result = {
        **asdict(total), 'violations': 0, 'seeds': f'0 to {-(-arguments.streams // BATCH) - 1}',
    }
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(result, indent=1) + '\n')
    merge_into_summary(arguments.out.parent, storm_metrics(result))
    print(json.dumps(result, indent=1), f'\nin {time.monotonic() - begun:.0f} s')


if __name__ == '__main__':
    main()
