"""What a hand is about, from what it was told and where its fingers are."""

import numpy as np
import pytest

from vls_core.types import Grip, Observation, RobotState, Scene


@pytest.mark.parametrize(('command', 'width', 'still', 'grip'), [
    (1.0, 0.08, True, Grip.OPEN),
    (1.0, 0.03, False, Grip.OPEN),
    (0.0, 0.06, False, Grip.CLOSING),
    (0.0, 0.08, True, Grip.CLOSING),
    (0.0, 0.04, True, Grip.HOLDING),
    (0.0, 0.0, True, Grip.EMPTY),
], ids=['open', 'opening', 'closing', 'not yet closing', 'holding', 'closed on nothing'])
def test_a_grip_is_told_by_command_and_fingers(command, width, still, grip):
    robot = RobotState(
        0.0, np.zeros(7), np.zeros(7), np.array([0.4, 0.0, 0.3]), np.array([1.0, 0, 0, 0]), width
    )
    seen = Observation(robot, Scene(0.0, ()), 'cube', 'plate', command, (0.005, 0.07), still)
    assert seen.grip is grip
    assert seen.holds == (grip is Grip.HOLDING)
