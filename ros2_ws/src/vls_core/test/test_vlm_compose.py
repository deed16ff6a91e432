"""A cache spares questions, a substitute steps in for a broken endpoint, and both say so."""

import contextlib
import dataclasses
import sqlite3

import pytest
from table_scene import table_scene, thing

from vls_core.rewards.verification.report import Check, Finding, Verdict, VerificationReport
from vls_core.types import ObjectKind
from vls_core.vlm.author import (
    AuthoredProgram,
    AuthorRequest,
    DisagreementError,
    EndpointError,
    MalformedAnswerError,
    NotUnderstoodError,
    SecondLookError,
    UnknownObjectInInstructionError,
)
from vls_core.vlm.bounds import CACHE_ACCESS
from vls_core.vlm.cache import ProgramCache
from vls_core.vlm.compose import (
    FROM_CACHE,
    CachedAuthor,
    FallbackAuthor,
    FallbackFailedError,
    VerifiedAuthor,
)
from vls_core.vlm.layout import pick_and_place
from vls_core.vlm.offline import OfflineAuthor
from vls_core.vlm.steps import ignore_step

REQUEST = AuthorRequest('put the red cube on the plate', table_scene())
PROGRAM = AuthoredProgram(pick_and_place('red cube', 'plate', ('bottle',), False), 'model')
DOWN = EndpointError('http://127.0.0.1:1/v1', 'is down', 'start it')


class ScriptedAuthor:
    """Gives the scripted answer and counts how often it was asked."""

    def __init__(self, answer, identity='model prompt 1', steps=()):
        self.answer = answer
        self.identity = identity
        self.steps = steps
        self.asked = 0

    def write(self, request, on_step=ignore_step):
        self.asked += 1
        for step in self.steps:
            on_step(step)
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


class Verdicts:
    """A verifier that gives these verdicts in turn, the last one for ever."""

    def __init__(self, *accepted):
        self.accepted = list(accepted)
        self.judged = []

    def __call__(self, program, scene):
        self.judged.append((program, scene))
        accepted = self.accepted.pop(0) if len(self.accepted) > 1 else self.accepted[0]
        verdict = Verdict.PASSED if accepted else Verdict.FAILED
        finding = Finding(Check.GOAL, verdict, 'reach', 'it falls towards the goal')
        return VerificationReport(program.content_hash, 'scene', (finding,))


def told(author, request=REQUEST):
    steps = []
    authored = author.write(request, steps.append)
    assert authored.steps == tuple(steps)
    return authored


def test_a_cached_program_is_verified_again_for_the_present_scene(cache):
    CachedAuthor(ScriptedAuthor(PROGRAM), cache).write(REQUEST)
    later = dataclasses.replace(REQUEST, scene=table_scene(stamp=7.0))
    verifier = Verdicts(True)
    authored = told(CachedAuthor(ScriptedAuthor(DOWN), cache, verifier), later)
    assert verifier.judged == [(PROGRAM.program, later.scene)]
    assert authored.report.accepted
    assert authored.steps == ('from the cache, written by model; verified again',)


def test_a_cached_program_that_is_rejected_now_is_asked_for_anew_and_both_are_told(cache):
    CachedAuthor(ScriptedAuthor(PROGRAM), cache).write(REQUEST)
    author = ScriptedAuthor(PROGRAM, steps=('asked model',))
    authored = told(CachedAuthor(author, cache, Verdicts(False)))
    assert author.asked == 1
    assert authored.steps[0].startswith('a program in the cache is rejected now: rises towards')
    assert authored.steps[1] == 'asked model'


def test_disagreeing_answers_let_the_substitute_write():
    failing = ScriptedAuthor(DisagreementError(('subject: a or b',)))
    authored = told(FallbackAuthor(failing, OfflineAuthor()))
    assert authored.source == 'offline rules'
    assert 'subject: a or b' in authored.degraded
    assert 'takes over because the answers disagree' in authored.steps[0]
    assert authored.steps[-1] == 'accepted'


def test_a_second_look_that_disagrees_is_not_overruled():
    substitute = ScriptedAuthor(PROGRAM)
    failing = ScriptedAuthor(SecondLookError('red cube', 'green cube.top', 'a close-up'))
    with pytest.raises(SecondLookError):
        FallbackAuthor(failing, substitute).write(REQUEST)
    assert substitute.asked == 0


def test_what_the_substitute_writes_is_verified():
    verifier = Verdicts(True)
    authored = told(FallbackAuthor(ScriptedAuthor(DOWN), ScriptedAuthor(PROGRAM), verifier))
    assert [program for program, _ in verifier.judged] == [PROGRAM.program]
    assert authored.report.accepted
    assert authored.steerable


def test_a_substitutes_program_that_is_rejected_runs_unsteered_and_says_why(cache):
    chain = FallbackAuthor(ScriptedAuthor(DOWN), ScriptedAuthor(PROGRAM), Verdicts(False))
    authored = told(CachedAuthor(chain, cache))
    assert not authored.steerable
    assert (authored.program.subject, authored.program.target) == ('red cube', 'plate')
    assert 'is down' in authored.degraded
    assert 'falls towards the goal' in authored.degraded
    assert 'runs unsteered' in authored.steps[-1]
    assert len(cache) == 0


def test_a_rejected_program_still_tells_subject_and_target_when_the_substitute_is_lost():
    rejected = MalformedAnswerError('twice nonsense', PROGRAM.program)
    lost = ScriptedAuthor(NotUnderstoodError('which?'), 'rules')
    authored = told(FallbackAuthor(ScriptedAuthor(rejected), lost))
    assert not authored.steerable
    assert authored.program.subject == 'red cube'
    assert authored.degraded == 'twice nonsense; which?'


@pytest.mark.parametrize('change', [
    {'subject': 'unicorn'}, {'target': None}, {'target': 'red cube'}, {'target': 'bottle'},
    {'subject': 'plate', 'target': 'tray'},
])
def test_without_a_subject_and_a_target_that_make_sense_nothing_runs(change):
    rejected = MalformedAnswerError('nonsense', PROGRAM.program.model_copy(update=change))
    lost = ScriptedAuthor(NotUnderstoodError('which?'), 'rules')
    with pytest.raises(FallbackFailedError, match='nonsense.*which'):
        FallbackAuthor(ScriptedAuthor(rejected), lost).write(REQUEST)


def test_an_author_that_does_not_verify_is_verified():
    accepted = told(VerifiedAuthor(OfflineAuthor()))
    assert accepted.report.accepted
    assert (accepted.steerable, accepted.degraded) == (True, '')
    rejected = told(VerifiedAuthor(OfflineAuthor(), Verdicts(False)))
    assert (rejected.steerable, rejected.source) == (False, 'nobody: unsteered')
    assert 'falls towards the goal' in rejected.degraded


def test_what_is_rejected_and_about_nothing_known_is_an_error():
    program = PROGRAM.program.model_copy(update={'target': None})
    author = ScriptedAuthor(AuthoredProgram(program, 'rules'))
    with pytest.raises(MalformedAnswerError, match='rules wrote is rejected'):
        VerifiedAuthor(author, Verdicts(False)).write(REQUEST)


def test_a_substitutes_program_is_not_cached(cache):
    broken = FallbackAuthor(ScriptedAuthor(DOWN), OfflineAuthor())
    CachedAuthor(broken, cache).write(REQUEST)
    assert len(cache) == 0


OTHER = AuthoredProgram(pick_and_place('red cube', 'plate', (), False), 'other model')


def two_programs(cache):
    """Both serve the request, the second one was used last."""
    for author, program in (('older prompt', OTHER), ('old prompt', PROGRAM)):
        CachedAuthor(ScriptedAuthor(program, author), cache).write(REQUEST)


def only(program):
    def verify(other, scene):
        return Verdicts(other == program)(other, scene)

    return verify


def test_a_rejected_program_does_not_hide_the_next_one_that_matches(cache):
    two_programs(cache)
    authored = told(CachedAuthor(ScriptedAuthor(DOWN), cache, only(OTHER.program)))
    assert authored.program == OTHER.program
    assert sum('is rejected now' in step for step in authored.steps) == 1


def test_no_further_program_is_tried_when_the_time_for_it_is_over(cache):
    two_programs(cache)
    now = iter([0.0, 0.0, 5.0, 10.0, 20.0])
    verifier = Verdicts(False)
    with pytest.raises(EndpointError):
        CachedAuthor(ScriptedAuthor(DOWN), cache, verifier, lambda: next(now)).write(REQUEST)
    assert len(verifier.judged) == 1


def test_a_cache_that_another_process_holds_delays_a_program_by_a_bounded_time(cache, monkeypatch):
    CachedAuthor(ScriptedAuthor(PROGRAM), cache).write(REQUEST)
    waited = []
    connect = sqlite3.connect

    def counting(*arguments, timeout, **options):
        waited.append(timeout)
        return connect(*arguments, timeout=0.0, **options)

    with contextlib.closing(connect(cache.file, isolation_level=None)) as other:
        other.execute('BEGIN EXCLUSIVE')
        monkeypatch.setattr(sqlite3, 'connect', counting)
        authored = told(CachedAuthor(ScriptedAuthor(PROGRAM), cache))
    assert authored.program == PROGRAM.program
    assert sum(waited) <= 2 * CACHE_ACCESS <= 5.0
