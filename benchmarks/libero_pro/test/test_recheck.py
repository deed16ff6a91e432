"""Rows of other code are adopted when a sample of them, played again, ends the same; else not."""

from dataclasses import asdict, replace

import pytest

from benchmarks.libero_pro import recheck
from benchmarks.libero_pro.bench import Case, Plan, broken_off
from benchmarks.libero_pro.recheck import (
    ENOUGH_TO_ADOPT,
    RECORD,
    case_of,
    compare,
    main,
    sample,
)
from vls_core.eval.rows import VersionedRows, read_rows

OUTCOME = replace(broken_off(ValueError('no plan')), success=True, lifted_others=('milk_1',))
FILE = 'episodes_flow.jsonl'


def made(state=0, **changes):
    """A row as an episode makes it."""
    case = Case('libero_object', 'none', 'a', state, 0, 'ours')
    return {**asdict(case), **asdict(OUTCOME), **changes}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """With more rows of other code than are played again."""
    monkeypatch.setattr(recheck, 'folder_of', lambda family: tmp_path)
    for state in range(2 * ENOUGH_TO_ADOPT):
        VersionedRows(tmp_path / FILE, 'other code').append(made(state))
    return tmp_path


@pytest.fixture
def played(monkeypatch):
    """Instead of the simulator: every episode as it was, but for what a test changes."""
    changes = {}

    def play(work, jobs, processes, title, on_result):
        for cases, _ in jobs:
            on_result([made(case.state, planning_seconds=2.0, **changes) for case in cases])

    monkeypatch.setattr(recheck, 'run_jobs', play)
    return changes


@pytest.fixture
def read(folder):
    """Reads the rows, and a row as it is read."""
    return lambda: read_rows(folder / FILE)


def versions(rows):
    return {item['version'] for item in rows}


def test_times_and_stamps_are_no_difference_and_everything_else_is(read):
    before = read()[0]
    same = compare(before, made(planning_seconds=9.0))
    assert (same.details, same.ends_otherwise, same.fields_differ) == ((), False, False)
    later = compare(before, made(steps=81))
    assert later.details == ('steps',) and not later.ends_otherwise
    assert compare(before, made(success=False)).ends_otherwise
    assert compare(before, made(new=1)).fields_differ
    assert compare({**before, 'old': 1}, made()).fields_differ


def test_a_sample_has_no_row_twice_and_depends_on_the_seed_alone():
    rows = [made(state) for state in range(100)]
    found = sample(rows, 60, seed=0)
    assert len({case_of(item) for item in found}) == 60
    assert sample(rows, 60, seed=0) == found != sample(rows, 60, seed=1)
    assert len(sample(rows, 200, seed=0)) == 100


def test_rows_are_adopted_and_tell_who_made_them(read, played, capsys):
    assert main(['--adopt']) == 0
    assert versions(read()) == {Plan((), ()).version()}
    assert {item['made_by'] for item in read()} == {'other code'}
    assert f'0 of {ENOUGH_TO_ADOPT} episodes end otherwise' in capsys.readouterr().out


def test_rows_are_not_adopted_when_an_episode_ends_otherwise(read, played, capsys):
    played['success'] = False
    assert main(['--adopt']) == 1
    assert versions(read()) == {'other code'}
    assert 'yes -> no' in capsys.readouterr().out


def test_rows_are_not_adopted_when_they_would_have_other_fields(read, played, capsys):
    played['new'] = 1
    assert main(['--adopt']) == 1
    assert versions(read()) == {'other code'}
    assert 'other fields' in capsys.readouterr().err


def test_a_detail_is_told_and_leaves_rows_adopted(read, played, capsys):
    played['steps'] = 81
    assert main(['--adopt']) == 0
    assert versions(read()) != {'other code'}
    assert f'{ENOUGH_TO_ADOPT} differ in some detail' in capsys.readouterr().out


def test_only_rows_of_other_code_are_evidence_for_adopting_them(folder, played, monkeypatch):
    present = VersionedRows(folder / FILE, Plan((), ()).version())
    for state in range(1000, 1300):
        present.append(made(state))
    states = []
    monkeypatch.setattr(recheck, 'compare', lambda before, now: states.append(now['state'])
                        or compare(before, now))
    assert main(['--adopt']) == 0
    assert len(states) == ENOUGH_TO_ADOPT and max(states) < 1000
    assert main(['--adopt']) == 1  # there is nothing left to adopt


def test_without_being_asked_nothing_is_adopted(read, played):
    assert main(['--episodes', '5']) == 0
    assert versions(read()) == {'other code'}


def test_what_was_found_is_recorded_only_when_that_is_asked_for(folder, read, played):
    played['success'] = False
    assert main(['--episodes', '5']) == 1
    assert not (folder / RECORD).exists()
    assert main(['--episodes', '5', '--record', '--seed', '3']) == 1
    (record,) = read_rows(folder / RECORD)
    assert record['seed'] == 3 and record['version'] == Plan((), ()).version()
    assert not record['adopt']
    assert record['episodes'] == record['end_otherwise'] == len(record['cases']) == 5
    assert record['differ_in_some_detail'] == 5
    assert record['machine']['processor']


@pytest.mark.parametrize(('arguments', 'answer'), [
    (['--adopt', '--episodes', '5'], 'at least 60'),
    (['--episodes', '0'], 'begin at 1'),
    (['--processes', '0'], 'begin at 1'),
])
def test_what_makes_no_sense_is_answered(arguments, answer, capsys):
    with pytest.raises(SystemExit):
        main(arguments)
    assert answer in capsys.readouterr().err


def test_no_rows_are_said_to_be_missing(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(recheck, 'folder_of', lambda family: tmp_path)
    assert main([]) == 1
    assert 'vls bench libero-pro' in capsys.readouterr().err
