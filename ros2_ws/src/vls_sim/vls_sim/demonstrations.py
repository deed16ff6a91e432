"""Records demonstrations of the scripted expert for training, in the unshifted scene only.

The arm is pushed around at random on its way, so that the recording shows how to recover; what is
recorded as the expert's target is always what it wants to do from where it was pushed to. Contact
is left alone: nothing pushes near the subject or the target. Episodes that fail are dropped.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, fields
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

from vls_core.types import Observation
from vls_sim.expert import Expert, ExpertAction, Phase
from vls_sim.rig import CONTROL_PERIOD, Rig
from vls_sim.scene_layout import Shift

FIRST_SEED = 1_000_000
"""Demonstrations use layouts from here on; evaluations use seeds below."""

START_OFFSET = 0.06
"""The end effector starts up to this far from home along every axis [m]."""

PUSH_PROBABILITY = 0.06
"""That a push begins in a step without one."""

PUSH_LENGTHS = (5, 11)
"""Fewest and most steps of a push."""

PUSH_DISPLACEMENT = 0.022
"""Standard deviation per axis of the displacement by one push [m]."""

_STEPS_TO_START = 18
_LONGEST_EPISODE = 260
_HOLDING_STEPS = 8
_PUSH_FREE_HEIGHT = 0.075


@dataclass(frozen=True)
class Demonstration:
    """One successful episode of T steps at 15 Hz; also the arrays of the file, joined.

    Attributes:
        end_effector_position: (T, 3) measured before the step [m].
        gripper_width: (T,) measured before the step [m].
        gripper_command: (T,) opening commanded in the step before, 0 or 1.
        subject_position: (T, 3) true centre of the object to move [m].
        target_position: (T, 3) true centre of the surface it belongs on [m].
        expert_target_position: (T, 3) where the expert wants the end effector after the step [m].
        expert_gripper: (T,) opening the expert commands, 0 or 1.
        episode: (T,) number of the episode in the file.
        seed: (T,) seed of the layout.
        step: (T,) number of the step in the episode.
    """

    end_effector_position: np.ndarray
    gripper_width: np.ndarray
    gripper_command: np.ndarray
    subject_position: np.ndarray
    target_position: np.ndarray
    expert_target_position: np.ndarray
    expert_gripper: np.ndarray
    episode: np.ndarray
    seed: np.ndarray
    step: np.ndarray


class Pushes:
    """Random smooth displacements of the executed target."""

    def __init__(self, generator: np.random.Generator) -> None:
        self._generator = generator
        self._queue: deque[np.ndarray] = deque()

    def next(self, allowed: bool) -> np.ndarray:
        """The displacement (3,) of the next step [m]; stops at once when not allowed."""
        if not allowed:
            self._queue.clear()
            return np.zeros(3)
        if not self._queue and self._generator.random() < PUSH_PROBABILITY:
            self._queue.extend(self._push())
        return self._queue.popleft() if self._queue else np.zeros(3)

    def _push(self) -> np.ndarray:
        steps = self._generator.integers(*PUSH_LENGTHS, endpoint=True)
        profile = np.sin(np.pi * (np.arange(steps) + 0.5) / steps) ** 2
        displacement = self._generator.normal(0.0, PUSH_DISPLACEMENT, 3)
        return np.outer(profile / profile.sum(), displacement)


def record_episode(rig: Rig, seed: int, disturbed: bool = True) -> Demonstration | None:
    """One episode in the unshifted scene; None when the expert did not succeed.

    Args:
        seed: of the layout and the disturbances.
        disturbed: start away from home and push the arm.
    """
    layout = rig.reset(seed, Shift.NONE)
    generator = np.random.default_rng([seed, 3])
    pushes = Pushes(generator)
    start = rig.robot_state().end_effector_position
    if disturbed:
        start = start + generator.uniform(-START_OFFSET, START_OFFSET, 3)
        _go(rig, start)
    expert, gripper, holding = Expert(start), 1.0, 0
    rows = []
    for step in range(_LONGEST_EPISODE):
        observation = Observation(
            rig.robot_state(), rig.scene(), layout.subject, layout.target
        )
        action = expert.act(observation)
        rows.append(_row(observation, gripper, action, seed, step))
        push = pushes.next(disturbed and _may_push(observation, action))
        expert.disturb(push)
        rig.step(action.position + push, action.gripper)
        gripper = action.gripper
        holding += action.phase is Phase.RETREAT and action.at_rest
        if holding > _HOLDING_STEPS:
            break
    if not rig.score().success:
        return None
    return Demonstration(*(np.array(column) for column in zip(*rows, strict=True)))


def _go(rig: Rig, goal: np.ndarray) -> None:
    start = rig.robot_state().end_effector_position
    for fraction in np.linspace(0.0, 1.0, _STEPS_TO_START):
        rig.step(start + (3 - 2 * fraction) * fraction**2 * (goal - start), 1.0)


def _may_push(observation: Observation, action: ExpertAction) -> bool:
    moving = action.phase in (Phase.APPROACH, Phase.CARRY)
    return moving and observation.robot.end_effector_position[2] > _PUSH_FREE_HEIGHT


def _row(
    observation: Observation, gripper: float, action: ExpertAction, seed: int, step: int
) -> tuple[object, ...]:
    robot, scene = observation.robot, observation.scene
    return (
        robot.end_effector_position, robot.gripper_width, gripper,
        scene[observation.subject].center, scene[observation.target].center,
        action.position, action.gripper, 0, seed, step,
    )


_rig: Rig | None = None


def _record_in_worker(seed: int) -> Demonstration | None:
    global _rig  # one rig per worker process: building it costs more than an episode
    _rig = _rig or Rig()
    return record_episode(_rig, seed)


def record(episodes: int, processes: int, first_seed: int) -> Iterator[Demonstration | None]:
    """Episodes in order of their seeds until enough succeeded; None for each that failed.

    The result does not depend on the number of processes.
    """
    seeds, found = itertools.count(first_seed), 0
    waiting: deque[Future[Demonstration | None]] = deque()
    with ProcessPoolExecutor(processes, get_context('spawn')) as pool:
        while found < episodes:
            while len(waiting) < min(2 * processes, max(processes, episodes - found)):
                waiting.append(pool.submit(_record_in_worker, next(seeds)))
            demonstration = waiting.popleft().result()
            found += demonstration is not None
            yield demonstration
        pool.shutdown(cancel_futures=True)


def save(demonstrations: list[Demonstration], file: Path) -> None:
    """Writes all episodes, joined along time, with float32 numbers."""
    arrays = {}
    for item in fields(Demonstration):
        column = np.concatenate([getattr(each, item.name) for each in demonstrations])
        exact = item.name in ('episode', 'seed', 'step')
        arrays[item.name] = column.astype(np.int32 if exact else np.float32)
    lengths = [len(each.step) for each in demonstrations]
    arrays['episode'] = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open('wb') as stream:
        np.savez_compressed(stream, control_period=CONTROL_PERIOD, **arrays)


def _command(
    out: Annotated[Path, typer.Option(help='File to write (.npz).')],
    episodes: Annotated[int, typer.Option(min=1, help='Successful episodes to keep.')] = 400,
    processes: Annotated[int, typer.Option(min=1, help='Worker processes.')] = 2,
    seed: Annotated[int, typer.Option(min=0, help='Shifts the seeds of the layouts.')] = 0,
) -> None:
    """Records demonstrations of the scripted expert in the unshifted scene."""
    kept, failed = [], 0
    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns) as progress:
        task = progress.add_task('demonstrations', total=episodes)
        for demonstration in record(episodes, processes, FIRST_SEED + seed):
            if demonstration is None:
                failed += 1
                continue
            kept.append(demonstration)
            progress.advance(task)
    save(kept, out)
    steps = sum(len(each.step) for each in kept)
    typer.echo(f'{len(kept)} episodes, {steps} steps, {failed} failed and dropped: {out}')


def main() -> None:
    """Entry point of `vls-record-demonstrations`."""
    typer.run(_command)


if __name__ == '__main__':
    main()
