"""How the hand is turned, also where a policy cannot turn it."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from term_examples import evaluate, gradients, stand, turned

from vls_core.rewards import program
from vls_core.rewards.terms.orientation import HAND_LENGTH

FIXED = stand([0.4, 0.0, 0.3])


@settings(max_examples=50)
@given(angle=st.floats(0.0, 3.1), tilt=st.floats(0.0, 1.5))
def test_tilting_costs_the_angle_beyond_the_allowed_one(angle, tilt):
    reward = evaluate(program.KeepUpright(tilt=tilt), turned([1, -2, 0], angle)).item()
    assert reward == pytest.approx(-HAND_LENGTH * max(0.0, angle - tilt), abs=2e-3 * HAND_LENGTH)


def test_turning_about_the_vertical_is_no_tilt():
    assert evaluate(program.KeepUpright(tilt=0.0), turned([0, 0, 1], 2.0)).item() == pytest.approx(
        0.0, abs=1e-9)


def test_a_hand_that_cannot_turn_is_upright():
    reward, slopes = gradients(program.KeepUpright(tilt=0.0), FIXED)
    assert reward.item() == 0.0 and not any(slope.any() for slope in slopes)


@pytest.mark.parametrize(('axis', 'direction', 'angle'), [
    ('z', (0, 0, -1), 0.0), ('z', (0, 0, 1), math.pi), ('z', (1, 0, 0), math.pi / 2),
    ('x', (1, 0, 0), 0.0), ('x', (-1, 0, 0), math.pi), ('y', (0, 1, 0), 0.0),
    ('y', (0, -1, 0), 0.0), ('y', (1, 0, 0), math.pi / 2),
])
def test_a_hand_that_cannot_turn_is_judged_as_it_points_and_pulls_nowhere(axis, direction, angle):
    reward, slopes = gradients(program.AlignAxis(axis=axis, direction=direction), FIXED)
    assert reward.item() == pytest.approx(-HAND_LENGTH * angle, abs=2e-3 * HAND_LENGTH)
    assert not any(slope.any() for slope in slopes)


def test_fingers_at_right_angles_to_where_they_belong_are_turned_one_way_or_the_other():
    """Regression: the usual pose, pointing down, had no gradient here."""
    _, slopes = gradients(program.AlignAxis(axis='y', direction=(1, 0, 0)), turned([0, 0, 1], 0.0))
    assert slopes[2].abs().max() > 1e-3


def test_either_way_round_the_fingers_are_aligned():
    term = program.AlignAxis(axis='y', direction=(1, 0, 0))
    for angle in (math.pi / 2, -math.pi / 2):
        assert evaluate(term, turned([0, 0, 1], angle)).item() == pytest.approx(0.0, abs=1e-8)
    torch.testing.assert_close(evaluate(term, turned([0, 0, 1], 0.4)),
                               evaluate(term, turned([0, 0, 1], -0.4)))
