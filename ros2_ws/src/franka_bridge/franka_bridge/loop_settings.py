"""How the control loop is set up, and what it tells about itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from franka_bridge.scheduling import SchedulingRequest
from vls_core.control.chunk_rules import ChunkRules
from vls_core.control.envelope import EnvelopeRules
from vls_core.control.limit_scales import LimitScales
from vls_core.control.robot_limits import FR3, RobotLimits
from vls_core.control.watchdog import BridgeState


@dataclass(frozen=True)
class LoopSettings:
    """How the loop works.

    Attributes:
        rate: references per second [Hz].
        dead_man_time: how long after its last step a chunk counts as run out [s].
        state_timeout: how long the robot's state may stand still [s].
        home_speed: share of full speed on the way home.
        dry_run: compute everything, send nothing.
        limits: of the robot.
        scheduling: of the loop's thread.
    """

    rate: float = 200.0
    dead_man_time: float = 0.15
    state_timeout: float = 0.25
    home_speed: float = 0.2
    dry_run: bool = True
    limits: RobotLimits = FR3
    scales: LimitScales = LimitScales()
    chunk_rules: ChunkRules = ChunkRules()
    envelope_rules: EnvelopeRules = field(default_factory=EnvelopeRules)
    scheduling: SchedulingRequest = SchedulingRequest()


@dataclass(frozen=True)
class LoopStatus:
    """What is going on; meanings as in BridgeStatus.msg.

    Attributes:
        refusals: number of refused chunks by the name of the reason.
        violations: number of references that were not sent, by the name of the reason.
        program: identifier of the reward program in force, as far as it was announced.
        scheduling: what the operating system did not grant; empty if all is well.
    """

    state: BridgeState
    reason: str
    chunk_age: float
    last_sequence: int
    accepted_chunks: int
    refusals: Mapping[str, int]
    violations: Mapping[str, int]
    program: str
    starvations: int
    limited_references: int
    gripper_width: float
    gripper_holding: bool
    command_success_rate: float
    scheduling: tuple[str, ...]

    @property
    def refused_chunks(self) -> int:
        """All of them."""
        return sum(self.refusals.values())
