"""What a task is told: its goal, its patience, and what is known of the rest of the stack."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from vls_core.types import Scene
from vls_core.vlm.author import AuthoredProgram


class ErrorCode(IntEnum):
    """How a task ended; the values are those of RunTask.action."""

    NONE = 0
    NO_SCENE = 101
    UNKNOWN_OBJECT = 102
    NOT_UNDERSTOOD = 103
    AUTHOR_FAILED = 104
    TASK_TIMEOUT = 105
    STAGE_FAILED = 106
    POLICY_SILENT = 107
    BRIDGE_NOT_READY = 108
    CANCELLED = 109
    PREEMPTED = 110


class Phase(StrEnum):
    """What a task is busy with; the values are those of RunTask.action."""

    LOOKING = 'looking'
    AUTHORING = 'authoring'
    ACTING = 'acting'
    FINISHED = 'finished'


class BridgeState(IntEnum):
    """The values are those of BridgeStatus.msg."""

    IDLE = 0
    ARMED = 1
    TRACKING = 2
    STARVED = 3
    FAULT = 4
    ESTOP = 5


class SteeringState(IntEnum):
    """The values are those of SteeringStatus.msg."""

    IDLE = 0
    RUNNING = 1
    SUCCEEDED = 2
    FAILED = 3


@dataclass(frozen=True)
class BridgeReport:
    """The last word of the bridge; `received` on the clock of `Task.step` [s]."""

    received: float
    state: BridgeState
    reason: str = ''
    dry_run: bool = False


@dataclass(frozen=True)
class SteeringReport:
    """The last word of the policy; `received` on the clock of `Task.step` [s]."""

    received: float
    program_id: str
    state: SteeringState
    stage: int = 0
    stage_count: int = 0
    stage_name: str = ''
    reward: float = 0.0
    latency: float = 0.0
    gate_reason: str = ''


@dataclass(frozen=True)
class World:
    """What the owner knows at one time.

    Attributes:
        scene: the newest scene.
        bridge: the bridge's last report.
        steering: the policy's last report, about whatever program.
        authored: what came of the last AskAuthor; None while it is being written.
        meanwhile: a program to begin with unsteered while the author is busy, if there may be one.
        occupied: the program of an earlier task is still in force.
        cancelled: the operator wants no more of this.
        preempted: a newer task took over.
        stopping: the node is being stopped.
    """

    scene: Scene | None = None
    bridge: BridgeReport | None = None
    steering: SteeringReport | None = None
    authored: AuthoredProgram | Exception | None = None
    meanwhile: AuthoredProgram | None = None
    occupied: bool = False
    cancelled: bool = False
    preempted: bool = False
    stopping: bool = False


@dataclass(frozen=True)
class Goal:
    """What is asked for.

    Attributes:
        instruction: the operator's sentence.
        accepted: when, on the clock of the scenes' stamps [s]; older scenes are not looked at.
        timeout: for the acting phase [s]; looking and authoring have bounds of their own.
    """

    instruction: str
    accepted: float
    timeout: float


@dataclass(frozen=True)
class Patience:
    """How long each thing is waited for [s].

    Attributes:
        scene: a scene younger than the goal.
        reappearance: a scene with other objects, after the author missed one in the first.
        authoring: the author.
        policy: the first and every further report about the program.
        bridge: a report of the bridge, and that it becomes ready.
    """

    scene: float = 5.0
    reappearance: float = 2.0
    authoring: float = 32.0
    policy: float = 5.0
    bridge: float = 2.0
