"""What is reported, and in which order it is run."""

import pytest

from benchmarks.libero_pro import everything
from benchmarks.libero_pro.__main__ import _parser, _plan, folder_of
from benchmarks.libero_pro.policy import FAMILIES
from benchmarks.libero_pro.report import HELD_OUT
from vls_core.eval.rows import read_rows


@pytest.fixture
def asked(monkeypatch):
    """What every part is asked for, in order."""
    parts = []

    def note(part):
        parts.append(part)
        return 0

    monkeypatch.setattr(everything, 'run_part', note)
    return parts


def test_every_part_can_be_run_and_what_is_held_out_comes_last():
    parts = [set(_plan(_parser().parse_args(list(part))).cells) for part in everything.PARTS]
    touches = [bool(part & set(HELD_OUT)) for part in parts]
    assert touches == sorted(touches)
    assert sum(touches) == everything.HELD_OUT_PARTS
    assert set().union(*parts) >= set(HELD_OUT)


@pytest.mark.parametrize('family', FAMILIES)
def test_everything_that_is_reported_is_run(family):
    rows = read_rows(folder_of(family) / f'episodes_{family}.jsonl')
    plans = [_plan(_parser().parse_args(list(part))) for part in everything.PARTS]
    ran = {(*cell, arm) for plan in plans if plan.family == family
           for cell in plan.cells for arm in plan.arms}
    assert {(row['suite'], row['perturbation'], row['arm']) for row in rows} <= ran


def test_a_few_episodes_come_before_many_but_what_is_held_out_is_run_once(asked):
    assert everything.main(['--episodes', '4']) == 0
    parts = len(everything.PARTS)
    assert [part[-1] for part in asked] == (
        ['2'] * (parts - everything.HELD_OUT_PARTS) + ['4'] * parts
    )


@pytest.mark.parametrize('episodes', [1, 2, 3, 10])
def test_the_last_round_has_all_the_episodes(episodes):
    rounds = everything.rounds(episodes)
    assert rounds[-1] == episodes
    assert rounds == sorted(set(rounds))


def test_a_part_that_fails_ends_the_run(monkeypatch):
    monkeypatch.setattr(everything, 'run_part', lambda part: 3)
    assert everything.main([]) == 3
