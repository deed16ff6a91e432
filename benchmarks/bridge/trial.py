"""Plays the streams of one case with several strategies, each before a judge of its own.

    python -m benchmarks.bridge.trial '{"case": "noise", "trials": [["direct interpolation", 0]]}'

A process of its own, so that nothing else of the benchmark stands in the way of its threads. It
prints one line of JSON for every trial.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.bridge.judge import Judge
from benchmarks.bridge.measure import measure
from benchmarks.bridge.recording import Recording
from benchmarks.bridge.strategies import Strategy, strategies_named
from benchmarks.bridge.streams import Case, Stream, case_named, make_stream
from vls_core.eval.rows import Row

SLOWEST = 0.95
"""Share of real time below which a judge is no judge: the trial is played again."""

ATTEMPTS = 3
"""How often a trial is played at most; the last one counts, whatever it was like."""

_PRIORITY = 10  # of the client; the judge's is higher, as a robot waits for nobody


@dataclass(frozen=True)
class Place:
    """Where trials leave what is not a number.

    Attributes:
        traces: folder for measured motions; None keeps none.
        realtime: ask for real-time scheduling of judge and client.
    """

    traces: Path | None = None
    realtime: bool = True


def run_trial(case: Case, strategy: Strategy, seed: int, stream: Stream, place: Place) -> Row:
    """Plays a stream and measures; again if the machine was too slow for the judge.

    What does not count is in the row too, in short. Raises JudgeError or ArmError where there is
    no robot.
    """
    discarded: list[Row] = []
    while True:
        row = _attempt(case, strategy, seed, stream, place)
        if row['robot_pace'] >= SLOWEST or len(discarded) + 1 == ATTEMPTS:
            return {**row, 'discarded': discarded}
        discarded.append({name: row[name] for name in ('robot_pace', 'reflexes', 'error')})


def _attempt(case: Case, strategy: Strategy, seed: int, stream: Stream, place: Place) -> Row:
    with Judge(realtime=place.realtime) as judge:
        recording = strategy(judge.address, stream)
        reflexes, pace = judge.reflexes(), judge.pace()
    if place.traces is not None:
        _keep(place.traces / trace_name(case.name, strategy.name, seed), recording, stream)
    measured = measure(recording, stream.motion, ended=bool(reflexes or recording.error))
    return {
        'case': case.name,
        'strategy': strategy.name,
        'seed': seed,
        **measured.row(),
        'reflexes': [reflex.reason for reflex in reflexes],
        'error': recording.error,
        'starvations': recording.starvations,
        'refused': dict(recording.refused),
        'judge_pace_min': min(pace, default=None),
        'realtime': place.realtime and os.sched_getscheduler(0) == os.SCHED_FIFO,
    }


def trace_name(case: str, strategy: str, seed: int) -> str:
    """Name of the file with one measured motion."""
    return f'{case}-{strategy.replace(", ", "-").replace(" ", "_")}-{seed}.npz'


def _keep(path: Path, recording: Recording, stream: Stream) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        path, times=recording.times, positions=recording.positions,
        reference_times=recording.reference_times, references=recording.references,
        meant=stream.motion.sample(recording.times) if len(recording.times) else np.empty((0, 7)),
    )


def main() -> None:
    """Runs what the argument says."""
    request = json.loads(sys.argv[1])
    case = case_named(request['case'])
    traces = request.get('traces')
    place = Place(Path(traces) if traces else None, request.get('realtime', True))
    trials = [(strategies_named([name])[0], seed) for name, seed in request['trials']]
    streams = {seed: make_stream(case, seed) for seed in {seed for _, seed in trials}}
    if place.realtime:
        with contextlib.suppress(PermissionError):
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(_PRIORITY))
    gc.collect()
    gc.freeze()  # what is loaded by now stays: looking through it would take tens of milliseconds
    for strategy, seed in trials:
        row = run_trial(case, strategy, seed, streams[seed], place)
        print(json.dumps(row), flush=True)


if __name__ == '__main__':
    main()
