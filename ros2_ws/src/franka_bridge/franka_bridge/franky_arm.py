"""An arm, real or simulated, through franky.

franky runs the 1 kHz loop in C++; Python hands it references. Motions whose end is waited for are
always waited for with a bound.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass

import franky
import numpy as np

from franka_bridge.arm import ArmError, ArmState
from franka_bridge.connecting import bounded, robot_at
from franka_bridge.following.cartesian_impedance import CartesianImpedance
from franka_bridge.following.joint_impedance import JointImpedance
from franka_bridge.following.joint_velocity import JointVelocity
from franka_bridge.following.mode import Follower, FollowMode
from franka_bridge.scheduling import starting_threads_with
from franka_bridge.wrench import external_wrench
from vls_core.control.limiter import Reference
from vls_core.control.robot_limits import FR3, RobotLimits

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


@dataclass(frozen=True)
class ArmSettings:
    """How to drive an arm.

    Attributes:
        mode: how references become motion.
        reference_rate: references per second [Hz].
        collision_torque: external torque at which the robot stops [Nm].
        collision_force: external force at which the robot stops [N].
        limits: of the robot.
        control_priority: FIFO priority of franky's 1 kHz thread, if that is permitted; with a
            real-time kernel, libfranka sets its own.
    """

    mode: FollowMode = FollowMode.JOINT_IMPEDANCE
    reference_rate: float = 200.0
    collision_torque: float = 30.0
    collision_force: float = 40.0
    limits: RobotLimits = FR3
    control_priority: int = 50


class FrankyArm:
    """An arm, real or simulated, through franky. Use `connect_arm`."""

    def __init__(self, robot: franky.Robot, settings: ArmSettings) -> None:
        self._robot = robot
        self._follower = _follower(settings)
        self._following = False
        self._control_priority = settings.control_priority
        with _arm_errors():
            _set_limits(robot, settings.limits)
            robot.set_collision_behavior(settings.collision_torque, settings.collision_force)

    def read(self) -> ArmState:
        """The present state; waits up to a millisecond for it while the arm is idle."""
        with _arm_errors():
            state = self._robot.state
        return ArmState(
            time=state.time.to_sec(),
            joint_positions=np.array(state.q),
            joint_velocities=np.array(state.dq),
            error=_trouble(state),
            user_stop=state.robot_mode == franky.RobotMode.UserStopped,
            external_wrench=external_wrench(state),
            command_success_rate=state.control_command_success_rate,
        )

    def start_tracking(self) -> None:
        """Starts to follow references, holding the present position."""
        with _arm_errors():
            self._forget_finished_motion()
            with starting_threads_with(self._control_priority):
                self._follower.begin(self._robot)
        self._following = True

    def track(self, reference: Reference, measured: ArmState) -> None:
        """Follows a reference from now on."""
        if not (self._following and self._robot.is_in_control):
            raise ArmError(self._why_it_stopped())
        with _arm_errors():
            self._follower.follow(reference, measured)

    def stop_tracking(self) -> None:
        """Comes smoothly to rest."""
        self._following = False
        with _arm_errors():
            if self._robot.is_in_control:
                self._robot.move(self._follower.rest_motion(), asynchronous=True)
            if not self._robot.join_motion(_STOP_TIMEOUT):
                self._robot.stop()
                raise ArmError('the arm did not come to rest in time and was stopped hard')

    def stop(self) -> None:
        """Has the robot itself brake, as hard as it may."""
        self._following = False
        # Without a motion or a connection there is nothing to stop, and franky says so by raising;
        # a lost connection shows in `read`.
        with contextlib.suppress(*_FRANKY_ERRORS):
            self._robot.stop()

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
        except _FRANKY_ERRORS as error:
            return f'the arm stopped by itself: {error}'
        return 'the arm has stopped following references: they came too late for it'


def connect_arm(
    address: str, realtime: bool, timeout: float, settings: ArmSettings | None = None
) -> FrankyArm:
    """Connects to an arm at an address.

    Args:
        realtime: insist on a real-time kernel, as a real robot needs.
        timeout: give up after this time [s].

    Raises:
        ArmError: nothing answers, or the robot refuses; the message says why.
    """
    config = franky.RealtimeConfig.Enforce if realtime else franky.RealtimeConfig.Ignore
    with _arm_errors():
        robot = robot_at(address, timeout, config)
        return bounded(lambda: FrankyArm(robot, settings or ArmSettings()), timeout)


def _follower(settings: ArmSettings) -> Follower:
    if settings.mode is FollowMode.JOINT_VELOCITY:
        return JointVelocity(settings.reference_rate, settings.limits)
    if settings.mode is FollowMode.CARTESIAN_IMPEDANCE:
        return CartesianImpedance()
    return JointImpedance()


@contextlib.contextmanager
def _arm_errors() -> Iterator[None]:
    try:
        yield
    except _FRANKY_ERRORS as error:
        raise ArmError(str(error)) from error


def _set_limits(robot: franky.Robot, limits: RobotLimits) -> None:
    # franky 2.0.0's wheel carries the limits of the Panda for the FR3: whatever is larger than the
    # arm allows is lowered here, the rest cannot be raised.
    for limit, allowed in (
        (robot.joint_velocity_limit, limits.velocity),
        (robot.joint_acceleration_limit, limits.acceleration),
        (robot.joint_jerk_limit, limits.jerk),
    ):
        limit.set(np.minimum(limit.max, allowed))
    for limit, allowed in (
        (robot.translation_acceleration_limit, limits.cartesian.acceleration),
        (robot.translation_jerk_limit, limits.cartesian.jerk),
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

