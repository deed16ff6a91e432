"""What one would try first with franky: no blending, no limiter, no watchdog."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable

import franky
import numpy as np

from benchmarks.bridge import violations
from benchmarks.bridge.motions import STEP
from benchmarks.bridge.player import LEAD, play
from benchmarks.bridge.recording import Recorder, Recording
from benchmarks.bridge.streams import HORIZON, Delivery, Stream
from franka_bridge.connecting import robot_at

_STIFFNESS = (600.0, 600.0, 600.0, 600.0, 250.0, 150.0, 50.0)  # Nm/rad, as the bridge's
_TORQUE_RATE = 0.9  # Nm per millisecond, as the bridge's
_TRANSLATION, _ROTATION = (9.0, 4500.0), (17.0, 8500.0)  # acceleration and jerk of the FR3
Target = Callable[[Delivery, float], tuple[np.ndarray, np.ndarray]]
"""Of a chunk and the time since the stream began [s]: position and velocity, (7,) each."""

_ENDED = (franky.ControlException, franky.CommandException, franky.NetworkException, RuntimeError)


class Direct:
    """A cubic through the newest chunk's steps, straight into the impedance controller."""

    name = 'direct interpolation'

    def __call__(self, address: str, stream: Stream) -> Recording:
        """Plays a stream. Raises what franky raises if there is no robot."""
        return _track(address, stream, _interpolated)


class ZeroOrderHold:
    """The step that is due next, held, straight into the impedance controller."""

    name = 'zero-order hold'

    def __call__(self, address: str, stream: Stream) -> Recording:
        """Plays a stream. Raises what franky raises if there is no robot."""
        return _track(address, stream, _held)


class Preempting:
    """A point-to-point motion to the step that is due next, 15 times a second.

    Args:
        pace: for the name.
        dynamics: shares of the limits of velocity, acceleration and jerk.
    """

    def __init__(self, pace: str, dynamics: tuple[float, float, float]) -> None:
        self.name = f'preempting motions, {pace}'
        self._dynamics = dynamics

    def __call__(self, address: str, stream: Stream) -> Recording:
        """Plays a stream. Raises what franky raises if there is no robot."""
        robot = _connect(address)
        factor = franky.RelativeDynamicsFactor(*self._dynamics)
        newest = _Newest()

        def send_steps() -> None:
            if newest.delivery is not None:
                target, _ = _held(newest.delivery, time.monotonic() - session.began)
                motion = franky.JointMotion(
                    target.tolist(), relative_dynamics_factor=factor, return_when_finished=False
                )
                robot.move(motion, asynchronous=True)

        session = _Session(robot, every_step=send_steps)
        return session.run(stream, newest.take)


class Waypoints:
    """A motion through all steps to come, begun anew with every chunk.

    Args:
        dynamics: shares of the limits of velocity, acceleration and jerk.
    """

    name = 'waypoint motion per chunk'

    def __init__(self, dynamics: tuple[float, float, float]) -> None:
        self._dynamics = dynamics

    def __call__(self, address: str, stream: Stream) -> Recording:
        """Plays a stream. Raises what franky raises if there is no robot."""
        robot = _connect(address)
        factor = franky.RelativeDynamicsFactor(*self._dynamics)
        session = _Session(robot)

        def take(delivery: Delivery) -> None:
            first = _next_step(delivery, time.monotonic() - session.began)
            points = [franky.JointWaypoint(row.tolist()) for row in delivery.targets[first:]]
            motion = franky.JointWaypointMotion(
                points, relative_dynamics_factor=factor, return_when_finished=False
            )
            robot.move(motion, asynchronous=True)

        return session.run(stream, take)


class _Newest:
    """The chunk that arrived last."""

    delivery: Delivery | None = None

    def take(self, delivery: Delivery) -> None:
        """Puts a chunk in place of the one before."""
        self.delivery = delivery


class _Session:
    """Plays a stream while a thread measures, and does something once per step."""

    def __init__(self, robot: franky.Robot, every_step: Callable[[], None] | None = None) -> None:
        self._robot, self._every_step = robot, every_step
        self.began = 0.0
        self._error = ''
        self._over = threading.Event()

    def run(self, stream: Stream, take: Callable[[Delivery], None]) -> Recording:
        """Plays a stream; whatever franky raises ends it and becomes the error."""
        recorder = Recorder()
        self.began = time.monotonic() + LEAD
        thread = threading.Thread(target=self._measure, args=(recorder,), daemon=True)
        thread.start()

        def accept(delivery: Delivery) -> None:
            self._guarded(lambda: take(delivery))

        play(stream, self.began, accept, alive=lambda: not self._error)
        self._over.set()
        thread.join()
        with contextlib.suppress(*_ENDED):
            self._robot.stop()
        return recorder.recording(self.began, self._error)

    def _measure(self, recorder: Recorder) -> None:
        due = time.monotonic()
        step = self.began
        while not (self._over.is_set() or self._error):
            state = self._robot.state
            recorder.measured(state.time.to_sec(), np.array(state.q), np.array(state.dq))
            self._guarded(self._robot.poll_motion)
            if self._every_step is not None and time.monotonic() >= step:
                step += STEP
                self._guarded(self._every_step)
            due = max(due + violations.PERIOD, time.monotonic())
            time.sleep(max(due - time.monotonic(), 0.0))

    def _guarded(self, action: Callable[[], object]) -> None:
        try:
            action()
        except _ENDED as error:
            self._error = str(error)


def _track(address: str, stream: Stream, target: Target) -> Recording:
    robot = _connect(address)
    recorder, newest, errors = Recorder(), _Newest(), []
    began = time.monotonic() + LEAD
    over = threading.Event()

    def follow() -> None:
        try:
            with franky.JointImpedanceTracker(
                robot, stiffness=np.array(_STIFFNESS), max_delta_tau=_TORQUE_RATE,
                period=violations.PERIOD,
            ) as tracker:
                planned = time.monotonic()
                while not over.is_set() and tracker.tick():
                    planned = _next_period(planned)
                    state = tracker.state
                    recorder.measured(state.time.to_sec(), np.array(state.q), np.array(state.dq))
                    if newest.delivery is None:
                        continue
                    positions, velocities = target(newest.delivery, planned - began)
                    tracker.set_target(positions, dq=velocities)
                    recorder.emitted(object(), positions, state.time.to_sec())
        except _ENDED as error:
            errors.append(str(error))

    thread = threading.Thread(target=follow, daemon=True)
    thread.start()
    play(stream, began, newest.take, alive=thread.is_alive)
    over.set()
    thread.join()
    return recorder.recording(began, errors[0] if errors else '')


def _next_period(planned: float) -> float:
    # An even grid: taken when the thread happens to wake up, the steps between references would
    # be as uneven as its sleep.
    planned += violations.PERIOD
    late = time.monotonic() - planned
    return planned + violations.PERIOD * max(int(late / violations.PERIOD), 0)


def _next_step(delivery: Delivery, now: float) -> int:
    return int(np.clip((now - delivery.observation) / STEP, 0, HORIZON - 1))


def _held(delivery: Delivery, now: float) -> tuple[np.ndarray, np.ndarray]:
    return delivery.targets[_next_step(delivery, now)], np.zeros(7)


def _interpolated(delivery: Delivery, now: float) -> tuple[np.ndarray, np.ndarray]:
    # Cubic Hermite; before the first step its tangent there, after the last one it stands there.
    steps = delivery.targets
    slopes = np.gradient(steps, axis=0)
    place = (now - delivery.observation) / STEP - 1.0
    if place <= 0.0:
        return steps[0] + place * slopes[0], slopes[0] / STEP
    if place >= HORIZON - 1:
        return steps[-1], np.zeros(7)
    index = int(place)
    u, start, end = place - index, steps[index], steps[index + 1]
    left, right = slopes[index], slopes[index + 1]
    position = (
        start + (3 * u**2 - 2 * u**3) * (end - start)
        + u * (1 - u) ** 2 * left - u**2 * (1 - u) * right
    )
    velocity = (
        6 * (u - u**2) * (end - start)
        + (1 - 4 * u + 3 * u**2) * left + (3 * u**2 - 2 * u) * right
    )
    return position, velocity / STEP


def _connect(address: str) -> franky.Robot:
    robot = robot_at(address)
    # franky 2.0.0's wheel carries the limits of the Panda; with them every motion below would be
    # worth nothing on an FR3.
    robot.joint_acceleration_limit.set(np.minimum(robot.joint_acceleration_limit.max, 10.0))
    robot.joint_jerk_limit.set(np.minimum(robot.joint_jerk_limit.max, violations.JERK))
    for limits, (acceleration, jerk) in (
        ((robot.translation_acceleration_limit, robot.translation_jerk_limit), _TRANSLATION),
        ((robot.rotation_acceleration_limit, robot.rotation_jerk_limit), _ROTATION),
    ):
        for limit, allowed in zip(limits, (acceleration, jerk), strict=True):
            limit.set(min(limit.max, allowed))
    return robot
