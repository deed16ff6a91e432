"""The gripper makes up its mind once."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vls_core.control.gripper_logic import GripperCommand, GripperLogic

CLOSE, OPEN = GripperCommand.CLOSE, GripperCommand.OPEN


def test_it_closes_below_and_opens_above_and_says_so_once():
    logic = GripperLogic()
    openings = [1.0, 0.9, 0.5, 0.41, 0.39, 0.1, 0.59, 0.61, 1.0]
    assert [logic.step(opening) for opening in openings] == [
        OPEN, None, None, None, CLOSE, None, None, OPEN, None,
    ]


@given(st.lists(st.floats(0.4, 0.6)), st.sampled_from([CLOSE, OPEN]))
def test_dithering_around_the_middle_changes_nothing(openings, before):
    logic = GripperLogic()
    logic.reset(before)
    assert all(logic.step(opening) is None for opening in openings)


def test_noise_on_a_closing_ramp_closes_exactly_once():
    ramp = np.linspace(1.0, 0.0, 200) + np.random.default_rng(0).normal(0.0, 0.05, 200)
    logic = GripperLogic()
    commands = [logic.step(opening) for opening in ramp]
    assert [command for command in commands if command] == [OPEN, CLOSE]
