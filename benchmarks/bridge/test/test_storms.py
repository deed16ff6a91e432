"""A storm goes on where it was, and its total is that of all batches."""

from chunk_storms import Count

from benchmarks.bridge import storms
from vls_core.eval.rows import VersionedRows


def test_batches_that_are_there_are_not_played_again(tmp_path, monkeypatch):
    monkeypatch.setattr(storms, 'BATCH', 2)
    rows = VersionedRows(tmp_path / 'storms.jsonl', 'this code')
    first = storms.play_all(2, 1, rows)
    assert first.streams >= 2 and first.references > 0
    before = rows.read()
    total = storms.play_all(4, 1, rows)
    assert rows.read()[0] == before[0]
    assert sorted(row['seed'] for row in rows.read()) == [0, 1]
    assert total == storms.total_of(rows.read())
    assert total.references > first.references


def test_batches_of_other_code_do_not_count(tmp_path, monkeypatch):
    monkeypatch.setattr(storms, 'BATCH', 2)
    path = tmp_path / 'storms.jsonl'
    VersionedRows(path, 'other code').append({'seed': 0, 'streams': 10**6})
    assert isinstance(storms.play_all(2, 1, VersionedRows(path, 'this code')), Count)
    assert storms.total_of(VersionedRows(path, 'this code').read()).streams < 10**6
