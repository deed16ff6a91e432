"""One task from the operator's sentence to its result, as a state machine without ROS or clock.

    looking -> authoring -> acting -> finished

The owner calls `step` often with the time and a snapshot of the world, and does what it returns:
ask the author, let the base policy begin alone, publish the program, or finish.
"""

from __future__ import annotations

from vls_core.rewards.check import ProgramRejectedError
from vls_core.rewards.program import RewardProgram, scene_hash
from vls_core.rewards.verification.report import ProgramUnverifiedError
from vls_core.types import Scene
from vls_core.vlm.author import (
    AuthoredProgram,
    AuthorError,
    NotUnderstoodError,
    SecondLookError,
    UnknownObjectInInstructionError,
)
from vls_vlm_node.bridge_watch import BridgeWatch, ready
from vls_vlm_node.commands import (
    AskAuthor,
    Command,
    Finish,
    Outcome,
    PublishProgram,
    StartUnsteered,
    VerifyAgain,
)
from vls_vlm_node.world import (
    ErrorCode,
    Goal,
    Patience,
    Phase,
    SteeringReport,
    SteeringState,
    World,
)

QUESTIONS = 2
"""At most to the author in one task: one, and one more if other things are in view by then."""


class Task:
    """The state machine; see the module's docstring. Times are seconds on one monotonic clock."""

    def __init__(self, goal: Goal, program_id: str, patience: Patience, now: float) -> None:
        self.goal = goal
        self.program_id = program_id
        self.phase = Phase.LOOKING
        self.authored: AuthoredProgram | None = None
        self._patience = patience
        self._started = now
        self._phase_began = now
        self._scene: Scene | None = None
        self._missed: UnknownObjectInInstructionError | None = None
        self._questions = 0
        self._verified_again = False
        self._began_unsteered = False
        self._bridge = BridgeWatch(patience.bridge, now)

    def step(self, now: float, world: World) -> Command | None:
        """What is to be done now, if anything. After a Finish nothing ever is."""
        if self.phase is Phase.FINISHED:
            return None
        outcome = _interruption(world) or self._bridge.problem(now, world.bridge)
        if outcome:
            return self._finish(outcome)
        if self.phase is Phase.LOOKING:
            return self._look(now, world.scene)
        if self.phase is Phase.AUTHORING:
            return self._await_author(now, world)
        return self._follow(now, world.steering)

    @property
    def unsteered_id(self) -> str:
        """Identifies the program the base policy begins with while the author is busy."""
        return f'{self.program_id}-unsteered'

    def steering_of(self, world: World) -> SteeringReport | None:
        """The policy's report, if it is about this task's program."""
        report = world.steering
        return report if report and report.program_id == self.program_id else None

    def _enter(self, phase: Phase, now: float) -> None:
        self.phase = phase
        self._phase_began = now

    def _finish(self, outcome: Outcome) -> Finish:
        self.phase = Phase.FINISHED
        return Finish(outcome)

    def _end(self, code: ErrorCode, message: str) -> Finish:
        return self._finish(Outcome(code, message))

    def _look(self, now: float, scene: Scene | None) -> Command | None:
        if self._usable(scene):
            return self._ask(now, scene)
        if self._missed:
            if now - self._started >= self._patience.reappearance or not self._may_ask:
                return self._end(ErrorCode.UNKNOWN_OBJECT, str(self._missed))
        elif now - self._started >= self._patience.scene:
            return self._end(ErrorCode.NO_SCENE, self._why_no_scene(scene))
        return None

    @property
    def _may_ask(self) -> bool:
        return self._questions < QUESTIONS

    def _ask(self, now: float, scene: Scene) -> AskAuthor:
        self._scene = scene
        self._questions += 1
        self._enter(Phase.AUTHORING, now)
        return AskAuthor(scene)

    def _usable(self, scene: Scene | None) -> bool:
        """Young, not empty, and if the author missed something: with other objects than before."""
        if scene is None or not scene.objects or scene.stamp < self.goal.accepted:
            return False
        return not self._missed or (self._may_ask and self._changed(scene))

    def _why_no_scene(self, scene: Scene | None) -> str:
        waited = f'within {self._patience.scene:g} s'
        if scene is None:
            return (f'no scene arrived {waited}: is the perception node running, and does the '
                    'camera publish?')
        if scene.stamp < self.goal.accepted:
            age = self.goal.accepted - scene.stamp
            return (f'no new scene arrived {waited}, the last one was {age:.1f} s older than the '
                    'task: does the camera still publish, and do the clocks agree?')
        return ('pictures arrive, but no object is recognised in them: is the workspace lit and '
                'in view of the camera?')

    def _await_author(self, now: float, world: World) -> Command | None:
        authored = world.authored
        if authored is None:
            return self._while_authoring(now, world)
        if isinstance(authored, AuthoredProgram):
            if self._changed(world.scene):
                self._scene, self._verified_again = world.scene, True
                return VerifyAgain(authored, world.scene)
            if not ready(world.bridge):
                return None  # bounded by the patience with the bridge
            self.authored = authored
            self._enter(Phase.ACTING, now)
            return PublishProgram(authored, self._scene)
        if isinstance(authored, UnknownObjectInInstructionError):
            self._missed = authored
            self._enter(Phase.LOOKING, now)
            return self._look(now, world.scene)
        refused = isinstance(authored, ProgramUnverifiedError)
        if refused and self._verified_again and self._may_ask and self._usable(world.scene):
            return self._ask(now, world.scene)
        return self._finish(_author_failure(authored))

    def _changed(self, scene: Scene | None) -> bool:
        """Whether other objects are in view than those the program was verified for."""
        return scene is not None and scene_hash(scene) != scene_hash(self._scene)

    def _while_authoring(self, now: float, world: World) -> Command | None:
        if now - self._phase_began >= self._patience.authoring:
            return self._end(
                ErrorCode.AUTHOR_FAILED,
                f'no reward program was written within {self._patience.authoring:g} s',
            )
        if self._done_unsteered(world.steering):
            return self._end(
                ErrorCode.NONE,
                'the base policy was done, unsteered, before a reward program was written',
            )
        if self._may_begin(world):
            self._began_unsteered = True
            return StartUnsteered(world.meanwhile, self._scene)
        return None

    def _may_begin(self, world: World) -> bool:
        """Once, and not in the place of a program that is still at work."""
        wanted = world.meanwhile is not None and not self._began_unsteered
        wanted = wanted and not self._changed(world.scene)
        return wanted and not world.occupied and ready(world.bridge)

    def _done_unsteered(self, steering: SteeringReport | None) -> bool:
        return (
            self._began_unsteered and steering is not None
            and steering.program_id == self.unsteered_id
            and steering.state is SteeringState.SUCCEEDED
        )

    def _follow(self, now: float, steering: SteeringReport | None) -> Command | None:
        if steering and steering.program_id != self.program_id:
            steering = None
        if steering and steering.state is SteeringState.SUCCEEDED:
            return self._end(ErrorCode.NONE, _success(self.authored.program))
        if steering and steering.state is SteeringState.FAILED:
            return self._end(
                ErrorCode.STAGE_FAILED, f'"{steering.stage_name}" was not completed in its time'
            )
        if now - self._phase_began >= self.goal.timeout:
            stage = f' while at "{steering.stage_name}"' if steering else ''
            return self._end(
                ErrorCode.TASK_TIMEOUT, f'not done after {self.goal.timeout:g} s{stage}'
            )
        last = max(self._phase_began, steering.received if steering else self._phase_began)
        if now - last >= self._patience.policy:
            return self._end(
                ErrorCode.POLICY_SILENT,
                f'the policy node has said nothing for {self._patience.policy:g} s: is it '
                'running, and does it get scene, joint_states and end_effector_pose?',
            )
        return None


def _interruption(world: World) -> Outcome | None:
    if world.cancelled:
        return Outcome(ErrorCode.CANCELLED, 'cancelled by the operator')
    if world.preempted:
        return Outcome(ErrorCode.PREEMPTED, 'a newer task took over')
    if world.stopping:
        return Outcome(ErrorCode.CANCELLED, 'the vlm node was stopped')
    return None


def _success(program: RewardProgram) -> str:
    if program.target is None:
        return f'what was to be done with the {program.subject} is done'
    return f'the {program.subject} is at the {program.target}'


def _author_failure(error: Exception) -> Outcome:
    if isinstance(error, NotUnderstoodError | SecondLookError):
        return Outcome(ErrorCode.NOT_UNDERSTOOD, str(error))
    if isinstance(error, AuthorError):
        return Outcome(ErrorCode.AUTHOR_FAILED, str(error))
    if isinstance(error, ProgramRejectedError | ProgramUnverifiedError):
        return Outcome(ErrorCode.AUTHOR_FAILED, f'the reward program was rejected: {error}')
    name = type(error).__name__  # alone: nobody vouches for the words of an unknown error
    return Outcome(ErrorCode.AUTHOR_FAILED, f'internal error while authoring: {name}')
