"""Shares of the robot's limits leave a margin, and no jerk asks for more torque than allowed."""

import mujoco
import numpy as np
import pytest
from franky_sim.mujoco_simulator import MujocoSimulator

from vls_core.control.limit_scales import LimitScales
from vls_core.control.robot_limits import FR3, INERTIA_BOUNDS, PANDA
from vls_core.types import InvalidValueError


@pytest.mark.parametrize(
    'scales', [(0.0, 0.5, 0.5, 0.5), (0.5, 1.0, 0.5, 0.5), (0.5, 0.5, -1.0, 0.5),
               (0.5, 0.5, 0.5, float('nan'))],
)
def test_scales_must_leave_a_margin(scales):
    with pytest.raises(InvalidValueError):
        LimitScales(*scales)


@pytest.mark.parametrize('limits', [FR3, PANDA], ids=['fr3', 'panda'])
def test_the_jerk_limit_never_takes_more_than_its_share_of_the_torque_rate(limits):
    scales = LimitScales(jerk=0.9, torque_rate=0.2)
    torque_rate = INERTIA_BOUNDS * scales.jerk_limits(limits)
    assert (torque_rate <= 0.2 * limits.torque_rate + 1e-9).all()
    assert (scales.jerk_limits(limits) <= 0.9 * limits.jerk).all()


def test_inertia_bounds_hold_for_the_simulated_arm_and_are_not_far_above_it():
    simulator = MujocoSimulator()
    simulator.init()
    simulator.add_robot()
    simulator.start()
    model, data = simulator.model, simulator.data
    generator = np.random.default_rng(0)
    largest = np.zeros(7)
    for _ in range(2000):
        data.qpos[:7] = generator.uniform(FR3.lower, FR3.upper)
        mujoco.mj_forward(model, data)
        largest = np.maximum(largest, [_inertia(model, data, joint) for joint in range(7)])
    assert (largest <= INERTIA_BOUNDS).all()
    assert (largest >= 0.7 * INERTIA_BOUNDS).all()


def _inertia(model, data, joint):
    result = np.zeros(model.nv)
    mujoco.mj_mulM(model, data, result, np.eye(model.nv)[joint])
    return result[joint]
