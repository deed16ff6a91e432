"""Writes docs/reference/faults.md from what is observed: python -m benchmarks.bridge.faults."""

# ruff: noqa: E501 (Markdown, in the width of the other pages)

from __future__ import annotations

import argparse
from pathlib import Path

from rich.progress import track

from benchmarks.bridge.faults.fault import Fault, Observation
from benchmarks.bridge.faults.in_memory import MEMORY_FAULTS, MemoryFault
from benchmarks.bridge.faults.play import JUDGED_FAULTS, FaultPlayer, play_in_memory
from benchmarks.steering.version import ROOT
from vls_core.control.watchdog import BridgeState

PAGE = ROOT / 'docs' / 'reference' / 'faults.md'

HEAD = '''\
# What comes of each fault

Observed, not promised: `make bridge-faults` breaks everything around the arm and writes this page; a test holds every row.

The bridge runs as a process, over ROS and over libfranka's protocol, against a simulated FR3 that enforces the limits of the
real one (*judge*). A policy swings joint 1, the fault comes while it moves at more than {moving} rad/s. Times and accelerations
are read off the judge's own record of its joints. *Stop* is the time until every joint is below {still} rad/s; a dash means that
the arm is meant to go on. Where chunks are merely refused, the chunk in force plays out first: up to 1.1 s of the stop time
are motion that was asked for. The judge's own brake, which an e-stop uses, is harder than the limits of the bridge.

| fault | injected how | state | the bridge says | stop [s] | angle [rad] | peak acceleration [rad/s^2] | reflexes |
|---|---|---|---|---|---|---|---|
'''

MEMORY_HEAD = '''
Faults that no simulator here can have, on an arm in memory with the real loop around it. What the arm does is not measured: it
has no mass.

| fault | injected how | state | the bridge says |
|---|---|---|---|
'''


def judged_row(fault: Fault, seen: Observation) -> str:
    """A line of the first table."""
    motion = seen.motion
    stop = '-' if fault.goes_on or motion.stop_time is None else f'{motion.stop_time:.2f}'
    angle = '-' if stop == '-' else f'{motion.stop_angle:.3f}'
    state = 'gone' if seen.state is None else seen.state.name
    return (
        f'| {fault.name} | {fault.how} | {state} | {_cell(seen.reason)} | {stop} | {angle} '
        f'| {motion.peak_acceleration:.1f} | {", ".join(seen.reflexes) or "none"} |'
    )


def memory_row(fault: MemoryFault, state: BridgeState, reason: str) -> str:
    """A line of the second table."""
    return f'| {fault.name} | {fault.how} | {state.name} | {_cell(reason)} |'


def _cell(text: str) -> str:
    return ' '.join(text.replace('|', '/').split()) or '-'


def main() -> None:
    """Plays every fault and writes the page."""
    from benchmarks.bridge.faults.rig import MOVING, STILL

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--out', type=Path, default=PAGE)
    arguments = parser.parse_args()
    lines = []
    with FaultPlayer() as player:
        for fault in track(JUDGED_FAULTS, description='faults on the judge'):
            lines.append(judged_row(fault, player.play(fault)))
    page = HEAD.format(moving=MOVING, still=STILL) + '\n'.join(lines) + '\n' + MEMORY_HEAD
    page += '\n'.join(memory_row(fault, *play_in_memory(fault)) for fault in MEMORY_FAULTS)
    arguments.out.write_text(page + '\n')
    print(f'{len(lines) + len(MEMORY_FAULTS)} rows in {arguments.out}')


if __name__ == '__main__':
    main()
