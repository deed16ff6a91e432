"""A damaged cache file is kept for inspection, and never in the way."""

import fcntl
import logging
import multiprocessing
import sqlite3

import pytest
from test_vlm_cache import authored, key

from vls_core.vlm.cache import CacheError, ProgramCache
from vls_core.vlm.cache_repair import in_use, is_damage, move_aside

RUBBISH = b'this is not a database at all, not at all' * 30


def damaged_files(file):
    return sorted(file.parent.glob(f'{file.name}.damaged-*'))


@pytest.fixture
def file(tmp_path):
    return tmp_path / 'programs.sqlite3'


def test_a_file_that_is_no_database_is_moved_aside_with_a_warning(file, caplog):
    file.write_bytes(RUBBISH)
    cache = ProgramCache(file)
    with caplog.at_level(logging.WARNING):
        assert cache.get(key()) is None
    assert 'moved to' in caplog.text
    cache.put(key(), authored())
    assert cache.get(key()) == authored()
    (moved,) = damaged_files(file)
    assert moved.read_bytes() == RUBBISH


def test_a_database_with_torn_pages_is_moved_aside(file):
    cache = ProgramCache(file)
    for number in range(40):
        cache.put(key(f'task {number}'), authored())
    content = bytearray(file.read_bytes())
    content[4096:] = b'\xff' * (len(content) - 4096)
    file.write_bytes(content)
    assert cache.get(key('task 1')) is None
    assert len(damaged_files(file)) == 1


def test_earlier_damage_is_not_overwritten(file):
    for content in (RUBBISH, RUBBISH + b'again'):
        file.write_bytes(content)
        ProgramCache(file).get(key())
    assert [path.read_bytes() for path in damaged_files(file)] == [RUBBISH, RUBBISH + b'again']


def test_no_journal_is_left_to_be_played_into_the_new_file(file):
    file.write_bytes(RUBBISH)
    journal = file.with_name(f'{file.name}-journal')
    journal.write_bytes(b'old journal')
    move_aside(file, sqlite3.DatabaseError('damaged'))
    assert not journal.exists()
    assert len(damaged_files(file)) >= 1


def test_a_good_file_is_left_where_it_is(file):
    cache = ProgramCache(file)
    cache.put(key(), authored())
    move_aside(file, sqlite3.DatabaseError('damaged'))
    assert cache.get(key()) == authored()
    assert damaged_files(file) == []


def test_a_locked_file_is_not_taken_for_a_damaged_one(file, monkeypatch):
    monkeypatch.setattr('vls_core.vlm.cache.LOCK_TIMEOUT', 0.01)
    cache = ProgramCache(file)
    cache.put(key(), authored())
    with sqlite3.connect(file) as other:
        other.execute('BEGIN EXCLUSIVE')
        with pytest.raises(CacheError, match='locked.: another process holds it'):
            cache.get(key())
    assert damaged_files(file) == []


def test_a_file_in_use_is_not_moved_and_one_being_moved_is_not_used(file, monkeypatch):
    monkeypatch.setattr('vls_core.vlm.cache_repair.LOCK_TIMEOUT', 0.01)
    file.write_bytes(RUBBISH)
    with in_use(file), in_use(file), pytest.raises(TimeoutError):
        move_aside(file, sqlite3.DatabaseError('damaged'))
    assert file.read_bytes() == RUBBISH
    with file.with_name(f'{file.name}.lock').open('w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(CacheError, match='another process holds it$'):
            ProgramCache(file).get(key())


def test_only_damage_counts_as_damage():
    assert not is_damage(sqlite3.OperationalError('database is locked'))


def store(file, name, barrier):
    barrier.wait()
    ProgramCache(file).put(key(name), authored())


def test_processes_that_find_the_same_damage_lose_nothing_of_each_other(file, monkeypatch):
    for module in ('cache', 'cache_repair'):  # a busy computer holds locks for longer
        monkeypatch.setattr(f'vls_core.vlm.{module}.LOCK_TIMEOUT', 30.0)
    file.write_bytes(RUBBISH)
    context = multiprocessing.get_context('fork')
    barrier = context.Barrier(3)
    workers = [context.Process(target=store, args=(file, name, barrier)) for name in 'abc']
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert len(ProgramCache(file)) == 3
    assert len(damaged_files(file)) == 1
