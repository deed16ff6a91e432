"""A grasp is believed when the measured width says so, and for no longer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vls_core.control.grasp import GraspRangeError, GraspRules, GraspWatch
from vls_core.control.gripper_logic import GripperCommand, GripperOutcome

CLOSE, OPEN = GripperCommand.CLOSE, GripperCommand.OPEN
RULES = GraspRules()
PERIOD = 0.05


class Measured:
    """A watch, fed with widths one period apart."""

    def __init__(self, width=0.08):
        self.time, self.width = 0.0, width
        self.watch = GraspWatch(RULES, self.time, width)

    def command(self, command):
        self.watch.begin(command, self.time)

    def see(self, *widths):
        for width in widths:
            self.time += PERIOD
            self.width = width
            self.watch.measure(self.time, width)

    def rest(self):
        self.see(*[self.width] * 5)


def closed_on(width):
    measured = Measured()
    measured.command(CLOSE)
    measured.see(0.06, width)
    measured.rest()
    return measured, measured.watch.finish(True)


@given(st.floats(RULES.minimum_width, RULES.maximum_width))
def test_fingers_at_rest_within_the_range_hold_something(width):
    measured, outcome = closed_on(width)
    assert outcome is GripperOutcome.HOLDING
    assert measured.watch.holding


@given(st.floats(0.0, RULES.minimum_width, exclude_max=True))
def test_fingers_that_close_on_nothing_are_empty_whatever_the_hand_says(width):
    measured, outcome = closed_on(width)
    assert outcome is GripperOutcome.EMPTY
    assert not measured.watch.holding


def test_fingers_that_stay_open_have_failed_to_close():
    measured, outcome = closed_on(0.079)
    assert outcome is GripperOutcome.FAILED
    assert not measured.watch.holding


def test_fingers_that_still_move_hold_nothing_yet():
    measured = Measured()
    measured.command(CLOSE)
    measured.see(0.06, 0.05, 0.04)
    assert not measured.watch.resting
    assert measured.watch.finish(True) is GripperOutcome.FAILED
    assert not measured.watch.holding


def test_a_hand_that_reports_no_success_is_believed():
    measured = Measured()
    measured.command(CLOSE)
    measured.see(0.04)
    measured.rest()
    assert measured.watch.finish(False) is GripperOutcome.FAILED


@given(st.lists(st.floats(RULES.minimum_width, RULES.maximum_width), max_size=20),
       st.floats(0.0, RULES.minimum_width, exclude_max=True))
def test_what_is_held_stays_held_until_the_fingers_close_on_nothing(widths, gone):
    measured, _ = closed_on(0.04)
    measured.see(*widths)
    assert measured.watch.holding
    measured.see(gone)
    assert not measured.watch.holding
    measured.see(0.04)
    assert not measured.watch.holding


def test_an_opening_hand_holds_nothing_from_the_command_on():
    measured, _ = closed_on(0.04)
    measured.command(OPEN)
    assert not measured.watch.holding
    measured.see(0.06, 0.08)
    measured.rest()
    assert measured.watch.finish(True) is GripperOutcome.OPENED


def test_closing_again_on_what_is_held_keeps_holding_it():
    measured, _ = closed_on(0.04)
    measured.command(CLOSE)
    assert measured.watch.gripping
    measured.rest()
    assert measured.watch.finish(True) is GripperOutcome.HOLDING


def test_fingers_grip_as_soon_as_they_rest_on_something_before_any_answer():
    measured = Measured(0.06)
    measured.command(CLOSE)
    measured.rest()
    assert not measured.watch.gripping, 'they have not even begun to move'
    measured.see(0.05, 0.04)
    assert not measured.watch.gripping
    measured.rest()
    assert measured.watch.gripping
    assert not measured.watch.holding


def test_opening_fingers_never_grip():
    measured = Measured(0.01)
    measured.command(OPEN)
    measured.see(0.03)
    measured.rest()
    assert not measured.watch.gripping


def test_a_command_stopped_on_the_way_grips_nothing():
    measured = Measured()
    measured.command(CLOSE)
    measured.see(0.06)
    measured.watch.abandon()
    measured.rest()
    assert not measured.watch.gripping
    assert not measured.watch.holding


@pytest.mark.parametrize('rules', [
    {'minimum_width': -0.001}, {'minimum_width': 0.05, 'maximum_width': 0.05},
    {'maximum_width': 0.09}, {'minimum_width': float('nan')}, {'settle_time': 0.0},
    {'settle_time': 1.0, 'settle_timeout': 0.5}, {'settle_timeout': float('inf')},
])
def test_rules_that_contradict_themselves_are_refused(rules):
    with pytest.raises(GraspRangeError):
        GraspRules(**rules)
