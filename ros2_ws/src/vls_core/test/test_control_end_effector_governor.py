"""Whatever is asked, the end effector keeps its speed limit and the limiter its own."""

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vls_core.control.end_effector_governor import EndEffectorGovernor
from vls_core.control.kinematics import Fr3Kinematics
from vls_core.control.limiter import ReferenceLimiter
from vls_core.control.robot_limits import FR3
from vls_core.control.speed_zones import SpeedZones

kinematics = Fr3Kinematics()


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.1, 0.25, 0.9]))
@example(536796, 0.1)
@example(177, 0.1)
@example(460, 0.1)
@example(850, 0.1)
@example(1608, 0.1)
@example(2421, 0.1)
def test_the_end_effector_is_never_faster_than_allowed(seed, limit):
    generator = np.random.default_rng(seed)
    speeds = SpeedZones((), limit)
    limiter = ReferenceLimiter(
        generator.uniform(FR3.lower + 0.1, FR3.upper - 0.1),
        governor=EndEffectorGovernor(kinematics, speeds),
    )
    for _ in range(4):
        target = generator.uniform(FR3.lower, FR3.upper)
        velocity = generator.uniform(-3.0, 3.0, 7) * generator.integers(0, 2)
        for _ in range(generator.integers(5, 80)):
            reference = limiter.step(target, velocity)
            _, jacobian = kinematics.linear_jacobian(reference.position)
            assert np.linalg.norm(jacobian @ reference.velocity) <= limit


def test_the_direction_of_the_end_effector_is_kept():
    governor = EndEffectorGovernor(kinematics, SpeedZones((), 0.1))
    home = np.array([0.0, -0.42, 0.0, -2.58, 0.0, 2.16, 0.785])
    governed = governor.govern(home, np.zeros(7), np.eye(7)[0])
    assert 0.0 < governed.share < 1.0
    assert governed.together
    slow = governor.govern(home, np.zeros(7), 0.01 * np.eye(7)[0])
    assert slow.share == 1.0
    assert not slow.together


def test_the_jacobian_is_the_derivative_of_the_position():
    positions = np.array([0.3, -0.42, 0.2, -2.0, 0.1, 2.0, 0.5])
    _, jacobian = kinematics.linear_jacobian(positions)
    for joint in range(7):
        step = 1e-6 * np.eye(7)[joint]
        before, _ = kinematics.forward(positions - step)
        after, _ = kinematics.forward(positions + step)
        np.testing.assert_allclose(jacobian[:, joint], (after - before) / 2e-6, atol=1e-6)


def test_a_way_to_rest_that_is_too_fast_somewhere_is_not_permitted():
    governor = EndEffectorGovernor(kinematics, SpeedZones((), 0.1))
    positions = np.tile([0.0, -0.42, 0.0, -2.58, 0.0, 2.16, 0.785], (2, 1))
    slow = np.array([0.1 * np.eye(7)[0], np.zeros(7)])
    assert governor.permits(positions, slow)
    assert not governor.permits(positions, slow + np.array([np.zeros(7), np.eye(7)[0]]))
