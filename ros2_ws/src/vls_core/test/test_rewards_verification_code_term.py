"""One code term from source to report: what it is told, and what is never raised."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from vls_core.rewards.verification.code_term import check_source
from vls_core.rewards.verification.declaration import Declaration
from vls_core.rewards.verification.goal import Goal
from vls_core.rewards.verification.report import Check, Verdict

PLACES = {'mug': [0.5, 0.1, 0.05], 'plate': [0.6, -0.3, 0.01], 'bottle': [0.4, -0.1, 0.1]}
REACH = '''
def reach(keypoints, trajectory):
    """goal: mug"""
    return -torch.norm(trajectory[:, 1:] - keypoints["mug"], dim=-1).mean(dim=1)
'''


@pytest.fixture(autouse=True, scope='module')
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def verdicts(report):
    return {item.check: item.verdict for item in report.findings}


def test_every_check_is_made_of_a_good_term():
    report = check_source(REACH, PLACES, None)
    assert report.accepted
    assert set(verdicts(report).values()) == {Verdict.PASSED}
    assert verdicts(report).keys() == set(Check) - {
        Check.STATIC, Check.BUDGET, Check.REACHABLE, Check.OBSTACLE
    }
    assert 0.5 < report.scale < 1.0
    assert report.declaration == Declaration(Goal('mug'))


def test_the_same_term_has_the_same_report():
    assert check_source(REACH, PLACES, None) == check_source(REACH, PLACES, None)
    assert check_source(REACH, None, None) == check_source(REACH, None, None)


def test_what_is_declared_outside_counts_instead_of_the_docstring():
    report = check_source(REACH, PLACES, Declaration(Goal('plate')))
    assert verdicts(report)[Check.GOAL] is Verdict.FAILED


def test_a_term_of_a_program_has_to_declare():
    report = check_source(REACH, PLACES, Declaration())
    assert verdicts(report)[Check.GOAL] is Verdict.FAILED


def test_without_places_they_are_made_up_for_the_names_used():
    report = check_source(REACH, None, None)
    assert report.accepted
    assert report.keypoints.keys() == {'mug'}


@pytest.mark.parametrize(('source', 'check', 'word'), [
    (REACH.replace('"mug"]', '"cup"]'), Check.NAMES, 'there is no "cup"'),
    (REACH.replace('goal: mug', 'goal: cup'), Check.NAMES, 'there is no "cup"'),
    (REACH.replace('goal: mug', 'goal: mug + up'), Check.GOAL, 'not understood'),
    (REACH.replace('return', 'import os\n    return'), Check.SYNTAX, 'import'),
    (REACH.replace('torch.norm(', 'torch.norm(torch.zeros(5) + '), Check.SYNTAX, ''),
    (REACH.replace('trajectory[:, 1:]', 'trajectory[:, 40]'), Check.SYNTAX, ''),
    (REACH.replace('goal: mug', ''), Check.GOAL, 'inferred'),
])
def test_the_reason_is_told(source, check, word):
    report = check_source(source, PLACES, None)
    found = [item for item in report.findings if item.verdict is not Verdict.PASSED]
    assert found[0].check is check
    assert word in found[0].text


def test_an_evaluation_beyond_its_budget_is_refused_without_being_tried():
    grows = 'def f(keypoints, trajectory):\n    a = trajectory[:, :, 0]\n' + (
        '    b = a.unsqueeze(-1) * a.flatten().unsqueeze(0).unsqueeze(0)\n'
        '    c = b.unsqueeze(-1) * a.flatten()\n    return c.sum(dim=(1, 2, 3))\n'
    )
    report = check_source(grows, PLACES, None)
    assert verdicts(report)[Check.BUDGET] is Verdict.FAILED


def test_a_fixed_number_of_steps_is_warned_of():
    source = REACH.replace('return', 'w = torch.linspace(0.1, 1.0, 16)\n    return').replace(
        '.mean(dim=1)', '.mul(w).mean(dim=1)'
    ).replace('torch.norm(trajectory[:, 1:] - keypoints["mug"], dim=-1).mul(w)',
              '(torch.norm(trajectory[:, 1:] - keypoints["mug"], dim=-1) * w)')
    report = check_source(source, PLACES, None)
    assert report.accepted
    assert any(
        item.check is Check.SHAPE and item.verdict is Verdict.WARNING for item in report.findings
    )


def test_motion_alone_is_accepted_only_if_rest_satisfies_it():
    gentle = '''
def gentle(keypoints, trajectory):
    step = trajectory[:, 1:] - trajectory[:, :-1]
    return -(step[:, 1:] - step[:, :-1]).abs().sum(dim=-1).mean(dim=1)
'''
    hasty = '''
def hasty(keypoints, trajectory):
    step = (trajectory[:, 1:] - trajectory[:, :-1]).square().sum(dim=-1)
    return -torch.relu(0.1 - torch.sqrt(step + 1e-6)).mean(dim=1)
'''
    assert check_source(gentle, None, None).accepted
    assert verdicts(check_source(hasty, None, None))[Check.GOAL] is Verdict.FAILED


@settings(max_examples=60)
@given(st.text(max_size=200))
def test_no_text_raises(text):
    assert not check_source(text, PLACES, None).accepted


pieces = st.sampled_from([
    'trajectory[:, -1]', 'trajectory', 'keypoints["mug"]', 'keypoints["bottle"]', '0.1', '-1.0',
    'torch.tensor([0.0, 0.0, 0.1])', 'trajectory[:, 1:]', 'trajectory[:, 0]',
])
expressions = st.recursive(
    pieces,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from('+-*/'), inner).map(lambda t: f'({t[0]} {t[1]} {t[2]})'),
        st.tuples(st.sampled_from([
            'torch.norm({}, dim=-1)', '({}).mean(dim=1)', '({}).sum(dim=-1)', 'torch.relu({})',
            '({}).abs()', 'torch.exp({})', 'torch.sqrt({})', '({}).amax(dim=1)', '-({})',
            'torch.log({})', '({}).mean()', '({})[:, 0]', '({}).square()',
        ]), inner).map(lambda t: t[0].format(t[1])),
    ),
    max_leaves=6,
)


@settings(max_examples=80)
@given(expressions)
def test_no_expression_raises(expression):
    source = f'def f(keypoints, trajectory):\n    """goal: mug"""\n    return {expression}\n'
    report = check_source(source, PLACES, None)
    assert report.findings
