"""Fingers rest when the distance between them hardly changes."""

import pytest

from vls_core.steering.finger_watch import SLOWEST, FingerWatch


@pytest.mark.parametrize(('speed', 'still'), [(0.0, True), (0.9 * SLOWEST, True), (0.1, False)])
@pytest.mark.parametrize('sign', [-1.0, 1.0])
def test_fingers_are_still_up_to_a_speed_in_either_direction(speed, still, sign):
    watch = FingerWatch()
    assert watch.still(0.04, 1.0), 'nothing is known yet'
    assert watch.still(0.04 + sign * speed * 0.05, 1.05) is still


def test_two_measurements_of_the_same_moment_tell_no_speed_but_a_jump():
    watch = FingerWatch()
    watch.still(0.04, 1.0)
    assert watch.still(0.04, 1.0)
    assert not watch.still(0.05, 1.0)
