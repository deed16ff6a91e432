"""A cache spares questions, a substitute steps in for a broken endpoint, and both say so."""

import pytest
from table_scene import table_scene, thing

from vls_core.types import ObjectKind
from vls_core.vlm.author import (
    AuthoredProgram,
    AuthorRequest,
    EndpointError,
    MalformedAnswerError,
    NotUnderstoodError,
    UnknownObjectInInstructionError,
)
from vls_core.vlm.cache import ProgramCache
from vls_core.vlm.compose import FROM_CACHE, CachedAuthor, FallbackAuthor, FallbackFailedError
from vls_core.vlm.layout import pick_and_place
from vls_core.vlm.offline import OfflineAuthor
from vls_core.vlm.steps import ignore_step

REQUEST = AuthorRequest('put the red cube on the plate', table_scene())
PROGRAM = AuthoredProgram(pick_and_place('red cube', 'plate', ('bottle',), False), 'model')
DOWN = EndpointError('http://127.0.0.1:1/v1', 'is down', 'start it')


class ScriptedAuthor:
    """Gives the scripted answer and counts how often it was asked."""

    def __init__(self, answer, identity='model prompt 1'):
        self.answer = answer
        self.identity = identity
        self.asked = 0

    def write(self, request, on_step=ignore_step):
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def cache(tmp_path):
    return ProgramCache(tmp_path / 'programs.sqlite3')


def test_the_second_request_for_a_scene_asks_nobody(cache):
    author = ScriptedAuthor(PROGRAM)
    assert CachedAuthor(author, cache).write(REQUEST) == PROGRAM
    again = CachedAuthor(author, cache).write(REQUEST)
    assert (again.program, again.source, again.degraded) == (PROGRAM.program, 'model', '')
    assert FROM_CACHE in again.notes
    assert author.asked == 1


def test_a_cached_program_that_no_longer_fits_is_not_used(cache):
    CachedAuthor(ScriptedAuthor(PROGRAM), cache).write(REQUEST)
    away = tuple(
        thing(item.name, item.kind, (1.5, 0.0)) if item.kind is ObjectKind.SURFACE else item
        for item in REQUEST.scene.objects
    )
    moved = AuthorRequest(REQUEST.instruction, type(REQUEST.scene)(1.0, away))
    author = ScriptedAuthor(DOWN)
    with pytest.raises(EndpointError):
        CachedAuthor(author, cache).write(moved)
    assert author.asked == 1


@pytest.mark.parametrize('failure', [DOWN, MalformedAnswerError('nonsense')])
def test_an_earlier_program_serves_while_the_endpoint_fails_and_says_why(cache, failure):
    CachedAuthor(ScriptedAuthor(PROGRAM, 'older prompt'), cache).write(REQUEST)
    authored = CachedAuthor(ScriptedAuthor(failure), cache).write(REQUEST)
    assert authored.program == PROGRAM.program
    assert FROM_CACHE in authored.notes
    assert authored.degraded == str(failure)


def test_a_broken_cache_is_logged_and_ignored(tmp_path, caplog):
    (tmp_path / 'file').write_text('')
    cache = ProgramCache(tmp_path / 'file' / 'programs.sqlite3')
    authored = CachedAuthor(ScriptedAuthor(PROGRAM), cache).write(REQUEST)
    assert authored.program == PROGRAM.program
    assert 'cannot be used' in caplog.text
    assert 'cannot be used' in ' '.join(authored.steps)


@pytest.mark.parametrize('failure', [DOWN, MalformedAnswerError('nonsense')])
def test_the_offline_rules_step_in_and_are_named(failure):
    authored = FallbackAuthor(ScriptedAuthor(failure), OfflineAuthor()).write(REQUEST)
    assert authored.source == 'offline rules'
    assert authored.degraded == str(failure)


@pytest.mark.parametrize('refusal', [
    NotUnderstoodError('which?'), UnknownObjectInInstructionError(('mug',), ()),
])
def test_a_refusal_is_not_overruled(refusal):
    substitute = ScriptedAuthor(PROGRAM)
    with pytest.raises(type(refusal)):
        FallbackAuthor(ScriptedAuthor(refusal), substitute).write(REQUEST)
    assert substitute.asked == 0


def test_when_neither_can_both_reasons_are_given():
    request = AuthorRequest('juggle', REQUEST.scene)
    with pytest.raises(FallbackFailedError, match='is down.*juggle'):
        FallbackAuthor(ScriptedAuthor(DOWN), OfflineAuthor()).write(request)


def test_a_substitutes_program_is_not_cached(cache):
    broken = FallbackAuthor(ScriptedAuthor(DOWN), OfflineAuthor())
    CachedAuthor(broken, cache).write(REQUEST)
    assert len(cache) == 0
