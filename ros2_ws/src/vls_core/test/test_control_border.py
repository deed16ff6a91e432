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


def place(generator, on_a_face):
    """Joint positions of a random place in the workspace, or on one of its six faces."""
    low, high = DEFAULT_WORKSPACE.lower, DEFAULT_WORKSPACE.upper
    for _ in range(100):
        where = generator.uniform(low, high)
        if on_a_face:
            axis = generator.integers(3)
            where[axis] = (low, high)[generator.integers(2)][axis]
        try:
            return kinematics.solve(where, DOWNWARD_QUATERNION, HOME_JOINT_POSITIONS)
        except UnreachableError:
            continue
    raise AssertionError('no place can be reached')


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1))
@example(115)
def test_however_abruptly_targets_change_the_envelope_need_not_step_in(seed):
    generator = np.random.default_rng(seed)
    limiter = governed_limiter()
    for _ in range(5):
        target = place(generator, on_a_face=True) + generator.uniform(-0.1, 0.1, 7)
        velocity = generator.uniform(-1.0, 1.0, 7) * generator.integers(0, 2)
        for _ in range(generator.integers(10, 120)):
            reference = limiter.step(target, velocity)
            assert outside(reference.position) <= ENVELOPE_SLACK


@settings(max_examples=7)
@given(st.integers(0, 2**32 - 1))
def test_from_one_place_at_the_border_the_arm_gets_to_another_and_inside(seed):
    generator = np.random.default_rng(seed)
    limiter = governed_limiter()
    limiter.reset(place(generator, on_a_face=True))
    for on_a_face in (True, False):
        target = place(generator, on_a_face)
        for _ in range(3000):
            reference = limiter.step(target, np.zeros(7))
            assert outside(reference.position) <= ENVELOPE_SLACK
            if np.abs(reference.position - target).max() < 0.01:
                break
        else:
            raise AssertionError('it stands still on the way')


@settings(max_examples=7)
@given(st.integers(0, 2**32 - 1), st.floats(0.01, 0.15))
def test_an_arm_that_starts_outside_comes_back_and_goes_no_further_out(seed, distance):
    generator = np.random.default_rng(seed)
    start = outward(generator, distance)
    limiter, envelope = governed_limiter(), Border(DEFAULT_WORKSPACE, ENVELOPE_SLACK)
    limiter.reset(start)
    envelope.reset(kinematics.forward(start)[0])
    for number in range(4):
        target = HOME_JOINT_POSITIONS if number == 3 else place(generator, on_a_face=True)
        for _ in range(1600 if number == 3 else generator.integers(10, 120)):
            position, _ = kinematics.forward(limiter.step(target, np.zeros(7)).position)
            assert envelope.allows(position)
            envelope.reached(position)
    np.testing.assert_allclose(limiter.reference.position, HOME_JOINT_POSITIONS, atol=0.01)


def outward(generator, distance):
    """Joint positions of a place that far outside of one face."""
    for _ in range(100):
        where = generator.uniform(DEFAULT_WORKSPACE.lower, DEFAULT_WORKSPACE.upper)
        axis, upper = generator.integers(3), generator.integers(2)
        corner = (DEFAULT_WORKSPACE.lower, DEFAULT_WORKSPACE.upper)[upper]
        where[axis] = corner[axis] + (2 * upper - 1) * distance
        try:
            return kinematics.solve(where, DOWNWARD_QUATERNION, HOME_JOINT_POSITIONS)
        except UnreachableError:
            continue
    raise AssertionError('no place can be reached')
