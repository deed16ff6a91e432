"""What a request asks for: the instruction and the objects, read back from the messages."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from vls_core.types import ObjectKind, Scene, SceneObject

_INSTRUCTION = re.compile(r'^Instruction: ("(?:[^"\\]|\\.)*")', re.MULTILINE)
_SECOND_LOOK = re.compile(r'^Which mark is at ', re.MULTILINE)
_STAGE_CHECK = re.compile(r'^Stage \d+ of \d+: ', re.MULTILINE)
_NUMBER = r'(-?\d+(?:\.\d+)?)'
_OBJECT = re.compile(
    r'^- ("(?:[^"\\]|\\.)*"): (\w+), centre '
    rf'\({_NUMBER}, {_NUMBER}, {_NUMBER}\) m, size {_NUMBER} x {_NUMBER} x {_NUMBER} m',
    re.MULTILINE,
)
SMALLEST = 0.005
"""Sizes come rounded to a centimetre, and an object of no size is none [m]."""


class NoQuestionError(ValueError):
    """The messages hold no question that is known here."""


@dataclass(frozen=True)
class ProgramQuestion:
    """For a program: an instruction, and the scene it was given in."""

    instruction: str
    scene: Scene


@dataclass(frozen=True)
class LookingQuestion:
    """For what is to be seen in a picture.

    Attributes:
        about_stage: how a stage goes; else which mark is at a thing.
    """

    about_stage: bool


Question = ProgramQuestion | LookingQuestion


def read_question(messages: list[dict[str, Any]]) -> Question:
    """The question in the messages of a chat completion. Raises NoQuestionError."""
    text = '\n'.join(texts(messages, 'user'))
    for pattern in (_STAGE_CHECK, _SECOND_LOOK):
        if pattern.search(text):
            return LookingQuestion(about_stage=pattern is _STAGE_CHECK)
    found = _INSTRUCTION.search(text)
    if found is None:
        raise NoQuestionError('there is no line "Instruction: ..." in the messages')
    return ProgramQuestion(json.loads(found.group(1)), Scene(0.0, _objects(text), 'object list'))


def texts(messages: list[dict[str, Any]], role: str | None = None) -> list[str]:
    """All that is written in the messages, by anyone or by one role; pictures are left out."""
    found: list[str] = []
    for message in messages:
        if not isinstance(message, dict) or role not in (None, message.get('role')):
            continue
        content = message.get('content')
        parts = content if isinstance(content, list) else [{'text': content}]
        found += [part['text'] for part in parts
                  if isinstance(part, dict) and isinstance(part.get('text'), str)]
    return found


def _objects(text: str) -> tuple[SceneObject, ...]:
    objects: dict[str, SceneObject] = {}
    for quoted, kind, *numbers in _OBJECT.findall(text):
        name, values = json.loads(quoted), np.array([float(number) for number in numbers])
        objects[name] = SceneObject(
            name, ObjectKind[kind.upper()], values[:3], np.maximum(values[3:], SMALLEST)
        )
    return tuple(objects.values())
