"""Plays all streams and writes the report: `python -m benchmarks.bridge`.

Rows are kept as they come: a run that was broken off goes on where it was, and rows of other code
are made anew. The machine should do nothing else meanwhile.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from benchmarks.bridge import figures, report
from benchmarks.bridge.plan import FULL, QUICK, Plan
from benchmarks.bridge.settling import settle, too_slow
from benchmarks.bridge.streams import CASES
from benchmarks.steering.report import markdown
from benchmarks.steering.version import ROOT, SOURCES, content_version
from vls_core.eval import provenance
from vls_core.eval.jobs import console
from vls_core.eval.rows import Row, VersionedRows

RESULTS = ROOT / 'benchmarks' / 'results' / 'bridge'
QUICK_RESULTS = ROOT / 'runs' / 'bridge-quick'
"""Quick runs never touch the committed results."""

TRACES = ROOT / 'runs' / 'bridge-traces'
"""Measured motions, for the figures; too large to be committed."""

FOREIGN = ('stop_', 'soak_', 'storm_')
"""How the metrics begin that other programs add to summary.json; they stay there."""

_LOCK = ROOT / 'requirements-judge.lock'
_MEASURING = (
    'judge', 'judge_model', 'judge_server', 'measure', 'motions', 'naive', 'player', 'recording',
    'strategies', 'streams', 'trial', 'violations',
)


class TrialsError(RuntimeError):
    """The process that plays the streams has failed; what it said is above."""


@dataclass(frozen=True)
class Benchmark:
    """What is run, and where the results go.

    Attributes:
        plan: what is played.
        folder: of the results.
        realtime: ask for real-time scheduling.
        quick: whether this is the short one.
        content: version of the code when the run began.
        replay: play those again whose judge was too slow.
    """

    plan: Plan
    folder: Path
    realtime: bool
    quick: bool
    content: str
    replay: bool = False

    @property
    def rows(self) -> VersionedRows:
        """Of this code and scheduling."""
        return VersionedRows(self.folder / 'rows.jsonl', self.content)

    @property
    def traces(self) -> Path:
        """Folder of the measured motions."""
        return TRACES.with_name(TRACES.name + ('-quick' if self.quick else ''))


def version(realtime: bool) -> str:
    """Of everything that decides what is measured."""
    here = [Path(__file__).with_name(f'{name}.py') for name in _MEASURING]
    bridge = SOURCES / 'franka_bridge' / 'franka_bridge'
    control = SOURCES / 'vls_core' / 'vls_core' / 'control'
    return content_version([*here, bridge, control, _LOCK], {'realtime': realtime})


def play(benchmark: Benchmark) -> list[Row]:
    """Plays what has not been played yet and returns all rows. Raises TrialsError."""
    benchmark.rows.set_aside_stale()
    done = settle(benchmark.rows.read())
    if benchmark.replay:
        done = [row for row in done if not too_slow(row)]
    pending = benchmark.plan.trials(done)
    columns = (
        TextColumn('{task.description}'), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    )
    with Progress(*columns, console=console(stderr=True), refresh_per_second=1) as progress:
        task = progress.add_task('streams', total=sum(map(len, pending.values())))
        for case, trials in pending.items():
            progress.update(task, description=f'streams: {case.replace("_", " ")}')
            _play_case(benchmark, case, trials, lambda: progress.advance(task))
    return _in_order(settle(benchmark.rows.read()))


def _play_case(
    benchmark: Benchmark, case: str, trials: Sequence[tuple[str, int]], advance: Callable[[], None]
) -> None:
    request = {
        'case': case, 'trials': trials, 'realtime': benchmark.realtime,
        'traces': str(benchmark.traces),
    }
    command = [sys.executable, '-m', 'benchmarks.bridge.trial', json.dumps(request)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        for line in process.stdout:
            benchmark.rows.append(json.loads(line))
            advance()
        code = process.wait()
    finally:
        process.terminate()
        process.wait()
    if code:
        raise TrialsError(f'playing "{case}" ended with {code}')


def _in_order(rows: Sequence[Row]) -> list[Row]:
    cases = [case.name for case in CASES]
    strategies = list(FULL.cases)
    return sorted(rows, key=lambda row: (
        cases.index(row['case']), strategies.index(row['strategy']), row['seed']
    ))


def write(benchmark: Benchmark, rows: Sequence[Row], commit: str) -> dict[str, object]:
    """Writes summary.json, table.md and the figures; returns the summary."""
    path = benchmark.folder / 'summary.json'
    before = json.loads(path.read_text()) if path.exists() else {}
    summary = {
        **report.metrics(rows),
        **{name: before[name] for name in before if name.startswith(FOREIGN)},
        'provenance': {
            'command': 'make bench-bridge' + (' QUICK=1' if benchmark.quick else ''),
            'interval': report.INTERVALS,
            'seeds': list(benchmark.plan.seeds),
            'realtime scheduling': all(row['realtime'] for row in rows),
            'commit': commit,
            'content': benchmark.content,
            'changed while running': version(benchmark.realtime) != benchmark.content,
            'versions': {**provenance.versions(), **_judge_versions()},
            'machine': provenance.machine(),
        },
    }
    path.write_text(json.dumps(summary, indent=2) + '\n')
    (benchmark.folder / 'table.md').write_text(markdown(report.table(rows)))
    figures.rms(rows, benchmark.folder / 'rms.png')
    figures.tracking(benchmark.traces, benchmark.plan.seeds[0], benchmark.folder / 'tracking.png')
    return summary


def _judge_versions() -> dict[str, str]:
    pins = dict(line.split('==') for line in _LOCK.read_text().split() if '==' in line)
    return {f'judge: {name}': pins[name] for name in ('franka-sim', 'mujoco', 'numpy')}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser('python -m benchmarks.bridge', description=__doc__)
    parser.add_argument('--quick', action='store_true', help='a few streams, in minutes')
    parser.add_argument(
        '--ordinary', action='store_true', help='do not ask for real-time scheduling'
    )
    parser.add_argument(
        '--replay-slow', action='store_true',
        help='play those streams again for which this machine was too slow',
    )
    parser.add_argument('--out', type=Path, help=f'default: {RESULTS.relative_to(ROOT)}, or '
                                                 f'{QUICK_RESULTS.relative_to(ROOT)} when quick')
    arguments = parser.parse_args()
    plan, folder = (QUICK, QUICK_RESULTS) if arguments.quick else (FULL, RESULTS)
    realtime = not arguments.ordinary
    benchmark = Benchmark(
        plan, arguments.out or folder, realtime, arguments.quick, version(realtime),
        arguments.replay_slow,
    )
    # Before anything is written: the results are files of the repository themselves.
    commit = provenance.commit()
    benchmark.folder.mkdir(parents=True, exist_ok=True)
    rows = play(benchmark)
    write(benchmark, rows, commit)
    console().print(report.table(rows))
    console().print(f'written to {benchmark.folder}', highlight=False)


if __name__ == '__main__':
    main()
