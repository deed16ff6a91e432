"""References outside the envelope are never let through, and the violation has a name."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vls_core.control import fr3
from vls_core.control.continuity import DiscontinuityError
from vls_core.control.envelope import (
    EndEffectorSpeedError,
    Envelope,
    EnvelopeRules,
    JointLimitError,
    LeashError,
    NotFiniteError,
    WorkspaceError,
)
from vls_core.control.errors import EnvelopeViolationError
from vls_core.control.kinematics import Fr3Kinematics
from vls_core.control.limiter import Reference
from vls_core.control.robot_limits import FR3, PANDA
from vls_core.control.speed_zones import SpeedZones, people_height_zone

HOME = fr3.HOME_JOINT_POSITIONS
AT_HOME = Reference(HOME, np.zeros(7), np.zeros(7), limited=False)
EVERYWHERE = fr3.WorkspaceBox(np.full(3, -5.0), np.full(3, 5.0))
PERIOD = 0.005
kinematics = Fr3Kinematics()
joints = st.integers(0, 6)


def envelope(start=HOME, **rules):
    result = Envelope(kinematics, EnvelopeRules(**rules))
    result.reset(start)
    return result


def at(position):
    solution = kinematics.solve(np.array(position), fr3.DOWNWARD_QUATERNION, HOME)
    return replace(AT_HOME, position=solution)


def with_joint(joint, value):
    position = HOME.copy()
    position[joint] = value
    return position


def test_holding_still_at_home_is_allowed():
    envelope().check(AT_HOME, HOME)


@given(joints, st.sampled_from([np.nan, np.inf, -np.inf]))
def test_what_is_not_finite_is_refused(joint, bad):
    for field in ('position', 'velocity', 'acceleration'):
        with pytest.raises(NotFiniteError):
            envelope().check(replace(AT_HOME, **{field: with_joint(joint, bad)}), HOME)
    with pytest.raises(NotFiniteError):
        envelope().check(AT_HOME, with_joint(joint, bad))


@given(joints, st.floats(1e-6, 1.0), st.booleans())
def test_positions_beyond_a_joint_limit_are_refused(joint, beyond, upper):
    limit = fr3.JOINT_UPPER_LIMITS[joint] + beyond if upper else (
        fr3.JOINT_LOWER_LIMITS[joint] - beyond
    )
    position = with_joint(joint, limit)
    with pytest.raises(JointLimitError, match=fr3.JOINT_NAMES[joint]):
        envelope().check(replace(AT_HOME, position=position), position)


@given(joints, st.floats(1.001, 10.0), st.sampled_from([-1.0, 1.0]))
def test_velocities_beyond_the_limit_are_refused(joint, factor, sign):
    velocity = np.zeros(7)
    velocity[joint] = sign * factor * fr3.MAXIMUM_JOINT_VELOCITIES[joint]
    with pytest.raises(JointLimitError, match='too fast'):
        envelope().check(replace(AT_HOME, velocity=velocity), HOME)


@given(joints, st.floats(0.201, 2.0), st.sampled_from([-1.0, 1.0]))
def test_an_arm_that_does_not_follow_is_noticed(joint, apart, sign):
    measured = with_joint(joint, HOME[joint] + sign * apart)
    with pytest.raises(LeashError, match=fr3.JOINT_NAMES[joint]):
        envelope(leash=0.2).check(AT_HOME, measured)


def test_references_into_the_table_are_refused():
    reference = at([0.45, 0.0, -0.01])
    with pytest.raises(WorkspaceError):
        envelope().check(reference, reference.position)


def walk(guard, start, end):
    """Goes from one reference to another in steps that an arm could take."""
    speed = (end.position - start.position) / 200 / PERIOD
    ramp = np.concatenate([np.linspace(0, 1, 100), np.ones(100), np.linspace(1, 0, 100)])
    last, position = np.zeros(7), start.position
    for share in ramp:
        velocity = share * speed
        position = position + PERIOD * velocity
        acceleration = (velocity - last) / PERIOD
        guard.check(Reference(position, velocity, acceleration, limited=False), position)
        last = velocity


def test_an_arm_that_starts_outside_may_stay_and_come_back_but_not_go_further():
    outside, further, nearer = at([0.3, 0.0, 0.75]), at([0.3, 0.0, 0.77]), at([0.3, 0.0, 0.72])
    guard = envelope(outside.position)
    guard.check(outside, outside.position)
    with pytest.raises(WorkspaceError):
        walk(guard, outside, further)
    guard = envelope(outside.position)
    walk(guard, outside, nearer)
    with pytest.raises(WorkspaceError):
        walk(guard, nearer, outside)


@given(joints, st.sampled_from(['position', 'velocity', 'acceleration']))
def test_references_that_do_not_go_on_from_each_other_are_refused(joint, what):
    limit = {'position': 2.62, 'velocity': 10.0, 'acceleration': 5000.0}[what]
    if what == 'position':
        limit = FR3.velocity[joint]
    step = np.zeros(7)
    step[joint] = 1.01 * limit * PERIOD
    guard = envelope()
    guard.check(AT_HOME, HOME)
    jumped = replace(AT_HOME, **{what: getattr(AT_HOME, what) + step})
    with pytest.raises(DiscontinuityError, match=f'{what} of fr3_joint{joint + 1}'):
        guard.check(jumped, HOME)


def test_the_end_effector_may_not_be_faster_than_allowed_where_it_is():
    zone = people_height_zone(0.25, 0.1)  # home is above that
    guard = envelope(speeds=SpeedZones((zone,), 0.9))
    swing = np.zeros(7)
    swing[0] = 0.2 / 0.4
    with pytest.raises(EndEffectorSpeedError, match='0.10 m/s are allowed'):
        guard.check(replace(AT_HOME, velocity=swing), HOME)


def test_an_elbow_on_the_table_is_refused_though_the_hand_is_in_the_workspace():
    low_elbow = np.array([0.0, 1.6, 0.0, -2.0, 0.0, 2.6, 0.785])
    with pytest.raises(EnvelopeViolationError):
        envelope(workspace=EVERYWHERE).check(replace(AT_HOME, position=low_elbow), low_elbow)


def test_a_panda_has_limits_of_its_own():
    guard = Envelope(Fr3Kinematics(limits=PANDA), EnvelopeRules(), PANDA)
    guard.reset(HOME)
    velocity = np.zeros(7)
    velocity[0] = 2.3  # an FR3 may
    with pytest.raises(JointLimitError, match='panda_joint1'):
        guard.check(replace(AT_HOME, velocity=velocity), HOME)
