"""Answers in the schema a model is asked for: by the offline rules, or wrong on purpose."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from vls.test_endpoint.faults import NOT_A_MODEL, Fault
from vls.test_endpoint.question import LookingQuestion, ProgramQuestion, Question
from vls_core.rewards.program import Code, RewardProgram, Stage
from vls_core.vlm.answer import Answer
from vls_core.vlm.author import (
    AuthorError,
    AuthorRequest,
    UnknownObjectInInstructionError,
)
from vls_core.vlm.offline import OfflineAuthor

TRACE_OF_HOSTILE_CODE = Path(tempfile.gettempdir()) / 'vls-hostile-program-ran'
"""Exists only if code of the fault `hostile` was ever executed."""

_HOSTILE = f"""def approach(keypoints, trajectory):
    __import__('pathlib').Path({str(TRACE_OF_HOSTILE_CODE)!r}).touch()
    return -torch.sqrt(((trajectory[:, -1] - keypoints[NAME]) ** 2).sum(-1) + 1e-6)
"""
_BACKWARDS = """def approach(keypoints, trajectory):
    distance = torch.sqrt(((trajectory[:, -1] - keypoints[NAME]) ** 2).sum(-1) + 1e-6)
    return -1.0 / (1.0 + distance)
"""
_SOUND = """def approach(keypoints, trajectory):
    return -torch.sqrt(((trajectory[:, -1] - keypoints[NAME]) ** 2).sum(-1) + 1e-6)
"""
_CODE = {Fault.HOSTILE: _HOSTILE, Fault.UNVERIFIED: _BACKWARDS, Fault.CODE: _SOUND}


def correct_answer(question: ProgramQuestion) -> Answer:
    """What the offline author makes of the question."""
    request = AuthorRequest(question.instruction, question.scene)
    try:
        authored = OfflineAuthor().write(request)
    except UnknownObjectInInstructionError as error:
        return Answer(
            outcome='unknown_object', missing=error.words[:20], explanation=_said(str(error))
        )
    except AuthorError as error:
        return Answer(outcome='not_understood', explanation=_said(str(error)))
    return Answer(
        outcome='program', program=authored.program, explanation=_said('; '.join(authored.notes))
    )


def answer_text(question: Question, fault: Fault) -> str:
    """The text of the completion."""
    text = json.dumps(_document(question, fault))
    if fault is Fault.TRUNCATED:
        return text[: len(text) // 2]
    if fault is Fault.PROSE:
        return f'Sure! Here is what you asked for:\n```json\n{text}\n```\nGood luck {{with it}}!'
    return text


def _document(question: Question, fault: Fault) -> dict[str, Any]:
    if fault is Fault.WRONG_SCHEMA:
        return {'outcome': 'program', 'program': {'steps': ['take it', 'put it down']}}
    if isinstance(question, LookingQuestion):
        return _blind_answer(question)
    answer = correct_answer(question)
    if answer.program is not None and fault in _CODE:
        answer = answer.model_copy(update={'program': _with_code(answer.program, _CODE[fault])})
    return answer.model_dump(mode='json')


def _blind_answer(question: LookingQuestion) -> dict[str, Any]:
    """There are no eyes here: every stage is called over, and no mark is at anything."""
    if question.about_stage:
        return {'state': 'done', 'reason': _said('it calls every stage done')}
    return {'mark': 0, 'reason': _said('it sees no pictures')}


def _said(text: str) -> str:
    return f'{NOT_A_MODEL}: {text}'


def _with_code(program: RewardProgram, source: str) -> RewardProgram:
    """The program with a code term in its first stage."""
    first = program.stages[0]
    term = Code(
        name='approach', source=source.replace('NAME', repr(program.subject)),
        goal=program.subject,
    )
    stage = Stage.model_validate({**first.model_dump(), 'terms': (*first.terms[:11], term)})
    return program.model_copy(update={'stages': (stage, *program.stages[1:])})
