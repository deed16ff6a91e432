"""One sentence: from the rules that read it to where things are in the end."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from benchmarks.offline_author.tasks import Outcome, Task
from vls_core.rewards.program import RewardProgram
from vls_core.steering import planner as planning
from vls_core.steering.planner import Planner
from vls_core.steering.stages import TaskState
from vls_core.vlm.author import AuthorError, AuthorRequest
from vls_core.vlm.offline import OfflineAuthor
from vls_sim.rig import CONTROL_PERIOD, Rig
from vls_sim.scene_catalogue import CATALOGUE
from vls_sim.scene_layout import Shift
from vls_sim.scene_model import object_pose
from vls_sim.scoring import EpisodeScore, score_episode

REPLAN_STEPS = 8
"""Steps of a chunk, of 16, after which the next one is planned."""
TIME_LIMIT = 60.0
"""Simulated seconds; most programs give up earlier."""
SETTLING_TIME = 0.5
"""For what was let go to come to rest, before it is judged [s]."""
_BELOW_TABLE = -0.05
_ENDINGS = {TaskState.SUCCEEDED: 'program done', TaskState.FAILED: 'program given up'}


@dataclass(frozen=True)
class Episode:
    """How an episode ended.

    Attributes:
        success: judged from the physics: what was asked for is the case, and the bottle stands.
        claimed: the program came to its end, judged from what is perceived.
        ending: in a few words, what ended it; "refused" if the rules wrote no program.
        stage: the one at work when it ended; why, if it was refused.
        displacement: of the subject, x y z [mm].
        duration: simulated seconds.
    """

    success: bool
    claimed: bool
    ending: str
    stage: str
    displacement: tuple[int, int, int]
    duration: float


def play(rig: Rig, planner: Planner, task: Task, seed: int, steer: bool) -> Episode:
    """Plays one episode until the program has ended, something fell, or the time is up.

    Object positions are the true ones with perception-like noise; planning takes no simulated
    time. Raises vls_core.steering.errors.SteeringError: a chunk cannot be planned.
    """
    rig.reset(seed, Shift.NONE)
    noise = np.random.default_rng(seed)
    try:
        request = AuthorRequest(task.sentence, rig.scene(), None)
        program = OfflineAuthor().write(request).program
    except AuthorError as error:
        return Episode(False, False, 'refused', str(error), (0, 0, 0), 0.0)
    before = _positions(rig)
    ending = _follow(rig, planner, program, f'{task.name} {seed}', steer, noise)
    duration = rig.robot_state().stamp
    _settle(rig, planner)
    score = _score(rig, task)
    outcome = Outcome(before, _positions(rig), score.released)
    moved = 1000 * (outcome.after[task.subject] - before[task.subject])
    assert planner.machine is not None
    return Episode(
        success=task.done(outcome) and not score.obstacle_upset,
        claimed=planner.state is TaskState.SUCCEEDED,
        ending=ending,
        stage=planner.machine.stage.name,
        displacement=(round(moved[0]), round(moved[1]), round(moved[2])),
        duration=round(duration, 3),
    )


def _follow(
    rig: Rig, planner: Planner, program: RewardProgram, name: str, steer: bool,
    noise: np.random.Generator,
) -> str:
    """Plans and executes until something ends the episode; returns what."""
    planner.begin(planning.Task(program, name, steer))
    planner.observe(rig.robot_state(), rig.scene(noise))
    while True:
        chunk = planner.plan().chunk
        steps = zip(chunk.targets[:REPLAN_STEPS], chunk.gripper[:REPLAN_STEPS], strict=True)
        for target, opening in steps:
            rig.step(target[:3], opening)
            planner.observe(rig.robot_state(), rig.scene(noise))
            ending = _ending(rig, planner, program.subject)
            if ending:
                return ending


def _ending(rig: Rig, planner: Planner, subject: str) -> str:
    """What decides the episode now; '' while nothing does."""
    if rig.score().obstacle_upset:
        return 'bottle knocked over'
    if object_pose(rig.model, rig.data, subject)[0][2] < _BELOW_TABLE:
        return 'off the table'
    if planner.state in _ENDINGS:
        return _ENDINGS[planner.state]
    return 'time up' if rig.robot_state().stamp >= TIME_LIMIT else ''


def _settle(rig: Rig, planner: Planner) -> None:
    """Waits where the hand is, with the gripper as it was told last."""
    opening = 1.0 if rig.robot_state().gripper_width > 0.06 else 0.0
    position = rig.robot_state().end_effector_position
    for _ in range(round(SETTLING_TIME / CONTROL_PERIOD)):
        rig.step(position, opening)


def _score(rig: Rig, task: Task) -> EpisodeScore:
    # The layout names the object of the demo's own instruction; here it is the task's.
    return score_episode(rig.model, rig.data, replace(rig.layout, subject=task.subject))


def _positions(rig: Rig) -> dict[str, np.ndarray]:
    return {item.name: object_pose(rig.model, rig.data, item.name)[0] for item in CATALOGUE}
