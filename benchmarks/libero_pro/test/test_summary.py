"""Rates, gains and failures: counted over the right episodes, paired where they are compared."""

from dataclasses import asdict

import pytest

from benchmarks.libero_pro.bench import broken_off
from benchmarks.libero_pro.episode import REPLAN_STEPS, Outcome
from benchmarks.libero_pro.judge import FAILURES, kind_of_failure
from benchmarks.libero_pro.report import headline, markdown
from benchmarks.libero_pro.summary import (
    BROKEN_OFF,
    best_baseline,
    failures,
    gain,
    gain_over_tasks,
    planning_per_chunk,
    rate,
    summary,
)
from vls_core.steering.errors import SteeringError

FAILED = {
    'refusal': '', 'subject_meant': True, 'seen_off': 0.005, 'lifted': True,
    'lifted_others': [], 'ending': 'time up', 'holding': True,
}


def row(arm, state, success, perturbation='position', suite='libero_object', **changes):
    return {
        'suite': suite, 'perturbation': perturbation, 'task': 'a', 'state': state, 'seed': 0,
        'family': 'flow', 'arm': arm, 'success': success, 'steps': 100, **FAILED,
        **{f'{part}_seconds': 1.0 for part in ('simulator', 'perception', 'planning', 'author')},
        **changes,
    }


def test_a_gain_is_paired_and_counts_only_episodes_that_both_ran():
    rows = [row('ours', 0, True), row('ours', 2, True), row('ours', 4, False),
            row('base', 0, False), row('base', 2, True)]
    found = gain(rows, 'ours', 'base')
    assert found.samples == 2 and found.value == 50.0
    assert gain(rows, 'ours', 'best of N') is None


def test_episodes_of_one_task_are_drawn_together_to_speak_of_other_tasks():
    rows = [row(arm, state, arm == 'ours' and task == 'easy', task=task)
            for arm in ('ours', 'base') for state in range(20) for task in ('easy', 'hard')]
    same, others = gain(rows, 'ours', 'base'), gain_over_tasks(rows, 'ours', 'base')
    assert same.value == others.value == 50.0
    assert (others.low, others.high) == (0.0, 100.0)
    assert others.low < same.low and same.high < others.high
    assert gain_over_tasks(rows, 'ours', 'best of N') is None


def test_a_rate_is_over_the_rows_that_are_asked_for():
    rows = [row('base', 0, True), row('base', 2, False), row('base', 4, True, 'task')]
    assert rate(rows, perturbation='position').value == 0.5
    assert rate(rows, perturbation=('task', 'position')).trials == 3
    assert rate(rows, arm='ours') is None


def test_the_best_baseline_is_the_one_that_succeeds_most_often_in_what_all_of_them_ran():
    rows = [row('best of N', 0, False), row('ITPS', 0, True), row('ours', 0, True)]
    assert best_baseline(rows) == 'ITPS'
    assert best_baseline([row('ours', 0, True)]) is None
    rows = [row('best of N', 0, True), row('ITPS', 2, False), *(row('ours', state, True)
            for state in (0, 2))]
    assert best_baseline(rows) == 'best of N'
    # One that ran nothing but what is easy for all is not the best for that.
    rows = [*(row('ours', state, state < 2) for state in range(4)),
            *(row('best of N', state, state == 0) for state in range(4)),
            row('ITPS', 0, True), row('ITPS', 1, False)]
    assert rate(rows, arm='ITPS').value > rate(rows, arm='best of N').value
    assert best_baseline(rows) == 'best of N'


@pytest.mark.parametrize(('changes', 'kind'), [
    ({'refusal': 'no such thing'}, 'not understood'),
    ({'subject_meant': False}, 'wrong reward'),
    ({'seen_off': 0.05}, 'perception'),
    ({'lifted': False}, 'grasp'),
    ({'lifted': False, 'lifted_others': ['plate_1']}, 'other thing'),
    ({'ending': 'program done'}, 'placement'),
    ({'holding': False}, 'placement'),
    ({}, 'time'),
])
def test_every_failure_has_one_kind(changes, kind):
    assert kind_of_failure({**FAILED, **changes}) == kind
    assert kind in FAILURES


def test_failures_are_those_of_one_arm():
    rows = [row('ours', 0, False, lifted=False), row('ours', 2, True), row('base', 0, False)]
    assert failures(rows)['grasp'] == 1 and sum(failures(rows).values()) == 1


def test_an_episode_that_broke_off_is_a_failure_of_its_own_kind():
    outcome = asdict(broken_off(SteeringError('no plan')))
    assert set(outcome) == set(Outcome.__dataclass_fields__)
    rows = [{**row('ours', 0, False), **outcome}]
    assert 'no plan' in outcome['ending']
    assert failures(rows) == {BROKEN_OFF: 1} and planning_per_chunk(rows, 'ours') is None


def test_what_a_chunk_costs_does_not_depend_on_how_long_an_episode_is():
    rows = [row('ours', state, True, steps=steps, planning_seconds=0.01 * steps)
            for state, steps in enumerate((20, 280, 100))]
    assert planning_per_chunk(rows, 'ours') == pytest.approx(0.01 * REPLAN_STEPS)


def test_the_summary_has_what_is_promised():
    rows = [
        made for state in (0, 2)
        for shift in ('none', 'task', 'position', 'semantic', 'displaced-x0.1', 'displaced-y0.2')
        for made in (row('base', state, shift == 'none', shift), row('ours', state, True, shift),
                     row('best of N', state, state == 0, shift),
                     row('ours without gate', state, state == 2, shift))
    ]
    found = summary(rows, [('libero_object', 'task')])
    assert found['gain_over_base_points'] == 100.0
    assert found['gain_over_best_baseline_points'] == 50.0
    assert found['gain_over_best_baseline_points_over_tasks'] == 50.0
    assert found['gain_over_ours_without_gate_points'] == 50.0
    assert found['in_distribution_gain_over_ours_without_gate_points'] == 50.0
    assert 'gain_over_ours_without_ladder_points' not in found
    assert found['in_distribution_change_points'] == 0.0
    assert found['in_distribution_success'] == 1.0
    assert found['held_out_gain_over_base_points_episodes'] == 2
    assert found['semantic_perturbation_gain_over_base_points'] == 100.0
    assert 'object_perturbation_gain_over_base_points' not in found
    assert (found['displaced_success_best_of_N'], found['displaced_success_ours']) == (0.5, 1.0)
    assert found['displaced_success_ours_episodes'] == 4


def test_the_table_marks_what_was_held_out():
    page = markdown([row('base', 0, False, 'task', 'libero_spatial'),
                     row('ours', 0, True, 'task', 'libero_spatial')])
    assert 'task (held out)' in page and '+100, all 1 alike' in page


def test_the_headline_pools_the_shifted_scenes_and_names_the_best_baseline():
    rows = [
        row(arm, state, success, perturbation)
        for perturbation, arm, success in (
            ('none', 'base', True), ('none', 'ours', True), ('task', 'ours', True),
            ('task', 'base', False), ('position', 'ours', False), ('position', 'base', False),
            ('position', 'ITPS', True), ('position', 'best of N', False), ('object', 'ours', True),
        )
        for state in (0, 2)
    ]
    lines = headline(rows).splitlines()
    assert lines[0] == '| suite | scene | tasks | base | ITPS | ours |'
    assert [line.split(' | ')[:2] for line in lines[2:]] == [
        ['| libero_object', 'none'], ['| libero_object', 'task'], ['| libero_object', 'position'],
        ['| together', 'none'], ['| together', 'task and position'],
    ]
    rates = '0 (0 to 49), n 4 | 100 (34 to 100), n 2 | 50 (15 to 85), n 4 |'
    assert f'| 2 of 20 | {rates}' in lines[-1]
