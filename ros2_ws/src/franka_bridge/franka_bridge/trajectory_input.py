"""A `trajectory_msgs/JointTrajectory` as an action chunk, resampled in steps of equal length.

The points are joined by cubics: with the velocities of the message if it has any, else with slopes
from finite differences, chosen so that no joint leaves the range between two neighbouring points
(Fritsch-Butland, as in PCHIP), beginning and ending at rest.

What the arm then follows is a B-spline with the samples as control points (`JointTrajectory` of
`vls_core.control.trajectory`), which rounds bends off. With a step of h seconds and accelerations
of at most a rad/s^2 it stays within a h^2 / 6 of the cubics, in the first step within a h^2 / 4.
At 0.05 s that is 0.4 mrad for 1 rad/s^2, and 4.2 mrad for the 10 rad/s^2 an FR3 can do. Where a
trajectory ends with a velocity v, the arm rests, up to another v h / 3 away at that moment.
"""

from __future__ import annotations

import numpy as np
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

from vls_core.types import JOINT_COUNT, ActionChunk, InvalidValueError, TargetKind, joint_names
from vls_ros.convert import seconds

SHORTEST_STEP, LONGEST_STEP = 0.02, 0.1
MAXIMUM_DURATION = 60.0
MAXIMUM_STEPS = 3000

_ROUNDING = 1e-6  # steps; a last point that comes so little after a sample needs none of its own


class TrajectoryError(InvalidValueError):
    """A joint trajectory cannot be followed; the message says why."""


def chunk_from_trajectory(
    message: JointTrajectory,
    robot_type: str,
    now: float,
    sequence: int,
    opening: float,
    start: np.ndarray | None = None,
    step_duration: float = 0.05,
) -> ActionChunk:
    """The chunk that follows a trajectory with the gripper as it is.

    The frame of the header is ignored, as are accelerations and efforts.

    Args:
        robot_type: joints are called `{robot_type}_joint1` to 7, in any order.
        now: the present time on the clock of the message [s]; what a stamp of zero means.
        sequence: of the chunk.
        opening: of the gripper, 0 closed to 1 open, for the whole chunk; the middle, between the
            thresholds of GripperLogic, leaves the gripper as it is.
        start: (7,) where the arm is asked to be now [rad]; the trajectory begins there, at rest,
            if its first point comes later than 0.
        step_duration: of the chunk, SHORTEST_STEP to LONGEST_STEP [s].

    Raises:
        TrajectoryError: names, times or numbers make no trajectory, or a too long one.
    """
    if not SHORTEST_STEP <= step_duration <= LONGEST_STEP:
        raise TrajectoryError(
            f'step_duration: expected {SHORTEST_STEP:g} to {LONGEST_STEP:g} s, '
            f'got {step_duration:g} s'
        )
    order = _joint_order(list(message.joint_names), robot_type)
    times = _times(message.points)
    positions = _numbers(message.points, 'positions')[:, order]
    if len(message.points[0].velocities):
        velocities = _numbers(message.points, 'velocities')[:, order]
    else:
        _require_no_velocities(message.points)
        velocities = None
    if times[0] > 0.0:
        times, positions, velocities = _started(start, times, positions, velocities)
    if velocities is None:
        velocities = _slopes(times, positions)
    targets = _resampled(times, positions, velocities, step_duration)
    stamp = message.header.stamp
    return ActionChunk(
        observation_time=seconds(stamp) if stamp.sec or stamp.nanosec else now,
        step_duration=step_duration,
        sequence=sequence,
        targets=targets,
        gripper=np.full(len(targets), opening),
        target_kind=TargetKind.JOINT_POSITION,
        robot_type=robot_type,
    )


def _joint_order(names: list[str], robot_type: str) -> list[int]:
    # Where in the message each joint of the arm is.
    wanted = joint_names(robot_type)
    for what, wrong in (
        ('unknown', [name for name in names if name not in wanted]),
        ('missing', [name for name in wanted if name not in names]),
        ('given twice', [name for name in wanted if names.count(name) > 1]),
    ):
        if wrong:
            raise TrajectoryError(f'joint_names: {", ".join(wrong)} {what}; expected {wanted}')
    return [names.index(name) for name in wanted]


def _times(points: list[JointTrajectoryPoint]) -> np.ndarray:
    if not points:
        raise TrajectoryError('points: a trajectory needs at least one')
    if len(points) > MAXIMUM_STEPS:
        raise TrajectoryError(f'points: at most {MAXIMUM_STEPS} are taken, got {len(points)}')
    times = np.array([seconds(point.time_from_start) for point in points])
    if times[0] < 0.0:
        raise TrajectoryError(f'time_from_start: the first point lies at {times[0]:g} s, before 0')
    late = np.flatnonzero(np.diff(times) <= 0.0)
    if late.size:
        raise TrajectoryError(
            f'time_from_start: point {late[0] + 1} does not come after the point before it'
        )
    if times[-1] > MAXIMUM_DURATION:
        raise TrajectoryError(
            f'time_from_start: a trajectory may last {MAXIMUM_DURATION:g} s, got {times[-1]:g} s'
        )
    return times


def _numbers(points: list[JointTrajectoryPoint], what: str) -> np.ndarray:
    for at, point in enumerate(points):
        count = len(getattr(point, what))
        if count != JOINT_COUNT:
            raise TrajectoryError(f'{what}: expected {JOINT_COUNT}, point {at} has {count}')
    numbers = np.array([getattr(point, what) for point in points], dtype=np.float64)
    if not np.isfinite(numbers).all():
        raise TrajectoryError(
            f'{what}: point {np.argwhere(~np.isfinite(numbers))[0, 0]} is not finite'
        )
    return numbers


def _require_no_velocities(points: list[JointTrajectoryPoint]) -> None:
    for at, point in enumerate(points):
        if len(point.velocities):
            raise TrajectoryError(f'velocities: point {at} has some, the first point has none')


def _started(
    start: np.ndarray | None, times: np.ndarray, positions: np.ndarray,
    velocities: np.ndarray | None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    if start is None:
        raise TrajectoryError(
            f'time_from_start: the first point lies at {times[0]:g} s and nothing says where to '
            'begin; put the present position at 0'
        )
    if velocities is not None:
        velocities = np.vstack([np.zeros(JOINT_COUNT), velocities])
    return np.concatenate([[0.0], times]), np.vstack([start, positions]), velocities


def _slopes(times: np.ndarray, positions: np.ndarray) -> np.ndarray:
    # Weighted harmonic mean of the slopes on both sides; none where the direction changes.
    tangents = np.zeros_like(positions)
    spans = np.diff(times)[:, None]
    slopes = np.diff(positions, axis=0) / spans
    before, after = slopes[:-1], slopes[1:]
    towards, away = 2 * spans[1:] + spans[:-1], spans[1:] + 2 * spans[:-1]
    product = before * after
    weighted = np.where(product > 0.0, towards * after + away * before, 1.0)
    tangents[1:-1] = np.where(product > 0.0, (towards + away) * product / weighted, 0.0)
    return tangents


def _resampled(
    times: np.ndarray, positions: np.ndarray, velocities: np.ndarray, step: float
) -> np.ndarray:
    # Positions (N, 7) one step apart, from the end of the first step to the last point.
    count = max(1, int(np.ceil(times[-1] / step - _ROUNDING)))
    if count > MAXIMUM_STEPS:
        raise TrajectoryError(f'at most {MAXIMUM_STEPS} steps are taken, got {count}')
    if len(times) == 1:
        return np.repeat(positions, count, axis=0)
    due = np.minimum(np.arange(1, count + 1) * step, times[-1])
    at = np.clip(np.searchsorted(times, due, side='right') - 1, 0, len(times) - 2)
    span = np.diff(times)[at][:, None]
    u = (due - times[at])[:, None] / span
    return (
        (1 + 2 * u) * (1 - u) ** 2 * positions[at]
        + u**2 * (3 - 2 * u) * positions[at + 1]
        + span * u * (1 - u) ** 2 * velocities[at]
        - span * u**2 * (1 - u) * velocities[at + 1]
    )
