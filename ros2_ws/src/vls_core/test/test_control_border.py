"""The end effector stays in its workspace, give or take; from outside it may only come back."""

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vls_core.control.border import Border
from vls_core.control.end_effector_governor import EndEffectorGovernor
from vls_core.control.fr3 import DEFAULT_WORKSPACE, DOWNWARD_QUATERNION, HOME_JOINT_POSITIONS
from vls_core.control.kinematics import Fr3Kinematics, UnreachableError
from vls_core.control.limit_scales import LimitScales
from vls_core.control.limiter import ReferenceLimiter
from vls_core.control.speed_zones import SpeedZones

ENVELOPE_SLACK, SLACK = 0.010, 0.007
SCALES = LimitScales(0.4, 0.4, 0.1, 0.95)
kinematics = Fr3Kinematics()


def test_inside_and_a_little_outside_is_allowed():
    border = Border(DEFAULT_WORKSPACE, SLACK)
    edge = np.array([0.5, 0.0, DEFAULT_WORKSPACE.lower[2]])
    assert border.allows(edge)
    assert border.allows(edge - [0.0, 0.0, 0.99 * SLACK])
    assert not border.allows(edge - [0.0, 0.0, 1.01 * SLACK])


def test_who_starts_outside_may_stay_and_come_back_but_not_turn_round():
    border = Border(DEFAULT_WORKSPACE, SLACK)
    far, nearer = np.array([0.5, 0.0, 0.80]), np.array([0.5, 0.0, 0.75])
    border.reset(far)
    assert border.allows(far)
    border.reached(nearer)
    assert border.allows(nearer)
    assert not border.allows(far)


def outside(joint_positions):
    """How far the end effector is outside the workspace [m]."""
    return Border(DEFAULT_WORKSPACE, SLACK).distance(kinematics.forward(joint_positions)[0])


def governed_limiter():
    return ReferenceLimiter(
        HOME_JOINT_POSITIONS, scales=SCALES,
        governor=EndEffectorGovernor(
            kinematics, SpeedZones((), 0.9), Border(DEFAULT_WORKSPACE, SLACK)
        ),
    )


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1))
@example(0)
def test_however_abruptly_targets_lead_to_the_border_the_envelope_need_not_step_in(seed):
    generator = np.random.default_rng(seed)
    limiter = governed_limiter()
    for _ in range(5):
        target = at_the_border(generator, limiter.reference.position)
        velocity = generator.uniform(-1.0, 1.0, 7) * generator.integers(0, 2)
        for _ in range(generator.integers(10, 120)):
            reference = limiter.step(target, velocity)
            assert outside(reference.position) <= ENVELOPE_SLACK


def at_the_border(generator, seed):
    """Joint positions of a place on a random face of the workspace, or beyond it."""
    place = generator.uniform(DEFAULT_WORKSPACE.lower, DEFAULT_WORKSPACE.upper)
    axis, beyond = generator.integers(3), generator.uniform(0.0, 0.05)
    place[axis] = DEFAULT_WORKSPACE.lower[axis] - beyond
    try:
        return kinematics.solve(place, DOWNWARD_QUATERNION, seed)
    except UnreachableError:
        return HOME_JOINT_POSITIONS


def test_at_the_border_the_arm_goes_on_to_a_target_inside():
    limiter = governed_limiter()
    low = kinematics.solve(np.array([0.5, 0.0, -0.05]), DOWNWARD_QUATERNION, HOME_JOINT_POSITIONS)
    for _ in range(400):
        limiter.step(low, np.zeros(7))
    assert outside(limiter.reference.position) <= ENVELOPE_SLACK
    inside = kinematics.solve(np.array([0.5, 0.2, 0.1]), DOWNWARD_QUATERNION, low)
    for _ in range(800):
        limiter.step(inside, np.zeros(7))
    np.testing.assert_allclose(limiter.reference.position, inside, atol=1e-3)


def test_an_arm_that_starts_outside_comes_back():
    high = kinematics.solve(np.array([0.3, 0.0, 0.75]), DOWNWARD_QUATERNION, HOME_JOINT_POSITIONS)
    limiter = governed_limiter()
    limiter.reset(high)
    for _ in range(1200):
        limiter.step(HOME_JOINT_POSITIONS, np.zeros(7))
    np.testing.assert_allclose(limiter.reference.position, HOME_JOINT_POSITIONS, atol=1e-3)
