import json

import pytest

from vls_core.eval.rows import RowsError, VersionedRows, append_row, read_rows


@pytest.fixture
def path(tmp_path):
    return tmp_path / 'results' / 'rows.jsonl'


def test_rows_come_back_as_they_were_added(tmp_path):
    rows = [{'seed': 1, 'success': True}, {'seed': 2, 'success': None}]
    for row in rows:
        append_row(tmp_path / 'rows.jsonl', row)
    assert read_rows(tmp_path / 'rows.jsonl') == rows


def test_there_are_no_rows_without_a_file(path):
    assert read_rows(path) == []


def test_a_line_cut_short_by_a_crash_is_dropped(tmp_path):
    path, whole = tmp_path / 'rows.jsonl', json.dumps({'seed': 0}) + '\n'
    path.write_text(whole + '{"seed": 1, "cond')
    assert len(read_rows(path)) == 1
    assert path.read_text() == whole


def test_a_broken_line_amid_others_is_not_passed_over(tmp_path):
    path = tmp_path / 'rows.jsonl'
    path.write_text('nonsense\n' + json.dumps({'seed': 0}) + '\n')
    with pytest.raises(RowsError, match='line 1'):
        read_rows(path)


def test_rows_of_other_code_are_refused_until_they_are_set_aside_and_then_kept(path):
    VersionedRows(path, 'old').append({'seed': 0})
    now = VersionedRows(path, 'new')
    kept = now.append({'seed': 1})
    with pytest.raises(RowsError, match='1 of 2 rows'):
        now.read()
    assert now.set_aside_stale() == 1
    assert now.read() == [kept] == [{'seed': 1, 'version': 'new'}]
    assert read_rows(now.stale_path) == [{'seed': 0, 'version': 'old'}]


def test_setting_aside_leaves_a_file_of_the_present_code_alone(path):
    rows = VersionedRows(path, 'new')
    rows.append({'seed': 1})
    before = path.stat().st_mtime_ns
    assert rows.set_aside_stale() == 0
    assert path.stat().st_mtime_ns == before


def test_a_row_without_a_version_counts_as_of_other_code(path):
    path.parent.mkdir()
    append_row(path, {'seed': 0})
    assert VersionedRows(path, 'new').set_aside_stale() == 1


def test_two_runs_do_not_write_the_same_rows(path):
    rows, others = VersionedRows(path, 'new'), VersionedRows(path, 'new')
    with rows.alone(), pytest.raises(RowsError, match='another run'), others.alone():
        pass
    with others.alone():
        others.append({'seed': 0})
    assert len(rows.read()) == 1


def test_adopted_rows_tell_which_code_made_them_however_often_they_are_adopted(path):
    VersionedRows(path, 'old').append({'seed': 0})
    VersionedRows(path, 'newer').append({'seed': 1})
    assert VersionedRows(path, 'newer').adopt_stale() == 1
    assert VersionedRows(path, 'newest').adopt_stale() == 2
    assert VersionedRows(path, 'newest').read() == [
        {'seed': 0, 'version': 'newest', 'made_by': 'old'},
        {'seed': 1, 'version': 'newest', 'made_by': 'newer'},
    ]
    assert VersionedRows(path, 'newest').adopt_stale() == 0
