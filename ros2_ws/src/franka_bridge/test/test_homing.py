"""The way home leads up first, so that it does not sweep the table."""

import numpy as np
import pytest

from franka_bridge.homing import home_waypoints
from vls_core.control import fr3
from vls_core.control.kinematics import Fr3Kinematics

kinematics = Fr3Kinematics()


@pytest.mark.parametrize('place', [(0.40, -0.26), (0.55, -0.12), (0.42, 0.34), (0.70, 0.0)])
def test_from_the_table_it_goes_straight_up_and_then_stays_above_the_objects(place):
    low = np.array([*place, 0.02])
    start = kinematics.solve(low, fr3.DOWNWARD_QUATERNION, fr3.HOME_JOINT_POSITIONS)
    lifted, home = home_waypoints(start)
    np.testing.assert_allclose(home, fr3.HOME_JOINT_POSITIONS)
    np.testing.assert_allclose(kinematics.forward(lifted)[0][:2], place, atol=1e-3)
    for share in np.linspace(0.0, 1.0, 21):
        height = kinematics.forward((1 - share) * lifted + share * home)[0][2]
        assert height > 0.25


def test_from_high_up_it_goes_home_directly():
    assert len(home_waypoints(fr3.HOME_JOINT_POSITIONS)) == 1
