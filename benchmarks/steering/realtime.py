"""Taking over from one chunk to the next while planning takes time.

The same closed loop, but a chunk arrives some steps after the observation it was planned from, as
on a robot; until then the last chunk goes on. How much the motion changes from one step to the
next where the new chunk takes over is what an arm feels as a jerk.
`python -m benchmarks.steering.realtime` (about 5 minutes; no part of `make bench-steering`)
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from rich.table import Table

from benchmarks.steering.closed_loop import FIRST_SEED
from benchmarks.steering.episode import TIME_LIMIT
from benchmarks.steering.methods import OURS
from benchmarks.steering.version import CHECKPOINT, ROOT
from vls_core.eval import provenance
from vls_core.eval.jobs import console, run_jobs
from vls_core.eval.rows import Row
from vls_core.eval.statistics import bootstrap_mean, wilson
from vls_core.policies.flow import FlowPolicy
from vls_core.steering.config import SteeringConfig
from vls_core.steering.planner import Planner, PlannerConfig
from vls_core.steering.sampler import Steering
from vls_core.steering.stages import TaskState
from vls_core.steering.task import Task
from vls_core.types import ActionChunk
from vls_core.vlm.author import AuthorRequest
from vls_core.vlm.offline import OfflineAuthor
from vls_sim.rig import Rig
from vls_sim.scene_layout import Shift

REPLAN_STEPS = 8
LATENCY_STEPS = 3
"""0.2 s, about what the demo takes from the observation to the first reference."""
SEEDS = 12
RESULTS = ROOT / 'benchmarks' / 'results' / 'realtime'


@dataclass(frozen=True)
class Arm:
    """One way to cope with latency.

    Attributes:
        latency_steps: steps that pass before a chunk arrives.
        committed_steps: of these, how many the plan is told to keep.
        config: how to steer.
    """

    latency_steps: int
    committed_steps: int
    config: SteeringConfig = OURS


ARMS: Mapping[str, Arm] = {
    'no latency': Arm(0, 0),
    'unaware of the latency': Arm(LATENCY_STEPS, 0),
    'committed steps kept': Arm(LATENCY_STEPS, LATENCY_STEPS),
    'and softly inpainted': Arm(LATENCY_STEPS, LATENCY_STEPS, replace(OURS, softness=0.5)),
    'and started warm': Arm(LATENCY_STEPS, LATENCY_STEPS, replace(OURS, warm_start=0.3)),
}


def run_episode(rig: Rig, planner: Planner, seed: int, shift: str, latency: int) -> Row:
    """One episode; `changes` lists the change of the step [m] at every take-over."""
    layout = rig.reset(seed, shift)
    noise = np.random.default_rng(seed)
    program = OfflineAuthor().write(AuthorRequest(layout.instruction, rig.scene(), None)).program
    planner.begin(Task(program, f'{shift} {seed}', steer=True))
    planner.observe(rig.robot_state(), rig.scene(noise))
    last: ActionChunk | None = None
    changes: list[float] = []
    evaluations: list[int] = []
    while planner.state is TaskState.RUNNING and rig.robot_state().stamp < TIME_LIMIT:
        planned = planner.plan()
        evaluations.append(planned.steering.network_evaluations)
        chunk = planned.chunk
        targets, gripper = _executed(last, chunk, latency)
        if last is not None and latency:
            changes.append(_change(last, chunk, latency))
        for target, opening in zip(targets, gripper, strict=True):
            rig.step(target[:3], opening)
            planner.observe(rig.robot_state(), rig.scene(noise))
        last = chunk
    return {
        'success': rig.score().success, 'duration': rig.robot_state().stamp, 'changes': changes,
        'evaluations': float(np.mean(evaluations)),
    }


def _executed(
    last: ActionChunk | None, chunk: ActionChunk, latency: int
) -> tuple[np.ndarray, np.ndarray]:
    """What the arm is told until the next observation is planned from."""
    if last is None:
        # Nothing is under way before the first chunk, so the first one waits for nothing.
        return chunk.targets[:REPLAN_STEPS], chunk.gripper[:REPLAN_STEPS]
    rest = slice(REPLAN_STEPS, REPLAN_STEPS + latency)
    return (
        np.concatenate([last.targets[rest], chunk.targets[latency:REPLAN_STEPS]]),
        np.concatenate([last.gripper[rest], chunk.gripper[latency:REPLAN_STEPS]]),
    )


def _change(last: ActionChunk, chunk: ActionChunk, latency: int) -> float:
    before = last.targets[REPLAN_STEPS + latency - 2 : REPLAN_STEPS + latency, :3]
    after = chunk.targets[latency, :3] - before[1]
    return float(np.linalg.norm(after - (before[1] - before[0])))


@cache
def _tools() -> tuple[Rig, FlowPolicy]:
    return Rig(), FlowPolicy.load(CHECKPOINT)


def _work(job: tuple[str, str, int]) -> Row:
    name, shift, seed = job
    rig, policy = _tools()
    arm = ARMS[name]
    config = PlannerConfig(seed, REPLAN_STEPS, arm.committed_steps)
    outcome = run_episode(
        rig, Planner(policy, Steering(arm.config), config), seed, shift, arm.latency_steps
    )
    return {'arm': name, 'shift': shift, 'seed': seed, **outcome}


def table(rows: Sequence[Row]) -> Table:
    """One line per arm, all scenes together."""
    shown = Table('arm', 'success [%]', 'time (s)', 'change of the step at a take-over (mm): mean',
                  'p50', 'p95', 'network evaluations',
                  title=f'{LATENCY_STEPS} steps of latency, 95 % intervals')
    for name in ARMS:
        members = [row for row in rows if row['arm'] == name]
        rate = wilson(sum(bool(row['success']) for row in members), len(members))
        shown.add_row(
            name, f'{100 * rate.value:.0f} ({100 * rate.low:.0f} to {100 * rate.high:.0f})',
            f'{np.mean([row["duration"] for row in members]):.1f}', *_changes(members),
            f'{np.mean([row["evaluations"] for row in members]):.0f}',
        )
    return shown


def _changes(rows: Sequence[Row]) -> tuple[str, str, str]:
    """Episodes are what is resampled: changes within one are not independent."""
    means = [1000 * float(np.mean(row['changes'])) for row in rows if row['changes']]
    if not means:
        return '-', '-', '-'
    mean = bootstrap_mean(means)
    every = 1000 * np.concatenate([row['changes'] for row in rows])
    return (f'{mean.value:.1f} ({mean.low:.1f} to {mean.high:.1f})',
            f'{np.quantile(every, 0.5):.1f}', f'{np.quantile(every, 0.95):.1f}')


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser('python -m benchmarks.steering.realtime', description=__doc__)
    parser.add_argument('--seeds', type=int, default=SEEDS)
    parser.add_argument('--processes', type=int, default=2)
    parser.add_argument('--out', type=Path, default=RESULTS, help='folder of the results')
    arguments = parser.parse_args()
    commit = provenance.commit()
    seeds = range(FIRST_SEED, FIRST_SEED + arguments.seeds)
    jobs = [(name, str(shift), seed) for seed in seeds for shift in Shift for name in ARMS]
    rows: list[Row] = []
    run_jobs(_work, jobs, arguments.processes, 'take-overs', rows.append)
    shown = table(rows)
    console().print(shown)
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / 'rows.jsonl').write_text(''.join(json.dumps(row) + '\n' for row in rows))
    (arguments.out / 'provenance.json').write_text(json.dumps({
        'command': 'python -m benchmarks.steering.realtime', 'commit': commit,
        'seeds': list(seeds), 'versions': provenance.versions(),
        'machine': provenance.machine(),
    }, indent=2) + '\n')
    console().print(f'written to {arguments.out}', highlight=False)


if __name__ == '__main__':
    main()
