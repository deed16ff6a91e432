"""The real bridge moving the judge's arm, and what the arm does once something breaks."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType

import numpy as np
from vls_interfaces.msg import BridgeStatus, RewardProgram, RewardStage

from benchmarks.bridge.bridge_process import (
    BridgeClient,
    BridgeProcess,
    new_namespace,
    wait_for,
)
from benchmarks.bridge.faults.stream import CALM, Swing, SwingingPolicy
from benchmarks.bridge.judge import Judge
from vls_ros import qos
from vls_ros.heartbeat import HeartbeatPublisher

STILL = 0.02
"""An arm slower than this rests [rad/s]."""
MOVING = 0.4
"""How fast the arm is when something is broken [rad/s]."""
_HOME_SPEED = 0.6
_REST = 0.3  # s that it has to stay slow
_ACCELERATION_WINDOW = 0.01  # s


@dataclass(frozen=True)
class Motion:
    """What the arm did after a moment, by the judge's own record.

    Attributes:
        stop_time: until it rested [s]; None if it did not.
        stop_angle: how far the fastest joint went meanwhile [rad].
        peak_acceleration: of any joint, over 10 ms [rad/s^2].
    """

    stop_time: float | None
    stop_angle: float
    peak_acceleration: float


def motion_after(trace: np.ndarray, moment: float) -> Motion:
    """What a trace of the judge tells about the time after a moment on the judge's clock [s]."""
    after = trace[trace[:, 0] >= moment]
    time, position, velocity = after[:, 0], after[:, 1:8], after[:, 8:]
    slow = np.abs(velocity).max(axis=1) < STILL
    rest = None
    for start in np.flatnonzero(slow & ~np.roll(slow, 1) | (np.arange(len(slow)) == 0) & slow):
        window = (time >= time[start]) & (time <= time[start] + _REST)
        if slow[window].all() and time[-1] >= time[start] + _REST:
            rest = int(start)
            break
    until = len(time) if rest is None else rest + 1
    travelled = np.abs(position[until - 1] - position[0]).max()
    grid = np.arange(time[0], time[until - 1], _ACCELERATION_WINDOW)
    peak = 0.0
    if len(grid) > 1:
        sampled = np.array([np.interp(grid, time, column) for column in velocity.T])
        peak = float(np.abs(np.diff(sampled, axis=1)).max() / _ACCELERATION_WINDOW)
    stop_time = None if rest is None else float(time[rest] - time[0])
    return Motion(stop_time, float(travelled), peak)


class FaultRig:
    """Judge, bridge process, client and policy; a context.

    Args:
        swing: of the policy.
        parameters: of the bridge.
    """

    def __init__(self, swing: Swing = CALM, **parameters: object) -> None:
        self._swing = swing
        self.judge = Judge(gripper=True)
        self.namespace = new_namespace()
        self._parameters = parameters
        self.refusal = ''
        """What the bridge said to what was injected; a later refusal may have overwritten it."""

    def __enter__(self) -> FaultRig:
        """Everything runs; the arm is not armed. Raises WaitError, and then nothing runs."""
        with ExitStack() as cleanup:
            cleanup.enter_context(self.judge)
            self.bridge = cleanup.enter_context(BridgeProcess(
                self.judge.address, self.namespace, home_speed=_HOME_SPEED, **self._parameters
            ))
            self.client = cleanup.enter_context(BridgeClient(self.namespace))
            self.policy = SwingingPolicy(self.client, self._swing)
            cleanup.callback(self.policy.stop)
            self.operator = None
            if self._parameters.get('operator_timeout'):
                self.operator = HeartbeatPublisher(self.client.node, 'operator_heartbeat', 0.05)
            self._programs = self.client.node.create_publisher(
                RewardProgram, 'reward_program', qos.LATCHED
            )
            self.client.wait_for_state(BridgeStatus.IDLE, 40.0)
            self._cleanup = cleanup.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Ends everything."""
        self._cleanup.close()

    def swing(self) -> None:
        """Arms the arm, brings it home and waits until it swings at speed."""
        if self.client.status.state in (BridgeStatus.FAULT, BridgeStatus.ESTOP):
            self.must(self.client.ask('recover'))
        if self.operator is not None:  # refused until the bridge has heard it
            wait_for(lambda: self.client.ask('arm', True).success, 'the operator to be heard')
        else:
            self.must(self.client.ask('arm', True))
        self.must(self.client.ask('home'))
        self.policy.start()
        self.client.wait_for_state(BridgeStatus.TRACKING)
        wait_for(self.at_speed, 'the arm to swing')

    def at_speed(self, speed: float = MOVING) -> bool:
        """Whether the arm moves faster than this [rad/s]."""
        trace = self.judge.trace()
        return len(trace) > 0 and bool(np.abs(trace[-1, 8:]).max() > speed)

    def announce(self, program_id: str) -> None:
        """Says that a reward program is in force, as the vlm node does."""
        stage = RewardStage(name='swing')
        self._programs.publish(RewardProgram(program_id=program_id, stages=[stage]))

    def moment(self) -> float:
        """The present time on the judge's clock [s]."""
        return float(self.judge.trace()[-1, 0])

    def rested(self) -> bool:
        """Whether the arm has been at rest for a while."""
        trace = self.judge.trace()
        last = trace[trace[:, 0] > trace[-1, 0] - _REST]
        return bool(np.abs(last[:, 8:]).max() < STILL)

    @staticmethod
    def must(answer: object) -> None:
        """Raises RuntimeError when a service refused."""
        if not answer.success:
            raise RuntimeError(f'the bridge refused: {answer.message}')
