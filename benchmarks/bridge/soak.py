"""Streams chunks for a long time and watches the bridge: python -m benchmarks.bridge.soak.

The bridge runs as a process on the judge; the policy that swings runs in another one.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from rich.progress import track
from vls_interfaces.msg import BridgeStatus

from benchmarks.bridge.bridge_process import wait_for
from benchmarks.bridge.faults.rig import FaultRig
from benchmarks.bridge.faults.stream import CALM
from benchmarks.steering.version import ROOT

WINDOW = 30.0
"""Length of the window that the bridge reports its jitter over [s]."""
WARM_UP = 120.0
"""Until when memory may still grow [s]."""
RESULT = ROOT / 'benchmarks' / 'results' / 'bridge' / 'soak.jsonl'
_JITTER = 'reference jitter p50 p95 p99 max [ms]'
_MEBIBYTE = 1024 * 1024
_PAGE = 4096


@dataclass(frozen=True)
class Sample:
    """What is seen at the end of one window.

    Attributes:
        time: since the beginning [s].
        state: of the bridge.
        memory: resident, of the bridge's process [MiB].
        jitter: p50, p95, p99 and maximum of |interval - period| in the window [ms].
        missed_periods: in the window.
        starvations: so far.
        refused_chunks: so far.
        command_success_rate: of the last 100 commands.
        reflexes: so far.
        reason: why the bridge does not follow any more; empty while it does.
    """

    time: float
    state: int
    memory: float
    jitter: tuple[float, float, float, float]
    missed_periods: int
    starvations: int
    refused_chunks: int
    command_success_rate: float
    reflexes: int
    reason: str = ''

    @property
    def moving(self) -> bool:
        """The arm followed chunks to the end of the window."""
        return self.state == BridgeStatus.TRACKING


def memory_slope(samples: list[Sample]) -> float:
    """MiB per hour after warming up, by least squares."""
    warm = [sample for sample in samples if sample.time > WARM_UP]
    if len(warm) < 2:
        return float('nan')
    hours = np.array([sample.time for sample in warm]) / 3600.0
    return float(np.polyfit(hours, [sample.memory for sample in warm], 1)[0])


def soak(minutes: float) -> list[Sample]:
    """Streams for so many minutes, or until the arm does not follow any more."""
    samples = []
    with FaultRig() as rig:
        rig.policy.close()  # it would be a rival
        rig.must(rig.client.ask('arm', True))
        policy = subprocess.Popen([
            sys.executable, '-m', 'benchmarks.bridge.faults.policy_process', rig.namespace,
            str(CALM.amplitude), str(CALM.frequency),
        ])
        try:
            wait_for(rig.at_speed, 'the arm to swing')
            begun = time.monotonic()
            for number in track(range(round(60 * minutes / WINDOW)), description='windows'):
                time.sleep(max(begun + (number + 1) * WINDOW - time.monotonic(), 0.0))
                samples.append(_sample(rig, time.monotonic() - begun))
                if not samples[-1].moving:
                    break
        finally:
            policy.kill()
            policy.wait()
    return samples


def _sample(rig: FaultRig, elapsed: float) -> Sample:
    status, diagnostics = rig.client.status, rig.client.diagnostics
    pages = Path(f'/proc/{rig.bridge.process.pid}/statm').read_text().split()[1]
    jitter = tuple(float(value) for value in diagnostics[_JITTER].split())
    return Sample(
        time=elapsed,
        state=status.state,
        memory=int(pages) * _PAGE / _MEBIBYTE,
        jitter=jitter,
        missed_periods=int(diagnostics['missed periods']),
        starvations=status.starvations,
        refused_chunks=status.refused_chunks,
        command_success_rate=status.command_success_rate,
        reflexes=len(rig.judge.reflexes()),
        reason='' if status.state == BridgeStatus.TRACKING else status.reason,
    )


def main() -> int:
    """Soaks and writes a row for each window; 1 if the arm did not follow to the end."""
    from benchmarks.bridge.foreign_metrics import merge_into_summary, soak_metrics

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--minutes', type=float, default=30.0)
    parser.add_argument('--out', type=Path, default=RESULT)
    arguments = parser.parse_args()
    samples = soak(arguments.minutes)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(''.join(json.dumps(asdict(item)) + '\n' for item in samples))
    merge_into_summary(arguments.out.parent, soak_metrics(samples))
    last = samples[-1]
    print(
        f'{last.time / 60:.1f} min: {last.starvations} starvations, {last.reflexes} reflexes, '
        f'{last.refused_chunks} refused chunks, memory {memory_slope(samples):+.2f} MiB/h'
    )
    if not last.moving:
        print(f'the arm does not follow any more: {last.reason}', file=sys.stderr)
    return 0 if last.moving else 1


if __name__ == '__main__':
    sys.exit(main())
