"""Moving along directions, keeping to them, leaving, and touching first."""

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from term_examples import CUBE, HANDLE, along, evaluate, gradients, line, plan, stand

from vls_core.rewards import program

ALONG_Y = (0.0, 1.0, 0.0)


@pytest.mark.parametrize('model', [program.Displace, program.NoBacktrack, program.StayOnLine,
                                   program.AlignAxis, program.Moved])
def test_a_direction_of_no_length_is_refused(model):
    with pytest.raises(ValidationError, match='a direction needs a length'):
        model(direction=(0.0, 0.0, 0.0))


@pytest.mark.parametrize('make', [
    lambda direction: program.Displace(direction=direction, distance=0.1),
    lambda direction: program.NoBacktrack(direction=direction),
    lambda direction: program.StayOnLine(direction=direction),
    lambda direction: program.AlignAxis(direction=direction),
], ids=['displace', 'no_backtrack', 'stay_on_line', 'align_axis'])
def test_the_length_of_a_direction_does_not_matter(make):
    crooked = line([0.4, 0.0, 0.3], [0.45, 0.1, 0.2])
    short, long = (evaluate(make(direction), crooked)
                   for direction in ((0.1, 0.2, 0), (0.5, 1, 0)))
    torch.testing.assert_close(short, long)


def test_displacing_further_than_asked_costs_nothing():
    assert evaluate(program.Displace(direction=ALONG_Y, distance=0.1),
                    along(ALONG_Y, 0.2)(1.0)).item() == 0.0


def test_displacing_the_wrong_way_is_worse_than_standing():
    term = program.Displace(direction=ALONG_Y, distance=0.1)
    assert evaluate(term, along((0, -1, 0), 0.1)(1.0)) < evaluate(term, stand([0.4, 0, 0.3]))


def test_progress_may_pause_but_not_be_lost():
    term = program.NoBacktrack(direction=ALONG_Y)
    pause = plan([[0.4, y, 0.3] for y in [0, 0.02, 0.04, 0.04, 0.04, 0.06]])
    loss = plan([[0.4, y, 0.3] for y in [0, 0.02, 0.04, 0.03, 0.04, 0.06]])
    assert evaluate(term, pause).item() == pytest.approx(0.0, abs=1e-12)
    assert evaluate(term, loss).item() < -1e-4


def test_sideways_motion_is_no_backtracking_and_motion_along_is_no_drift():
    sideways, forward = ([[0.4 + 0.1 * x, 0.1 * y, 0.3] for x, y in way]
                         for way in ([(0, 0), (1, 0), (-1, 0)], [(0, 0), (0, 1), (0, -1)]))
    assert evaluate(program.NoBacktrack(direction=ALONG_Y), plan(sideways)).item() == 0.0
    assert evaluate(program.StayOnLine(direction=ALONG_Y), plan(forward)).item() == pytest.approx(
        0.0, abs=1e-12)


def test_at_the_point_itself_the_way_to_retract_is_up():
    _, (slopes, *_) = gradients(program.Retract(keypoint='cube'), stand(CUBE.center))
    assert (slopes[0, 1:, 2] > 0.0).all() and not slopes[0, 1:, :2].any()


def test_what_satisfies_retracting_is_as_far_away_as_it_says():
    term = program.Retract(keypoint='cube', distance=0.15)
    generator = np.random.default_rng(0)
    directions = generator.standard_normal((200, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    for direction in directions:
        assert evaluate(term, stand(CUBE.center + 0.149 * direction)).item() < 0.0
        assert evaluate(term, stand(CUBE.center + 0.175 * direction)).item() == 0.0


def test_contact_is_asked_for_first_and_free_later():
    term = program.AnchorContact(keypoint='drawer.handle', first_share=0.25)
    begin = line(HANDLE.position, HANDLE.position, steps=4).positions[0]
    leave = line(HANDLE.position, HANDLE.position + [0, 0.2, 0], steps=12).positions[0, 1:]
    assert evaluate(term, plan(torch.cat([begin, leave]))).item() == pytest.approx(0.0, abs=1e-9)
    assert evaluate(term, plan(torch.cat([leave.flip(0), begin]))).item() < -0.05


def test_contact_for_more_of_a_chunk_than_is_executed_is_refused():
    with pytest.raises(ValidationError):
        program.AnchorContact(keypoint='drawer.handle', first_share=0.6)
