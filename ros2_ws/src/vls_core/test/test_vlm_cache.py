"""The cache keeps programs over restarts, stays small, and survives damage and company."""

import json
import multiprocessing
import sqlite3

import pytest
from table_scene import table_scene, thing

from vls_core.vlm.author import AuthoredProgram
from vls_core.vlm.cache import CacheError, CacheKey, ProgramCache, default_cache_file
from vls_core.vlm.layout import pick_and_place

SCENE = table_scene()


def authored(subject='red cube'):
    return AuthoredProgram(pick_and_place(subject, 'plate', (), False), 'model', ('a note',))


def key(instruction='put it there', author='model prompt 1', scene=SCENE):
    return CacheKey.of(scene, instruction, author)


def rows(cache):
    with sqlite3.connect(cache.file) as connection:
        return connection.execute('SELECT document FROM reward_programs_1').fetchall()


@pytest.fixture
def cache(tmp_path):
    return ProgramCache(tmp_path / 'deep' / 'programs.sqlite3')


def test_a_program_survives_a_restart(cache):
    assert cache.get(key()) is None
    cache.put(key(), authored())
    assert ProgramCache(cache.file).get(key()) == authored()


def test_case_and_punctuation_of_the_instruction_do_not_matter(cache):
    cache.put(key('Put it  there.'), authored())
    assert cache.get(key('put it there')) == authored()


def test_moved_objects_keep_the_key_and_new_or_missing_ones_change_it():
    moved = [thing(item.name, item.kind, (0.5, 0.0)) for item in SCENE.objects]
    assert key(scene=type(SCENE)(9.0, tuple(moved))) == key()
    assert key(scene=table_scene(thing('mug'))) != key()
    assert key(scene=type(SCENE)(0.0, SCENE.objects[1:])) != key()


@pytest.mark.parametrize('other', [
    key(instruction='put it elsewhere'), key(author='model prompt 2'),
    key(scene=table_scene(thing('mug'))),
])
def test_another_request_is_not_answered(cache, other):
    cache.put(key(), authored())
    assert cache.get(other) is None


def test_any_author_will_do_when_asked_for_any(cache):
    cache.put(key(author='older prompt'), authored())
    assert cache.get_of_any_author(key()) == authored()
    assert cache.get_of_any_author(key('put it elsewhere')) is None


def test_why_a_program_was_degraded_is_not_kept(cache):
    cache.put(key(), AuthoredProgram(authored().program, 'model', (), degraded='down'))
    assert cache.get(key()).degraded == ''


def test_the_least_recently_used_go_first(tmp_path):
    cache = ProgramCache(tmp_path / 'c', maximum_entries=3, clock=iter(range(100)).__next__)
    for number in range(3):
        cache.put(key(f'task {number}'), authored())
    assert cache.get(key('task 0'))
    cache.put(key('task 3'), authored())
    kept = [number for number in range(4) if cache.get(key(f'task {number}'))]
    assert kept == [0, 2, 3]
    assert len(cache) == 3


@pytest.mark.parametrize('damage', ['', 'not json', '[]', '{}', '{"program": 3}', json.dumps(
    {'program': {'subject': 'x', 'target': 'y', 'stages': []}, 'source': '', 'notes': []}
)])
def test_a_corrupt_row_is_dropped_with_a_warning(cache, caplog, damage):
    cache.put(key(), authored())
    with sqlite3.connect(cache.file) as connection:
        connection.execute('UPDATE reward_programs_1 SET document = ?', (damage,))
    assert cache.get(key()) is None
    assert 'dropped a corrupt entry' in caplog.text
    assert rows(cache) == []


def test_equal_programs_are_stored_as_equal_text(cache):
    cache.put(key('a'), authored())
    cache.put(key('b'), authored())
    (first,), (second,) = rows(cache)
    assert first == second


def test_a_file_that_is_no_database_is_a_named_error(tmp_path):
    file = tmp_path / 'programs.sqlite3'
    file.write_bytes(b'this is not a database at all, not at all' * 30)
    with pytest.raises(CacheError, match='programs.sqlite3'):
        ProgramCache(file).get(key())


def test_a_folder_that_cannot_be_made_is_a_named_error(tmp_path):
    (tmp_path / 'file').write_text('')
    with pytest.raises(CacheError, match='file'):
        ProgramCache(tmp_path / 'file' / 'programs.sqlite3').put(key(), authored())


def write_many(file, name, barrier):
    cache = ProgramCache(file)
    barrier.wait()
    for number in range(25):
        cache.put(key(f'{name} {number}'), authored())
        assert cache.get(key(f'{name} {number}'))


def test_two_processes_lose_nothing(cache):
    context = multiprocessing.get_context('fork')
    barrier = context.Barrier(2)
    workers = [context.Process(target=write_many, args=(cache.file, name, barrier))
               for name in ('a', 'b')]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert len(cache) == 50


def test_it_lies_in_the_users_cache_folder(monkeypatch, tmp_path):
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path))
    assert default_cache_file() == tmp_path / 'vls' / 'reward_programs.sqlite3'
    monkeypatch.setenv('XDG_CACHE_HOME', 'relative')
    monkeypatch.setenv('HOME', str(tmp_path))
    assert default_cache_file() == tmp_path / '.cache' / 'vls' / 'reward_programs.sqlite3'
