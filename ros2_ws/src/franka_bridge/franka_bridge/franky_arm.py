"""An FR3, real or simulated, through franky.

franky runs the 1 kHz torque loop in C++; Python hands it references. Motions whose end is waited
for are always waited for with a bound.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from threading import Event

import franky
import numpy as np

from franka_bridge.arm import ArmError, ArmState
from franka_bridge.connecting import bounded
from vls_core.control import fr3
from vls_core.control.limiter import Reference

_TORQUE_RATE = 0.9  # Nm per millisecond; the robot allows 1
_STOP_TIMEOUT = 3.0
_RECOVERY_TIMEOUT = 5.0
_POLL_PERIOD = 0.02

_FRANKY_ERRORS = (
    franky.CommandException,
    franky.ControlException,
    franky.IncompatibleVersionException,
    franky.InvalidMotionTypeException,
    franky.InvalidOperationException,
    franky.ModelException,
    franky.NetworkException,
    franky.ProtocolException,
    franky.RealtimeException,
    franky.TorqueSignalTimeoutException,
    RuntimeError,  # what franky makes of a closed connection
    TimeoutError,
)


class FrankyArm:
    """An FR3, real or simulated, through franky. Use `connect_arm`."""

    def __init__(
        self, robot: franky.Robot, collision_torque: float, collision_force: float
    ) -> None:
        self._robot = robot
        self._tracker: franky.JointImpedanceTracker | None = None
        with _arm_errors():
            _set_fr3_limits(robot)
            robot.set_collision_behavior(collision_torque, collision_force)

    def read(self) -> ArmState:
        """The present state; waits up to a millisecond for it while the arm is idle."""
        with _arm_errors():
            state = self._robot.state
        return ArmState(
            state.time.to_sec(), np.array(state.q), np.array(state.dq), _trouble(state)
        )

    def start_tracking(self) -> None:
        """Starts the impedance controller at the present position."""
        with _arm_errors():
            self._forget_finished_motion()
            self._tracker = franky.JointImpedanceTracker(
                self._robot, stiffness=fr3.STIFFNESS, max_delta_tau=_TORQUE_RATE
            )

    def track(self, reference: Reference) -> None:
        """Hands a reference to the impedance controller."""
        tracker = self._tracker
        if tracker is None or not tracker.is_running:
            raise ArmError(self._why_it_stopped())
        tracker.set_target(reference.position, dq=reference.velocity)

    def stop_tracking(self) -> None:
        """Ramps the torque down into damping until the arm rests."""
        self._tracker = None
        with _arm_errors():
            if self._robot.is_in_control:
                self._robot.move(franky.TorqueStopMotion(), asynchronous=True)
            if not self._robot.join_motion(_STOP_TIMEOUT):
                self._robot.stop()
                raise ArmError('the arm did not come to rest in time and was stopped hard')

    def stop(self) -> None:
        """Has the robot itself brake, as hard as it may."""
        self._tracker = None
        # Without a motion or a connection there is nothing to stop, and franky says so by raising;
        # a lost connection shows in `read`.
        with contextlib.suppress(*_FRANKY_ERRORS):
            self._robot.stop()

    def move_through(
        self, waypoints: Sequence[np.ndarray], speed: float, cancelled: Event
    ) -> None:
        """Moves through joint positions, stopping at each, until done or cancelled."""
        if cancelled.is_set():
            raise ArmError('the motion was stopped')
        with _arm_errors():
            self._forget_finished_motion()
            motion = franky.JointWaypointMotion(
                [franky.JointWaypoint(point.tolist()) for point in waypoints],
                relative_dynamics_factor=speed,
            )
            self._robot.move(motion, asynchronous=True)
            while not self._robot.join_motion(_POLL_PERIOD):
                if cancelled.is_set():
                    self.stop()
                    raise ArmError('the motion was stopped')

    def recover(self) -> None:
        """Runs the robot's automatic recovery and waits until no error is left."""
        with _arm_errors():
            self._forget_finished_motion()
            deadline = time.monotonic() + _RECOVERY_TIMEOUT
            self._robot.recover_from_errors()  # its answer may predate the recovery: poll instead
            while self._robot.has_errors:
                if time.monotonic() > deadline:
                    raise ArmError(f'the arm does not recover: {_trouble(self._robot.state)}')
                time.sleep(_POLL_PERIOD)

    def _forget_finished_motion(self) -> None:
        # franky stores how the last motion ended and raises it at the next one.
        with contextlib.suppress(franky.ControlException):
            self._robot.join_motion(_STOP_TIMEOUT)

    def _why_it_stopped(self) -> str:
        try:
            self._robot.poll_motion()
        except franky.ControlException as error:
            return f'the arm stopped by itself: {error}'
        return 'the arm has stopped following references'


def connect_arm(
    address: str,
    realtime: bool,
    timeout: float,
    collision_torque: float,
    collision_force: float,
) -> FrankyArm:
    """Connects to an FR3 at an address.

    Args:
        realtime: insist on a real-time kernel, as a real robot needs.
        timeout: give up after this time [s].
        collision_torque: external torque at which the robot stops [Nm].
        collision_force: external force at which the robot stops [N].

    Raises:
        ArmError: nothing answers, or the robot refuses; the message says why.
    """
    config = franky.RealtimeConfig.Enforce if realtime else franky.RealtimeConfig.Ignore

    def attempt() -> FrankyArm:
        robot = franky.Robot(address, realtime_config=config)
        return FrankyArm(robot, collision_torque, collision_force)

    with _arm_errors():
        return bounded(attempt, timeout, retry_on=(franky.NetworkException,))


@contextlib.contextmanager
def _arm_errors() -> Iterator[None]:
    try:
        yield
    except _FRANKY_ERRORS as error:
        raise ArmError(str(error)) from error


def _set_fr3_limits(robot: franky.Robot) -> None:
    # franky 2.0.0's wheel carries the limits of the older Panda: whatever is larger than the FR3
    # allows is lowered here, the rest cannot be raised.
    for limit, allowed in (
        (robot.joint_velocity_limit, fr3.MAXIMUM_JOINT_VELOCITIES),
        (robot.joint_acceleration_limit, fr3.MAXIMUM_JOINT_ACCELERATIONS),
        (robot.joint_jerk_limit, fr3.MAXIMUM_JOINT_JERKS),
    ):
        limit.set(np.minimum(limit.max, allowed))
    for limit, allowed in (
        (robot.translation_acceleration_limit, 9.0),
        (robot.translation_jerk_limit, 4500.0),
        (robot.rotation_acceleration_limit, 17.0),
        (robot.rotation_jerk_limit, 8500.0),
    ):
        limit.set(min(limit.max, allowed))


def _trouble(state: franky.RobotState) -> str:
    if state.robot_mode == franky.RobotMode.UserStopped:
        return 'the user stop is pressed: release it'
    if state.robot_mode == franky.RobotMode.Reflex:
        return f'reflex: {state.last_motion_errors!r}'
    return ''

