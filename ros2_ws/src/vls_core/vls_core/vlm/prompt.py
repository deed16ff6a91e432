"""The messages sent to a model: prompt files, the object list, the instruction, pictures."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from functools import cache
from importlib import resources
from string import Template

from vls_core.grounding.annotate import numbered_keypoints
from vls_core.types import Scene, SceneObject
from vls_core.vlm.answer import answer_schema
from vls_core.vlm.author import AuthorRequest
from vls_core.vlm.endpoint import Message
from vls_core.vlm.operation_list import operations_text

LONGEST_SENT_BACK = 20_000
"""Of a rejected answer; programs are much shorter [characters]."""
NO_ANSWER = '(no answer)'
CUT = '... (the rest was cut off)'
_AUTHORING_FILES = ('reward_program', 'code_terms', 'examples')


@cache
def prompt_file(name: str) -> str:
    """The text of `prompts/<name>.md`."""
    return (resources.files('vls_core.vlm') / 'prompts' / f'{name}.md').read_text('utf-8')


@cache
def prompt_text() -> str:
    """What a model is told before it writes programs: the files, with the table of operations."""
    text = '\n'.join(prompt_file(name) for name in _AUTHORING_FILES)
    return Template(text).substitute(operations=operations_text())


@cache
def prompt_hash() -> str:
    """Short SHA-256 of all that shapes an answer besides the request: prompts and schema."""
    content = prompt_text() + prompt_file('repair') + json.dumps(answer_schema(), sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def request_message(request: AuthorRequest) -> Message:
    """Instruction, objects with their keypoints, and picture."""
    objects = _object_list(request.scene, request.picture is not None)
    text = f'Instruction: {quoted(request.instruction)}\n\nObjects:\n{objects}'
    return user_message(text, request.picture)


def repair_messages(answer: str, reason: str) -> tuple[Message, Message]:
    """What follows an answer that was rejected; of a long one only the beginning is sent back."""
    # Some endpoints reject messages without any text.
    answer = answer.strip() or NO_ANSWER
    if len(answer) > LONGEST_SENT_BACK:
        answer = f'{answer[:LONGEST_SENT_BACK]} {CUT}'
    text = Template(prompt_file('repair')).substitute(reason=reason)
    return {'role': 'assistant', 'content': answer}, {'role': 'user', 'content': text}


def user_message(text: str, picture: bytes | None = None) -> Message:
    """Text, and a picture as PNG if there is one."""
    content = [{'type': 'text', 'text': text}]
    if picture is not None:
        encoded = base64.b64encode(picture).decode('ascii')
        url = f'data:image/png;base64,{encoded}'
        content.append({'type': 'image_url', 'image_url': {'url': url}})
    return {'role': 'user', 'content': content}


def quoted(text: str) -> str:
    """On one line and in quotes, so that a text from outside cannot pass for one of ours."""
    return json.dumps(text, ensure_ascii=False)


def _object_list(scene: Scene, with_marks: bool) -> str:
    points: dict[str, list[str]] = {}
    for number, item, point in numbered_keypoints(scene):
        mark = f' (mark {number})' if with_marks else ''
        points.setdefault(item.name, []).append(quoted(f'{item.name}.{point.name}') + mark)
    lines = [_object_line(item, points.get(item.name, ())) for item in scene.objects]
    return '\n'.join(lines) or '(none)'


def _object_line(item: SceneObject, points: Sequence[str]) -> str:
    center = ', '.join(f'{value:.2f}' for value in item.center)
    size = ' x '.join(f'{value:.2f}' for value in item.extent)
    line = f'- {quoted(item.name)}: {item.kind.name.lower()}, centre ({center}) m, size {size} m'
    return f'{line}, keypoints {", ".join(points)}' if points else line
