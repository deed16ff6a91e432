"""Runs the frozen policy in the simulated rig, steered and unsteered, without nodes or cameras.

A quick look at policy and steering alone: privileged object positions with perception-like noise,
no latency, one process. The numbers that count come from `make bench-demo`, through the nodes.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass
from multiprocessing import Pool
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from rich.table import Table

from vls_core.policies.flow import FlowPolicy
from vls_core.steering.config import SteeringConfig
from vls_core.steering.planner import Planner, Task
from vls_core.steering.sampler import Steering
from vls_core.steering.stages import TaskState
from vls_core.vlm.author import AuthorRequest
from vls_core.vlm.offline import OfflineAuthor
from vls_sim.rig import Rig
from vls_sim.scene_layout import Shift

MAXIMUM_TIME = 40.0
EXECUTED_STEPS = 8


@dataclass(frozen=True)
class RigEpisode:
    """One episode and how it ended."""

    seed: int
    shift: str
    steer: bool
    success: bool
    state: str
    stage: str
    duration: float
    steered_share: float
    message: str


def run_episode(rig: Rig, planner: Planner, seed: int, shift: str, steer: bool) -> RigEpisode:
    """Plays one episode to the end of its program, or until the time is up."""
    layout = rig.reset(seed, shift)
    noise = np.random.default_rng(seed)
    program = OfflineAuthor().write(AuthorRequest(layout.instruction, rig.scene(), None)).program
    planner.begin(Task(program, 'rig', steer))
    chunks = steered = 0
    while rig.robot_state().stamp < MAXIMUM_TIME and planner.state is TaskState.RUNNING:
        planner.observe(rig.robot_state(), rig.scene(noise))
        if planner.state is not TaskState.RUNNING:
            break
        planned = planner.plan()
        chunks, steered = chunks + 1, steered + (planned.steering.strength > 0)
        for target, opening in zip(
            planned.chunk.targets[:EXECUTED_STEPS], planned.chunk.gripper, strict=False
        ):
            rig.step(target[:3], opening)
            planner.observe(rig.robot_state(), rig.scene(noise))
    score = rig.score()
    return RigEpisode(
        seed, shift, steer, score.success, str(planner.state and planner.state.value),
        planner.machine.stage.name if planner.machine else '', rig.robot_state().stamp,
        steered / max(chunks, 1), score.message,
    )


def _work(job: tuple[Path, str, list[int], bool, dict[str, object]]) -> list[RigEpisode]:
    checkpoint, shift, seeds, steer, overrides = job
    torch.set_num_threads(1)
    rig = Rig()
    planner = Planner(FlowPolicy.load(checkpoint), Steering(SteeringConfig(**overrides)))  # type: ignore[arg-type]
    return [run_episode(rig, planner, seed, shift, steer) for seed in seeds]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('checkpoint', type=Path)
    parser.add_argument('--seeds', type=int, default=10)
    parser.add_argument('--shifts', nargs='+', default=list(Shift))
    parser.add_argument('--arms', nargs='+', default=['unsteered', 'steered'])
    parser.add_argument('--config', type=json.loads, default={}, help='JSON of SteeringConfig')
    parser.add_argument('--verbose', action='store_true')
    parser.add_argument('--processes', type=int, default=1)
    arguments = parser.parse_args()
    jobs = [
        (arguments.checkpoint, str(shift), list(range(arguments.seeds)), arm == 'steered',
         arguments.config)
        for shift in arguments.shifts for arm in arguments.arms
    ]
    table = Table('shift', 'arm', 'success', 'mean duration [s]', 'steered chunks')
    with Pool(arguments.processes) as pool:
        for job, episodes in zip(jobs, pool.imap(_work, jobs), strict=True):
            if arguments.verbose:
                for episode in episodes:
                    print(json.dumps(asdict(episode)), flush=True)
            table.add_row(
                job[1], 'steered' if job[3] else 'unsteered',
                f'{sum(item.success for item in episodes)}/{len(episodes)}',
                f'{np.mean([item.duration for item in episodes]):.1f}',
                f'{np.mean([item.steered_share for item in episodes]):.0%}',
            )
    Console().print(table)


if __name__ == '__main__':
    main()
