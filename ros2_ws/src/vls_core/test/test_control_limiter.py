"""Whatever is asked of the limiter, its references stay inside the robot's limits."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vls_core.control import fr3
from vls_core.control.limit_scales import LimitScales
from vls_core.control.limiter import ReferenceLimiter
from vls_core.control.robot_limits import FR3, PANDA
from vls_core.types import InvalidValueError

PERIOD = 0.005
anything = st.lists(st.floats(-10.0, 10.0), min_size=7, max_size=7).map(np.array)
targets = st.lists(st.tuples(anything, anything, st.integers(1, 60)), min_size=1, max_size=8)
start_shares = st.lists(st.floats(0.02, 0.98), min_size=7, max_size=7)


@settings(max_examples=150)
@given(
    start_shares,
    targets,
    st.sampled_from([LimitScales(), LimitScales(0.9, 0.9, 0.9, 0.9)]),
    st.sampled_from([FR3, PANDA]),
)
@example(  # speeding up towards a joint stop, whose limit falls meanwhile
    [0.5, 0.03125, 0.5, 0.5, 0.5, 0.5, 0.5],
    [(np.zeros(7), np.zeros(7), 1), (np.zeros(7), np.array([0.0, -4.0, 0, 0, 0, 0, 0]), 20)],
    LimitScales(0.9, 0.9, 0.9, 0.9), FR3,
)
def test_references_keep_all_limits_and_are_continuous(shares, sequence, scales, limits):
    start = limits.lower + np.array(shares) * (limits.upper - limits.lower)
    limiter = ReferenceLimiter(start, PERIOD, scales, limits)
    last = limiter.reference
    for position, velocity, repetitions in sequence:
        for _ in range(repetitions):
            now = limiter.step(position, velocity)
            assert_step_is_allowed(last, now, scales, limits)
            last = now


def assert_step_is_allowed(last, now, scales, limits):
    assert (now.position >= limits.lower).all()
    assert (now.position <= limits.upper).all()
    lower, upper = limits.velocity_limits(now.position)
    floor = 0.02 + 1e-9
    assert (now.velocity <= np.maximum(upper, floor)).all()
    assert (now.velocity >= np.minimum(lower, -floor)).all()
    acceleration_limit = limits.acceleration * scales.acceleration + 1e-6
    assert (np.abs(now.acceleration) <= acceleration_limit).all()
    assert (np.abs(now.velocity - last.velocity) <= acceleration_limit * PERIOD).all()
    jerk_limit = scales.jerk_limits(limits) * PERIOD + 1e-6
    assert (np.abs(now.acceleration - last.acceleration) <= jerk_limit).all()
    travelled = np.maximum(np.abs(now.velocity), np.abs(last.velocity)) * PERIOD
    moved = np.abs(now.position - last.position)
    assert (moved <= travelled + acceleration_limit * PERIOD**2).all()


def test_a_target_at_rest_is_reached_and_not_called_limited():
    limiter = ReferenceLimiter(fr3.HOME_JOINT_POSITIONS, PERIOD)
    target = fr3.HOME_JOINT_POSITIONS + 0.3
    for _ in range(400):
        reference = limiter.step(target, np.zeros(7))
    np.testing.assert_allclose(reference.position, target, atol=1e-6)
    np.testing.assert_allclose(reference.velocity, 0.0, atol=1e-6)
    assert not reference.limited


def test_a_jump_is_called_limited():
    limiter = ReferenceLimiter(fr3.HOME_JOINT_POSITIONS, PERIOD)
    assert limiter.step(fr3.HOME_JOINT_POSITIONS + 0.25, np.zeros(7)).limited


def test_a_smooth_movement_is_followed_closely_and_calmly():
    limiter = ReferenceLimiter(fr3.HOME_JOINT_POSITIONS, PERIOD)
    phase = 2 * np.pi * 0.25 * np.arange(0.0, 8.0, PERIOD)
    wave = 0.2 * (1.0 - np.cos(phase))
    speed = 0.2 * 2 * np.pi * 0.25 * np.sin(phase)
    references = [
        limiter.step(fr3.HOME_JOINT_POSITIONS + position, np.full(7, velocity))
        for position, velocity in zip(wave, speed, strict=True)
    ]
    followed = np.array([reference.position[0] for reference in references])
    assert np.abs(followed - wave).max() < 3e-3
    velocities = np.array([reference.velocity[0] for reference in references])
    wanted_acceleration = 0.2 * (2 * np.pi * 0.25) ** 2
    assert np.abs(np.diff(velocities)).max() < 2.0 * wanted_acceleration * PERIOD


def test_a_reference_slightly_ahead_of_a_moving_target_does_not_turn_round():
    limiter = ReferenceLimiter(fr3.HOME_JOINT_POSITIONS, PERIOD)
    speed = 0.3 * np.ones(7)
    target = fr3.HOME_JOINT_POSITIONS.copy()
    for _ in range(100):
        target = target + speed * PERIOD
        limiter.step(target, speed)
    slowest = min(
        limiter.step(target + (step * PERIOD * speed) - 0.003, speed).velocity.min()
        for step in range(1, 60)
    )
    assert slowest > 0.2


def test_braking_ends_at_rest():
    limiter = ReferenceLimiter(fr3.HOME_JOINT_POSITIONS, PERIOD)
    for _ in range(40):
        limiter.step(fr3.HOME_JOINT_POSITIONS + 1.0, np.zeros(7))
    for _ in range(200):
        reference = limiter.brake()
    np.testing.assert_allclose(reference.velocity, 0.0, atol=1e-9)


def test_targets_that_are_not_finite_are_refused_and_leave_the_reference_alone():
    limiter = ReferenceLimiter(fr3.HOME_JOINT_POSITIONS, PERIOD)
    before = limiter.reference
    with pytest.raises(InvalidValueError):
        limiter.step(np.full(7, np.nan), np.zeros(7))
    assert limiter.reference is before
