"""One episode of the demo's task in the simulated scene, in this process."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass, field

import numpy as np

from vls_core.steering.planned_chunk import PlannedChunk
from vls_core.steering.planner import Planner
from vls_core.steering.stages import TaskState
from vls_core.steering.task import Task
from vls_core.vlm.author import AuthorRequest
from vls_core.vlm.offline import OfflineAuthor
from vls_sim.rig import Rig
from vls_sim.scene_catalogue import BOTTLE, TABLE_X, TABLE_Y
from vls_sim.scene_model import object_pose
from vls_sim.scoring import EpisodeScore

TIME_LIMIT = 20.0
"""Simulated seconds for the whole task, for every arm alike."""
TOUCHED_DISTANCE = 0.002
"""An obstacle that moved this far was touched [m]."""
CARRIED_HEIGHT = 0.05
"""An object whose centre is this far above where it began is being carried [m]."""
RECOVERY_TIME = 3.0
"""Time to take hold again of an object that was carried and is off its target [s]."""
_BELOW_TABLE = -0.05


@dataclass(frozen=True)
class EpisodeOutcome:
    """How an episode ended.

    Attributes:
        success: judged from the physics: placed, released, obstacle standing.
        ending: in a few words, what ended it.
        collision: the obstacle was knocked over or pushed away.
        touched: the obstacle moved at all.
        dropped: the object was carried, then lost, and is not on its target.
        duration: simulated seconds.
        chunks: planned.
        steered_share: of the chunks, those that are not the base policy's own.
        unsafe_share: of the chunks, those executed though they fail the hard check.
        network_evaluations: per chunk, in the mean: network calls times their batch size.
        planning_time: median over chunks [s].
        stage: the one at work when it ended.
        message: the verdict in a sentence.
    """

    success: bool
    ending: str
    collision: bool
    touched: bool
    dropped: bool
    duration: float
    chunks: int
    steered_share: float
    unsafe_share: float
    network_evaluations: float
    planning_time: float
    stage: str
    message: str


@dataclass
class _Record:
    """What is noted on the way."""

    plans: list[PlannedChunk] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    touched: bool = False
    carried: bool = False
    lost_since: float | None = None

    def share(self, fits: list[bool]) -> float:
        return sum(fits) / max(1, len(fits))


def run_episode(
    rig: Rig, planner: Planner, seed: int, shift: str, replan_steps: int
) -> EpisodeOutcome:
    """Plays one episode until its outcome is decided or the time is up.

    Object positions are the true ones with perception-like noise, the same for all planners;
    planning takes no simulated time.

    Args:
        replan_steps: steps of each chunk that are executed.

    Raises:
        vls_sim.scene_layout.UnknownShiftError: there is no such shift.
        vls_core.steering.errors.SteeringError: a chunk cannot be planned.
    """
    layout = rig.reset(seed, shift)
    noise = np.random.default_rng(seed)
    program = OfflineAuthor().write(AuthorRequest(layout.instruction, rig.scene(), None)).program
    planner.begin(Task(program, f'{shift} {seed}', steer=True))
    planner.observe(rig.robot_state(), rig.scene(noise))
    record, ending = _Record(), ''
    while not ending:
        began = time.perf_counter()
        planned = planner.plan()
        record.seconds.append(time.perf_counter() - began)
        record.plans.append(planned)
        ending = _execute(rig, planner, planned, replan_steps, noise, record)
    return _outcome(rig.score(), ending, record, planner, rig.robot_state().stamp)


def _execute(
    rig: Rig,
    planner: Planner,
    planned: PlannedChunk,
    steps: int,
    noise: np.random.Generator,
    record: _Record,
) -> str:
    """Follows the first steps of a chunk; returns what ended the episode, or ''."""
    chunk = planned.chunk
    for target, opening in zip(chunk.targets[:steps], chunk.gripper[:steps], strict=True):
        rig.step(target[:3], opening)
        planner.observe(rig.robot_state(), rig.scene(noise))
        ending = _ending(rig, planner, rig.score(), record)
        if ending:
            return ending
    return ''


def _ending(rig: Rig, planner: Planner, score: EpisodeScore, record: _Record) -> str:
    """Takes notes, and says what decides the episode now; '' while nothing does."""
    now = rig.robot_state().stamp
    _note(rig, score, record, now)
    x, y, z = _position(rig, rig.layout.subject)
    inside = TABLE_X[0] <= x <= TABLE_X[1] and TABLE_Y[0] <= y <= TABLE_Y[1]
    if score.obstacle_upset:
        return 'obstacle knocked over'
    if not inside or z < _BELOW_TABLE:
        return 'object off the table'
    if planner.state is TaskState.SUCCEEDED:
        return 'program done'
    if planner.state is TaskState.FAILED:
        return 'program given up'
    if record.lost_since is not None and now - record.lost_since > RECOVERY_TIME:
        return 'object left elsewhere'
    return 'time up' if now >= TIME_LIMIT else ''


def _note(rig: Rig, score: EpisodeScore, record: _Record, now: float) -> None:
    bottle, subject = BOTTLE.name, rig.layout.subject
    moved = _position(rig, bottle) - rig.layout.positions[bottle]
    record.touched |= bool(np.linalg.norm(moved) > TOUCHED_DISTANCE)
    risen = _position(rig, subject)[2] - rig.layout.positions[subject][2]
    record.carried |= bool(risen > CARRIED_HEIGHT)
    lost = record.carried and score.released and not score.placed
    record.lost_since = (record.lost_since or now) if lost else None


def _position(rig: Rig, name: str) -> np.ndarray:
    return object_pose(rig.model, rig.data, name)[0]


def _outcome(
    score: EpisodeScore, ending: str, record: _Record, planner: Planner, duration: float
) -> EpisodeOutcome:
    assert planner.machine is not None
    chunks = [planned.steering for planned in record.plans]
    return EpisodeOutcome(
        success=score.success,
        ending=ending,
        collision=score.obstacle_upset,
        touched=record.touched,
        dropped=record.carried and score.released and not score.placed,
        duration=round(duration, 3),
        chunks=len(chunks),
        steered_share=record.share([chunk.strength > 0 for chunk in chunks]),
        unsafe_share=record.share([not chunk.passes for chunk in chunks]),
        network_evaluations=statistics.mean(chunk.network_evaluations for chunk in chunks),
        planning_time=statistics.median(record.seconds),
        stage=planner.machine.stage.name,
        message=score.message,
    )
