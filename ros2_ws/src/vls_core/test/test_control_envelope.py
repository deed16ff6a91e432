"""References outside the envelope are never let through, and the violation has a name."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vls_core.control import fr3
from vls_core.control.envelope import (
    Envelope,
    EnvelopeRules,
    JointLimitError,
    LeashError,
    NotFiniteError,
    WorkspaceError,
)
from vls_core.control.kinematics import Fr3Kinematics
from vls_core.control.limiter import Reference

HOME = fr3.HOME_JOINT_POSITIONS
AT_HOME = Reference(HOME, np.zeros(7), np.zeros(7), limited=False)
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


def test_an_arm_that_starts_outside_may_stay_and_come_back_but_not_go_further():
    outside, further, nearer = at([0.3, 0.0, 0.75]), at([0.3, 0.0, 0.77]), at([0.3, 0.0, 0.72])
    guard = envelope(outside.position)
    guard.check(outside, outside.position)
    with pytest.raises(WorkspaceError):
        guard.check(further, further.position)
    guard.check(nearer, nearer.position)
    with pytest.raises(WorkspaceError):
        guard.check(outside, outside.position)
