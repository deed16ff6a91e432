"""Chunks are played on time, never late, never torn, and refused when not to be trusted."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vls_core.control import fr3
from vls_core.control.chunk_clock import ChunkClock
from vls_core.control.chunk_rules import (
    ChunkRules,
    ExpiredChunkError,
    FutureChunkError,
    JumpError,
    OldSequenceError,
    OutOfWorkspaceError,
    StaleProgramError,
    UnknownAnchorError,
    UnreachableTargetError,
    WrongHorizonError,
    WrongRobotError,
)
from vls_core.control.kinematics import Fr3Kinematics
from vls_core.control.limiter import Reference, ReferenceLimiter
from vls_core.types import ActionChunk, TargetKind

HOME = fr3.HOME_JOINT_POSITIONS
EVERYWHERE = fr3.WorkspaceBox(np.full(3, -5.0), np.full(3, 5.0))
AT_HOME = Reference(HOME, np.zeros(7), np.zeros(7), limited=False)
STEP = 1 / 15
kinematics = Fr3Kinematics()


def joint_chunk(sequence=1, time=0.0, offsets=(0.0,), step=STEP, gripper=None):
    offsets = np.array(offsets, dtype=float)
    return ActionChunk(
        observation_time=time,
        step_duration=step,
        sequence=sequence,
        targets=HOME + offsets[:, None],
        gripper=np.ones(len(offsets)) if gripper is None else np.array(gripper),
        target_kind=TargetKind.JOINT_POSITION,
    )


def pose_chunk(positions, sequence=1, time=0.0):
    targets = np.hstack([positions, np.tile(fr3.DOWNWARD_QUATERNION, (len(positions), 1))])
    return ActionChunk(time, STEP, sequence, targets, np.ones(len(positions)))


def clock(**rules):
    return ChunkClock(kinematics, ChunkRules(**rules))


def test_steps_are_reached_when_they_are_due():
    player = clock()
    offsets = 0.01 * np.arange(1, 17)
    player.accept(joint_chunk(offsets=offsets), 0.0, AT_HOME)
    for index in range(3, 15):  # the take-over is before, the coming to rest after
        point = player.sample((index + 1) * STEP).point
        np.testing.assert_allclose(point.position, HOME + offsets[index], atol=1e-9)


@settings(max_examples=100)
@given(st.floats(0.0, 0.99), st.integers(1, 16))
def test_a_late_chunk_never_uses_steps_whose_time_has_passed(lateness, horizon):
    """Late steps are poisoned: were one used, the curve would leave the good steps' range."""
    now = lateness * horizon * STEP
    due = (np.arange(horizon) + 1) * STEP
    offsets = np.where(due > now - 1e-9, 0.02, 0.4)  # a step due this very moment is not late
    player = clock(maximum_age=2.0)
    player.accept(joint_chunk(offsets=offsets, time=0.0), now, AT_HOME)
    for time in np.arange(now, horizon * STEP + 0.2, 0.005):
        position = player.sample(time).point.position
        assert (position >= HOME - 1e-9).all()
        assert (position <= HOME + 0.02 + 1e-9).all()


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.floats(0.005, 0.5),  # time since the chunk before
            st.floats(0.0, 0.3),  # age on arrival
            st.lists(st.floats(-0.2, 0.2), min_size=8, max_size=8),
        ),
        min_size=2,
        max_size=6,
    )
)
def test_position_velocity_and_acceleration_are_continuous_at_chunk_borders(arrivals):
    player = clock(maximum_jump=5.0, workspace=EVERYWHERE)
    now, present = 10.0, AT_HOME
    for sequence, (wait, age, offsets) in enumerate(arrivals):
        if sequence > 0:
            now += wait
            present = at_point(player.sample(now).point)
        player.accept(joint_chunk(sequence, now - min(age, wait), offsets), now, present)
        after = player.sample(now).point
        np.testing.assert_allclose(after.position, present.position, atol=1e-9)
        np.testing.assert_allclose(after.velocity, present.velocity, atol=1e-9)
        np.testing.assert_allclose(after.acceleration, present.acceleration, atol=1e-6)


def at_point(point):
    return Reference(point.position, point.velocity, point.acceleration, limited=False)


def test_velocity_and_acceleration_are_derivatives_while_chunks_take_over_and_after():
    player = clock()
    player.accept(joint_chunk(1, 0.0, 0.05 * np.sin(np.arange(16))), 0.03, AT_HOME)
    player.accept(joint_chunk(2, 0.1, 0.05 * np.cos(np.arange(16))), 0.11, AT_HOME)
    for time in np.linspace(0.12, 1.1, 97):
        before, after = player.sample(time - 1e-5).point, player.sample(time + 1e-5).point
        point = player.sample(time).point
        numeric = (after.position - before.position) / 2e-5
        np.testing.assert_allclose(point.velocity, numeric, atol=1e-3)
        numeric = (after.velocity - before.velocity) / 2e-5
        np.testing.assert_allclose(point.acceleration, numeric, atol=1e-2)


@pytest.mark.parametrize('late', [0.0, 0.15, 0.3, 0.45])
def test_a_late_chunk_does_not_send_the_limited_reference_past_its_targets(late):
    """Regression: the hand dipped 2 cm below its lowest target when a chunk came 0.3 s late."""
    player = clock()
    limiter = ReferenceLimiter(AT_HOME.position)
    approach = np.minimum(0.02 * np.arange(1, 17), 0.18)
    player.accept(joint_chunk(1, 0.0, approach[:8]), 0.0, AT_HOME)
    highest, waiting = -np.inf, True
    for tick in range(300):
        now = 0.005 * tick
        if waiting and now >= 0.2 + late:
            player.accept(joint_chunk(2, 0.2, approach[3:] + 0.02), now, limiter.reference)
            waiting = False
        target = player.sample(now).point
        reference = limiter.step(target.position, target.feedforward)
        highest = max(highest, (reference.position - AT_HOME.position).max())
    assert highest < 0.20 + 0.01


def test_after_the_last_step_the_target_stands_still():
    player = clock()
    player.accept(joint_chunk(offsets=0.01 * np.arange(16)), 0.0, AT_HOME)
    point = player.sample(player.end_time + 5.0).point
    np.testing.assert_allclose(point.position, HOME + 0.15)
    np.testing.assert_array_equal(point.velocity, 0.0)


def test_the_gripper_follows_the_step_that_was_due_last():
    player = clock()
    player.accept(joint_chunk(offsets=[0.0] * 4, gripper=[1.0, 0.8, 0.2, 0.0]), 0.0, AT_HOME)
    assert player.sample(0.5 * STEP).gripper is None
    assert player.sample(1.5 * STEP).gripper == 1.0
    assert player.sample(3.5 * STEP).gripper == 0.2
    assert player.sample(9.0 * STEP).gripper == 0.0


def test_late_gripper_steps_are_dropped_too():
    player = clock()
    chunk = joint_chunk(offsets=[0.0] * 4, gripper=[0.0, 0.0, 1.0, 1.0])
    player.accept(chunk, 2.2 * STEP, AT_HOME)
    assert player.sample(2.5 * STEP).gripper is None
    assert player.sample(3.1 * STEP).gripper == 1.0


def test_the_last_step_is_settled_on_one_step_after_it_was_due():
    player = clock()
    positions = np.linspace([0.42, 0.0, 0.28], [0.50, 0.10, 0.20], 8)
    player.accept(pose_chunk(positions), 0.0, AT_HOME)
    point = player.sample(9 * STEP).point
    np.testing.assert_allclose(point.velocity, 0.0, atol=1e-9)
    reached, quaternion = kinematics.forward(point.position)
    np.testing.assert_allclose(reached, positions[-1], atol=2e-4)
    assert abs(quaternion @ fr3.DOWNWARD_QUATERNION) > 1 - 1e-5


def test_targets_just_outside_the_workspace_are_moved_inside_and_counted():
    player = clock()
    player.accept(pose_chunk(np.linspace([0.4, 0, 0.28], [0.4, 0, -0.02], 16)), 0.0, AT_HOME)
    reached, _ = kinematics.forward(player.sample(2.0).point.position)
    assert reached[2] == pytest.approx(fr3.DEFAULT_WORKSPACE.lower[2], abs=2e-4)
    assert player.clamped_targets > 0


REFUSALS = {
    'older sequence number': (joint_chunk(4, 0.05), OldSequenceError),
    'same sequence number': (joint_chunk(5, 0.05), OldSequenceError),
    'older observation': (joint_chunk(6, -0.1, [0.0] * 16), OldSequenceError),
    'all steps late': (joint_chunk(6, 0.02, [0.0]), ExpiredChunkError),
    'too old an observation': (joint_chunk(6, -1.5, [0.0] * 60), ExpiredChunkError),
    'from the future': (joint_chunk(6, 0.5), FutureChunkError),
    'for another robot': (replace(joint_chunk(6, 0.1), robot_type='panda'), WrongRobotError),
    'for no robot': (replace(joint_chunk(6, 0.1), robot_type=''), WrongRobotError),
    'too long': (joint_chunk(6, 0.1, [0.0] * 1000), WrongHorizonError),
    'steps too short': (joint_chunk(6, 0.1, [0.0] * 600, step=0.001), WrongHorizonError),
    'far outside the workspace': (pose_chunk([[0.4, 0.0, -0.3]], 6, 0.1), OutOfWorkspaceError),
    'joint beyond its limit': (joint_chunk(6, 0.1, [3.0]), OutOfWorkspaceError),
    'out of reach': (pose_chunk([[0.80, 0.50, 0.30]], 6, 0.1), UnreachableTargetError),
    'a jump': (
        ActionChunk(0.1, STEP, 6, [HOME, HOME + 0.6 * np.eye(7)[6]], [1.0, 1.0],
                    TargetKind.JOINT_POSITION),
        JumpError,
    ),
    'joint targets under the table': (
        ActionChunk(0.1, STEP, 6, [[0, 0.9, 0, -1.9, 0, 2.8, 0.785]], [1.0],
                    TargetKind.JOINT_POSITION),
        OutOfWorkspaceError,
    ),
}


@pytest.mark.parametrize(('chunk', 'error'), REFUSALS.values(), ids=REFUSALS.keys())
def test_refused_chunks_leave_the_chunk_in_force_alone(chunk, error):
    player = clock()
    in_force = joint_chunk(5, 0.0, [0.01] * 16)
    player.accept(in_force, 0.0, AT_HOME)
    with pytest.raises(error):
        player.accept(chunk, 0.1, AT_HOME)
    assert player.chunk is in_force


@settings(max_examples=100)
@given(st.lists(st.integers(0, 20), min_size=2, max_size=20))
def test_sequence_numbers_in_force_only_ever_rise(sequences):
    player = clock()
    highest = -1
    for count, sequence in enumerate(sequences):
        now = 0.01 * count
        try:
            player.accept(joint_chunk(sequence, now, [0.0] * 16), now, AT_HOME)
        except OldSequenceError:
            assert sequence <= highest
        else:
            assert sequence > highest
            highest = sequence


def test_a_restarted_publisher_is_believed_once_the_chunk_in_force_has_run_out():
    player = clock()
    player.accept(joint_chunk(1000, 0.0, [0.0] * 4), 0.0, AT_HOME)
    player.accept(joint_chunk(1, 1.0, [0.0] * 4), 1.0, AT_HOME)
    assert player.chunk.sequence == 1


def test_after_clearing_only_newer_observations_count():
    player = clock()
    player.accept(joint_chunk(1, 0.0, [0.0] * 16), 0.0, AT_HOME)
    player.clear(0.5)
    assert player.sample(0.5) is None
    with pytest.raises(ExpiredChunkError):
        player.accept(joint_chunk(2, 0.4, [0.0] * 16), 0.55, AT_HOME)
    player.accept(joint_chunk(2, 0.6, [0.0] * 16), 0.65, AT_HOME)


def delta_chunk(deltas, sequence=1, time=0.0):
    targets = np.hstack([deltas, np.tile([0.0, 0.0, 0.0, 1.0], (len(deltas), 1))])
    return ActionChunk(
        time, STEP, sequence, targets, np.ones(len(deltas)), TargetKind.CARTESIAN_DELTA
    )


def test_displacements_are_counted_from_where_the_arm_was_asked_to_be_then():
    player = clock()
    start, _ = kinematics.forward(HOME)
    turned = HOME + 0.02 * np.eye(7)[0]
    player.followed(AT_HOME, 0.0)
    player.followed(replace(AT_HOME, position=HOME), 0.1)
    player.followed(replace(AT_HOME, position=turned), 0.3)
    step = np.array([0.0, 0.004, -0.002])
    late = 0.3
    player.accept(delta_chunk([step] * 16, time=0.1), late, replace(AT_HOME, position=turned))
    reached, _ = kinematics.forward(player.sample(5.0).point.position)
    np.testing.assert_allclose(reached, start + 16 * step, atol=5e-4)


def test_an_anchor_between_two_references_is_interpolated():
    player = clock()
    player.followed(AT_HOME, 0.0)
    player.followed(replace(AT_HOME, position=HOME + 0.1 * np.eye(7)[0]), 0.1)
    expected, _ = kinematics.forward(HOME + 0.05 * np.eye(7)[0])
    player.accept(delta_chunk([[0.0, 0.0, 0.0]] * 8, time=0.05), 0.1, AT_HOME)
    reached, _ = kinematics.forward(player.sample(5.0).point.position)
    np.testing.assert_allclose(reached, expected, atol=5e-4)


def test_displacements_from_before_the_arm_was_followed_are_refused():
    player = clock()
    player.followed(AT_HOME, 1.0)
    with pytest.raises(UnknownAnchorError):
        player.accept(delta_chunk([[0.0, 0.0, 0.001]] * 16, time=0.9), 1.0, AT_HOME)


def with_program(chunk, program_id):
    return replace(chunk, program_id=program_id)


def test_chunks_of_a_replaced_program_are_refused_after_a_moment_of_grace():
    player = clock(program_grace=0.5)
    player.program_announced('first', 0.0)
    player.program_announced('second', 1.0)
    player.accept(with_program(joint_chunk(1, 1.4, [0.0] * 16), 'first'), 1.5, AT_HOME)
    with pytest.raises(StaleProgramError, match='first'):
        player.accept(with_program(joint_chunk(2, 1.6, [0.0] * 16), 'first'), 1.7, AT_HOME)
    player.accept(with_program(joint_chunk(3, 1.7, [0.0] * 16), 'second'), 1.8, AT_HOME)
    player.accept(with_program(joint_chunk(4, 1.8, [0.0] * 16), ''), 1.9, AT_HOME)


def test_a_program_that_comes_into_force_again_is_believed_again():
    player = clock(program_grace=0.0)
    for time, program in enumerate(['first', '', 'first']):
        player.program_announced(program, float(time))
    player.accept(with_program(joint_chunk(1, 3.0, [0.0] * 16), 'first'), 3.1, AT_HOME)
