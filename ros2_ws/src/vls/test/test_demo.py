import io
import json

import pytest
from rich.console import Console

from vls.authorship import authorship
from vls.demo import DemoPlan, markdown, surprises, write_program, write_results
from vls.display import authorship_lines, episode_table
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


@pytest.mark.parametrize(('latency', 'said'), [(0.1, False), (0.6, True)])
def test_a_failure_on_a_busy_computer_is_said_to_be_one(latency, said):
    samples = (SteeringSample(0.5, 0, 'reach', -0.2, 1.0, 8.0, latency),) * 3
    episodes = result('obstacle', False, False), result('obstacle', True, False, samples=samples)
    (sentence,) = surprises([episodes])
    assert ('too busy' in sentence) is said


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


ASKED = {'stages': [], 'authoring': ['asked test', 'accepted', 'used 1 question, 9 + 9 tokens']}
CACHED = {'stages': [], 'authoring': ['from the cache, written by test; verified again']}


def test_the_output_says_who_wrote_and_that_the_second_time_nobody_was_asked():
    pairs = [(
        result('none', False, True, source='test', program=ASKED),
        result('none', True, True, source='test', program=CACHED),
    )]
    assert authorship_lines(pairs) == [
        'none: written by test, 1 question, then from the cache (test), no question',
        'questions to a model in all: 1',
    ]
    assert 'from the cache (test)' in markdown(pairs, 0)


def test_the_table_names_the_author():
    pairs = [pair('none', True, True), (
        result('obstacle', False, False, source=''), result('obstacle', True, True, source='[m]'),
    )]
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(episode_table(pairs))
    shown = console.export_text()
    assert 'offline rules' in shown
    assert '[m]' in shown


@pytest.mark.parametrize(('steps', 'questions'), [
    (['asked test', 'rejected: no; asked for a repair', 'accepted'], 2),
    (['answer 1 of 3: asked test', 'answer 2 of 3: asked test', 'answer 3 of 3: asked test'], 3),
    (['written by offline rules', 'accepted'], 0), ([], 0),
])
def test_questions_are_counted_from_the_steps(steps, questions):
    program = {'authoring': steps}
    assert authorship(result('none', True, True, program=program)).questions == questions


def test_an_episode_without_a_program_was_written_by_nobody():
    assert str(authorship(result('none', True, False, source='', program=None))) == 'nobody wrote'


@pytest.mark.parametrize(('changes', 'words'), [
    ({'obstacle_upset': True}, 'bottle'),
    ({'placed': True, 'released': False}, 'not released'),
    ({'error_code': 106}, 'STAGE_FAILED'),
])
def test_failures_are_named(changes, words):
    assert words in result('obstacle', True, False, **changes).failure
