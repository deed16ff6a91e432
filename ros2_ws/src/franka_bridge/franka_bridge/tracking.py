"""From chunks to references, cycle by cycle: no thread, no arm, no clock of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from franka_bridge.arm import ArmState
from franka_bridge.homing import WayHome, way_home
from franka_bridge.loop_settings import LoopSettings
from vls_core.control.border import Border
from vls_core.control.chunk_clock import AdmittedChunk, ChunkClock, Sample, SolvedChunk
from vls_core.control.end_effector_governor import EndEffectorGovernor
from vls_core.control.envelope import Envelope
from vls_core.control.kinematics import Fr3Kinematics
from vls_core.control.limiter import Reference, ReferenceLimiter
from vls_core.control.pacing import Pacing
from vls_core.types import ActionChunk

_LIMITER_MARGIN = 0.03  # rad; the limiter stays so much further inside than the envelope asks
_SLACK_SHARE = 0.7  # of the slack of the envelope: further out the limiter stops


@dataclass(frozen=True)
class Step:
    """What one cycle comes to.

    Attributes:
        reference: checked; may be sent.
        gripper: desired opening 0..1; None while there is no wish.
    """

    reference: Reference
    gripper: float | None


class Tracking:
    """Plays chunks, limits what they ask for, and checks the result. Not for several threads.

    Args:
        settings: of the loop.
        state: of the arm now.
    """

    def __init__(self, settings: LoopSettings, state: ArmState) -> None:
        self._settings = settings
        limits, rules = settings.limits, settings.envelope_rules
        period = 1.0 / settings.rate
        self.chunks = ChunkClock(
            Fr3Kinematics(limits=limits), settings.chunk_rules, limits
        )
        self.envelope = Envelope(Fr3Kinematics(limits=limits), rules, limits, period)
        self._limiter = ReferenceLimiter(
            state.joint_positions, period, settings.scales, limits,
            EndEffectorGovernor(
                Fr3Kinematics(limits=limits), rules.speeds,
                Border(rules.workspace, _SLACK_SHARE * rules.workspace_slack),
            ),
            rules.joint_margin + _LIMITER_MARGIN,
        )
        self._pacing = Pacing(period, state.time)
        self._limited = 0
        self._way_home: WayHome | None = None

    @property
    def limited(self) -> int:
        """References changed by the limiter and targets moved into the workspace, so far."""
        return self._limited + self.chunks.clamped_targets

    @property
    def position(self) -> np.ndarray:
        """(7,) of the last reference [rad]."""
        return self._limiter.reference.position

    def begin(self, state: ArmState, now: float) -> None:
        """Starts from where the arm is; chunks computed before now [s] count no more."""
        self._limiter.reset(state.joint_positions)
        self.envelope.reset(state.joint_positions)
        self._pacing.reset(state.time)
        self.chunks.clear(now)
        self._way_home = None

    def go_home(self, now: float) -> WayHome:
        """Goes home from now on [s], whatever chunks say, until `stay` is called."""
        self._way_home = way_home(
            self._limiter.reference.position, now, self._settings.home_speed,
            self._settings.limits,
        )
        return self._way_home

    def stay(self, now: float) -> None:
        """Stays where it is; chunks computed before now [s] count no more."""
        self._way_home = None
        self.chunks.clear(now)

    def admit(self, chunk: ActionChunk, now: float) -> AdmittedChunk:
        """Checks all of a chunk but its targets. Raises RefusedChunkError."""
        return self.chunks.admit(chunk, now, self._limiter.reference)

    def commit(self, solved: SolvedChunk, now: float) -> None:
        """Follows a chunk from now on [s]. Raises RefusedChunkError."""
        self.chunks.commit(solved, now, self._limiter.reference)

    def step(self, state: ArmState, now: float, moving: bool) -> Step:
        """The reference of one cycle.

        Args:
            state: measured.
            now: the present time [s].
            moving: whether to follow the chunk in force; else the reference brakes and holds.

        Raises:
            EnvelopeViolationError: it must not be sent.
            LimiterError: there is none.
        """
        sample = self._sample(now, moving)
        reference = self._limiter.reference
        if self._pacing.due(state.time):
            reference = self._limiter.brake() if sample is None else self._limiter.step(
                sample.point.position, sample.point.feedforward
            )
            self._limited += reference.limited
        dry = self._settings.dry_run
        self.envelope.check(reference, reference.position if dry else state.joint_positions)
        self.chunks.followed(reference, now)
        return Step(reference, sample.gripper if sample else None)

    def _sample(self, now: float, moving: bool) -> Sample | None:
        if self._way_home is not None:
            return Sample(self._way_home.curve.sample(now), None)
        return self.chunks.sample(now) if moving else None
