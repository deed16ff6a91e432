"""A joint trajectory is followed as closely as promised, or refused with a sentence."""

import numpy as np
import pytest
from builtin_interfaces.msg import Duration, Time
from hypothesis import given, settings
from hypothesis import strategies as st
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

from franka_bridge.trajectory_input import (
    LONGEST_STEP,
    SHORTEST_STEP,
    TrajectoryError,
    chunk_from_trajectory,
)
from vls_core.control import trajectory as curves
from vls_core.control.fr3 import JOINT_NAMES
from vls_core.types import InvalidValueError, TargetKind

NOW = 1000.5
STEPS = st.floats(SHORTEST_STEP, LONGEST_STEP)
ANGLES = st.floats(-2.0, 2.0)
RATES = st.floats(-1.0, 1.0)


def duration(seconds):
    whole = int(np.floor(seconds))
    return Duration(sec=whole, nanosec=int(round((seconds - whole) * 1e9)) % 1_000_000_000)


def message(times, positions, velocities=None, names=JOINT_NAMES, stamp=0.0):
    points = []
    for at, time in enumerate(times):
        points.append(JointTrajectoryPoint(
            positions=[float(value) for value in positions[at]],
            velocities=[] if velocities is None else [float(value) for value in velocities[at]],
            time_from_start=duration(time),
        ))
    result = JointTrajectory(joint_names=list(names), points=points)
    result.header.stamp = Time(sec=int(stamp), nanosec=int(round(stamp % 1.0 * 1e9)))
    return result


def chunk_of(trajectory, **kwargs):
    return chunk_from_trajectory(trajectory, 'fr3', NOW, 7, 0.5, **kwargs)


@st.composite
def trajectories(draw, with_velocities):
    """Times (N,), positions (N, 7) and velocities (N, 7) or None, from time 0 on."""
    gaps = draw(st.lists(st.integers(50, 1500), min_size=1, max_size=6))
    times = np.concatenate([[0], np.cumsum(gaps)]) / 1000.0
    rows = st.lists(ANGLES, min_size=7, max_size=7)
    positions = np.array([draw(rows) for _ in times])
    rates = st.lists(RATES, min_size=7, max_size=7)
    velocities = np.array([draw(rates) for _ in times]) if with_velocities else None
    return times, positions, velocities


class Cubics:
    """The piecewise cubic through points with velocities, by solving for its coefficients."""

    def __init__(self, times, positions, velocities):
        self.times, self.pieces = times, []
        for at, span in enumerate(np.diff(times)):
            rows = np.array([
                [1, 0, 0, 0], [0, 1, 0, 0], [1, span, span**2, span**3],
                [0, 1, 2 * span, 3 * span**2],
            ])
            values = np.stack([
                positions[at], velocities[at], positions[at + 1], velocities[at + 1],
            ])
            self.pieces.append(np.linalg.solve(rows, values))

    def position(self, time):
        time = min(time, self.times[-1])
        at = int(np.clip(np.searchsorted(self.times, time, 'right') - 1, 0, len(self.pieces) - 1))
        return (time - self.times[at]) ** np.arange(4) @ self.pieces[at]

    @property
    def largest_acceleration(self):
        spans = np.diff(self.times)
        return max(
            np.abs(2 * piece[2] + 6 * piece[3] * time).max()
            for piece, span in zip(self.pieces, spans, strict=True) for time in (0.0, span)
        )


def largest_deviations(chunk, cubics):
    """Between what is followed and the cubics [rad]: in the first step and after it."""
    step = chunk.step_duration
    followed = curves.JointTrajectory(step, step, chunk.targets)
    deviations = [
        (time, np.abs(followed.sample(time).position - cubics.position(time)).max())
        for time in np.arange(step, chunk.horizon * step + 2 * step, step / 7)
    ]
    first = max(deviation for time, deviation in deviations if time < 2 * step)
    return first, max(deviation for time, deviation in deviations if time >= 2 * step)


@settings(max_examples=50)
@given(trajectories(with_velocities=True), STEPS)
def test_what_is_followed_stays_as_close_to_the_cubics_as_promised(points, step):
    times, positions, velocities = points
    chunk = chunk_of(message(*points), step_duration=step)
    cubics = Cubics(times, positions, velocities)
    bend = cubics.largest_acceleration * step**2
    ending = np.abs(velocities[-1]).max() * step / 3
    first, later = largest_deviations(chunk, cubics)
    assert first <= bend / 4 + ending + 1e-6
    assert later <= bend / 6 + ending + 1e-6


def test_a_gentle_trajectory_is_followed_to_half_a_milliradian():
    times = np.linspace(0.0, 4.0, 21)
    wave = 0.25 * (1 - np.cos(np.pi * times / 2)) / 2  # at most 0.31 rad/s^2
    slope = 0.25 * np.pi / 4 * np.sin(np.pi * times / 2)
    points = times, np.tile(wave[:, None], 7), np.tile(slope[:, None], 7)
    chunk = chunk_of(message(*points))
    assert max(largest_deviations(chunk, Cubics(*points))) < 0.0002


@settings(max_examples=50)
@given(trajectories(with_velocities=False), STEPS)
def test_without_velocities_no_joint_leaves_the_range_between_neighbouring_points(points, step):
    times, positions, _ = points
    chunk = chunk_of(message(*points), step_duration=step)
    for number, target in enumerate(chunk.targets, start=1):
        at = np.searchsorted(times, min(number * step, times[-1]) - 1e-9) - 1
        at = int(np.clip(at, 0, len(times) - 2))
        pair = positions[at : at + 2]
        assert (target >= pair.min(axis=0) - 1e-6).all()
        assert (target <= pair.max(axis=0) + 1e-6).all()


@settings(max_examples=30)
@given(trajectories(with_velocities=False), STEPS)
def test_it_ends_on_the_last_point_in_time(points, step):
    times, positions, _ = points
    chunk = chunk_of(message(*points), step_duration=step)
    assert chunk.targets[-1] == pytest.approx(positions[-1], abs=1e-6)
    assert times[-1] - 1e-6 <= chunk.horizon * step <= times[-1] + step + 1e-6


@given(st.permutations(range(7)))
def test_joints_are_told_apart_by_name(order):
    positions = np.array([np.arange(7.0), np.arange(7.0) + 1.0])
    mixed = message(
        [0.0, 1.0], positions[:, order], names=[JOINT_NAMES[number] for number in order]
    )
    straight = chunk_of(message([0.0, 1.0], positions))
    assert (chunk_of(mixed).targets == straight.targets).all()


def test_the_chunk_says_what_it_is():
    chunk = chunk_of(message([0.0, 1.0], np.zeros((2, 7)), stamp=12.25))
    assert (chunk.observation_time, chunk.sequence, chunk.robot_type) == (12.25, 7, 'fr3')
    assert chunk.target_kind is TargetKind.JOINT_POSITION
    assert (chunk.gripper == 0.5).all()
    assert (chunk.horizon, chunk.step_duration) == (20, 0.05)


def test_a_stamp_of_zero_means_now():
    assert chunk_of(message([0.0, 1.0], np.zeros((2, 7)))).observation_time == NOW


def test_the_names_are_those_of_the_robot_type():
    names = [f'panda_joint{number}' for number in range(1, 8)]
    trajectory = message([0.0, 1.0], np.zeros((2, 7)), names=names)
    assert chunk_from_trajectory(trajectory, 'panda', NOW, 1, 0.0).robot_type == 'panda'
    with pytest.raises(TrajectoryError, match='unknown'):
        chunk_of(trajectory)


def test_a_later_first_point_is_approached_from_the_start_and_at_rest():
    trajectory = message([2.0], [np.ones(7)])
    chunk = chunk_of(trajectory, start=np.zeros(7))
    assert chunk.horizon == 40
    assert chunk.targets[19] == pytest.approx(np.full(7, 0.5))
    assert np.abs(chunk.targets[0]).max() < 0.003
    assert (np.diff(chunk.targets, axis=0) > 0.0).all()


def test_a_later_first_point_with_a_velocity_is_passed_with_it():
    trajectory = message([1.0, 2.0], [np.ones(7), np.full(7, 2.0)], [np.ones(7), np.zeros(7)])
    targets = chunk_of(trajectory, start=np.zeros(7), step_duration=0.02).targets
    assert (targets[50] - targets[48]) / 0.04 == pytest.approx(np.ones(7), abs=0.03)


def test_without_a_start_a_later_first_point_is_refused():
    with pytest.raises(TrajectoryError, match='put the present position at 0'):
        chunk_of(message([2.0], [np.ones(7)]))


def test_a_single_point_at_zero_is_one_target():
    chunk = chunk_of(message([0.0], [np.ones(7)]))
    assert (chunk.targets == 1.0).all()
    assert chunk.horizon == 1


def test_the_longest_trajectory_is_taken_with_the_shortest_step():
    chunk = chunk_of(message([0.0, 60.0], np.zeros((2, 7))), step_duration=SHORTEST_STEP)
    assert chunk.horizon == 3000


BAD_NAMES = [
    ([*JOINT_NAMES[:6], 'elbow'], 'elbow unknown'),
    (JOINT_NAMES[:6], 'fr3_joint7 missing'),
    ([*JOINT_NAMES, 'fr3_finger_joint1'], 'fr3_finger_joint1 unknown'),
    ([*JOINT_NAMES, JOINT_NAMES[0]], 'fr3_joint1 given twice'),
    ([], 'missing'),
]


@pytest.mark.parametrize(('names', 'sentence'), BAD_NAMES)
def test_names_that_are_not_those_of_the_arm_are_refused(names, sentence):
    with pytest.raises(TrajectoryError, match=sentence):
        chunk_of(message([0.0, 1.0], np.zeros((2, 7)), names=names))


@pytest.mark.parametrize(('times', 'sentence'), [
    ([], 'at least one'),
    ([-0.5, 1.0], 'before 0'),
    ([0.0, 1.0, 1.0], 'point 2 does not come after'),
    ([0.0, 2.0, 1.0], 'point 2 does not come after'),
    ([0.0, 61.0], 'may last 60 s'),
    (np.linspace(0.0, 59.0, 3001), 'at most 3000'),
])
def test_times_that_make_no_trajectory_are_refused(times, sentence):
    with pytest.raises(TrajectoryError, match=sentence):
        chunk_of(message(times, np.zeros((len(times), 7))))


@pytest.mark.parametrize('bad', [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize('what', ['positions', 'velocities'])
def test_numbers_that_are_not_finite_are_refused(what, bad):
    trajectory = message([0.0, 1.0], np.zeros((2, 7)), np.zeros((2, 7)))
    getattr(trajectory.points[1], what)[3] = bad
    with pytest.raises(TrajectoryError, match=f'{what}: point 1 is not finite'):
        chunk_of(trajectory)


def test_points_of_the_wrong_length_are_refused():
    trajectory = message([0.0, 1.0], np.zeros((2, 7)), np.zeros((2, 7)))
    trajectory.points[1].velocities = [0.0] * 6
    with pytest.raises(TrajectoryError, match='velocities: expected 7, point 1 has 6'):
        chunk_of(trajectory)
    trajectory.points[0].positions = []
    with pytest.raises(TrajectoryError, match='positions: expected 7, point 0 has 0'):
        chunk_of(trajectory)


def test_velocities_at_some_points_only_are_refused():
    trajectory = message([0.0, 1.0], np.zeros((2, 7)))
    trajectory.points[1].velocities = [0.0] * 7
    with pytest.raises(TrajectoryError, match='the first point has none'):
        chunk_of(trajectory)
    trajectory = message([0.0, 1.0], np.zeros((2, 7)), np.zeros((2, 7)))
    trajectory.points[1].velocities = []
    with pytest.raises(TrajectoryError, match='point 1 has 0'):
        chunk_of(trajectory)


@pytest.mark.parametrize('step', [0.0, 0.019, 0.11, float('nan')])
def test_a_step_out_of_range_is_refused(step):
    with pytest.raises(TrajectoryError, match='step_duration'):
        chunk_of(message([0.0, 1.0], np.zeros((2, 7))), step_duration=step)


def test_a_refusal_is_an_invalid_value():
    assert issubclass(TrajectoryError, InvalidValueError)
