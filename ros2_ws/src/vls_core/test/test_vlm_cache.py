"""The cache keeps programs over restarts, stays small, and survives damage and company."""

import dataclasses
import json
import multiprocessing
import sqlite3

import pytest
from table_scene import table_scene, thing

from vls_core.vlm.author import AuthoredProgram
from vls_core.vlm.cache import CacheError, ProgramCache, default_cache_file
from vls_core.vlm.cache_key import CacheKey
from vls_core.vlm.layout import pick_and_place

SCENE = table_scene()


def authored(subject='red cube'):
    return AuthoredProgram(pick_and_place(subject, 'plate', (), False), 'model', ('a note',))


def key(instruction='put it there', author='model prompt 1', scene=SCENE):
    return CacheKey.of(scene, instruction, author)


def shifted(scene, name, distance):
    """The scene with one object moved along y."""
    moved = tuple(
        dataclasses.replace(item, center=item.center + (0, distance, 0))
        if item.name == name else item for item in scene.objects
    )
    return dataclasses.replace(scene, objects=moved)


def rows(cache):
    with sqlite3.connect(cache.file) as connection:
        return connection.execute('SELECT document FROM reward_programs_2').fetchall()


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
        connection.execute('UPDATE reward_programs_2 SET document = ?', (damage,))
    assert cache.get(key()) is None
    assert 'dropped a corrupt entry' in caplog.text
    assert rows(cache) == []


def test_equal_programs_are_stored_as_equal_text(cache):
    cache.put(key('a'), authored())
    cache.put(key('b'), authored())
    (first,), (second,) = rows(cache)
    assert first == second


def test_a_matching_program_is_found_where_things_merely_jitter(cache):
    cache.put(key(), authored())
    assert cache.get(key(scene=shifted(SCENE, 'red cube', 0.004))) == authored()


def test_a_program_is_not_found_where_things_stand_differently(cache):
    cache.put(key(), authored())
    assert cache.get(key(scene=shifted(SCENE, 'red cube', 0.3))) is None


def test_each_arrangement_of_things_keeps_a_program_of_its_own(cache):
    arrangements = [SCENE, shifted(SCENE, 'red cube', 0.3)]
    for subject, scene in zip(('red cube', 'green cube'), arrangements, strict=True):
        cache.put(key(scene=scene), authored(subject))
    kept = [cache.get(key(scene=scene)).program.subject for scene in arrangements]
    assert kept == ['red cube', 'green cube']


def test_a_new_program_replaces_the_one_it_would_be_mistaken_for(cache):
    cache.put(key(), authored())
    cache.put(key(scene=shifted(SCENE, 'red cube', 0.004)), authored('green cube'))
    assert len(cache) == 1
    assert cache.get(key()).program.subject == 'green cube'


def test_relations_that_cannot_be_read_fit_no_scene(cache):
    cache.put(key(), authored())
    with sqlite3.connect(cache.file) as connection:
        connection.execute("UPDATE reward_programs_2 SET relations = '{'")
    assert cache.get(key()) is None


def test_entries_tell_what_they_are_for_and_the_last_used_comes_first(tmp_path):
    cache = ProgramCache(tmp_path / 'c', clock=iter(range(100)).__next__)
    cache.put(key('Put it there.'), authored())
    cache.put(key('task 2'), authored('green cube'))
    cache.get(key('put it there'))
    first, second = cache.entries()
    assert (first.instruction, first.author) == ('put it there', 'model prompt 1')
    assert (first.written, first.used) == (0, 2)
    assert first.authored == authored()
    assert 'bottle: obstacle' in first.objects
    assert first.key == key('put it there').digest
    assert second.instruction == 'task 2'


def test_clearing_forgets_everything_and_counts_it(cache):
    cache.put(key('a'), authored())
    cache.put(key('b'), authored())
    assert cache.clear() == 2
    assert len(cache) == 0
    assert cache.clear() == 0


def test_tables_of_earlier_versions_go(cache):
    cache.put(key(), authored())
    with sqlite3.connect(cache.file) as connection:
        connection.execute('CREATE TABLE reward_programs_1 (key TEXT)')
    assert cache.get(key()) == authored()
    with sqlite3.connect(cache.file) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        assert tables.fetchall() == [('reward_programs_2',)]


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


def test_two_processes_lose_nothing(cache, monkeypatch):
    # Nobody writes like this; whoever waits may miss every pause of the other for a while.
    for module in ('cache', 'cache_repair'):
        monkeypatch.setattr(f'vls_core.vlm.{module}.LOCK_TIMEOUT', 30.0)
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
