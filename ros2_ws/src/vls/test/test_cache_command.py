"""`vls cache` shows, prints and forgets what is on disk, and nothing else."""

import json

import pytest
from table_scene import table_scene
from typer.testing import CliRunner

from vls.application import app
from vls.commands.cache import ago
from vls.consoles import OUTPUT
from vls_core.vlm.author import AuthoredProgram
from vls_core.vlm.cache import ProgramCache, default_cache_file
from vls_core.vlm.cache_key import CacheKey
from vls_core.vlm.layout import pick_and_place

PROGRAM = pick_and_place('red cube', 'plate', ('bottle',), inside=False)
AUTHORED = AuthoredProgram(PROGRAM, 'small-model', ('a note',))


def key(instruction):
    return CacheKey.of(table_scene(), instruction, 'small-model prompt 1')


@pytest.fixture
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path))
    monkeypatch.setattr(OUTPUT, 'width', 200)
    item = ProgramCache(default_cache_file())
    for instruction in ('put the red cube on the plate', 'tidy [up]'):
        item.put(key(instruction), AUTHORED)
    return item


def vls(*words, **options):
    return CliRunner().invoke(app, ['cache', *words], **options)


def test_the_list_shows_every_entry_with_the_beginning_of_its_key(cache):
    result = vls('list')
    assert result.exit_code == 0
    assert '2 programs' in result.output
    for instruction in ('put the red cube on the plate', 'tidy [up]'):
        (line,) = [line for line in result.output.splitlines() if instruction in line]
        assert line.startswith(key(instruction).digest[:12])
        assert 'small-model' in line
        assert 'just now' in line


def test_show_prints_the_program_as_json(cache):
    result = vls('show', key('tidy [up]').digest[:10])
    shown = json.loads(result.output)
    assert shown['program'] == PROGRAM.model_dump(mode='json')
    assert (shown['instruction'], shown['source'], shown['notes']) == (
        'tidy [up]', 'small-model', ['a note'])


@pytest.mark.parametrize(('prefix', 'many'), [('nothing', 'no program'), ('', '2 programs')])
def test_show_wants_exactly_one(cache, prefix, many):
    result = vls('show', prefix)
    assert result.exit_code == 1
    assert many in result.output


def test_clear_asks_and_keeps_everything_unless_told_so(cache):
    result = vls('clear', input='n\n')
    assert result.exit_code == 1
    assert len(cache) == 2
    assert vls('clear', input='y\n').exit_code == 0
    assert len(cache) == 0


def test_clear_with_yes_does_not_ask(cache):
    result = vls('clear', '--yes')
    assert (result.exit_code, result.output) == (0, 'forgot 2 programs\n')


def test_without_a_cache_nothing_is_made_and_nothing_fails(tmp_path):
    file = tmp_path / 'none.sqlite3'
    assert vls('list', '--file', str(file)).exit_code == 0
    assert vls('clear', '--file', str(file)).output == 'forgot 0 programs\n'
    assert vls('show', 'x', '--file', str(file)).exit_code == 1
    assert not file.exists()


def test_a_cache_that_cannot_be_used_is_one_message(tmp_path):
    result = vls('list', '--file', str(tmp_path))
    assert result.exit_code == 1
    assert 'vls:' in result.output
    assert 'cannot be used' in result.output


@pytest.mark.parametrize(('seconds', 'text'), [
    (0, 'just now'), (59, 'just now'), (60, '1 min ago'), (7300, '2 h ago'), (200_000, '2 d ago'),
])
def test_ages_are_rough(seconds, text):
    assert ago(seconds) == text
