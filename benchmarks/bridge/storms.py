"""Plays very many generated chunk streams and checks every reference, as the property test does.

    python -m benchmarks.bridge.storms --streams 100000

Goes on where an earlier run of the same code was broken off. Needs the folder of franka_bridge's
tests on PYTHONPATH (`make bench-bridge-storms` sees to it).
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from pathlib import Path

import chunk_storms
from chunk_storms import Count, arrivals, play
from hypothesis import HealthCheck, Phase, given, seed, settings
from rich.progress import track

from benchmarks.bridge.foreign_metrics import merge_into_summary, storm_metrics
from benchmarks.steering.version import ROOT, SOURCES, content_version
from vls_core.eval.rows import Row, VersionedRows

BATCH = 1000
RESULT = ROOT / 'benchmarks' / 'results' / 'bridge' / 'storms.jsonl'


def version() -> str:
    """Of everything that decides what is played and what comes of it."""
    return content_version([
        Path(chunk_storms.__file__), SOURCES / 'franka_bridge' / 'franka_bridge',
        SOURCES / 'vls_core' / 'vls_core' / 'control',
    ], {'batch': BATCH})


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


def play_all(streams: int, processes: int, rows: VersionedRows) -> Count:
    """Plays the batches that are not among the rows yet, on several processes; counts all."""
    rows.set_aside_stale()
    wanted = range(-(-streams // BATCH))
    done = {row['seed'] for row in rows.read()}
    pending = [number for number in wanted if number not in done]
    with multiprocessing.Pool(processes) as pool:
        played: Iterator[tuple[int, Count]] = pool.imap_unordered(_numbered, pending)
        for number, count in track(played, total=len(pending), description='batches of streams'):
            rows.append({'seed': number, **asdict(count)})
    return total_of(rows.read())


def _numbered(number: int) -> tuple[int, Count]:
    return number, play_batch(number)


def total_of(rows: Sequence[Row]) -> Count:
    """The sum over all batches."""
    return Count(**{
        item.name: sum(row[item.name] for row in rows) for item in fields(Count)
    })


def main() -> None:
    """Plays and writes what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--streams', type=int, default=100_000)
    parser.add_argument('--processes', type=int, default=os.cpu_count() or 1)
    parser.add_argument('--out', type=Path, default=RESULT)
    arguments = parser.parse_args()
    begun = time.monotonic()
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    total = play_all(
        arguments.streams, arguments.processes, VersionedRows(arguments.out, version())
    )
    result = {**asdict(total), 'violations': 0}  # the first one would have ended the run
    merge_into_summary(arguments.out.parent, storm_metrics(result))
    print(json.dumps(result, indent=1), f'\nin {time.monotonic() - begun:.0f} s')


if __name__ == '__main__':
    main()
