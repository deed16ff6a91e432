"""One episode: a policy, steered or not, acts until the goal holds or time is up."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field

import numpy as np
import torch

from benchmarks.libero_pro.camera import SceneCamera
from benchmarks.libero_pro.judge import Judge
from benchmarks.libero_pro.perception import Perception
from benchmarks.libero_pro.policy import HELD_WIDTH, STEP_DURATION, LiberoPolicy
from benchmarks.libero_pro.privileged import TrueScene
from benchmarks.libero_pro.simulation import ACTION_WIDTH, Simulation
from benchmarks.libero_pro.solids import solid
from vls_core.control.fr3 import WorkspaceBox
from vls_core.steering.finger_watch import FingerWatch
from vls_core.steering.gate import GateConfig
from vls_core.steering.gripper_dwell import GripperDwell
from vls_core.steering.planner import Planner, PlannerConfig
from vls_core.steering.sampler import Sampler, sample_base
from vls_core.steering.stages import TaskState
from vls_core.steering.task import Task
from vls_core.types import Grip, Observation, RobotState, Scene
from vls_core.vlm.author import Author, AuthorError, AuthorRequest

LONGEST = 280
"""Steps of 50 ms, for all arms and suites alike."""
REPLAN_STEPS = 4
"""Steps of a chunk, of 16, after which the next one is planned; for all arms alike."""
GRIPPER_DWELL = 0.5
"""For which the hand is left to finish what it was told, for all arms alike [s]."""
SETTLING_STEPS = 20
"""For which the hand stays where it is once a program is done: what was let go may still fall."""
WORKSPACE = WorkspaceBox(lower=np.array([0.15, -0.55, -0.02]), upper=np.array([0.85, 0.55, 0.75]))
"""Where there is something to do on the benchmark's tables; they are a centimetre lower in some
suites."""
LOOK_STEPS = 8
"""Steps between two pictures."""


@dataclass(frozen=True)
class Arm:
    """One way to act.

    Attributes:
        sampler: plans steered chunks; None: the frozen policy alone, for which nobody writes
            rewards.
        gate: when not to steer.
        privileged: sees the simulator itself instead of pictures.
        author: writes the rewards.
    """

    sampler: Sampler | None
    gate: GateConfig | None = None
    privileged: bool = False
    author: Author | None = None


@dataclass(frozen=True)
class Outcome:
    """How an episode went.

    Attributes:
        success: the goal held.
        steps: taken.
        ending: what ended it.
        stage: name of the one at work then; empty without a program.
        refusal: why there was no program.
        attempts: programs begun.
        steered_share: of the chunks, those that are not the base policy's own.
        evaluations: of the network, for the whole episode.
        simulator_seconds, perception_seconds, planning_seconds, author_seconds: computing time.
        held: whether something was ever held, by the fingers alone.
        holding: whether something is held at the end.
        subject_meant: whether the last program is about the thing of the goal; None without one.
        seen_off: how far from its true place the thing of the goal was first seen [m]; 0 if the
            goal is about none.
        lifted, lifted_others, off: see `judge.Verdict`.
    """

    success: bool
    steps: int
    ending: str
    stage: str
    refusal: str
    attempts: int
    steered_share: float
    evaluations: int
    simulator_seconds: float
    perception_seconds: float
    planning_seconds: float
    author_seconds: float
    held: bool
    holding: bool
    subject_meant: bool | None
    seen_off: float
    lifted: bool
    lifted_others: tuple[str, ...]
    off: float


@dataclass
class _Notes:
    chunks: list[bool] = field(default_factory=list)
    evaluations: int = 0
    attempts: int = 0
    refusal: str = ''
    held: bool = False
    holding: bool = False
    subject: str = ''
    seconds: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """Adds what is done within to the seconds of something."""
        began = time.perf_counter()
        yield
        self.seconds[what] += time.perf_counter() - began


class Episode:
    """Plays one episode of one arm.

    Args:
        on_step: called after every step, e.g. to take a picture.
    """

    def __init__(
        self, simulation: Simulation, camera: SceneCamera, policy: LiberoPolicy, arm: Arm,
        seed: int, on_step: Callable[[], None] = lambda: None,
    ) -> None:
        self._simulation, self._camera, self._policy, self._arm = simulation, camera, policy, arm
        self._on_step, self._notes = on_step, _Notes()
        self._steps, self._fingers = 0, FingerWatch()
        self._dwell = GripperDwell(GRIPPER_DWELL)
        self._dwell.executed(0.0, 1.0)  # an episode begins with an open hand
        self._generator = torch.Generator().manual_seed(seed)
        self._planner = Planner(policy, arm.sampler, PlannerConfig(
            seed=seed, replan_steps=REPLAN_STEPS, gate=arm.gate, held_width=HELD_WIDTH,
            workspace=WORKSPACE,
        ))

    def play(self, state: int) -> Outcome:
        """From an initial state to the end. Raises IndexError, SteeringError."""
        self._simulation.begin(state)
        self._policy.instruction = self._simulation.instruction
        self._perception = (
            TrueScene(self._simulation) if self._arm.privileged else Perception()
        )
        self._judge = Judge(self._simulation)
        self._scene = self._look()
        seen_off = self._seen_off()
        if self._arm.sampler is not None:
            self._begin_program()
        ending = ''
        while not ending:
            ending = self._act(self._plan())
        return self._outcome(ending, seen_off)

    @property
    def _command(self) -> float:
        """Opening that the gripper was told last, 0 closed or 1 open."""
        assert self._dwell.command is not None, 'told to open when the episode was made'
        return self._dwell.command

    def _seen_off(self) -> float:
        subject = self._judge.subject
        name = self._perception.words.get(subject, '')
        if not subject or name not in self._scene:
            return 1.0 if subject else 0.0
        low, high = (getattr(solid(self._simulation, subject), side) for side in ('low', 'high'))
        true = (low + high) / 2 - self._simulation.base
        return round(float(np.linalg.norm(self._scene[name].center - true)), 4)

    def _begin_program(self) -> None:
        assert self._arm.author is not None
        self._notes.attempts += 1
        with self._notes.timed('author'):
            try:
                request = AuthorRequest(self._simulation.instruction, self._scene)
                program = self._arm.author.write(request).program
            except AuthorError as error:
                self._notes.refusal = str(error)
                self._planner.begin(None)
                return
        self._notes.subject = program.subject
        self._perception.is_about(program.subject, program.target or program.subject)
        self._scene = self._look()
        self._planner.begin(Task(program, f'attempt {self._notes.attempts}', steer=True))
        self._planner.observe(self._robot(), self._scene)

    def _plan(self) -> np.ndarray:
        """(H, 7) actions of the simulator."""
        with self._notes.timed('planning'):
            if self._planner.task is None:
                return self._unsteered()
            chunk = self._planner.plan().steering
            self._notes.chunks.append(chunk.strength > 0)
            self._notes.evaluations += chunk.network_evaluations
            return self._policy.simulator_actions(chunk.trajectory, self._robot())

    def _unsteered(self) -> np.ndarray:
        observation = Observation(
            self._robot(), self._scene, '', '', self._command, HELD_WIDTH
        )
        actions = sample_base(self._policy, observation, self._generator)
        self._notes.evaluations += self._policy.denoising_steps
        return self._policy.simulator_actions(
            self._policy.decode(actions, observation), observation.robot
        )

    def _act(self, actions: np.ndarray) -> str:
        """Follows the first steps of a chunk; returns what ended the episode, or ''."""
        for action in actions[:REPLAN_STEPS]:
            now = self._steps * STEP_DURATION
            opening, = self._dwell.kept(np.array([now]), (1 - action[6:]) / 2)
            action[6] = 1 - 2 * opening
            self._dwell.executed(now, opening)
            if self._step(action):
                return 'success'
            if self._steps >= LONGEST:
                return 'time up'
            self._scene = self._look(picture=self._steps % LOOK_STEPS == 0)
            self._judge.watch()
            if self._planner.task is None:
                continue
            self._planner.observe(self._robot(), self._scene, self._command)
            if self._planner.state is TaskState.SUCCEEDED:
                return self._settle()
            if self._planner.state is TaskState.FAILED:
                self._begin_program()
                return ''
        return ''

    def _settle(self) -> str:
        still = np.zeros(ACTION_WIDTH)
        still[6] = 1 - 2 * self._command
        for _ in range(min(SETTLING_STEPS, LONGEST - self._steps)):
            if self._step(still):
                return 'success'
        return 'program done'

    def _step(self, action: np.ndarray) -> bool:
        """Whether the goal holds after it."""
        with self._notes.timed('simulator'):
            self._simulation.step(action)
            succeeded = self._simulation.succeeded()
        self._steps += 1
        self._on_step()
        return succeeded

    def _look(self, picture: bool = True) -> Scene:
        with self._notes.timed('perception'):
            robot, stamp = self._simulation.robot(), self._steps * STEP_DURATION
            still = self._fingers.still(robot.opening, stamp)
            grip = Grip.told(self._command, robot.opening, still, HELD_WIDTH)
            self._notes.holding = grip is Grip.HOLDING
            self._notes.held |= self._notes.holding
            if isinstance(self._perception, TrueScene):
                return self._perception.scene(stamp)
            seen = self._camera.look(stamp) if picture else None
            hand = robot.position - self._simulation.base
            return self._perception.scene(stamp, seen, hand, grip)

    def _robot(self) -> RobotState:
        robot = self._simulation.robot()
        return RobotState(
            self._steps * STEP_DURATION, robot.joints, robot.velocities,
            robot.position - self._simulation.base, robot.quaternion, robot.opening,
        )

    def _outcome(self, ending: str, seen_off: float) -> Outcome:
        notes, machine = self._notes, self._planner.machine
        meant = self._perception.words.get(self._judge.subject, '')
        return Outcome(
            success=ending == 'success',
            steps=self._steps,
            ending=ending,
            stage=machine.stage.name if machine else '',
            refusal=notes.refusal,
            attempts=notes.attempts,
            steered_share=sum(notes.chunks) / max(1, len(notes.chunks)),
            evaluations=notes.evaluations,
            **{f'{what}_seconds': round(notes.seconds[what], 3)
               for what in ('simulator', 'perception', 'planning', 'author')},
            held=notes.held,
            holding=notes.holding,
            subject_meant=notes.subject == meant if notes.subject else None,
            seen_off=seen_off,
            **asdict(self._judge.verdict()),
        )
