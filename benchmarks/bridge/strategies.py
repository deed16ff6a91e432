"""The ways to turn chunks into motion that are compared; the bridge's own is here."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Protocol

import numpy as np

from benchmarks.bridge import naive
from benchmarks.bridge.motions import STEP
from benchmarks.bridge.player import LEAD, play
from benchmarks.bridge.recording import Recorder, Recording
from benchmarks.bridge.streams import HORIZON, Delivery, Stream
from franka_bridge.arm import ArmState
from franka_bridge.bridge_parameters import BridgeParameters
from franka_bridge.control_loop import ControlLoop
from franka_bridge.following.mode import FollowMode
from franka_bridge.franky_arm import connect_arm
from vls_core.control.chunk_rules import RefusedChunkError
from vls_core.control.gripper_logic import GripperCommand
from vls_core.control.limiter import Reference
from vls_core.control.watchdog import TransitionError
from vls_core.types import MAXIMUM_GRIPPER_WIDTH, ActionChunk, TargetKind

_CONNECT_TIMEOUT = 10.0


class Strategy(Protocol):
    """One way to turn chunks into motion."""

    name: str

    def __call__(self, address: str, stream: Stream) -> Recording:
        """Plays a stream on the robot at an address, which stands at home."""


class NoGripper:
    """Stands in for a gripper: the streams leave it open, and the arm is what is measured."""

    failure = ''
    width = MAXIMUM_GRIPPER_WIDTH
    holding = False

    def command(self, command: GripperCommand) -> None:
        """Does nothing."""

    def drop_queued(self) -> None:
        """Does nothing."""

    def cancel(self) -> None:
        """Does nothing."""

    def revive(self) -> None:
        """Does nothing."""

    def wait_until_idle(self, timeout: float) -> bool:
        """It is."""
        return True

    def close(self) -> None:
        """Does nothing."""


class Bridge:
    """The bridge of this repository, as its node runs it, in one of its modes."""

    def __init__(self, mode: FollowMode) -> None:
        self.name = f'bridge, {mode.value.replace("_", " ")}'
        self._mode = mode

    def __call__(self, address: str, stream: Stream) -> Recording:
        """Plays a stream. Raises ArmError when the arm cannot be reached or armed."""
        recorder = Recorder()

        def listen(state: ArmState, reference: Reference | None) -> None:
            recorder.measured(state.time, state.joint_positions, state.joint_velocities)
            if reference is not None:
                recorder.emitted(reference, reference.position, state.time)

        parameters = BridgeParameters(mode=self._mode.value, dry_run=False)
        arm = connect_arm(address, False, _CONNECT_TIMEOUT, parameters.arm_settings())
        loop = ControlLoop(arm, NoGripper(), parameters.loop_settings(), listen)
        loop.start()
        try:
            loop.arm()
            began = time.monotonic() + LEAD
            play(
                stream, began, lambda delivery: _offer(loop, delivery, began),
                alive=lambda: not loop.status.state.latched,
            )
            status = loop.status
        finally:
            loop.close()
        error = status.reason if status.state.latched else ''
        return recorder.recording(began, error, status.starvations, status.refusals)


def _offer(loop: ControlLoop, delivery: Delivery, began: float) -> None:
    chunk = ActionChunk(
        observation_time=began + delivery.observation,
        step_duration=STEP,
        sequence=delivery.sequence,
        targets=delivery.targets,
        gripper=np.ones(HORIZON),
        target_kind=TargetKind.JOINT_POSITION,
    )
    try:
        loop.accept(chunk)
    except (RefusedChunkError, TransitionError):
        return  # the loop counts them


OURS = tuple(Bridge(mode) for mode in FollowMode)
"""In all modes; the default one comes first."""

DIRECT = naive.Direct()
"""What the bridge's lag is compared with."""

NAIVE = (
    naive.ZeroOrderHold(),
    naive.Preempting('fast', (0.6, 0.6, 0.4)),
    naive.Preempting('gentle', (0.5, 0.3, 0.1)),
    naive.Waypoints((0.5, 0.3, 0.1)),
)
"""What one would try first."""

STRATEGIES: tuple[Strategy, ...] = (*OURS, DIRECT, *NAIVE)


def strategies_named(names: Iterable[str]) -> list[Strategy]:
    """Raises KeyError."""
    known = {strategy.name: strategy for strategy in STRATEGIES}
    return [known[name] for name in names]
