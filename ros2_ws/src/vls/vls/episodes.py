"""Runs one episode in the simulated world: home, lay out, do the task, judge."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass

from sensor_msgs.msg import Image
from vls_interfaces.msg import BridgeStatus, Scene, SteeringStatus
from vls_interfaces.msg import RewardProgram as RewardProgramMessage

from vls.client import StackClient, StackUnreachableError, TaskFeedback, TaskResult, error_name
from vls.reward_programs import program_record
from vls_ros.qos import CAMERA, LATCHED, STATUS

CONDITIONS = ('none', 'moved_object', 'moved_target', 'obstacle', 'other_target')
"""The named shifts of the simulated scene."""

CAMERA_TOPIC = 'front_camera/color/image_raw'

TASK_SECONDS = 60.0
"""Time for one task."""
FRESH_SCENES = 3
"""Pictures perception has to take of a new layout before the task begins."""
FRESH_SCENE_SECONDS = 10.0
STATUS_SECONDS = 10.0


@dataclass(frozen=True)
class SteeringSample:
    """What the policy reported about one chunk; times are seconds.

    Attributes:
        time: since the task began.
        stage: index of the stage.
        stage_name: readable.
        reward: of the executed plan, 0 is perfect.
        strength: guidance applied, 0 if the gate stayed shut.
        effective_sample_size: particles.
        latency: from the observation to the chunk.
    """

    time: float
    stage: int
    stage_name: str
    reward: float
    strength: float
    effective_sample_size: float
    latency: float


@dataclass(frozen=True)
class EpisodeResult:
    """One judged episode.

    Attributes:
        seed, condition, steer: what was run.
        instruction: the sentence given.
        success: the physics' verdict.
        placed, released, obstacle_upset, placement_error: its parts; the error is in metres.
        error_code, message: what the stack itself believes (RunTask).
        source: author of the reward program.
        duration: of the task [s].
        samples: one per chunk, while a stage was under way.
        program: the reward program that was used, as plain data; None if there was none.
    """

    seed: int
    condition: str
    steer: bool
    instruction: str
    success: bool
    placed: bool
    released: bool
    obstacle_upset: bool
    placement_error: float
    error_code: int
    message: str
    source: str
    duration: float
    samples: tuple[SteeringSample, ...] = ()
    program: dict | None = None

    @property
    def failure(self) -> str:
        """In a few words, what went wrong; '' after a success."""
        if self.success:
            return ''
        if self.obstacle_upset:
            return 'knocked the bottle over'
        if not self.placed:
            words = f'{100 * self.placement_error:.0f} cm off its target'
        elif not self.released:
            words = 'not released'
        else:
            words = 'judged a failure'
        return f'{words} ({error_name(self.error_code)})' if self.error_code else words

    @property
    def median_latency(self) -> float | None:
        """From an observation to its chunk [s]; None if there was no chunk."""
        latencies = [sample.latency for sample in self.samples]
        return statistics.median_high(latencies) if latencies else None

    def row(self) -> dict[str, object]:
        """Plain data without the samples, for a line of JSON."""
        row = asdict(self)
        del row['samples'], row['program']
        row['chunks'] = len(self.samples)
        row['median_latency'] = self.median_latency
        return row


class EpisodeRunner:
    """Runs episodes one after the other through a running simulated stack."""

    def __init__(self, client: StackClient) -> None:
        self._client = client

    def run(
        self,
        seed: int,
        condition: str,
        *,
        steer: bool,
        timeout: float = TASK_SECONDS,
        on_phase: Callable[[str], None] = lambda _: None,
        on_feedback: Callable[[TaskFeedback], None] = lambda _: None,
        on_picture: Callable[[Image], None] | None = None,
    ) -> EpisodeResult:
        """Runs an episode.

        Args:
            seed: of the layout.
            condition: one of CONDITIONS.
            steer: False runs the base policy alone.
            timeout: of the task [s].
            on_phase: called with what happens now.
            on_feedback: called with the feedback of the task.
            on_picture: called with each picture of the front camera during the task.

        Raises:
            StackUnreachableError: a node is gone.
            RefusedError: the arm or the simulator refused.
        """
        on_phase('going home')
        self.prepare_arm()
        on_phase('laying out the scene')
        instruction = self._lay_out(seed, condition)
        on_phase('acting')
        log = _TaskLog()
        listen = self._client.subscription
        with ExitStack() as listening:
            enter = listening.enter_context
            enter(listen(SteeringStatus, 'steering_status', log.add_status, STATUS))
            enter(listen(RewardProgramMessage, 'reward_program', log.add_program, LATCHED))
            if on_picture is not None:
                enter(listen(Image, CAMERA_TOPIC, on_picture, CAMERA))
            task = self._client.run_task(
                instruction, steer=steer, timeout=timeout, on_feedback=on_feedback
            )
        on_phase('judging')
        return self._judge(seed, condition, steer, instruction, task, log)

    def prepare_arm(self) -> None:
        """Recovers and arms if need be, then goes home. Raises as `run` does."""
        client = self._client
        client.bridge_status = None
        client.wait_for(
            lambda: client.bridge_status is not None, STATUS_SECONDS, 'no word from franka_bridge'
        )
        if client.bridge_status.state in (BridgeStatus.FAULT, BridgeStatus.ESTOP):
            client.recover()
        if client.bridge_status.state in (
            BridgeStatus.IDLE, BridgeStatus.FAULT, BridgeStatus.ESTOP
        ):
            client.arm(True)
        client.home()

    def _lay_out(self, seed: int, condition: str) -> str:
        client = self._client
        instruction = client.reset_episode(seed, condition)
        laid_out = time.time()
        fresh = []

        def look(scene: Scene) -> None:
            if scene.header.stamp.sec + scene.header.stamp.nanosec * 1e-9 > laid_out:
                fresh.append(scene)

        with client.subscription(Scene, 'scene', look, LATCHED):
            try:
                client.wait_for(
                    lambda: len(fresh) >= FRESH_SCENES, FRESH_SCENE_SECONDS,
                    'perception shows no new scene',
                )
            except StackUnreachableError as error:
                raise StackUnreachableError(f'{error}; see the log of perception') from error
        return instruction

    def _judge(
        self, seed: int, condition: str, steer: bool, instruction: str, task: TaskResult,
        log: _TaskLog,
    ) -> EpisodeResult:
        score = self._client.score_episode()
        return EpisodeResult(
            seed=seed, condition=condition, steer=steer, instruction=instruction,
            success=score.success, placed=score.placed, released=score.released,
            obstacle_upset=score.obstacle_upset, placement_error=score.placement_error,
            error_code=task.error_code, message=task.message or score.message,
            source=task.source, duration=task.duration,
            samples=tuple(log.samples(task.program_id)), program=log.program(task.program_id),
        )


class _TaskLog:
    """Collects what is published during a task; filled from another thread."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._statuses: list[tuple[float, SteeringStatus]] = []
        self._programs: dict[str, dict] = {}

    def add_status(self, message: SteeringStatus) -> None:
        self._statuses.append((time.monotonic() - self._start, message))

    def add_program(self, message: RewardProgramMessage) -> None:
        if message.stages:
            self._programs[message.program_id] = program_record(message)

    def program(self, program_id: str) -> dict | None:
        return self._programs.get(program_id)

    def samples(self, program_id: str) -> list[SteeringSample]:
        return [
            SteeringSample(
                time=when, stage=message.stage, stage_name=message.stage_name,
                reward=message.reward, strength=message.strength,
                effective_sample_size=message.effective_sample_size, latency=message.latency,
            )
            for when, message in self._statuses
            if message.program_id == program_id and message.state == SteeringStatus.RUNNING
        ]
