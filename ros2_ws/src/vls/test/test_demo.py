import json

import pytest

from vls.demo import DemoPlan, markdown, surprises, write_program, write_results
from vls.episodes import EpisodeResult, SteeringSample


def result(condition, steer, success, **changes):
    values = {
        'seed': 0, 'condition': condition, 'steer': steer, 'instruction': 'put it there',
        'success': success, 'placed': success, 'released': True, 'obstacle_upset': False,
        'placement_error': 0.2, 'error_code': 0, 'message': '', 'source': 'offline rules',
        'duration': 10.0,
        'samples': (SteeringSample(0.5, 0, 'reach', -0.2, 1.0, 8.0, 0.1),
                    SteeringSample(1.0, 1, 'grasp', -0.1, 1.0, 8.0, 0.1)),
        'program': {'stages': []},
    }
    return EpisodeResult(**{**values, **changes})


def pair(condition, unsteered, steered):
    return result(condition, False, unsteered), result(condition, True, steered)


def test_the_expected_outcome_is_no_surprise():
    assert surprises([pair('none', True, True), pair('obstacle', False, True)]) == []


@pytest.mark.parametrize(('episodes', 'words'), [
    (pair('obstacle', True, True), 'without steering'),
    (pair('obstacle', False, False), 'steered, it failed'),
    (pair('none', False, True), 'failed at home'),
])
def test_what_differs_is_said(episodes, words):
    assert len(found := surprises([episodes])) == 1
    assert words in found[0]


def test_the_film_is_of_the_first_shift(tmp_path):
    assert DemoPlan(0, ('none', 'obstacle'), tmp_path, 60.0).filmed == 'obstacle'
    assert DemoPlan(0, ('none',), tmp_path, 60.0).filmed == 'none'


def test_results_are_left_behind(tmp_path):
    pairs = [pair('none', True, True), pair('obstacle', False, True)]
    write_results(pairs, DemoPlan(0, ('none', 'obstacle'), tmp_path, 60.0))
    write_program(pairs[1][1], tmp_path)
    assert len(json.loads((tmp_path / 'results.json').read_text())) == 4
    assert (tmp_path / 'rewards.png').stat().st_size > 1000
    assert json.loads((tmp_path / 'reward_program.json').read_text()) == {'stages': []}
    assert 'failed: 20 cm off its target' in markdown(pairs, 0)


@pytest.mark.parametrize(('changes', 'words'), [
    ({'obstacle_upset': True}, 'bottle'),
    ({'placed': True, 'released': False}, 'not released'),
    ({'error_code': 106}, 'STAGE_FAILED'),
])
def test_failures_are_named(changes, words):
    assert words in result('obstacle', True, False, **changes).failure
